// THE LAW of sessions (NIST SP 800-63B-4 §5.1, §5.2): every transition of a session, and nothing else anywhere.
import { type NumericDate, plusSeconds, TokenError } from '@tallystick/core'
import type { Authenticate, Command, Present, Renew, Revoke } from './command.ts'
import type { SessionEvent } from './event.ts'
import { absoluteEnd, expiresAt, idleEndOf, isResting } from './expiry.ts'
import { factsOf, refusedEvent, replayEvent, revokedEvent } from './facts.ts'
import type { ResolvedSessionPolicy } from './policy.ts'
import { type Relation, relationOf } from './proof.ts'
import type { SessionRefusal } from './refusals.ts'
import type { Session } from './state.ts'
import type { SessionDecision, SessionVerdict } from './verdict.ts'

/**
 * Decides what a command does to a session: serve, renew, elevate, refuse or revoke.
 *
 * Pure and synchronous. An old credential that comes back too late revokes the session: the returned state says so, and
 * must be stored before the refusal is shown to anyone. Where nothing changes, the returned state is the given object.
 *
 * @param now - Seconds since 1970-01-01T00:00:00Z; build it with `numericDate`.
 * @param policy - Build it with `resolveSessionPolicy`. `renewal.overlapSeconds` counts from the successor's first use.
 * @returns `accepted` with a verdict, or `refused` with a reason; either way the next state and what happened.
 * @throws TokenError `ERR_CLOCK` where `now` lies before the last use by more than the tolerance: no verdict then.
 * @example
 * const policy = resolveSessionPolicy()
 * const sessionId = formatSessionId(crypto.getRandomValues(new Uint8Array(16)))
 * const grant = { sessionId, subject: 'user_42', lineageHash: 'its hash', credentialHash: 'its hash' }
 * const { state } = establishSession(grant, now, policy)
 * const decision = decide(state, { type: 'revoke', cause: 'sign_out' }, now, policy)
 * decision.state.status // => 'revoked'
 */
export function decide(
  session: Session,
  command: Command,
  now: NumericDate,
  policy: ResolvedSessionPolicy,
): SessionDecision {
  switch (command.type) {
    case 'present':
    case 'renew':
    case 'elevate':
    case 'reauthenticate':
      return answer(session, command, now, policy)
    case 'revoke':
      return revoke(session, command, now)
    case 'announce':
      if (session.status !== 'revoked' || session.announced) return accept(session, 'unchanged')
      return accept({ ...session, announced: true }, 'announced')
  }
}

type Presentation = Present | Renew | Authenticate

function answer(
  session: Session,
  command: Presentation,
  now: NumericDate,
  policy: ResolvedSessionPolicy,
): SessionDecision {
  // The proof comes first: whoever knows the public id alone learns nothing and changes nothing, whatever the state.
  const relation = relationOf(session, command.proof)
  if (relation === 'unknown') return refuse(session, 'session/unknown')
  if (session.status === 'revoked') return answerTombstone(session, command)
  const isOwnWrite = relation !== 'current' && session.renewedBy === command.call
  if (isOwnWrite && command.type !== 'present') return repeatOwnWrite(session, command)

  const last = session.renewedAt > session.lastPresentedAt ? session.renewedAt : session.lastPresentedAt
  if (now < last - policy.clockToleranceSeconds) {
    throw new TokenError('ERR_CLOCK', 'the clock stands before the last use of the session by more than the tolerance')
  }
  // Within the tolerance time does not run backwards: no age is negative, and nothing is written down as earlier.
  const at = now > last ? now : last
  const end = endOf(session, command, at, policy)
  if (end !== undefined) return refuse(session, end)
  return relation === 'current'
    ? answerCurrent(session, command, at, policy)
    : answerEarlier(session, { relation, command }, at, policy)
}

/** Which end the session has reached by time alone, if any; one that ended by idleness can still be re-authenticated. */
function endOf(
  session: Session,
  command: Presentation,
  at: NumericDate,
  policy: ResolvedSessionPolicy,
): SessionRefusal | undefined {
  if (at >= expiresAt(session, policy)) return 'session/expired'
  const idleEnd = idleEndOf(session, policy)
  if (idleEnd === undefined || at < idleEnd || command.type === 'reauthenticate') return undefined
  return 'session/idle'
}

/** The current credential: it rests until it has been in use for the overlap, then it may be renewed. */
function answerCurrent(
  session: Session,
  command: Presentation,
  at: NumericDate,
  policy: ResolvedSessionPolicy,
): SessionDecision {
  if (isAuthentication(command)) return authenticate(session, command, at, policy)
  const rests = session.generation > FIRST_GENERATION && isResting(session, at, policy.renewal.overlapSeconds)
  if (command.type === 'renew' && !rests) return renew(session, command, at)
  const next =
    session.usedAt === undefined ? { ...session, usedAt: at, lastPresentedAt: at } : touch(session, at, policy)
  const events: readonly SessionEvent[] = next === session ? [] : [{ type: 'session.presented', ...factsOf(next) }]
  return accept(next, command.type === 'renew' ? 'rested' : 'presented', events)
}

interface EarlierPresentation {
  readonly relation: Exclude<Relation, 'current' | 'unknown'>
  readonly command: Presentation
}

/** A credential before the current one: a second tab, a lost answer, or a thief. All comparisons of age are strict. */
function answerEarlier(
  session: Session,
  { relation, command }: EarlierPresentation,
  at: NumericDate,
  policy: ResolvedSessionPolicy,
): SessionDecision {
  const { overlapSeconds } = policy.renewal
  const isUsed = session.usedAt !== undefined
  // The current one has been in use for so long that no tab of its browser is still underway with this one.
  if (isUsed && !isResting(session, at, overlapSeconds)) return replayed(session, command, at)
  const isNear = isUsed || at - session.renewedAt < overlapSeconds
  if (session.predecessorClosed) {
    // What the user proved meanwhile is not for the holder of an earlier credential; he may prove it himself.
    if (isAuthentication(command)) return authenticate(session, command, at, policy)
    return refuse(session, isNear ? 'session/superseded' : 'session/step_up_required')
  }
  // The session rested before it moved on, so this one comes too late by more than the overlap.
  if (relation === 'older') return replayed(session, command, at)
  if (isAuthentication(command)) return authenticate(session, command, at, policy)
  // An answer is repeated with the recorded secret, never another: it must have the same bytes.
  if (session.secretId === undefined || !command.secretIds.includes(session.secretId)) {
    return refuse(session, isNear ? 'session/superseded' : 'session/unknown_secret')
  }
  const repeated: SessionEvent = { type: 'session.repeated', ...factsOf(session), ageSeconds: at - session.renewedAt }
  return accept(touch(session, at, policy), 'repeated', [repeated])
}

function isAuthentication(command: Presentation): command is Authenticate {
  return command.type === 'elevate' || command.type === 'reauthenticate'
}

/** Writes a use down, no more often than the policy wants: so the session may end early by that much, and never late. */
function touch(session: Session, at: NumericDate, { touchSeconds }: ResolvedSessionPolicy): Session {
  const unwrittenSeconds = at - session.lastPresentedAt
  return unwrittenSeconds > 0 && unwrittenSeconds >= touchSeconds ? { ...session, lastPresentedAt: at } : session
}

function renew(session: Session, { secretIds, nextHash, call }: Renew, at: NumericDate): SessionDecision {
  const next: Session = {
    ...session,
    credentialHash: nextHash,
    previousHash: session.credentialHash,
    predecessorClosed: false,
    generation: session.generation + 1,
    renewedAt: at,
    renewedBy: call,
    secretId: secretIds[0],
    usedAt: undefined,
    lastPresentedAt: at,
  }
  return accept(next, 'renewed', [{ type: 'session.renewed', ...factsOf(next) }])
}

/** A new authentication of the user: a drawn credential, and no earlier one is answered any more. */
function authenticate(
  session: Session,
  command: Authenticate,
  at: NumericDate,
  policy: ResolvedSessionPolicy,
): SessionDecision {
  const { authentication, nextHash, proof, call } = command
  // NIST SP 800-63B-4 §5.2: re-authentication restarts both time-outs. A step-up stands beside the first
  // authentication, which it never freshens, and ends with the session at the latest.
  const what =
    command.type === 'reauthenticate'
      ? { authentication, elevation: undefined, absoluteExpiresAt: absoluteEnd(session, at, policy) }
      : { elevation: { ...authentication, expiresAt: endOfElevation(session, at, policy) } }
  const next: Session = {
    ...session,
    ...what,
    credentialHash: nextHash,
    previousHash: proof.hash,
    predecessorClosed: true,
    generation: session.generation + 1,
    renewedAt: at,
    renewedBy: call,
    secretId: undefined,
    usedAt: undefined,
    lastPresentedAt: at,
  }
  return accept(next, MOVED[command.type], [{ type: `session.${MOVED[command.type]}`, ...factsOf(next) }])
}

function endOfElevation(session: Session, at: NumericDate, { elevationSeconds }: ResolvedSessionPolicy): NumericDate {
  const end = plusSeconds(at, elevationSeconds)
  return end < session.absoluteExpiresAt ? end : session.absoluteExpiresAt
}

/** Our own write, which a driver had sent twice: answered as it would have been the first time. */
function repeatOwnWrite(session: Session, { type }: Renew | Authenticate): SessionDecision {
  return accept(session, MOVED[type], [{ type: `session.${MOVED[type]}`, ...factsOf(session) }])
}

function replayed(session: Session, { call }: Presentation, at: NumericDate): SessionDecision {
  const state: Session = { ...session, ...tombstone('replay', call, at) }
  return refuse(state, 'session/replayed', [
    replayEvent(session, at - session.renewedAt),
    revokedEvent(session, 'replay'),
  ])
}

/** A tombstone is answered without a write, and without a second event of its end but to the call that made it. */
function answerTombstone(session: Session, { call }: Presentation): SessionDecision {
  if (call === undefined || session.revokedBy !== call || session.cause !== 'replay') {
    return refuse(session, 'session/revoked')
  }
  const ageSeconds = (session.revokedAt ?? session.renewedAt) - session.renewedAt
  return refuse(session, 'session/replayed', [replayEvent(session, ageSeconds), revokedEvent(session, 'replay')])
}

/** Every genuine credential may end its session, also an old one: whoever holds it is the user, or must be stopped. */
function revoke(session: Session, { cause, call, proof }: Revoke, now: NumericDate): SessionDecision {
  if (proof !== undefined && relationOf(session, proof) === 'unknown') return refuse(session, 'session/unknown')
  if (session.status === 'active') {
    return accept({ ...session, ...tombstone(cause, call, now) }, 'revoked', [revokedEvent(session, cause)])
  }
  // Again our own write.
  if (call === undefined || session.revokedBy !== call) return accept(session, 'unchanged')
  return accept(session, 'revoked', [revokedEvent(session, session.cause ?? cause)])
}

function tombstone(cause: string, call: string | undefined, at: NumericDate) {
  return { status: 'revoked', revokedAt: at, revokedBy: call, cause, announced: false } as const
}

function accept(state: Session, verdict: SessionVerdict, events: readonly SessionEvent[] = []): SessionDecision {
  return { outcome: 'accepted', verdict, state, events }
}

function refuse(state: Session, reason: SessionRefusal, events?: readonly SessionEvent[]): SessionDecision {
  return { outcome: 'refused', reason, state, events: events ?? [refusedEvent(state, reason)] }
}

const FIRST_GENERATION = 1
const MOVED = { renew: 'renewed', elevate: 'elevated', reauthenticate: 'reauthenticated' } as const
