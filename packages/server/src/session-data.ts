// The application's data of a session: a record of its own, made with the session and gone with it.
import { type NumericDate, plusSeconds } from '@tallystick/core'
import { encodeBase64url } from '@tallystick/core/base64url'
import { readRecord } from '@tallystick/core/records'
import type { Session } from '@tallystick/session'
import * as z from 'zod/mini'
import { type Cell, commit, commitNew, type Place, readProven } from './commit.ts'
import type { ServerContext } from './context.ts'
import { hashedKey } from './hashed-key.ts'
import { jsonOf } from './json-data.ts'
import { recordsIn } from './listing.ts'

/** What stands in the record. */
interface SessionData {
  readonly data: unknown
  /** When their session began: after every cut-off of its subject that was known then. */
  readonly begunAt: number
  /** The end of their session as a re-authentication moved it: an update that began before knows only the one of before. */
  readonly until?: NumericDate | undefined
  /** The last few calls that wrote: a driver that sends a write twice does not make an update happen twice. */
  readonly writers: readonly string[]
}

/** Changes data; called again, with the winner's data, after a lost race. */
export type UpdateData = (data: unknown) => unknown

/** A session as far as its data's record needs to know it. */
type Owner = Pick<Session, 'sessionId' | 'subject' | 'absoluteExpiresAt'>

/**
 * Stores the first data of a session, before the session itself: nobody later makes the record.
 *
 * @returns Whether the record is ours; not where the id came twice.
 */
export function createData(
  context: ServerContext,
  session: Owner & Pick<Session, 'establishedAt'>,
  data: unknown,
): Promise<boolean> {
  const begunAt = session.establishedAt
  return commitNew(placeOf(context, session), { data, begunAt, writers: [drawCall(context)] })
}

/** Reads the data; `undefined` where the record is gone, because the session is ended. */
export async function readData(
  { records }: ServerContext,
  sessionId: string,
): Promise<{ readonly data: unknown } | undefined> {
  const found = await readProven(records, keyOf(sessionId))
  return found && { data: decode(found.text).data }
}

/**
 * Changes the data by compare-and-set: of two writers at once the second begins again with what the first wrote.
 *
 * @returns The data that now stand; `conflict` where others wrote first too many times; `undefined` where the record is
 * gone, which is never made again.
 */
export async function updateData(
  context: ServerContext,
  session: Owner,
  update: UpdateData,
): Promise<{ readonly data: unknown } | 'conflict' | undefined> {
  const call = drawCall(context)
  let rounds = 0
  const committed = await commit(placeOf(context, session), async (state) => {
    if (state.writers.includes(call)) return { outcome: 'accepted', verdict: 'updated', state, events: [] }
    rounds += 1
    if (rounds > ROUNDS_MAX) return { outcome: 'refused', reason: 'conflict', state, events: [] }
    // A copy, so that an update that is run again does not find what it wrote into the data of before.
    const data = checkData('update', await update(structuredClone(state.data)))
    return { outcome: 'accepted', verdict: 'updated', state: signedBy({ ...state, data }, call), events: [] }
  })
  if (committed === undefined) return undefined
  return committed.decision.outcome === 'refused' ? 'conflict' : { data: committed.decision.state.data }
}

/** Keeps the data longer, because their session will last longer. */
export async function keepData(context: ServerContext, session: Owner): Promise<void> {
  const until = session.absoluteExpiresAt
  await commit(placeOf(context, session), (state) => {
    const isKept = state.until !== undefined && state.until >= until
    return { outcome: 'accepted', verdict: 'kept', state: isKept ? state : { ...state, until }, events: [] }
  })
}

/** Removes the data of a session that is ended. Without it nothing can be written any more. */
export async function deleteData({ records }: Pick<ServerContext, 'records'>, sessionId: string): Promise<void> {
  await records.delete(keyOf(sessionId))
}

/** The subject's sessions that still have data, whether the session itself is there or not. */
export async function* dataOf(
  { records }: ServerContext,
  subject: string,
): AsyncGenerator<{ readonly sessionId: string; readonly begunAt: number | undefined }, void> {
  for await (const { key, text } of recordsIn(records, { subject: hashedKey('session-data', subject) })) {
    if (key.startsWith(PREFIX)) yield { sessionId: key.slice(PREFIX.length), begunAt: begunAtOf(text) }
  }
}

/** When the session of data began; `undefined` where they cannot be read, so that they keep no others from being seen. */
function begunAtOf(text: string): number | undefined {
  try {
    return decode(text).begunAt
  } catch {
    return undefined
  }
}

/**
 * Gives what JSON makes of data: that is what is stored.
 *
 * @throws TypeError where JSON cannot hold them; RangeError where they are too long.
 */
export function checkData(owner: string, given: unknown): unknown {
  const text = jsonOf(owner, given)
  if (new TextEncoder().encode(text).length > DATA_BYTES_MAX) {
    throw new RangeError(`${owner}: data must be at most ${DATA_BYTES_MAX} bytes as JSON`)
  }
  return JSON.parse(text)
}

function placeOf(
  { records, clock, policy }: ServerContext,
  { sessionId, subject, absoluteExpiresAt }: Owner,
): Place<SessionData> {
  const cell: Cell<SessionData> = {
    decode,
    encode: (state) => JSON.stringify({ v: RECORD_VERSION, ...state }),
    // Listed beside the sessions, not among them: a device list need not read everybody's data.
    columns: () => ({ subject: hashedKey('session-data', subject) }),
    expiresAt: ({ until = absoluteExpiresAt }): NumericDate =>
      plusSeconds(until > absoluteExpiresAt ? until : absoluteExpiresAt, policy.clockToleranceSeconds),
  }
  return { records, clock, key: keyOf(sessionId), cell }
}

function signedBy({ writers, ...rest }: SessionData, call: string): SessionData {
  return { ...rest, writers: [...writers, call].slice(-WRITERS_MAX) }
}

function drawCall({ entropy }: ServerContext): string {
  return encodeBase64url(entropy.bytes(CALL_BYTES))
}

function keyOf(sessionId: string): string {
  return PREFIX + sessionId
}

function decode(text: string): SessionData {
  const { v: _, ...state } = readRecord(dataSchema, text, 'session data')
  return state
}

const PREFIX = 'session-data:'
const RECORD_VERSION = 1
const CALL_BYTES = 8
/** As many others may write between our write and the answer that it was lost to itself. */
const WRITERS_MAX = 8
/** Every lost round means that somebody else's update won. */
const ROUNDS_MAX = 32
/** What a record may hold, less what stands around the data. */
const DATA_BYTES_MAX = 61_440
const dataSchema = z.strictObject({
  v: z.literal(RECORD_VERSION),
  data: z.unknown(),
  begunAt: z.int().check(z.gte(0)),
  until: z.optional(z.int().check(z.gte(0)) as unknown as z.ZodMiniType<NumericDate>),
  writers: z.array(z.string()),
})
