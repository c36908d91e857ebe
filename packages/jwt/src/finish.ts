// The second half of the law: what is decided once a driver has said whether the signature is good (RFC 7519 §7.2).
import { decodeBase64url } from '@tallystick/core/base64url'
import type { NumericDate, Refusal } from '@tallystick/core'
import type { AccessTokenClaims, ClaimsRules } from './claims.ts'
import { findProblem, findRefusal } from './claims.ts'
import type { JwtHeader } from './header.ts'
import { parseJsonObject } from './json.ts'
import type { Prepared } from './prepare.ts'
import type { JwtRefusal } from './refusals.ts'
import { refuse } from './refusals.ts'

/** A token whose signature and registered claims are good; a schema and a revocation list may still object. */
export interface Finished {
  readonly ok: true
  readonly header: JwtHeader
  /** Deeply frozen. */
  readonly claims: AccessTokenClaims
}

/**
 * Decides about a token after its signature was checked. Synchronous; never throws.
 *
 * A bad signature is told before anything that the token says of itself: nobody is told "expired" of a forgery.
 *
 * @param isGood - The driver's word; anything but `true` refuses.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7519.html#section-7.2 RFC 7519 §7.2}
 */
export function finish(
  prepared: Prepared,
  isGood: unknown,
  rules: ClaimsRules,
  now: NumericDate,
): Finished | Refusal<JwtRefusal> {
  if (isGood !== true) return refuse('jwt/bad_signature')
  prepared.remember()
  const bytes = decodeBase64url(prepared.payload)
  const claims = bytes === undefined ? undefined : parseJsonObject(bytes)
  if (claims === undefined) return refuse('jwt/malformed')
  const problem = findProblem(claims)
  if (problem !== undefined) return refuse(problem.reason)
  const checked = claims as AccessTokenClaims
  const reason = findRefusal(checked, rules, now)
  return reason === undefined ? { ok: true, header: prepared.header, claims: checked } : refuse(reason)
}
