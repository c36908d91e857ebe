// Verifies access tokens (RFC 9068 §4): one law, driven by synchronous signatures or by WebCrypto. Subpath jwt/verify.
import type { NumericDate, Result } from '@tallystick/core'
import { numericDate } from '@tallystick/core'
import { discardPromise, mistake } from '@tallystick/core/options'
import { checkNow, checkThroughSubtle, prefersSynchronous } from './drivers.ts'
import type { JwtHeader } from './header.ts'
import { awaitHook, CLAIMS_SCHEMA, callHook } from './hooks.ts'
import type { VerifiedClaims } from './law.ts'
import { createLaw } from './law.ts'
import type { VerifierPolicy } from './policy.ts'
import type { JwtRefusal } from './refusals.ts'
import type { StandardSchemaV1 } from './schema.ts'

export { algorithmProfiles } from './algorithm-profiles.ts'
export type { JwtAlgorithm } from './algorithms.ts'
export type { AccessTokenClaims, RegisteredClaims } from './claims.ts'
export type { VerifyCompactOptions } from './compact.ts'
export { verifyCompact } from './compact.ts'
export { decode } from './decode.ts'
export type { JwtHeader } from './header.ts'
export type { SigningKey, VerificationKey } from './key.ts'
export type { Verified, VerifiedClaims } from './law.ts'
export type { JwtType } from './policy.ts'
export { defaults } from './policy.ts'
export type { JwtRefusal } from './refusals.ts'
export type { StandardSchemaV1 } from './schema.ts'

/** The options of {@link createVerifier} and {@link createSyncVerifier}. */
export interface VerifierOptions<
  Schema extends StandardSchemaV1 | undefined = undefined,
> extends VerifierPolicy<Schema> {
  /** Whether a token that is good otherwise was revoked. Synchronous: a promise would look like a yes. */
  readonly isRevoked?: ((claims: VerifiedClaims<Schema>, now: NumericDate) => boolean) | undefined
}

/** What verification answers: claims and header, deeply frozen, or why not. */
export type VerifyResult<Schema extends StandardSchemaV1 | undefined = undefined> = Result<
  { readonly claims: VerifiedClaims<Schema>; readonly header: JwtHeader },
  JwtRefusal
>

/** Verifies tokens of one issuer, for one audience, of one type. */
export interface Verifier<Schema extends StandardSchemaV1 | undefined = undefined> {
  /**
   * Verifies one token.
   *
   * @param token - Any text; none makes it throw.
   * @param now - Seconds since the epoch.
   * @throws RangeError where `now` is no NumericDate. TokenError `ERR_HOOK` where the schema or `isRevoked` failed.
   */
  verify(token: string, now: NumericDate): Promise<VerifyResult<Schema>>
}

/** As {@link Verifier}, but the answer is there when the call returns. */
export interface SyncVerifier<Schema extends StandardSchemaV1 | undefined = undefined> {
  /** As {@link Verifier.verify}. */
  verify(token: string, now: NumericDate): VerifyResult<Schema>
}

/**
 * Makes a verifier.
 *
 * Signatures are checked at once where the runtime can, which is the faster way; else through WebCrypto.
 *
 * @throws TypeError or RangeError where an option is missing or not allowed; the message names it.
 * @example
 * const verifier = createVerifier({
 *   issuer: 'https://auth.example.com', audience: 'https://api.example.com', type: 'at+jwt',
 *   algorithms: ['ES256'], keys: [key],
 * })
 * const result = await verifier.verify(token, now)
 * if (result.ok) result.claims.sub // => 'user_42'
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068.html#section-4 RFC 9068 §4}
 */
export function createVerifier<Schema extends StandardSchemaV1 | undefined = undefined>(
  options: VerifierOptions<Schema>,
): Verifier<Schema> {
  const law = createLaw('createVerifier', options)
  return {
    async verify(token, now) {
      const at = numericDate(now)
      const prepared = law.prepare(token, at)
      if (!prepared.ok) return prepared
      const isGood = prefersSynchronous(prepared) ? checkNow(prepared) : await checkThroughSubtle(prepared)
      const finished = law.finish(prepared, isGood, at)
      if (!finished.ok) return finished
      const answer = law.askSchema && (await awaitHook(CLAIMS_SCHEMA, law.askSchema(finished.claims)))
      return law.conclude(finished, answer, at)
    },
  }
}

/**
 * Makes a verifier that answers without a promise.
 *
 * @throws TypeError or RangeError as {@link createVerifier}; TypeError too where the runtime has no synchronous primitive
 * for one of the keys, or the schema answers with a promise. TokenError `ERR_HOOK` where the schema throws at `{}`.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068.html#section-4 RFC 9068 §4}
 */
export function createSyncVerifier<Schema extends StandardSchemaV1 | undefined = undefined>(
  options: VerifierOptions<Schema>,
): SyncVerifier<Schema> {
  const owner = 'createSyncVerifier'
  const law = createLaw(owner, options)
  const slow = law.keys.materials.find((material) => material.synchronous === undefined)
  if (slow !== undefined) {
    throw mistake(owner, 'keys', 'must have algorithms that this runtime verifies synchronously', slow.row.name)
  }
  if (callHook(CLAIMS_SCHEMA, () => discardPromise(law.askSchema?.({})))) {
    throw mistake(owner, 'claims', 'must validate synchronously', law.askSchema)
  }
  return {
    verify(token, now) {
      const at = numericDate(now)
      const prepared = law.prepare(token, at)
      if (!prepared.ok) return prepared
      const finished = law.finish(prepared, checkNow(prepared), at)
      return finished.ok ? law.conclude(finished, law.askSchema?.(finished.claims), at) : finished
    },
  }
}
