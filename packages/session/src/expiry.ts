// When a session ends by time alone (NIST SP 800-63B-4 §5.2), whose word counts meanwhile, and when a renewal is due.
import { type NumericDate, plusSeconds } from '@tallystick/core'
import type { ResolvedSessionPolicy } from './policy.ts'
import type { Authentication, Session } from './state.ts'

/** When the session ends unless it is used; `undefined` where there is no idle time-out. */
export function idleEndOf(session: Session, policy: ResolvedSessionPolicy): NumericDate | undefined {
  if (policy.idleTimeoutSeconds === 'none') return undefined
  return plusSeconds(session.lastPresentedAt, policy.idleTimeoutSeconds)
}

/**
 * When the store may forget a session.
 *
 * One that ended by idleness stays for one more idle time-out, so that its user can authenticate again and go on; the
 * tombstone of a revoked one stays until its absolute end.
 */
export function expiresAt(session: Session, policy: ResolvedSessionPolicy): NumericDate {
  if (session.status === 'revoked' || policy.idleTimeoutSeconds === 'none') return session.absoluteExpiresAt
  const forgottenAt = plusSeconds(session.lastPresentedAt, 2 * policy.idleTimeoutSeconds)
  return forgottenAt < session.absoluteExpiresAt ? forgottenAt : session.absoluteExpiresAt
}

/** Whether a session's current credential is good at `now`: not revoked, neither end reached. */
export function isActive(session: Session, now: NumericDate, policy: ResolvedSessionPolicy): boolean {
  if (session.status === 'revoked' || now >= session.absoluteExpiresAt) return false
  const idleEnd = idleEndOf(session, policy)
  return idleEnd === undefined || now < idleEnd
}

/** As much of a session as tells how its user proved himself. */
export type Authenticated = Pick<Session, 'authentication' | 'elevation'>

/** How the user counts as authenticated at `now`: by the step-up while it lasts, wholly, else by the first one. */
export function effectiveAuthentication(session: Authenticated, now: NumericDate): Authentication | undefined {
  if (session.elevation === undefined || !isElevated(session, now)) return session.authentication
  const { methods, acr, authenticatedAt } = session.elevation
  return acr === undefined ? { methods, authenticatedAt } : { methods, acr, authenticatedAt }
}

/** Whether a step-up counts at `now`. */
export function isElevated({ elevation }: Pick<Session, 'elevation'>, now: NumericDate): boolean {
  return elevation !== undefined && now < elevation.expiresAt
}

/** Whether the current credential is old enough to be replaced; never where the policy does not say, or the session rests. */
export function isRenewalDue(session: Session, now: NumericDate, { renewal }: ResolvedSessionPolicy): boolean {
  if (renewal.afterSeconds === undefined || now - session.renewedAt < renewal.afterSeconds) return false
  return session.generation === 1 || !isResting(session, now, renewal.overlapSeconds)
}

/** Whether the current credential is not in use, or not for the length of the overlap: its predecessor may be underway. */
export function isResting({ usedAt }: Session, now: NumericDate, overlapSeconds: number): boolean {
  return Math.max(0, now - (usedAt ?? now)) < overlapSeconds
}

/** The absolute end of a session whose user authenticates at a moment: the policy's, or the identity provider's if sooner. */
export function absoluteEnd(
  { upstreamExpiresAt }: Pick<Session, 'upstreamExpiresAt'>,
  at: NumericDate,
  { absoluteTimeoutSeconds }: ResolvedSessionPolicy,
): NumericDate {
  const end = plusSeconds(at, absoluteTimeoutSeconds)
  return upstreamExpiresAt !== undefined && upstreamExpiresAt < end ? upstreamExpiresAt : end
}
