// How many single wrong answers each check notices: a check that is weakened anywhere notices fewer.
import { expect, test } from 'vitest'
import { createLiar, liesAbout } from './lies.ts'
import type { Call, Liar } from './lies.ts'
import { dyingClients, memoryUnderTest } from './memory-under-test.ts'
import { collect, failing, suites } from './suites-under-test.ts'

const noticed: Record<string, string> = {
  'records: a key under which nothing stands reads as undefined': '2 of 2',
  'records: a record is read back as it was written, with its version and expiry': '20 of 25',
  'records: a write on absent loses where something stands, changes nothing and is told what stands there': '17 of 21',
  'records: a write with the current version wins and replaces text, columns and version': '15 of 17',
  'records: a write with an old version loses, changes nothing and is told the winner’s record': '21 of 26',
  'records: a write with a version where nothing stands loses and is told that nothing does': '7 of 7',
  'records: a version that never was loses like an old one, and is no error': '45 of 63',
  'records: delete removes a record once, and its key is free again': '11 of 12',
  'records: delete with a version removes that version and no other': '17 of 20',
  'records: a version is never used again for a key, not for the same text and not after a delete': '7 of 15',
  'records: what was handed in or answered can be changed by its owner without changing the record': '11 of 20',
  'records: the declared capabilities are whole, and the store’s time is told exactly where it is declared': '10 of 33',
  'records: a text comes back as it was given, whatever characters it has': '135 of 194',
  'records: a text of 64 KiB is kept, in characters of one, two, three and four bytes': '36 of 51',
  'records: keys of the whole alphabet, of one and of 256 characters are kept apart': '346 of 517',
  'records: subjects that differ in case, accents or spaces are different subjects': '231 of 356',
  'records: arguments outside the bounds reject as mistakes and store nothing': '193 of 193',
  'records: an expiry that is no point in time up to the year 5138 rejects as a mistake, milliseconds too': '42 of 48',
  'records: the fields of a record are read once: what was checked is what is stored': '16 of 26',
  'records: a cursor that cannot be one rejects as a mistake, the empty text too': '36 of 36',
  'records: a subject’s records are listed as they are read, and nobody else’s': '41 of 59',
  'records: an overwrite moves a record to its new subject, and out of the index without one': '38 of 47',
  'records: the pending index has exactly the records whose last write says pending': '56 of 91',
  'records: a deleted record leaves every index': '27 of 39',
  'records: a lost write changes no index': '17 of 40',
  'records: paging by subject lists every record once, whatever is written between the pages': '23 of 54',
  'records: paging by pending lists every record once, whatever is written between the pages': '23 of 54',
  'records: a record is kept, listed and writable until the second before it expires': '22 of 290',
  'records: an overwrite sets the expiry anew: later than before it is kept on, earlier it leaves earlier': '25 of 156',
  'records: a store that declares expiry does not answer an expired record': '16 of 17',
  'records: a record that was gone never comes back, and its key is free for a new one with a new version': '28 of 159',
  'records: a clock that is turned back and forth between write and read loses no record before its time': '78 of 138',
  'records: an expired record that comes back with the clock is the old one, and never what was written since':
    '48 of 69',
  'records: of 64 parallel writes on absent exactly one wins, and 63 are told the winner’s record': '259 of 579',
  'records: of 64 parallel writes with one version exactly one wins, and 63 are told the winner’s record': '264 of 584',
  'records: 64 actors that each increment a number leave it at 64': '4 of 18',
  'records: of a delete and a write with the same version exactly one happens': '10 of 17',
  'records: of 64 parallel deletes exactly one removes the record': '14 of 14',
  'records: a record taken on absent and given back by delete is held by one actor at a time': '11 of 31',
  'records: races on 64 keys have one winner each and do not disturb each other': '14 of 29',
  'records: what a write answered is read at once, by the writer and by everybody (where linearizable)': '19 of 55',
  'records: a failure before the effect of any call of a job changes nothing, and a second try ends the job': '6 of 17',
  'records: a failure after the effect of any call of a job leaves it whole, and a second try ends the job': '5 of 17',
  'records: a call that is given up under way happens whole or not at all, and a second try ends the job': '3 of 17',
  'records: a write that is delivered again later loses and changes nothing, also where its own text stands':
    '27 of 32',
  'records: six parallel clients count right although answers are lost': '3 of 18',
  'records: six parallel clients count right although every write is delivered twice and the second answer is told':
    '4 of 22',
  'records: who read what no longer stands loses and is told what does, so that six clients count right from stale reads':
    '3 of 18',
  'records: the histories of five parallel clients can be told one call after the other': '9 of 20',
  'records: a call that nobody was answered for took effect once, some time since, or never': '12 of 31',
  'records: where the process dies before or after any command of its client, what was answered stands and no write is half done':
    '33 of 53',
  'revocations: an empty log answers no entries and a cursor that is good later': '8 of 14',
  'revocations: every kind of entry is read back as it was appended': '11 of 11',
  'revocations: entries come in the order in which they were appended, each after the cursor before it': '73 of 176',
  'revocations: a repeated append changes nothing, also in parallel and also with other content': '13 of 32',
  'revocations: pages follow each other without a gap or a repetition, and say when there is more': '8 of 14',
  'revocations: a follower misses no entry of 64 parallel appenders, and everybody sees one order': '14 of 22',
  'revocations: an entry is kept until it expires, and its leaving neither moves nor hides another': '18 of 44',
  'revocations: ids are kept apart up to 640 characters; others reject as mistakes': '32 of 42',
  'revocations: an entry with a field outside its bounds rejects as a mistake, and hides no other': '291 of 295',
  'revocations: the fields of an entry are read once: what was checked is what is stored': '7 of 10',
  'revocations: a repeated append with a later end prolongs the entry, and tells who has read it already': '22 of 43',
  'revocations: an entry that has expired does not keep its id from being appended again': '16 of 30',
  'revocations: a cursor that cannot be one rejects as a mistake, the empty text too': '16 of 16',
  'revocations: where the process dies before or after any command of its client, no entry that was answered is lost or hidden':
    '9 of 28',
}

const titles = Object.entries(suites).flatMap(([suite, register]) =>
  [...collect(register, withFaults(createLiar(-1))).keys()]
    // There every call is a lie already.
    .filter((name) => !name.startsWith('where the client fails'))
    .map((name) => [suite as keyof typeof suites, name] as const),
)

test.each(titles)('%s: %s', async (suite, name) => {
  const { calls } = await run(suite, name)
  let told = 0
  let seen = 0
  for (const [index, call] of chooseCalls(calls)) {
    for (const lie of liesAbout(call)) {
      const { hasLied, isNoticed } = await run(suite, name, createLiar(index, lie))
      if (hasLied) told += 1
      if (hasLied && isNoticed) seen += 1
    }
  }
  expect(`${seen} of ${told}`).toBe(noticed[`${suite}: ${name}`])
})

/** Some calls of each kind, from the first to the last: fewer where a check makes more calls. */
function chooseCalls(calls: readonly Call[]): readonly (readonly [number, Call])[] {
  const each = calls.length <= CALLS_FEW ? calls.length : Math.max(CALLS_MIN, Math.floor(CALLS_MAX / calls.length))
  return [...new Set(calls.map(kindOf))].flatMap((kind) => {
    const alike = [...calls.entries()].filter(([, call]) => kindOf(call) === kind)
    const step = Math.max(1, Math.ceil((alike.length - 1) / (each - 1)))
    return alike.filter((_, place) => place === alike.length - 1 || place % step === 0)
  })
}

function kindOf({ method, isRefused }: Call): string {
  return isRefused ? `${method}, refused` : method
}

function withFaults({ wrap }: Liar) {
  return {
    create() {
      const { storage, clock } = memoryUnderTest()
      return { storage: wrap(storage), clock }
    },
    faults: { createFailing: () => failing, createCrashing: dyingClients(wrap) },
  }
}

async function run(suite: keyof typeof suites, name: string, liar = createLiar(-1)) {
  const check = collect(suites[suite], withFaults(liar)).get(name)
  const isNoticed = await check!().then(
    () => false,
    () => true,
  )
  return { calls: liar.calls(), hasLied: liar.hasLied(), isNoticed }
}

const CALLS_MAX = 400
const CALLS_MIN = 2
/** Of so many, each has its turn. */
const CALLS_FEW = 80
