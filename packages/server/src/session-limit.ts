// How many sessions a subject has at once: one record of seats per subject, so that the limit holds however many sign in.
import { type NumericDate, numericDate, plusSeconds } from '@tallystick/core'
import { readRecord } from '@tallystick/core/records'
import { isActive } from '@tallystick/session'
import * as z from 'zod/mini'
import { type Cell, commit, type Place, readProven } from './commit.ts'
import { type ServerContext, tell } from './context.ts'
import { hashedKey } from './hashed-key.ts'
import { endSignIn } from './settle.ts'
import { decodeSignIn, signInKey } from './sign-in-cell.ts'

/** Who wants a seat. */
export interface Newcomer {
  readonly subject: string
  readonly sessionId: string
  readonly absoluteExpiresAt: NumericDate
  /** The session whose seat it takes over, where there is one. */
  readonly replaces?: string | undefined
}

interface Seat {
  readonly sessionId: string
  readonly reservedAt: NumericDate
  /** Whether its session was stored; until then the seat is only held. */
  readonly isTaken: boolean
}

/** The seats of a subject, in the order in which they were reserved: never more than the limit allows. */
interface Seats {
  readonly seats: readonly Seat[]
  /** When the last of their sessions ends. */
  readonly until: NumericDate
}

/**
 * Reserves a seat before a session is stored. Where all are taken the policy says what gives way.
 *
 * @returns Whether there is a seat; always where no limit is configured.
 */
export async function reserveSeat(context: ServerContext, newcomer: Newcomer): Promise<boolean> {
  const { limit } = context.sessionPolicy
  if (limit === undefined) return true
  const { subject, sessionId, replaces } = newcomer
  const { sessionsMax, atLimit } = limit
  let wasFull = false
  const committed = await commit(placeOf(context, subject), async (state, now) => {
    if (state.seats.some((seat) => seat.sessionId === sessionId)) return accept(state)
    let seats: readonly Seat[] = state.seats.filter((seat) => seat.sessionId !== replaces)
    // Before a seat is given away: a process that dies in between leaves a session too few, never one too many.
    if (seats.length < state.seats.length) await endSignIn(context, replaces ?? '', REPLACED)
    if (seats.length >= sessionsMax) seats = await stillTaken(context, seats, now)
    const isFull = seats.length >= sessionsMax
    // Also where the race is lost then: what was evicted for this newcomer makes room for it in the next round.
    wasFull ||= isFull
    if (isFull && atLimit === 'refuse') return refuse(state)
    const tooMany = seats.slice(0, Math.max(0, seats.length - sessionsMax + 1))
    if (atLimit === 'evict_oldest') for (const seat of tooMany) await endSignIn(context, seat.sessionId, EVICTED)
    const own: Seat = { sessionId, reservedAt: now, isTaken: false }
    return accept({
      seats: [...seats.slice(tooMany.length), own],
      until: later(state.until, newcomer.absoluteExpiresAt),
    })
  })
  if (wasFull) tell(context, { type: 'session.limit_reached', subject, sessionsMax, atLimit }, context.clock())
  return committed?.decision.outcome === 'accepted'
}

/**
 * Takes the reserved seat, once the session is stored.
 *
 * @returns Whether the seat was still there; without one the session must not live.
 */
export async function takeSeat(context: ServerContext, { subject, sessionId }: Newcomer): Promise<boolean> {
  const { limit } = context.sessionPolicy
  if (limit === undefined) return true
  const committed = await commit(placeOf(context, subject), (state) => {
    const own = state.seats.find((seat) => seat.sessionId === sessionId)
    if (own === undefined) return refuse(state)
    if (own.isTaken) return accept(state)
    return accept({ ...state, seats: state.seats.map((seat) => (seat === own ? { ...seat, isTaken: true } : seat)) })
  })
  return limit.atLimit === 'notify' || committed?.decision.outcome === 'accepted'
}

/** Keeps a subject's seats until a later time, because a session will last longer. */
export async function keepSeats(context: ServerContext, subject: string, until: NumericDate): Promise<void> {
  if (context.sessionPolicy.limit === undefined) return
  await commit(placeOf(context, subject), (state) =>
    state.seats.length === 0 ? undefined : accept(state.until < until ? { ...state, until } : state),
  )
}

/** Removes the record of a subject that has no session any more. */
export async function forgetSeats(context: ServerContext, subject: string): Promise<void> {
  const { key } = placeOf(context, subject)
  const found = await context.records.read(key)
  if (found === undefined) return
  const seats = await stillTaken(context, decode(found.text).seats, found.storeTime ?? context.clock())
  // Only as it was read: somebody may have signed in anew.
  if (seats.length === 0) await context.records.delete(key, found.version)
}

/**
 * The seats whose sessions live, or are about to be stored.
 *
 * A session that ended by idleness, or whose sign-in was never answered because the process died, loses its seat: it is
 * ended for good, so that it cannot come back beside the one that gets the seat; where it is only told, it may.
 */
async function stillTaken(context: ServerContext, seats: readonly Seat[], now: NumericDate): Promise<readonly Seat[]> {
  const found = await Promise.all(seats.map(({ sessionId }) => readProven(context.records, signInKey(sessionId))))
  const taken: Seat[] = []
  const isStrict = context.sessionPolicy.limit?.atLimit !== 'notify'
  for (const [at, seat] of seats.entries()) {
    const text = found[at]?.text
    const session = text === undefined ? undefined : decodeSignIn(text).session
    const isFresh = !seat.isTaken && now - seat.reservedAt < RESERVATION_SECONDS
    const isLive = session !== undefined && isActive(session, now, context.sessionPolicy)
    if (session === undefined ? isFresh : isLive && (seat.isTaken || isFresh)) taken.push(seat)
    else if (session?.status === 'active' && isStrict) await endSignIn(context, seat.sessionId, EVICTED)
  }
  return taken
}

function placeOf({ records, clock, sessionPolicy }: ServerContext, subject: string): Place<Seats> {
  const cell: Cell<Seats> = {
    absent: { seats: [], until: numericDate(0) },
    decode,
    encode: ({ seats, until }) => JSON.stringify({ v: RECORD_VERSION, seats, until }),
    columns: () => ({}),
    expiresAt: ({ until }) => plusSeconds(until, sessionPolicy.clockToleranceSeconds),
  }
  return { records, clock, key: hashedKey('sessions', subject), cell }
}

function decode(text: string): Seats {
  const { seats, until } = readRecord(seatsSchema, text, 'list of sessions')
  return { seats, until }
}

function accept(state: Seats) {
  return { outcome: 'accepted', verdict: 'seated', state, events: [] } as const
}

function refuse(state: Seats) {
  return { outcome: 'refused', reason: 'full', state, events: [] } as const
}

function later(one: NumericDate, other: NumericDate): NumericDate {
  return one > other ? one : other
}

const EVICTED = { cause: 'limit', of: 'session' } as const
const REPLACED = { cause: 'replaced', of: 'session' } as const
/** How long a seat is held for a session that is about to be stored. */
const RESERVATION_SECONDS = 60
const RECORD_VERSION = 1
const time = z.int().check(z.gte(0)) as unknown as z.ZodMiniType<NumericDate>
const seatsSchema = z.strictObject({
  v: z.literal(RECORD_VERSION),
  seats: z.array(z.strictObject({ sessionId: z.string(), reservedAt: time, isTaken: z.boolean() })),
  until: time,
})
