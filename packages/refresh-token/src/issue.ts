// How a family begins: generation 1, made by nobody's rotation.
import { type NumericDate, plusSeconds } from '@tallystick/core'
import { factsOf } from './facts.ts'
import type { RefreshTokenEvent } from './event.ts'
import type { ResolvedRefreshPolicy } from './policy.ts'
import type { Authentication, FamilyId, RefreshTokenFamily, TokenBinding } from './state.ts'

/** What a new family is told. */
export interface FamilyGrant {
  /** From `deriveFamilyId` of the handle that the tokens will carry. */
  readonly familyId: FamilyId
  /** Whom the tokens speak for. */
  readonly subject: string
  /** The client they are issued to. */
  readonly clientId: string
  /** The session they belong to, where there is one. */
  readonly sessionId?: string | undefined
  /** What is granted, space-separated. */
  readonly scope: string
  /** The granted resource servers (RFC 8707). */
  readonly resources: readonly string[]
  /** What every rotation must prove possession of; absent for bearer tokens. */
  readonly binding?: TokenBinding | undefined
  /** How and when the user was authenticated. */
  readonly authentication?: Authentication | undefined
  /** The application's own claims for access tokens, at most 1 KiB as JSON. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
  /** The secret that signs the first token. */
  readonly secretId: number
  /** When it counts as issued, where that is not `now`: after a cut-off within the same second. */
  readonly issuedAt?: NumericDate | undefined
}

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
