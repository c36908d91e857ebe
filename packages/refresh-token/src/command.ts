// What may be asked of a family. Everything that chance, the network or the caller contributes arrives in here.
import type { Authentication, RevocationCause, TokenBinding } from './state.ts'

/** The proof of a sender-constrained client, verified by the caller. */
export interface PresentedBinding extends TokenBinding {
  /**
   * `fresh`: the proof carries a nonce that this server gave out a moment ago. `required`: one was required and the
   * proof has none or an old one. Absent: no nonce was asked for.
   */
  readonly nonce?: 'fresh' | 'required' | undefined
}

/** By what a request will be known when it comes again. */
export interface Attempt {
  /** Random, made for this call: the loop recognises its own write when a driver sends it twice. */
  readonly call: string
  /** From the client's attempt key, where it sent one. */
  readonly client?:
    | {
        /** Over the presented generation. */
        readonly hash: string
        /** Over the generation before: shows a client that uses one key for two tokens. */
        readonly predecessorHash: string
      }
    | undefined
}

/** What the revocation log says of this family, its session and its subject. */
export type LogAnswer =
  /** No log is configured. */
  | 'absent'
  /** A log is configured; what is known of it without reading names none of them. */
  | 'unread'
  /** The log was read to its end for this call and names none of them. */
  | 'clear'
  /** It names one of them. */
  | 'named'
  /** It could not be read. */
  | 'unreadable'

/** What the application's risk hook says; `unasked` until it was asked. */
export type RiskAnswer = 'serve' | 'step_up' | 'revoke' | 'unasked'

/** Present a refresh token and ask for its successor. */
export interface Rotate {
  readonly type: 'rotate'
  /** The presented token's generation; its MAC was verified. */
  readonly generation: number
  /** The secret that signed the presented token. */
  readonly secretId: number
  /** The ids of all secrets that can sign; the first signs new generations. */
  readonly secretIds: readonly number[]
  /** The authenticated client; another than the family's is refused. */
  readonly clientId: string
  /** The verified proof of a sender-constrained client, where one was presented. */
  readonly binding?: PresentedBinding | undefined
  /** By what this request will be known when it comes again. */
  readonly attempt: Attempt
  /** A narrower scope for the access token. */
  readonly scope?: string | undefined
  /** Fewer resource servers for the access token. */
  readonly resources?: readonly string[] | undefined
  /** A new authentication of the user: a rotation that closes the predecessor (step-up). */
  readonly elevate?: Authentication | undefined
  /** What the revocation log says, as far as it was asked. */
  readonly log: LogAnswer
  /** Absent where the application has no risk hook. */
  readonly risk?: RiskAnswer | undefined
}

/** Say that an access token of a generation was seen in use. */
export interface Confirm {
  readonly type: 'confirm'
  /** The generation that the access token was issued with. */
  readonly generation: number
}

/** End the family. */
export interface Revoke {
  readonly type: 'revoke'
  /** Why: it stands in the record, the log and the event. */
  readonly cause: RevocationCause
  /** Random, made for this call, as {@link Attempt.call}. */
  readonly call?: string | undefined
}

/** Say that the revocation now stands in the revocation log. */
export interface Announce {
  readonly type: 'announce'
}

/** Everything that may be asked of a family. */
export type Command = Rotate | Confirm | Revoke | Announce
