// How a family begins: generation 1, made by nobody's rotation.
import { type NumericDate, plusSeconds } from '@tallystick/core'
import { factsOf } from './facts.ts'
import type { RefreshTokenEvent } from './event.ts'
import type { ResolvedRefreshPolicy } from './policy.ts'
import type { RefreshTokenFamily } from './state.ts'

/** What a new family is told. */
export type FamilyGrant = Pick<
  RefreshTokenFamily,
  | 'familyId'
  | 'subject'
  | 'clientId'
  | 'sessionId'
  | 'scope'
  | 'resources'
  | 'binding'
  | 'authentication'
  | 'claims'
  // The secret that signs the first token.
  | 'secretId'
> &
  // Where that is not `now`: after a cut-off within the same second.
  Partial<Pick<RefreshTokenFamily, 'issuedAt'>>

/**
 * Begins a family.
 *
 * @param now - When it is issued; the absolute end counts from here.
 * @returns The state to store, and the event to tell once it is stored.
 */
export function issueFamily(
  grant: FamilyGrant,
  now: NumericDate,
  policy: ResolvedRefreshPolicy,
): { readonly state: RefreshTokenFamily; readonly events: readonly RefreshTokenEvent[] } {
  const state: RefreshTokenFamily = {
    ...grant,
    generation: 1,
    rotatedAt: now,
    attemptBy: 'call',
    successorUsed: false,
    predecessorClosed: false,
    issuedAt: grant.issuedAt ?? now,
    lastUsedAt: now,
    absoluteExpiresAt: plusSeconds(now, policy.absoluteTimeoutSeconds),
    status: 'active',
    announced: false,
  }
  return { state, events: [{ type: 'refresh_token.issued', ...factsOf(state) }] }
}
