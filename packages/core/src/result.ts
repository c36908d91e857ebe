// The answer of an operation that may refuse: a value either way.
import { TokenError } from './failures.ts'

/**
 * What the outside may see of a refusal, in OAuth's words.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749.html#section-5.2 RFC 6749 §5.2}
 */
export interface OAuthError {
  /** The `error` code: `invalid_grant`, `invalid_token` … */
  readonly code: string
  /** The `error_description`: for developers, never with a value from the request. */
  readonly description: string
  /** The HTTP status. */
  readonly status: number
  /** Response headers that belong to the refusal. */
  readonly headers: Readonly<Record<string, string>>
}

/** A refusal: the answer is no. `reason` is stable within a major version. */
export interface Refusal<Reason extends string> {
  readonly ok: false
  /** Which rule said no, for programs and logs: `refresh_token/replayed`. */
  readonly reason: Reason
  /** What the outside may see of it. */
  readonly error: OAuthError
}

/** Either `ok: true` with the value's fields beside it, or a {@link Refusal}. */
export type Result<Value extends object, Reason extends string> = ({ readonly ok: true } & Value) | Refusal<Reason>

/**
 * Gives the value of a result, or throws its refusal: for people who prefer exceptions.
 *
 * @throws TokenError with code `ERR_REFUSED` and the refusal's `reason`.
 * @example
 * const { accessToken } = orThrow(await tokens.refresh({ refreshToken }))
 */
export function orThrow<Value extends object, Reason extends string>(
  result: Result<Value, Reason>,
): { readonly ok: true } & Value {
  if (result.ok) return result
  throw new TokenError('ERR_REFUSED', result.error.description, { reason: result.reason })
}
