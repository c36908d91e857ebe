// Laws of sessions broken from outside: the histories are seen to fail, so that their verdict is worth something.
import type { Clock } from '@tallystick/core'
import type { RecordStore, Storage } from '@tallystick/storage'
import { ABSENT } from '@tallystick/storage'
import { scatterCalls } from '@tallystick/storage/faults'
import { memoryStorage } from '@tallystick/storage-memory'
import { expect, test } from 'vitest'
import { createChance } from '../src/chance.ts'
import { recordSessions } from '../src/session/history.ts'
import type { SessionHistoryOptions } from '../src/session/stage.ts'
import { layGround } from '../src/world.ts'

interface Breach {
  readonly name: string
  readonly seen: RegExp
  readonly around?: (records: RecordStore) => RecordStore
  readonly optionsOf?: SessionHistoryOptions['optionsOf']
}

const breaches: readonly Breach[] = [
  {
    name: 'an update that makes the data of an ended session anew',
    seen: /do not live as one|no order explains/,
    around: (records) => writing(records, isData, recreate),
  },
  {
    name: 'an update that does not look at what others wrote meanwhile',
    seen: /no order explains/,
    around: (records) => writing(records, isData, overwrite),
  },
  {
    name: 'a sign-out that deletes the data before it writes the tombstone',
    seen: /no order explains/,
    around: (records) => writing(records, isTombstone, deleteFirst),
  },
  {
    name: 'a sign-out that leaves the data',
    seen: /do not live as one/,
    around: (records) => ({ ...records, delete: () => Promise.resolve(true) }),
  },
  {
    name: 'a sign-out that is answered and not written',
    seen: /no order explains/,
    around: (records) => writing(records, isTombstone, () => Promise.resolve({ won: true, version: 'forgotten' })),
  },
  {
    name: 'a sign-out that another write undoes',
    seen: /no order explains/,
    around: (records) => writing(records, (key) => key.startsWith(SIGN_IN), overwrite),
  },
  {
    name: 'a renewal that forks',
    seen: /given out with two texts/,
    optionsOf: (options, process) => ({
      ...options,
      refreshTokenSecrets: [{ id: 1, secret: createChance(process).bytes(32) }],
    }),
  },
  {
    name: 'a step-up whose predecessor stays open',
    seen: /of before the step-up, and was told of its power/,
    around: (records) => writing(records, isElevation, leaveOpen),
  },
  {
    name: 'a step-up whose predecessor stays open to access tokens',
    seen: /of before the step-up, and its access token has its power/,
    around: (records) => writing(records, isElevation, leaveOpen),
  },
  {
    name: 'a revocation of the subject that lists before the cut-off stands',
    seen: /outlived the revocation of its subject/,
    around: listFirst,
  },
]

test.each(breaches)('$name is seen', async ({ seen, around = (records) => records, optionsOf }) => {
  const openStorage = (clock: Clock): Promise<Storage> => {
    // What the broken law does in several steps is scattered too.
    const { records, revocations } = scatterCalls(memoryStorage({ clock }), { seed: 1 })
    return Promise.resolve({ records: around(records), revocations })
  }
  for (let seed = 0; seed < SEEDS_MAX; seed += 1) {
    const { violations } = await recordSessions(await layGround(seed, { openStorage }), { optionsOf })
    if (violations.some((violation) => seen.test(violation))) return
  }
  expect.unreachable(`not seen within ${SEEDS_MAX} seeds`)
})

type Write = Parameters<RecordStore['compareAndSet']>
type Written = ReturnType<RecordStore['compareAndSet']>

/** Some writes are done in another way. */
function writing(
  records: RecordStore,
  isMeant: (key: string, text: string) => boolean,
  write: (records: RecordStore, ...call: Write) => Written,
): RecordStore {
  return {
    ...records,
    compareAndSet: (...call) =>
      isMeant(call[0], call[2].text) ? write(records, ...call) : records.compareAndSet(...call),
  }
}

function isData(key: string): boolean {
  return key.startsWith(DATA)
}

function isTombstone(key: string, text: string): boolean {
  return key.startsWith(SIGN_IN) && sessionOf(text)?.['status'] === 'revoked'
}

function isElevation(key: string, text: string): boolean {
  const session = key.startsWith(SIGN_IN) ? sessionOf(text) : undefined
  return (
    session?.['predecessorClosed'] === true && session['usedAt'] === undefined && session['elevation'] !== undefined
  )
}

function sessionOf(text: string): Readonly<Record<string, unknown>> | undefined {
  const line = text.split('\n')[1]
  return line === undefined ? undefined : (JSON.parse(line) as Record<string, unknown>)
}

async function recreate(records: RecordStore, ...call: Write): Written {
  const written = await records.compareAndSet(...call)
  if (written.won || written.current !== undefined) return written
  return records.compareAndSet(call[0], ABSENT, call[2], call[3])
}

async function overwrite(records: RecordStore, ...call: Write): Written {
  const written = await records.compareAndSet(...call)
  if (written.won || written.current === undefined) return written
  return records.compareAndSet(call[0], written.current.version, call[2], call[3])
}

async function deleteFirst(records: RecordStore, ...call: Write): Written {
  await records.delete(call[0].replace(SIGN_IN, DATA))
  return records.compareAndSet(...call)
}

/** The credential of before keeps its place, and what was proved for another counts for it. */
function leaveOpen(records: RecordStore, ...[key, version, record, expiresAt]: Write): Written {
  const [family, line = ''] = record.text.split('\n')
  const session = JSON.parse(line) as Readonly<Record<string, unknown>>
  const open = { ...session, credentialHash: session['previousHash'], previousHash: session['credentialHash'] }
  return records.compareAndSet(key, version, { ...record, text: `${family}\n${JSON.stringify(open)}` }, expiresAt)
}

/** The cut-off is written only once sign-ins and leftovers have been listed. */
function listFirst(records: RecordStore): RecordStore {
  const held: Array<() => Written> = []
  let lists = 0
  return {
    ...records,
    compareAndSet(...call) {
      if (!call[0].startsWith('subject:')) return records.compareAndSet(...call)
      held.push(() => records.compareAndSet(...call))
      lists = 0
      return Promise.resolve({ won: true, version: 'held' })
    },
    async list(...call) {
      const page = await records.list(...call)
      lists += 1
      for (const write of lists < 2 ? [] : held.splice(0)) await write()
      return page
    },
  }
}

const SIGN_IN = 'sign-in:'
const DATA = 'session-data:'
const SEEDS_MAX = 400
