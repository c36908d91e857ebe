// What is remembered of a refresh token family: one record of constant size, however often it rotates.
import type { NumericDate } from '@tallystick/core'

declare const familyIdBrand: unique symbol

/** The public id of a family: safe in logs and claims; knowing it gives no power over the family. */
export type FamilyId = string & { readonly [familyIdBrand]: true }

/** What the tokens of a family are bound to, where they are sender-constrained (RFC 9449, RFC 8705). */
export interface TokenBinding {
  /** How possession is proved: a DPoP proof or a client certificate. */
  readonly type: 'dpop' | 'mtls'
  /** The key's RFC 7638 thumbprint (`jkt`) or the certificate's (`x5t#S256`), base64url. */
  readonly thumbprint: string
}

/**
 * How and when the user was authenticated. Carried through rotations, never freshened by them.
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

/** Why a family was revoked; the machine's own causes, and room for the application's. */
export type RevocationCause =
  | 'replay'
  | 'risk'
  | 'sign_out'
  | 'subject_revoked'
  | 'client_revoked'
  | 'log'
  | (string & {})

/** A refresh token family, whole. */
export interface RefreshTokenFamily {
  /** Derived from the handle in the tokens, which itself is not stored. */
  readonly familyId: FamilyId
  /** Whom the tokens speak for. */
  readonly subject: string
  /** The client they were issued to; no other can use them. */
  readonly clientId: string
  /** The session they belong to, where there is one. */
  readonly sessionId?: string | undefined
  /** The granted scope; a narrower access token leaves it as it is (RFC 6749 §6). */
  readonly scope: string
  /** The granted resource servers (RFC 8707). */
  readonly resources: readonly string[]
  /** Set at issue, never changed. */
  readonly binding?: TokenBinding | undefined
  /** How and when the user was authenticated. */
  readonly authentication?: Authentication | undefined
  /** The application's own claims for access tokens, at most 1 KiB as JSON. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
  /** The position of the current token; the first is 1. */
  readonly generation: number
  /** When the current generation was made. */
  readonly rotatedAt: NumericDate
  /** What the request that made the current generation proves itself by when it comes again; a hash or a random value. */
  readonly attempt?: string | undefined
  /** Whether that request carried a client's key, or only one made for the length of the call. */
  readonly attemptBy: 'client' | 'call'
  /** The same for the generation before. */
  readonly previousAttempt?: string | undefined
  /** Whether the current token, or an access token made with it, was seen in use. Closes the retry window. */
  readonly successorUsed: boolean
  /** Whether the predecessor is answered no more (after an elevation). */
  readonly predecessorClosed: boolean
  /** The secret that signed the current token; a repeated answer signs with it again. */
  readonly secretId: number
  /** When the family began. */
  readonly issuedAt: NumericDate
  /** When a token was last served; the idle timeout counts from here. */
  readonly lastUsedAt: NumericDate
  /** No rotation extends it. */
  readonly absoluteExpiresAt: NumericDate
  /** Nothing leads from `revoked` back to `active`. */
  readonly status: 'active' | 'revoked'
  /** When it was revoked, where it was. */
  readonly revokedAt?: NumericDate | undefined
  /** The random value of the call that revoked it: a loop recognises its own write by it. */
  readonly revokedBy?: string | undefined
  /** Why it was revoked, where it was. */
  readonly cause?: RevocationCause | undefined
  /** Whether the revocation stands in the revocation log. */
  readonly announced: boolean
}
