// What the receiver of a token knows of the request that it came with, and compares: nonce, hashes, method and address
// (RFC 9449 §4.3). Pure.
import type { NumericDate } from '@tallystick/core'
import { encodeBase64url } from '@tallystick/core/base64url'
import { equalTextInConstantTime, sha256Base64url } from '@tallystick/core/crypto'
import { mistake } from '@tallystick/core/options'
import { normalizeTarget } from './profile-target.ts'
import type { DpopProofClaims, IdTokenClaims, StatusListClaims } from './profile-claims.ts'
import type { ProfileRefusal } from './profile-refusals.ts'

/** What a client remembers of its authentication request. */
export interface IdTokenExpectation {
  /** The nonce that was sent; `undefined` where none was, and then the token must have none. */
  readonly nonce: string | undefined
  /** The access token that came along: where the ID token has `at_hash`, it must be of this one. */
  readonly accessToken?: string | undefined
  /** How long ago the user may have been authenticated, in seconds; `auth_time` is then needed. */
  readonly authenticationAgeSecondsMax?: number | undefined
}

/** The request that a DPoP proof came with. */
export interface DpopExpectation {
  /** The HTTP method, compared exactly. */
  readonly method: string
  /** The address as the client sees it, absolute; its query and fragment do not count. */
  readonly url: string
  /** The access token of the request: `ath` must then be its hash. */
  readonly accessToken?: string | undefined
  /** The nonce that the proof must have, where one was given out. */
  readonly nonce?: string | undefined
  /** The RFC 7638 thumbprint that the key must have: the `cnf.jkt` of the access token. */
  readonly thumbprint?: string | undefined
}

/** Which status list is wanted. */
export interface StatusListExpectation {
  /** The `uri` of the referenced token's status claim; the list's `sub` must be the same. */
  readonly uri: string
}

/** What the comparison of an ID token needs besides. */
export interface IdTokenContext {
  readonly now: NumericDate
  readonly toleranceSeconds: number
  /** Of the access token, by the hash of the token's own algorithm; `undefined` where there is none. */
  readonly hash: Uint8Array | undefined
}

/** Compares an ID token with its request. */
export function matchIdToken(
  claims: IdTokenClaims,
  expected: IdTokenExpectation,
  { hash, now, toleranceSeconds }: IdTokenContext,
): ProfileRefusal | undefined {
  const { nonce, accessToken, authenticationAgeSecondsMax: ageMax } = expected
  if (!isSame(claims.nonce, nonce)) return 'jwt/wrong_nonce'
  if (accessToken !== undefined && claims.at_hash !== undefined) {
    // OpenID Connect Core §3.1.3.6: the left-most half of the hash.
    const half = hash && encodeBase64url(hash.subarray(0, hash.length / 2))
    if (half === undefined || !isSame(claims.at_hash, half)) return 'jwt/wrong_binding'
  }
  if (ageMax === undefined) return undefined
  if (claims.auth_time === undefined) return 'jwt/missing_claim'
  return claims.auth_time >= now - ageMax - toleranceSeconds ? undefined : 'jwt/too_old'
}

/**
 * Compares a DPoP proof with its request.
 *
 * @param thumbprint - Of the key that signed it.
 * @throws TypeError where the expected address is not absolute http or https.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449.html#section-4.3 RFC 9449 §4.3}
 */
export function matchDpopProof(
  claims: DpopProofClaims,
  expected: DpopExpectation,
  thumbprint: string,
): ProfileRefusal | undefined {
  const target = normalizeTarget(expected.url)
  if (target === undefined) throw mistake(OWNER, 'url', 'must be an absolute address of http or https', expected.url)
  if (claims.htm !== expected.method || normalizeTarget(claims.htu) !== target) return 'jwt/wrong_request'
  if (expected.nonce !== undefined && !isSame(claims.nonce, expected.nonce)) return 'jwt/wrong_nonce'
  if (expected.accessToken !== undefined && !isSame(claims.ath, sha256Base64url(expected.accessToken))) {
    return 'jwt/wrong_binding'
  }
  const isBound = expected.thumbprint === undefined || isSame(thumbprint, expected.thumbprint)
  return isBound ? undefined : 'jwt/wrong_binding'
}

/** Compares a status list with the address at which it was looked for. */
export function matchStatusList(claims: StatusListClaims, { uri }: StatusListExpectation): ProfileRefusal | undefined {
  return claims.sub === uri ? undefined : 'jwt/wrong_subject'
}

function isSame(given: string | undefined, expected: string | undefined): boolean {
  if (given === undefined || expected === undefined) return given === expected
  return equalTextInConstantTime(given, expected)
}

const OWNER = 'verify'
