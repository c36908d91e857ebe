// What is remembered of a session: one record of constant size, however often its credential is renewed.
import type { NumericDate } from '@tallystick/core'

declare const sessionIdBrand: unique symbol

/** The public id of a session (`sid`): safe in logs and claims; knowing it gives no power over the session. */
export type SessionId = string & { readonly [sessionIdBrand]: true }

/**
 * How and when the user was authenticated. Fixed when it happens, carried along, never freshened.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068.html#section-2.2.1 RFC 9068 §2.2.1}
 */
export interface Authentication {
  /** Authentication method references (`amr`, RFC 8176). */
  readonly methods: readonly string[]
  /** Authentication context class (`acr`). */
  readonly acr?: string | undefined
  /** When it happened (`auth_time`). */
  readonly authenticatedAt: NumericDate
}

/** A further authentication (step-up) that counts for a bounded time; afterwards it is as if it had never been. */
export interface Elevation extends Authentication {
  /** When it ends; not later than the session. */
  readonly expiresAt: NumericDate
}

/** Where a session was begun, for the user's list of devices: at most 256 characters each. */
export interface SessionContext {
  /** A part of the network address, as the application cuts it. */
  readonly networkPrefix?: string | undefined
  /** The browser's own description. */
  readonly userAgent?: string | undefined
  /** Where that was, as the application knows it. */
  readonly place?: string | undefined
}

/** Why a session was revoked; the machine's own causes, and room for the application's. */
export type RevocationCause = 'replay' | 'sign_out' | 'replaced' | 'limit' | 'subject_revoked' | 'log' | (string & {})

/** A session, whole. */
export interface Session {
  /** Drawn at establishment, in every credential of the session, and the storage key. */
  readonly sessionId: SessionId
  /** Who is signed in. */
  readonly subject: string
  /** The client that the sign-in was for, where there is one. */
  readonly clientId?: string | undefined
  /** What the session's access tokens may carry, where it issues any. */
  readonly scope?: string | undefined
  /** Hash of the part that all credentials of the session share: it tells an old one from a guess. */
  readonly lineageHash: string
  /** Hash of the current credential's secret. */
  readonly credentialHash: string
  /** Hash of the credential that the current one was made from. */
  readonly previousHash?: string | undefined
  /** Whether no earlier credential is answered any more (after an elevation or a re-authentication). */
  readonly predecessorClosed: boolean
  /** The position of the current credential; the first is 1. */
  readonly generation: number
  /** When the current credential was made. */
  readonly renewedAt: NumericDate
  /** The random value of the call that made it: a loop recognises its own write by it. */
  readonly renewedBy?: string | undefined
  /** The ring's secret that the current credential was derived with; absent where it was drawn. */
  readonly secretId?: number | undefined
  /** When the current credential was first seen in use; the overlap with its predecessor counts from here. */
  readonly usedAt?: NumericDate | undefined
  /** How and when the user was authenticated. */
  readonly authentication?: Authentication | undefined
  /** The last step-up, which may be over. */
  readonly elevation?: Elevation | undefined
  /** Where the session was begun. */
  readonly context?: SessionContext | undefined
  /** When the session began. */
  readonly establishedAt: NumericDate
  /** When a credential was last presented, less than `touchSeconds` behind; the idle time-out counts from here. */
  readonly lastPresentedAt: NumericDate
  /** Only a re-authentication extends it. */
  readonly absoluteExpiresAt: NumericDate
  /** The end that an identity provider has set to it: nothing extends the session beyond. */
  readonly upstreamExpiresAt?: NumericDate | undefined
  /** Nothing leads from `revoked` back to `active`. */
  readonly status: 'active' | 'revoked'
  /** When it was revoked, where it was. */
  readonly revokedAt?: NumericDate | undefined
  /** The random value of the call that revoked it. */
  readonly revokedBy?: string | undefined
  /** Why it was revoked, where it was. */
  readonly cause?: RevocationCause | undefined
  /** Whether the revocation stands in the revocation log. */
  readonly announced: boolean
}
