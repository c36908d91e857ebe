// What may be asked of a session. Everything that chance, the network or the caller contributes arrives in here.
import type { Authentication, RevocationCause } from './state.ts'

/** What a presented credential proves itself by; `proveSecret` makes it, `hashSecret` its first half. */
export interface Proof {
  /** Hash of the secret. */
  readonly hash: string
  /**
   * Hash of the part that all credentials of a session share. Needed only where `hash` is not known: without it an old
   * credential is told from a guess by nobody, and the answer is `session/unknown`, without harm.
   */
  readonly lineageHash?: string | undefined
}

/** Present a credential: is there a session, and whose? */
export interface Present {
  readonly type: 'present'
  /** What the credential proves itself by. */
  readonly proof: Proof
  /** The ids of the ring's secrets: a credential that was derived with another cannot be given again. */
  readonly secretIds: readonly number[]
  /** Random, made for this call; needed only where a write will follow. */
  readonly call?: string | undefined
}

/** Exchange a credential for its successor. */
export interface Renew {
  readonly type: 'renew'
  /** What the credential proves itself by. */
  readonly proof: Proof
  /** The ids of the ring's secrets; the first derived the successor. */
  readonly secretIds: readonly number[]
  /** Hash of the successor's secret, which was derived from the presented one with the first secret of the ring. */
  readonly nextHash: string
  /** Random, made for this call: the loop recognises its own write when a driver sends it twice. */
  readonly call: string
}

/** Say that the user has just proved himself again; the caller has made sure that it is the session's own user. */
export interface Authenticate {
  /** `elevate`: for a bounded time, beside the first authentication. `reauthenticate`: in its place, from the start. */
  readonly type: 'elevate' | 'reauthenticate'
  /** What the credential proves itself by. */
  readonly proof: Proof
  /** How and when. */
  readonly authentication: Authentication
  /** Hash of the new credential's secret, which was drawn. */
  readonly nextHash: string
  /** Random, made for this call, as {@link Renew.call}. */
  readonly call: string
}

/** End the session. */
export interface Revoke {
  readonly type: 'revoke'
  /** Why: it stands in the record, the log and the event. */
  readonly cause: RevocationCause
  /** What the credential proves itself by, where the browser asks; absent where the server itself does. */
  readonly proof?: Proof | undefined
  /** Random, made for this call, as {@link Renew.call}. */
  readonly call?: string | undefined
}

/** Say that the revocation now stands in the revocation log. */
export interface Announce {
  readonly type: 'announce'
}

/** Everything that may be asked of a session. */
export type Command = Present | Renew | Authenticate | Revoke | Announce
