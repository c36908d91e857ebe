// When a family ends by time alone: idle end and absolute end (RFC 9700 §4.14.2).
import { type NumericDate, plusSeconds } from '@tallystick/core'
import type { ResolvedRefreshPolicy } from './policy.ts'
import type { RefreshTokenFamily } from './state.ts'

/**
 * When the store may forget a family: its end by time, or the absolute end where it was revoked.
 *
 * The tombstone of a revoked family stays that long, so that its tokens are told from unknown ones.
 */
export function expiresAt(family: RefreshTokenFamily, policy: ResolvedRefreshPolicy): NumericDate {
  if (family.status === 'revoked') return family.absoluteExpiresAt
  const idleEnd = plusSeconds(family.lastUsedAt, policy.idleTimeoutSeconds)
  return idleEnd < family.absoluteExpiresAt ? idleEnd : family.absoluteExpiresAt
}

/** Whether a family's current token is good at `now`: not revoked, neither end reached. */
export function isActive(family: RefreshTokenFamily, now: NumericDate, policy: ResolvedRefreshPolicy): boolean {
  return family.status === 'active' && now < expiresAt(family, policy)
}
