// What happened to a family: facts in the past tense, without any token, secret, hash or key.
import type { EventTable } from '@tallystick/core'
import type { RefreshRefusal } from './refusals.ts'
import type { FamilyId, RevocationCause } from './state.ts'

/** Fields of every event of a family. */
export interface FamilyFacts {
  /** The public id of the family. */
  readonly familyId: FamilyId
  /** Whom the tokens speak for. */
  readonly subject: string
  /** The client they were issued to. */
  readonly clientId: string
  /** The session they belong to, where there is one. */
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

const family = { familyId: 'id', subject: 'text', clientId: 'text', sessionId: 'id', generation: 'number' } as const

/** What each event means and carries. */
export const refreshTokenEvents: EventTable<RefreshTokenEvent> = {
  'refresh_token.issued': { meaning: 'A family began.', fields: family },
  'refresh_token.rotated': { meaning: 'A new generation was made.', fields: family },
  'refresh_token.elevated': {
    meaning: 'The user authenticated again: a new generation was made and its predecessor closed.',
    fields: family,
  },
  'refresh_token.kept': { meaning: 'The token was used where rotation is off.', fields: family },
  'refresh_token.retried': {
    meaning: 'A client that lost an answer asked again and got the same one.',
    fields: { ...family, ageSeconds: 'number' },
  },
  'refresh_token.concurrent': {
    meaning: 'A second tab or process asked within the grace period and got the same answer.',
    fields: { ...family, ageSeconds: 'number' },
  },
  'refresh_token.replayed': {
    meaning:
      'A token came back that only a thief, or a client that breaks the rules, would send: the family is revoked.',
    fields: { ...family, presentedGeneration: 'number', ageSeconds: 'number' },
  },
  'refresh_token.revoked': { meaning: 'The family was ended.', fields: { ...family, cause: 'name' } },
  'refresh_token.refused': {
    meaning: 'A genuine token was refused and nothing changed.',
    fields: { ...family, reason: 'name', presentedGeneration: 'number' },
  },
  'refresh_token.ahead': {
    meaning:
      'A genuine token is newer than the store: the store has lost writes. Re-apply the revocation log since the last rotation that it knows.',
    fields: { ...family, presentedGeneration: 'number', adopted: 'flag' },
  },
  'refresh_token.secret_mismatch': {
    meaning: 'The current generation came signed by another secret than the one recorded: look for a stolen secret.',
    fields: { ...family, presentedSecretId: 'number' },
  },
  'refresh_token.attempt_key_repeated': {
    meaning: 'A client used one attempt key for two tokens: the second counts as none.',
    fields: family,
  },
}
