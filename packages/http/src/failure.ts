// What the outside is told where the world broke: try again, never "signed out" (RFC 9110 §15.6.4).
import { isTokenError, type OAuthError } from '@tallystick/core'
import { type Answer, refusalAnswer } from './answer.ts'

/**
 * The answer of a failure that a handler threw: 503 with `Retry-After` where the same call may succeed later, else 500.
 *
 * No cookie is set or cleared: whoever was signed in stays so.
 *
 * @throws Whatever was given and is no `TokenError`: a bug is the framework's to report.
 * @example
 * failureAnswer(new TokenError('ERR_STORAGE_UNAVAILABLE', 'the store is away')).status // => 503
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110.html#section-15.6.4 RFC 9110 §15.6.4}
 */
export function failureAnswer(failure: unknown): Answer {
  if (!isTokenError(failure)) throw failure
  if (failure.code === 'ERR_SUBJECT_REVOKED' || failure.code === 'ERR_SESSION_REVOKED') return refusalAnswer(ENDED)
  return refusalAnswer(failure.retryable ? UNAVAILABLE : BROKEN)
}

const UNAVAILABLE: OAuthError = {
  code: 'temporarily_unavailable',
  description: 'the server cannot answer now: try again',
  status: 503,
  headers: { 'retry-after': '1' },
}
const BROKEN: OAuthError = {
  code: 'server_error',
  description: 'the server cannot answer',
  status: 500,
  headers: {},
}
/** Everything of the user was ended while he signed in. */
const ENDED: OAuthError = {
  code: 'access_denied',
  description: 'the sign-in was ended by a revocation',
  status: 403,
  headers: {},
}
