// Checks of the record store: lost answers, writes that are delivered twice, and stale reads make nobody count wrong.
import { failAtRandom, isPlantedFault, scatterCalls, staleReads } from '../disorder.ts'
import { resendWrites } from '../faults.ts'
import type { RecordStore } from '../record-store.ts'
import { ABSENT } from '../record-store.ts'
import { ensure, ensureEqual, ensureLost, ensureRecord, ensureWon } from './assertions.ts'
import type { Check, RecordsUnderTest } from './check.ts'
import { range } from './check.ts'

/** Calls that happen more than once, or that rest on what no longer stands. */
export const repetitionChecks: readonly Check<RecordsUnderTest>[] = [
  {
    name: 'a write that is delivered again later loses and changes nothing, also where its own text stands',
    async run({ records, later }) {
      const input = { text: 'same', subject: 'alice' }
      const first = ensureWon(await records.compareAndSet('a', ABSENT, input, later), 'first write')
      const second = ensureWon(await records.compareAndSet('a', first, input, later), 'second write')
      for (const [version, what] of [
        [ABSENT, 'the first write, again'],
        [first, 'the second write, again'],
      ] as const) {
        const current = ensureLost(await records.compareAndSet('a', version, input, later), what)
        ensureRecord(current, { key: 'a', ...input }, what)
        ensureEqual(current?.version, second, `${what}: the version that stands`)
      }
      ensureEqual(await records.delete('a', second), true, 'delete')
      ensureLost(await records.compareAndSet('a', first, input, later), 'the second write, again after the delete')
      ensureEqual(await records.delete('a', second), false, 'the delete, again')
      ensureEqual(await records.read('a'), undefined, 'read')
    },
  },
  {
    name: 'six parallel clients count right although answers are lost',
    async run({ records, later }) {
      for (const seed of range(COUNTS)) {
        const failing = failAtRandom(scatterCalls({ records }, { seed }), { seed, failingPercent: FAILING_PERCENT })
        await countTogether(failing.storage.records, `lost:${seed}`, later)
        await failing.settled()
        await ensureCounted(records, `lost:${seed}`)
        ensure(failing.failed() > 0, 'answers were lost')
      }
    },
  },
  {
    name: 'six parallel clients count right although every write is delivered twice and the second answer is told',
    async run({ records, later }) {
      for (const seed of range(COUNTS)) {
        const resending = resendWrites(scatterCalls({ records }, { seed }), { every: seed + 1 })
        await countTogether(resending.storage.records, `twice:${seed}`, later)
        await ensureCounted(records, `twice:${seed}`)
        ensure(resending.resent() > 0, 'writes were delivered twice')
      }
    },
  },
  {
    name: 'who read what no longer stands loses and is told what does, so that six clients count right from stale reads',
    async run({ records, later }) {
      for (const seed of range(COUNTS)) {
        const stale = staleReads(scatterCalls({ records }, { seed }), { seed })
        await countTogether(stale.storage.records, `stale:${seed}`, later)
        await ensureCounted(records, `stale:${seed}`)
        ensure(stale.stale() > 0, 'reads were stale')
      }
    },
  },
]

/** The number so far, and for each client its last increment, by which it recognises a write of its own. */
interface Tally {
  readonly total: number
  readonly last: { readonly [client: string]: number }
}

/** Each client increments the number some times, once each, whatever happens to its calls. */
async function countTogether(records: RecordStore, key: string, later: RecordsUnderTest['later']): Promise<void> {
  const client = async (name: string): Promise<void> => {
    for (const round of range(ROUNDS)) await untilAnswered(() => increment(name, round))
  }
  /** Tells whether the increment stands; a lost race is decided again on what the loser was told. */
  const increment = async (name: string, round: number): Promise<boolean> => {
    let current = await records.read(key)
    for (const _ of range(RACES_MAX)) {
      const { total, last } = parseTally(current?.text)
      if ((last[name] ?? -1) >= round) return true
      const text = JSON.stringify({ total: total + 1, last: { ...last, [name]: round } } satisfies Tally)
      const answer = await records.compareAndSet(key, current?.version ?? ABSENT, { text }, later)
      if (answer.won) return true
      current = answer.current
    }
    return false
  }
  await Promise.all(range(CLIENTS).map((number) => client(`client ${number}`)))
}

/** Tries again after planted faults alone. */
async function untilAnswered(attempt: () => Promise<boolean>): Promise<void> {
  for (const _ of range(ATTEMPTS_MAX)) {
    try {
      return ensure(await attempt(), 'each lost race is somebody’s won one, so nobody loses for ever')
    } catch (thrown) {
      if (!isPlantedFault(thrown)) throw thrown
    }
  }
}

async function ensureCounted(records: RecordStore, key: string): Promise<void> {
  const { total, last } = parseTally((await records.read(key))?.text)
  ensureEqual(total, CLIENTS * ROUNDS, `${key}: what was counted`)
  ensureEqual(Object.values(last), range(CLIENTS).fill(ROUNDS - 1), `${key}: the last increment of each client`)
}

function parseTally(text: string | undefined): Tally {
  return text === undefined ? { total: 0, last: {} } : (JSON.parse(text) as Tally)
}

const CLIENTS = 6
const ROUNDS = 4
const COUNTS = 3
const RACES_MAX = 200
const ATTEMPTS_MAX = 100
const FAILING_PERCENT = 20
