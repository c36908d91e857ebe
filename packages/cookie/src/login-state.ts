// The `state` of a log-in under way: signed, short-lived, bound to the browser that began it (RFC 6749 §10.12, RFC 9700 §4.7).
import { type Entropy, type NumericDate, plusSeconds, type Result } from '@tallystick/core'
import { decodeBase64url, encodeBase64url } from '@tallystick/core/base64url'
import { mistake } from '@tallystick/core/options'
import type { SecretRing } from '@tallystick/core/secret-ring'
import { refuseCsrf } from './refusals.ts'
import { sign, unsign } from './signed-text.ts'

/** What a log-in may be bound to. */
export interface LoginOptions {
  /** What the log-in cookie of this browser already holds: kept, so that a log-in that begins does not end another. */
  readonly held?: string | null | undefined
  /** What else the answer must fit: the issuer that is asked, say; default nothing. */
  readonly context?: string | undefined
  /** How long it may take: 30 to 3600; default 600. */
  readonly lifetimeSeconds?: number | undefined
}

/** A log-in that was begun. */
export interface LoginState {
  /** For the `state` parameter, or a hidden field of the log-in form. */
  readonly state: string
  /** For the log-in cookie. */
  readonly cookieValue: string
  /** When the state ends. */
  readonly expiresAt: NumericDate
}

/** What the answer of a log-in brings. */
export interface PresentedLoginState {
  /** From the `state` parameter or the form. */
  readonly state?: string | null | undefined
  /** What the log-in cookie holds. */
  readonly held?: string | null | undefined
  /** As it was when the log-in began. */
  readonly context?: string | undefined
}

/**
 * Begins a log-in: `state` for the way out, a random value for the log-in cookie; neither is of use without the other.
 *
 * @throws RangeError where the lifetime is out of range, TypeError where the ring is empty.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749.html#section-10.12 RFC 6749 §10.12}
 */
export function issueLoginState(
  ring: SecretRing,
  { held, context = '', lifetimeSeconds = LIFETIME_SECONDS }: LoginOptions,
  now: NumericDate,
  entropy: Entropy,
): LoginState {
  if (!Number.isInteger(lifetimeSeconds) || lifetimeSeconds < 30 || lifetimeSeconds > 3600)
    throw mistake('issueLoginState', 'lifetimeSeconds', 'must be 30 to 3600', lifetimeSeconds)
  const expiresAt = plusSeconds(now, lifetimeSeconds)
  const body = new Uint8Array(BODY_BYTES)
  new DataView(body.buffer).setBigUint64(0, BigInt(expiresAt))
  body.set(entropy.bytes(RANDOM_BYTES), 8)
  const cookieValue = isHeld(held) ? held : encodeBase64url(entropy.bytes(HELD_BYTES))
  return { state: sign(ring, LABEL, body, [cookieValue, context]), cookieValue, expiresAt }
}

/**
 * Verifies the answer of a log-in: begun by this browser, with this context, not too long ago.
 *
 * Clear the log-in cookie with the answer where this passes: a state serves once. Where it does not, leave it: a forged
 * answer would end an honest log-in.
 *
 * @returns Nothing more, or a refusal: `csrf/state_missing`, `csrf/state_invalid`, `csrf/state_expired`.
 * @throws Never.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700.html#section-4.7 RFC 9700 §4.7}
 */
export function verifyLoginState(
  ring: SecretRing,
  { state, held, context = '' }: PresentedLoginState,
  now: NumericDate,
): Result<object, 'csrf/state_missing' | 'csrf/state_invalid' | 'csrf/state_expired'> {
  if (typeof state !== 'string' || state === '' || typeof held !== 'string' || held === '')
    return refuseCsrf('csrf/state_missing')
  const body = unsign(ring, LABEL, { text: state, bodyBytes: BODY_BYTES }, [held, context])
  if (body === undefined) return refuseCsrf('csrf/state_invalid')
  const expiresAt = new DataView(body.buffer, body.byteOffset).getBigUint64(0)
  return BigInt(now) < expiresAt ? { ok: true } : refuseCsrf('csrf/state_expired')
}

function isHeld(held: string | null | undefined): held is string {
  return typeof held === 'string' && decodeBase64url(held)?.length === HELD_BYTES
}

const LABEL = 'tallystick login'
const LIFETIME_SECONDS = 600
const RANDOM_BYTES = 16
const BODY_BYTES = 8 + RANDOM_BYTES
const HELD_BYTES = 32
