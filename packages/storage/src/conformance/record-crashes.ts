// The check of the record store whose process dies: what was answered stands, and no write is half done.
import type { NumericDate } from '@tallystick/core'
import type { RecordIndex, RecordInput, RecordStore, StoredRecord } from '../record-store.ts'
import { ABSENT } from '../record-store.ts'
import { ensure, ensureEqual, ensureLost, ensureWon } from './assertions.ts'
import type { Check } from './check.ts'
import { laterThan, listAll } from './check.ts'
import type { Crash, CrashingStore, CreateCrashing } from './crash.ts'
import { crashEverywhere, unlessDead } from './crash.ts'
import type { State } from './interruptions.ts'
import { shapeOf, statesOf } from './interruptions.ts'

/** The record store over a client whose process dies. */
export const crashingRecordsCheck: Check<CreateCrashing> = {
  name: 'where the process dies before or after any command of its client, what was answered stands and no write is half done',
  run: (create) => crashEverywhere(create, runJob, STATES.length),
}

/** One write of the job on its record. */
interface Write {
  readonly from: State
  /** That of `from`; `'absent'` where nothing stands. */
  readonly version: string
  readonly to: State
  readonly later: NumericDate
}

/** Brings a record from state to state; where the process dies, the next process takes over. */
async function runJob(store: CrashingStore, crash: Crash): Promise<void> {
  let { records } = store.storage
  const later = laterThan(store.clock)
  ensureWon(await records.compareAndSet(OTHER.key, ABSENT, OTHER, later), 'write of another record')
  crash.arm()
  const seen = new Set<string>()
  let version = ABSENT
  for (const [place, to] of STATES.entries()) {
    const write = { from: STATES[place - 1], version, to, later }
    const wasAlive = !crash.happened()
    let answered = await unlessDead(crash, () => send(records, write))
    if (wasAlive && crash.happened()) {
      records = (await store.reopen()).records
      answered = await takeOver(records, write, answered)
    }
    ensure(answered !== undefined, 'who is alive answers')
    version = answered
    ensure(!seen.has(version), `version ${version} was used before`)
    if (version !== ABSENT) seen.add(version)
  }
}

/** The version after a write that nothing stands against; `'absent'` after a delete. */
async function send(records: RecordStore, { version, to, later }: Write): Promise<string> {
  if (to !== undefined) return ensureWon(await records.compareAndSet(KEY, version, to, later), 'write')
  ensureEqual(await records.delete(KEY, version), true, 'delete')
  return ABSENT
}

/**
 * Looks at what the dead process has left, and sends its last write once more.
 *
 * @param answered - The version that the dead process has answered, if it has.
 */
async function takeOver(records: RecordStore, write: Write, answered: string | undefined): Promise<string> {
  const { from, version, to } = write
  const left = await records.read(KEY)
  const [shape, before, after] = [left, from, to].map(shapeOf)
  ensure(shape === after || (shape === before && answered === undefined), `${shape} is left of ${before} to ${after}`)
  const standing = left?.version ?? ABSENT
  ensureEqual(standing, shape === before ? version : (answered ?? standing), 'the version that is left')
  await ensureListed(records, left)
  const ended = shape === before ? await send(records, write) : await sendInVain(records, write, standing)
  const last = await records.read(KEY)
  ensureEqual([shapeOf(last), last?.version ?? ABSENT], [after, ended], 'what stands after the second try')
  await ensureListed(records, last)
  return ended
}

/** The write has happened: the second try loses, and is told what stands. */
async function sendInVain(records: RecordStore, { version, to, later }: Write, standing: string): Promise<string> {
  if (to === undefined) {
    ensureEqual(await records.delete(KEY, version), false, 'second delete')
  } else {
    const told = ensureLost(await records.compareAndSet(KEY, version, to, later), 'second write')
    ensureEqual([shapeOf(told), told?.version], [shapeOf(to), standing], 'what the second write is told')
  }
  return standing
}

/** Every index has the records that belong there, whole, and nothing else. */
async function ensureListed(records: RecordStore, standing: StoredRecord | undefined): Promise<void> {
  const all = standing === undefined ? [OTHER] : [OTHER, standing]
  for (const index of INDEXES) {
    const inIndex = all.filter(({ subject, pending }) => ('subject' in index ? subject === index.subject : pending))
    ensureEqual((await listAll(records, index)).map(show).sort(), inIndex.map(show).sort(), JSON.stringify(index))
  }
}

function show(record: RecordInput & { readonly key: string }): string {
  return `${record.key} ${shapeOf(record)}`
}

const KEY = 'job'
const STATES = statesOf(KEY)
/** Stands beside the job's record, in the same indexes, from before the crash to the end. */
const OTHER = { key: 'other', text: 'answered long ago', subject: `alice:${KEY}`, pending: true }
const INDEXES: readonly RecordIndex[] = [{ subject: `alice:${KEY}` }, { subject: `bob:${KEY}` }, { pending: true }]
