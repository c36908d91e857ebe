// THE ONLY LOOP of the house: read, decide, compare-and-set, and again on a lost race.
import { type Decision, type NumericDate, numericDate, TokenError } from '@tallystick/core'
import {
  ABSENT,
  type CompareAndSetResult,
  type RecordInput,
  type RecordStore,
  type StoredRecord,
} from '@tallystick/storage'

/** How a machine's state lies in a record. */
export interface Cell<State> {
  /** The state where no record stands yet; without one, the loop ends there. */
  readonly absent?: State | undefined
  /** @param key - Under which the text stands. */
  decode(text: string, key: string): State
  encode(state: State): string
  /** The columns for the store's indexes. */
  columns(state: State): Omit<RecordInput, 'text'>
  /** When the store may forget the record. */
  expiresAt(state: State): NumericDate
}

/** Where a state lies: the store, the key, the form, and the server's time. */
export interface Place<State> {
  readonly records: RecordStore
  readonly key: string
  readonly cell: Cell<State>
  /** The store's own time is used where the adapter tells it. */
  readonly clock: () => NumericDate
}

/**
 * Decides on the state that was read; may ask the outside first. Called again, with the winner's state, after a lost race.
 * Nothing is decided, and nothing written, where the record holds nothing to decide on.
 */
export type Decide<State, Event, Reason extends string, Verdict extends string> = (
  state: State,
  now: NumericDate,
) => Decided<State, Event, Reason, Verdict> | Promise<Decided<State, Event, Reason, Verdict>>

type Decided<State, Event, Reason extends string, Verdict extends string> =
  | Decision<State, Event, Reason, Verdict>
  | undefined

/** A decision that stands in the store, and the time by which it was made. */
export interface Committed<State, Event, Reason extends string, Verdict extends string> {
  readonly decision: Decision<State, Event, Reason, Verdict>
  readonly now: NumericDate
}

/**
 * Takes a decision on a stored state and makes it stand, or fails without a verdict.
 *
 * @returns The decision, once it is stored; `undefined` where there is no record, nor a state for that, or nothing in it.
 * @throws TokenError `ERR_STORAGE_UNAVAILABLE`, `ERR_STORAGE_CONTENDED`, `ERR_STORAGE_CORRUPT`, and what `decide` throws.
 */
export async function commit<State, Event, Reason extends string, Verdict extends string>(
  place: Place<State>,
  decide: Decide<State, Event, Reason, Verdict>,
): Promise<Committed<State, Event, Reason, Verdict> | undefined> {
  const { records, key, cell, clock } = place
  let found = await records.read(key)
  // What a write answers is never stale.
  let isProven = records.capabilities.linearizable
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const state: State | undefined = found === undefined ? cell.absent : cell.decode(found.text, key)
    if (state === undefined) {
      if (isProven) return undefined
      found = await readProven(records, key)
      isProven = true
      continue
    }
    const now = found?.storeTime ?? clock()
    const answer = decide(state, now)
    // Most decisions are there at once; to wait for them would cost every request a turn of the event loop.
    const decision = answer instanceof Promise ? await answer : answer
    if (decision === undefined) return undefined
    // An answer that writes nothing is as good as the read it rests on; where reads may be stale, a write proves it, and
    // for a refusal one that cannot win: whoever is refused writes nothing.
    if (decision.state === state) {
      if (records.capabilities.linearizable || (isProven && decision.outcome === 'refused')) return { decision, now }
      if (decision.outcome === 'refused') {
        found = await readProven(records, key)
        isProven = true
        continue
      }
    }
    const written = await write(place, found?.version ?? ABSENT, decision.state)
    if (written.won) return { decision, now }
    found = written.current
    isProven = true
    // A lost write that was to change nothing has still shown what stands there: the same.
    if (decision.state === state && found !== undefined && found.text === cell.encode(state)) return { decision, now }
  }
  throw new TokenError('ERR_STORAGE_CONTENDED', 'too many writers on one record: try again')
}

/** Reads what stands there now, also where reads may be stale: a write that cannot win is told. */
export async function readProven(records: RecordStore, key: string): Promise<StoredRecord | undefined> {
  if (records.capabilities.linearizable) return records.read(key)
  const answer = await records.compareAndSet(key, NO_VERSION, { text: NOTHING }, FAR_AHEAD)
  if (!answer.won) return answer.current
  throw new TokenError('ERR_STORAGE_UNAVAILABLE', 'the record store let a write win on a version that never was')
}

/**
 * Stores a state under a key where nothing stands yet.
 *
 * @returns Whether it stands there now; a driver that sends a write twice does not make us lose to ourselves.
 */
export async function commitNew<State>(place: Omit<Place<State>, 'clock'>, state: State): Promise<boolean> {
  const written = await write(place, ABSENT, state)
  return written.won || written.current?.text === place.cell.encode(state)
}

function write<State>(
  { records, key, cell }: Omit<Place<State>, 'clock'>,
  version: string,
  state: State,
): Promise<CompareAndSetResult> {
  return records.compareAndSet(
    key,
    version,
    { text: cell.encode(state), ...cell.columns(state) },
    cell.expiresAt(state),
  )
}

/** Every lost round means that somebody else's write won, so only a storm of strangers comes near it. */
const ROUNDS_MAX = 256
/** "A version that never was loses like an old one." */
const NO_VERSION = 'no such version'
/** No record of any cell. */
const NOTHING = '{}'
const FAR_AHEAD = numericDate(99_999_999_999)
