// What happened to a family: facts in the past tense, without any token, secret, hash or key.
import type { RefreshRefusal } from './refusals.ts'
import type { FamilyId, RevocationCause } from './state.ts'

/** Fields of every event of a family. */
export interface FamilyFacts {
  readonly familyId: FamilyId
  readonly subject: string
  readonly clientId: string
  readonly sessionId?: string | undefined
  /** The family's current generation after the event. */
  readonly generation: number
}

/** What happened to a refresh token family. */
export type RefreshTokenEvent =
  | (FamilyFacts & { readonly type: 'refresh_token.issued' })
  | (FamilyFacts & { readonly type: 'refresh_token.rotated' })
  | (FamilyFacts & { readonly type: 'refresh_token.elevated' })
  | (FamilyFacts & { readonly type: 'refresh_token.kept' })
  | (FamilyFacts & { readonly type: 'refresh_token.retried'; readonly ageSeconds: number })
  | (FamilyFacts & { readonly type: 'refresh_token.concurrent'; readonly ageSeconds: number })
  | (FamilyFacts & {
      readonly type: 'refresh_token.replayed'
      readonly presentedGeneration: number
      readonly ageSeconds: number
    })
  | (FamilyFacts & { readonly type: 'refresh_token.revoked'; readonly cause: RevocationCause })
  | (FamilyFacts & {
      readonly type: 'refresh_token.refused'
      readonly reason: RefreshRefusal
      readonly presentedGeneration: number
    })
  | (FamilyFacts & {
      readonly type: 'refresh_token.ahead'
      readonly presentedGeneration: number
      readonly adopted: boolean
    })
  | (FamilyFacts & { readonly type: 'refresh_token.secret_mismatch'; readonly presentedSecretId: number })
  | (FamilyFacts & { readonly type: 'refresh_token.attempt_key_repeated' })
