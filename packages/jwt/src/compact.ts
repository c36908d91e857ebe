// A compact JWS without rules about claims (RFC 7515 §5.2): the signature and the header are checked, no more.
import type { Result } from '@tallystick/core'
import { decodeBase64url } from '@tallystick/core/base64url'
import type { JwtAlgorithm } from './algorithms.ts'
import { checkNow, checkThroughSubtle, prefersSynchronous } from './drivers.ts'
import type { JwtHeader } from './header.ts'
import type { SigningKey, VerificationKey } from './key.ts'
import { createKeySet } from './key-set.ts'
import { defaults } from './policy.ts'
import { createPrepare } from './prepare.ts'
import type { JwtRefusal } from './refusals.ts'
import { refuse } from './refusals.ts'

/** The options of {@link verifyCompact}. */
export interface VerifyCompactOptions {
  /** Each key's algorithm must be listed in `algorithms`. */
  readonly keys: readonly (SigningKey | VerificationKey)[]
  /** The algorithms that are accepted; there is no default. */
  readonly algorithms: readonly JwtAlgorithm[]
}

/**
 * Verifies a compact JWS and gives its payload as bytes. It is no JWT verification: no type, no issuer, no time.
 *
 * The header obeys the same law as a JWT's. A payload that is not base64url (RFC 7797, `b64: false`) is refused too: what
 * is not the bytes of the token cannot be given as the token's.
 *
 * @param token - At most 16 384 characters.
 * @returns Payload and header, or why not: a `jwt/…` reason, of which none is about claims.
 * @throws TypeError where an option is missing or not allowed (as a rejection).
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515.html#section-5.2 RFC 7515 §5.2}
 */
export async function verifyCompact(
  token: string,
  { keys, algorithms }: VerifyCompactOptions,
): Promise<Result<{ readonly payload: Uint8Array; readonly header: JwtHeader }, JwtRefusal>> {
  const keySet = createKeySet('verifyCompact', keys, algorithms)
  const prepare = createPrepare({ keys: keySet, type: undefined, lengthMax: defaults.lengthMax })
  const prepared = prepare(token)
  if (!prepared.ok) return prepared
  const isGood = prefersSynchronous(prepared) ? checkNow(prepared) : await checkThroughSubtle(prepared)
  if (!isGood) return refuse('jwt/bad_signature')
  const payload = decodeBase64url(prepared.payload)
  return payload === undefined ? refuse('jwt/malformed') : { ok: true, payload, header: prepared.header }
}
