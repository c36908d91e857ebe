// Checks of the record store: whatever call fails, on whatever side of its effect, records stay whole and work goes on.
import { interruptAt, isPlantedFault, scatterCalls } from '../disorder.ts'
import type { RecordInput, RecordStore } from '../record-store.ts'
import { ABSENT } from '../record-store.ts'
import { ensure, ensureEqual, fail } from './assertions.ts'
import type { Check, RecordsUnderTest } from './check.ts'
import { listAll, range } from './check.ts'

/** One failure at a time, at every call. */
export const interruptionChecks: readonly Check<RecordsUnderTest>[] = [
  {
    name: 'a failure before the effect of any call of a job changes nothing, and a second try ends the job',
    run: (store) => interruptEverywhere(store, 'before'),
  },
  {
    name: 'a failure after the effect of any call of a job leaves it whole, and a second try ends the job',
    run: (store) => interruptEverywhere(store, 'after'),
  },
  {
    name: 'a call that is given up under way happens whole or not at all, and a second try ends the job',
    run: (store) => interruptEverywhere(store, 'during'),
  },
]

type When = 'before' | 'during' | 'after'

/** What stands under the key of a job: a record, or nothing. */
export type State = RecordInput | undefined

/** A job on one key, whose only record is interrupted. */
interface Job extends Pick<RecordsUnderTest, 'later'> {
  /** With the fault planted. */
  readonly records: RecordStore
  /** Without. */
  readonly sound: RecordStore
  readonly key: string
  /** Whether somebody looks on while calls are under way. */
  readonly isWatched: boolean
}

async function interruptEverywhere({ records, later }: RecordsUnderTest, when: When): Promise<void> {
  for (let index = 0; ; index += 1) {
    const scattered = scatterCalls({ records }, { seed: index })
    const interrupted = interruptAt(scattered, { index, when })
    const key = `job:${when}:${index}`
    const sound = scattered.records
    await runJob({ records: interrupted.storage.records, sound, key, later, isWatched: when === 'during' })
    await interrupted.settled()
    await ensureState({ sound: records, key }, [undefined], `after the job, interrupted ${when} call ${index}`)
    if (!interrupted.interrupted()) return ensure(index > CALLS_MIN, 'the job was interrupted at every call')
  }
}

/** Brings the record from state to state as a caller does who reads before each write; after a failure once more. */
async function runJob(job: Job): Promise<void> {
  const states = statesOf(job.key)
  for (const [place, to] of states.entries()) {
    const from = states[place - 1]
    try {
      await Promise.all([bring(job, from, to), job.isWatched ? watch(job, [from, to]) : undefined])
    } catch (thrown) {
      if (!isPlantedFault(thrown)) throw thrown
      await watch(job, [from, to])
      await bring(job, from, to)
    }
  }
}

/** Looks again and again, so that one look falls on whatever is half done. */
async function watch(job: Job, allowed: readonly State[]): Promise<void> {
  for (const look of range(LOOKS)) await ensureState(job, allowed, `look ${look} at a step of the job`)
}

async function bring({ records, key, later }: Job, from: State, to: State): Promise<void> {
  for (const _ of range(TRIES)) {
    const current = await records.read(key)
    if (shapeOf(current) === shapeOf(to)) return
    ensureEqual(shapeOf(current), shapeOf(from), `${key}: what stands before the write`)
    const isDone =
      to === undefined
        ? await records.delete(key, current?.version)
        : (await records.compareAndSet(key, current?.version ?? ABSENT, to, later)).won
    if (isDone) return
  }
  fail(`${key}: a write loses only to the call that was given up`)
}

/** Reading and every index tell of one of the states, each of the whole of it. */
async function ensureState(
  { sound, key }: Pick<Job, 'sound' | 'key'>,
  allowed: readonly State[],
  what: string,
): Promise<void> {
  const shapes = new Set(allowed.map(shapeOf))
  const ensureAllowed = (shape: string, from: string): void =>
    ensure(shapes.has(shape), `${key}, ${what}: ${from} answers ${shape}, which is neither before nor after`)
  ensureAllowed(shapeOf(await sound.read(key)), 'read')
  for (const subject of [`alice:${key}`, `bob:${key}`]) {
    const listed = (await listAll(sound, { subject })).filter((record) => record.key === key)
    const inIndex = allowed.map((state) => state?.subject === subject)
    ensureListed(listed.map(shapeOf), inIndex, `${key}, ${what}: the list of a subject`)
    for (const record of listed) ensureAllowed(shapeOf(record), 'the list of a subject')
  }
  const pending = (await listAll(sound, { pending: true })).filter((record) => record.key === key)
  const inIndex = allowed.map((state) => state?.pending === true)
  ensureListed(pending.map(shapeOf), inIndex, `${key}, ${what}: the list of what is pending`)
  for (const record of pending) ensureAllowed(shapeOf(record), 'the list of what is pending')
}

/** Listed once where every allowed state is in the index, never where none is. */
function ensureListed(listed: readonly string[], inIndex: readonly boolean[], what: string): void {
  ensure(listed.length <= 1, `${what} has the record ${listed.length} times`)
  if (inIndex.every(Boolean)) ensureEqual(listed.length, 1, what)
  if (!inIndex.some(Boolean)) ensureEqual(listed.length, 0, what)
}

/** The same text for the same state, whatever else a record has. */
export function shapeOf(state: State): string {
  if (state === undefined) return 'nothing'
  return JSON.stringify([state.text, state.subject ?? null, state.pending === true])
}

/** Each state differs from the one before it in text and in some column; the last is that nothing stands there. */
export function statesOf(key: string): readonly State[] {
  const [alice, bob] = [`alice:${key}`, `bob:${key}`]
  return [
    { text: 'ordered', subject: alice },
    { text: 'paid', subject: alice, pending: true },
    { text: 'given', subject: bob, pending: true },
    { text: 'settled', subject: bob },
    undefined,
    { text: 'ordered anew', subject: alice, pending: true },
    undefined,
  ]
}

const LOOKS = 3
const TRIES = 3
/** A read and a write for each state. */
const CALLS_MIN = 13
