// What may be asked of a key plan, what then happened, and why it may be refused.
import type { Decision, NumericDate } from '@tallystick/core'
import type { JwtAlgorithm } from './algorithms.ts'
import type { KeyPlan } from './schedule-plan.ts'

/** What a plan must know of a new key; a `SigningKey` is one. */
export interface NewKey {
  /** The `kid`. */
  readonly keyId: string
  /** The one algorithm that it signs with. */
  readonly algorithm: JwtAlgorithm
}

/** Publishes a key that will sign when the signing period of the present one is over (`announce`), or soon (`replace`). */
export interface Announce {
  /** How soon it signs. */
  readonly type: 'announce' | 'replace'
  /** The key that is published. */
  readonly key: NewKey
  /** When the key must be gone: it has to last for its signing period and for what it signed in it. */
  readonly expiresAt?: NumericDate | undefined
}

/**
 * `activate`: lets the waiting key sign as soon as that is safe. `retire`: withdraws it before it signs.
 * `compromised`: drops a key at once, in any state; all that it signed is refused.
 */
export interface Change {
  /** What becomes of the key. */
  readonly type: 'activate' | 'retire' | 'compromised'
  /** The `kid`. */
  readonly keyId: string
}

/** Brings a plan up to date with the policy; nothing else needs it. */
export interface Tick {
  readonly type: 'tick'
}

/** What may be asked of a plan. */
export type KeyPlanCommand = Announce | Change | Tick

/** What an accepted command did. */
export type KeyPlanVerdict = 'announced' | 'activated' | 'withdrawn' | 'dropped' | 'updated' | 'unchanged'

/** What happened, to be told once the plan is stored. No event holds key material. */
export type KeyPlanEvent =
  | {
      readonly type: 'key_schedule.announced' | 'key_schedule.activated'
      readonly keyId: string
      /** When it begins to sign. */
      readonly signsFrom: NumericDate
      /** Whose place it takes. */
      readonly predecessor: string | undefined
    }
  | { readonly type: 'key_schedule.withdrawn'; readonly keyId: string }
  | {
      readonly type: 'key_schedule.compromised'
      readonly keyId: string
      /** From when on no verifier accepts it, whatever it has cached and however its clock goes. */
      readonly refusedEverywhereAt: NumericDate
      /** Which key signs now; absent where there is none left, and nothing can be issued. */
      readonly signing: string | undefined
    }

/** Why a command is refused; for operators, never for the outside. */
export type KeyPlanRefusal =
  | 'key_schedule/unknown_key'
  | 'key_schedule/known_key'
  | 'key_schedule/successor_waiting'
  | 'key_schedule/too_many_keys'
  | 'key_schedule/too_short_lived'
  | 'key_schedule/not_waiting'
  | 'key_schedule/in_use'

/** The answer to a command: the next plan must be stored before anything else is done. */
export type KeyPlanDecision = Decision<KeyPlan, KeyPlanEvent, KeyPlanRefusal, KeyPlanVerdict>
