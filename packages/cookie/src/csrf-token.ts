// The anti-forgery token of a session: a signed double submit, never the naive one (RFC 10017 §6.1.3.3).
import type { Entropy, Result } from '@tallystick/core'
import { equalInConstantTime } from '@tallystick/core/crypto'
import type { SecretRing } from '@tallystick/core/secret-ring'
import { refuseCsrf } from './refusals.ts'
import { sign, unsign } from './signed-text.ts'

/** What a request brings: the session that was recognised, the token it submits and the one its cookie holds. */
export interface PresentedCsrfToken {
  /** The id of the session, as it was given when the token was issued. */
  readonly sessionId: string
  /** From a header or a form field. */
  readonly submitted?: string | null | undefined
  /** From the cookie. */
  readonly cookie?: string | null | undefined
}

/**
 * Issues a token: base64url( version | secret id | 16 random bytes | HMAC-SHA-256 over them and the session's id ).
 *
 * Issue a new one whenever the session's id changes: a token is worth nothing in another session.
 *
 * @param sessionId - The id by which the server knows the session; not empty.
 * @throws TypeError where `sessionId` is empty or the ring is.
 */
export function issueCsrfToken(ring: SecretRing, sessionId: string, entropy: Entropy): string {
  if (typeof sessionId !== 'string' || sessionId === '')
    throw new TypeError('issueCsrfToken: sessionId must be the id of a session')
  return sign(ring, LABEL, entropy.bytes(RANDOM_BYTES), [sessionId])
}

/**
 * Verifies a submitted token: the same as in the cookie, signed by this server, for this session; in constant time.
 *
 * @returns Nothing more, or a refusal: `csrf/token_missing`, `csrf/token_invalid`.
 * @throws Never.
 */
export function verifyCsrfToken(
  ring: SecretRing,
  { sessionId, submitted, cookie }: PresentedCsrfToken,
): Result<object, 'csrf/token_missing' | 'csrf/token_invalid'> {
  if (!isText(submitted) || !isText(cookie)) return refuseCsrf('csrf/token_missing')
  if (!isText(sessionId)) return refuseCsrf('csrf/token_invalid')
  const body = unsign(ring, LABEL, { text: submitted, bodyBytes: RANDOM_BYTES }, [sessionId])
  const isSame = equalInConstantTime(TEXT.encode(submitted), TEXT.encode(cookie))
  return isSame && body !== undefined ? { ok: true } : refuseCsrf('csrf/token_invalid')
}

function isText(value: string | null | undefined): value is string {
  return typeof value === 'string' && value !== ''
}

const TEXT = new TextEncoder()
const LABEL = 'tallystick csrf'
const RANDOM_BYTES = 16
