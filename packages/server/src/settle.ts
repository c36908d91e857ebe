// What follows a stored decision about a sign-in: events are told, and an end is carried through, made known, announced.
import { type NumericDate, plusSeconds, type TokenError } from '@tallystick/core'
import { encodeBase64url } from '@tallystick/core/base64url'
import { decide as decideFamily } from '@tallystick/refresh-token'
import { decide as decideSession, type Session } from '@tallystick/session'
import type { RevocationEntry } from '@tallystick/storage'
import { type Committed, commit } from './commit.ts'
import type { ServerContext } from './context.ts'
import { inContext, type RequestContext } from './event.ts'
import { signInsOf } from './listing.ts'
import { deleteData } from './session-data.ts'
import { type SignIn, signInPlace } from './sign-in-cell.ts'
import { announced, onFamily, onSession, type SignInEvent } from './sign-in-decision.ts'

/** How a sign-in is ended. */
export interface Ending {
  readonly cause: string
  /** What must stand there for anything to be ended; either where left out. */
  readonly of?: 'family' | 'session' | undefined
  /** Whether the caller goes through all of the subject's sign-ins, so that nobody need look for what hangs on this one. */
  readonly isListed?: boolean | undefined
}

/**
 * Tells what happened, and makes an end known before anybody is answered.
 *
 * @throws TokenError `ERR_REVOCATION_LOG_UNAVAILABLE` where an end could not be announced; it stands all the same, and
 * the next touch of the sign-in announces it.
 */
export async function settle(
  context: ServerContext,
  { decision, now }: Committed<SignIn, SignInEvent, string, string>,
  request?: RequestContext,
  ending?: Ending,
): Promise<void> {
  context.bus.emit(inContext(decision.events, request), now, context.entropy)
  await announce(context, decision.state, now, ending)
}

/** What a call ended. */
export interface Ended {
  /** Sign-ins: a family and a session that stand in one record count once. 0 where nothing was alive. */
  readonly revoked: number
  readonly families: number
  readonly sessions: number
}

/** Ends a sign-in by its id: session and family, whichever stand there. */
export async function endSignIn(context: ServerContext, id: string, ending: Ending): Promise<Ended> {
  // Known to this call alone, so that a write which the driver sends twice is recognised as our own.
  const call = encodeBase64url(context.entropy.bytes(CALL_BYTES))
  const command = { type: 'revoke', cause: ending.cause, call } as const
  const family = onFamily(context, (state, now) => decideFamily(state, command, now, context.policy))
  const session = onSession(context, (state, now) => decideSession(state, command, now, context.sessionPolicy))
  const committed = await commit<SignIn, SignInEvent, string, string>(signInPlace(context, id), (signIn, now) =>
    (ending.of ?? (signIn.family === undefined ? 'session' : 'family')) === 'session'
      ? session(signIn, now)
      : family(signIn, now),
  )
  if (committed === undefined) return NOTHING
  await settle(context, committed, undefined, ending)
  return endedBy(committed.decision.events)
}

/** Counts what events say to have ended. */
export function endedBy(events: readonly SignInEvent[]): Ended {
  const families = events.filter(({ type }) => type === 'refresh_token.revoked').length
  const sessions = events.filter(({ type }) => type === 'session.revoked').length
  return { revoked: Math.max(families, sessions), families, sessions }
}

/** Carries the end of a sign-in through, if it is at an end: in this process at once, elsewhere if not done yet. */
export async function announce(
  context: ServerContext,
  signIn: SignIn,
  now: NumericDate,
  ending?: Ending,
): Promise<void> {
  const ends = endsOf(signIn, now)
  for (const { entry } of ends) makeKnown(context, entry, now)
  const { session } = signIn
  const isHalfDone = session?.status === 'revoked' && !session.announced
  const failure = isHalfDone ? await endDependents(context, session, ending) : undefined
  const open = ends.filter(({ isAnnounced }) => !isAnnounced)
  const [first] = open
  // Without a log a family has nobody to tell; a session's end is still to be seen as carried through.
  const isThrough = context.log === undefined && (session === undefined || session.announced)
  if (first === undefined || isThrough) return
  for (const { entry } of open) await context.log?.append(entry)
  // It stays half done, and is heard of each time, until every record can be read.
  if (failure !== undefined) throw failure
  const committed = await commit(signInPlace(context, first.id), announced(context, context.log !== undefined))
  const { decision } = committed ?? {}
  if (context.log === undefined || decision?.outcome !== 'accepted' || decision.verdict !== 'announced') return
  context.bus.emit(
    open.map(({ fact }) => ({ type: 'revocation.announced', ...fact })),
    now,
    context.entropy,
  )
}

/** An end, as the log and the events name it. */
interface End {
  readonly id: string
  readonly fact: { readonly familyId: string } | { readonly sessionId: string }
  readonly isAnnounced: boolean
  readonly entry: RevocationEntry
}

function endsOf({ family, session }: SignIn, now: NumericDate): readonly End[] {
  const ends: End[] = []
  if (session?.status === 'revoked') {
    const {
      sessionId,
      announced: isAnnounced,
      cause = UNKNOWN,
      revokedAt = now,
      absoluteExpiresAt: expiresAt,
    } = session
    const target = { kind: 'session', sessionId } as const
    const entry = { id: `session:${sessionId}`, target, cause, revokedAt, expiresAt }
    ends.push({ id: sessionId, fact: { sessionId }, isAnnounced, entry })
  }
  if (family?.status === 'revoked') {
    const { familyId, announced: isAnnounced, cause = UNKNOWN, revokedAt = now, absoluteExpiresAt: expiresAt } = family
    const target = { kind: 'family', familyId } as const
    const entry = { id: `family:${familyId}`, target, cause, revokedAt, expiresAt }
    ends.push({ id: familyId, fact: { familyId }, isAnnounced, entry })
  }
  return ends
}

/**
 * Ends what hangs on a session: its data, and the families that were issued for it elsewhere.
 *
 * @returns The failure of a record that cannot be read, and may be one of them.
 */
async function endDependents(
  context: ServerContext,
  session: Session,
  ending: Ending | undefined,
): Promise<TokenError | undefined> {
  const { sessionId, subject, cause = UNKNOWN } = session
  await deleteData(context, sessionId)
  if (ending?.isListed === true) return undefined
  const { signIns, failure } = await signInsOf(context.records, subject)
  for (const { id, family } of signIns) {
    if (id !== sessionId && family?.sessionId === sessionId) await endSignIn(context, id, { cause, of: 'family' })
  }
  return failure
}

/**
 * Makes a revocation known in this process, so that its `verify` refuses at once.
 *
 * Kept as long as it may matter: with a log, until nothing named can be alive; without one, until the access tokens
 * that were out have ended.
 */
export function makeKnown(
  context: ServerContext,
  { target, cause, expiresAt }: Pick<RevocationEntry, 'target' | 'cause' | 'expiresAt'>,
  now: NumericDate,
): void {
  const accessEnd = plusSeconds(now, context.accessTokens.lifetimeSeconds + KNOWN_MARGIN_SECONDS)
  const kept = context.log === undefined || expiresAt < accessEnd ? accessEnd : expiresAt
  context.replica.apply({ id: '', target, cause, revokedAt: now, expiresAt: kept }, now)
}

const CALL_BYTES = 16
const UNKNOWN = 'unknown'
const NOTHING: Ended = { revoked: 0, families: 0, sessions: 0 }
/** Covers the tolerance between clocks. */
const KNOWN_MARGIN_SECONDS = 120
