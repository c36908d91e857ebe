// The law of sealed sessions (NIST SP 800-63B-4 §5.2): when one ends by time, and what a use and an authentication change.
import { type NumericDate, plusSeconds, TokenError } from '@tallystick/core'
import type { Authentication, ResolvedSessionPolicy, Session } from '@tallystick/session'

/** A sealed session, whole: everything that stands in the browser's cookie. */
export interface SealedState extends Pick<
  Session,
  'sessionId' | 'subject' | 'establishedAt' | 'lastPresentedAt' | 'absoluteExpiresAt' | 'authentication' | 'elevation'
> {
  /** What a cut-off compares. */
  readonly epoch: number
  /** When it ends unless it is sealed anew; absent where there was no idle time-out. */
  readonly idleExpiresAt?: NumericDate | undefined
  /** The application's own. */
  readonly data: unknown
}

/** What a sealed session begins with. */
export type SealedBeginning = Pick<SealedState, 'sessionId' | 'subject' | 'authentication' | 'data'> & {
  /** Default: when it begins. */
  readonly epoch?: number | undefined
}

/** Begins a sealed session; both time-outs count from `now`. */
export function beginSealed(
  { epoch, ...beginning }: SealedBeginning,
  now: NumericDate,
  policy: ResolvedSessionPolicy,
): SealedState {
  const absoluteExpiresAt = plusSeconds(now, policy.absoluteTimeoutSeconds)
  return touchSealed(
    { ...beginning, epoch: epoch ?? now, establishedAt: now, lastPresentedAt: now, absoluteExpiresAt },
    now,
    policy,
  )
}

/**
 * The time at which a session is judged. Within the tolerance time does not run backwards.
 *
 * @throws TokenError `ERR_CLOCK` where `now` lies before the session's sealing by more than the tolerance.
 */
export function timeOf(state: SealedState, now: NumericDate, policy: ResolvedSessionPolicy): NumericDate {
  if (now < state.lastPresentedAt - policy.clockToleranceSeconds) {
    throw new TokenError('ERR_CLOCK', 'the clock stands before the sealing of the session by more than the tolerance')
  }
  return now > state.lastPresentedAt ? now : state.lastPresentedAt
}

/** Which end a session has reached by time alone, if any: the ends inside decide, whatever the cookie's own age is. */
export function endOf(
  state: SealedState,
  at: NumericDate,
  policy: ResolvedSessionPolicy,
): 'session/expired' | 'session/idle' | undefined {
  if (at >= state.absoluteExpiresAt) return 'session/expired'
  const idleEnd = idleEndOf(state, policy)
  return idleEnd !== undefined && at >= idleEnd ? 'session/idle' : undefined
}

/** When a session ends unless it is used: as it was sealed, and not later than a policy that became stricter says. */
export function idleEndOf(state: SealedState, policy: ResolvedSessionPolicy): NumericDate | undefined {
  const now = idleEndAt(state.lastPresentedAt, state.absoluteExpiresAt, policy)
  const { idleExpiresAt: sealed } = state
  if (now === undefined || sealed === undefined) return sealed ?? now
  return sealed < now ? sealed : now
}

/** The session after a use: the idle time-out begins anew, the absolute one does not. */
export function touchSealed(state: SealedState, at: NumericDate, policy: ResolvedSessionPolicy): SealedState {
  return { ...state, lastPresentedAt: at, idleExpiresAt: idleEndAt(at, state.absoluteExpiresAt, policy) }
}

/** Whether a use is worth another cookie: where it moves the idle end by `touchSeconds`. */
export function isTouchDue(state: SealedState, at: NumericDate, policy: ResolvedSessionPolicy): boolean {
  const stands = idleEndOf(state, policy)
  if (stands === undefined) return false
  const next = idleEndAt(at, state.absoluteExpiresAt, policy)
  return next === undefined || next - stands >= Math.max(1, policy.touchSeconds)
}

/** The session after a step-up: it stands beside the first authentication for a bounded time. */
export function elevateSealed(
  state: SealedState,
  authentication: Authentication,
  at: NumericDate,
  policy: ResolvedSessionPolicy,
): SealedState {
  const expiresAt = earlier(plusSeconds(at, policy.elevationSeconds), state.absoluteExpiresAt)
  return touchSealed({ ...state, elevation: { ...authentication, expiresAt } }, at, policy)
}

/** The session after a re-authentication: it takes the first one's place, and both time-outs begin anew. */
export function reauthenticateSealed(
  state: SealedState,
  authentication: Authentication,
  at: NumericDate,
  policy: ResolvedSessionPolicy,
): SealedState {
  const absoluteExpiresAt = plusSeconds(at, policy.absoluteTimeoutSeconds)
  return touchSealed({ ...state, authentication, elevation: undefined, absoluteExpiresAt }, at, policy)
}

function idleEndAt(
  at: NumericDate,
  absoluteExpiresAt: NumericDate,
  { idleTimeoutSeconds }: ResolvedSessionPolicy,
): NumericDate | undefined {
  return idleTimeoutSeconds === 'none' ? undefined : earlier(plusSeconds(at, idleTimeoutSeconds), absoluteExpiresAt)
}

function earlier(one: NumericDate, other: NumericDate): NumericDate {
  return one < other ? one : other
}
