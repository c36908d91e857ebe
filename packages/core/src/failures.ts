// The world broke: what is thrown when no verdict is possible. Refusals (the answer is no) are values instead.

/**
 * Stable codes of failures; match on these, never on messages or with `instanceof`.
 *
 * - `ERR_STORAGE_UNAVAILABLE`: the store or the driver failed; the effect of a write is unknown. Retry.
 * - `ERR_STORAGE_CONTENDED`: too many writers on one record for one call. Retry.
 * - `ERR_STORAGE_CORRUPT`: a stored record cannot be read, or has a version this release does not know.
 * - `ERR_REVOCATION_LOG_UNAVAILABLE`: a revocation is stored but could not be announced. Retry; any touch announces it.
 * - `ERR_SUBJECT_REVOKED`: everything of the subject was revoked while this call was issuing.
 * - `ERR_SESSION_REVOKED`: the session for which a call was issuing is at an end, before or meanwhile.
 * - `ERR_CLOCK`: the clock stands before what was recorded, by more than the tolerance.
 * - `ERR_SIGNING`: the access token could not be signed.
 * - `ERR_ENCRYPTION`: a token could not be encrypted.
 * - `ERR_ALGORITHM_UNAVAILABLE`: this runtime lacks the algorithm.
 * - `ERR_HOOK`: a hook that the application supplied (claims, risk, client look-up) failed.
 * - `ERR_CRYPTO_SELF_TEST`: this runtime's hash or HMAC gives wrong answers.
 * - `ERR_REFUSED`: not a failure but a refusal, thrown because the caller asked for exceptions.
 */
export type ErrorCode =
  | 'ERR_STORAGE_UNAVAILABLE'
  | 'ERR_STORAGE_CONTENDED'
  | 'ERR_STORAGE_CORRUPT'
  | 'ERR_REVOCATION_LOG_UNAVAILABLE'
  | 'ERR_SUBJECT_REVOKED'
  | 'ERR_SESSION_REVOKED'
  | 'ERR_CLOCK'
  | 'ERR_SIGNING'
  | 'ERR_ENCRYPTION'
  | 'ERR_ALGORITHM_UNAVAILABLE'
  | 'ERR_HOOK'
  | 'ERR_CRYPTO_SELF_TEST'
  | 'ERR_REFUSED'

/** Whether a code's failure may pass by itself, and what it means: the table behind the docs page. */
export const failures: Readonly<Record<ErrorCode, { readonly retryable: boolean; readonly meaning: string }>> = {
  ERR_STORAGE_UNAVAILABLE: { retryable: true, meaning: 'the store failed; the effect of a write is unknown' },
  ERR_STORAGE_CONTENDED: { retryable: true, meaning: 'too many writers on one record for one call' },
  ERR_STORAGE_CORRUPT: { retryable: false, meaning: 'a stored record cannot be read or has an unknown version' },
  ERR_REVOCATION_LOG_UNAVAILABLE: { retryable: true, meaning: 'a revocation is stored but not yet announced' },
  ERR_SUBJECT_REVOKED: {
    retryable: false,
    meaning: 'everything of the subject was revoked while this call was issuing',
  },
  ERR_SESSION_REVOKED: { retryable: false, meaning: 'the session for which this call was issuing is at an end' },
  ERR_CLOCK: { retryable: true, meaning: 'the clock stands before what was recorded, by more than the tolerance' },
  ERR_SIGNING: { retryable: true, meaning: 'the access token could not be signed' },
  ERR_ENCRYPTION: { retryable: true, meaning: 'a token could not be encrypted' },
  ERR_ALGORITHM_UNAVAILABLE: { retryable: false, meaning: 'this runtime lacks the algorithm' },
  ERR_HOOK: { retryable: true, meaning: 'a hook supplied by the application failed' },
  ERR_CRYPTO_SELF_TEST: { retryable: false, meaning: 'hash or HMAC of this runtime gives wrong answers' },
  ERR_REFUSED: { retryable: false, meaning: 'a refusal, thrown because the caller asked for exceptions (orThrow)' },
}

/**
 * A failure: the world broke, and there is no verdict.
 *
 * Carries no token, secret, hash or key: of a cause only its name and code are kept, because drivers quote what they sent.
 */
export class TokenError extends Error {
  /** Which failure it is. */
  readonly code: ErrorCode
  /** Whether the same call may succeed later. */
  readonly retryable: boolean
  /** The refusal's reason, where `code` is `ERR_REFUSED`. */
  readonly reason: string | undefined

  /**
   * @param code - One of {@link ErrorCode}.
   * @param message - For people; without any value that came from a token or a store.
   * @param origin - `cause`: what was caught, of which name and code are kept. `reason`: see the field.
   */
  constructor(code: ErrorCode, message: string, origin: { readonly cause?: unknown; readonly reason?: string } = {}) {
    super(message, origin.cause === undefined ? undefined : { cause: withoutText(origin.cause) })
    this.name = 'TokenError'
    this.code = code
    this.retryable = failures[code].retryable
    this.reason = origin.reason
  }
}

/** Whether something caught is a {@link TokenError}, also one of another copy of this package. */
export function isTokenError(thrown: unknown): thrown is TokenError {
  return (
    thrown instanceof Error &&
    thrown.name === 'TokenError' &&
    Object.hasOwn(failures, String((thrown as Partial<TokenError>).code))
  )
}

function withoutText(cause: unknown): { readonly name: string; readonly code?: string } {
  if (!(cause instanceof Error)) return { name: typeof cause }
  const { code } = cause as { code?: unknown }
  const isCode = typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code)
  return isCode ? { name: nameOf(cause), code } : { name: nameOf(cause) }
}

function nameOf(cause: Error): string {
  return /^[A-Za-z]{1,40}$/.test(cause.name) ? cause.name : 'Error'
}
