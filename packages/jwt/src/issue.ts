// Issues access tokens (RFC 9068 §2): claims are completed, checked by the verifier's own rules, and signed. Subpath
// jwt/issue.
import type { Entropy, NumericDate } from '@tallystick/core'
import { numericDate } from '@tallystick/core'
import type { GivenClaims } from './complete.ts'
import { checkWritten, completeClaims, hasTextAndNumbersOnly } from './complete.ts'
import { signWith } from './drivers.ts'
import { awaitHook, CLAIMS_SCHEMA, readClaims } from './hooks.ts'
import type { JsonObject } from './json.ts'
import { isShallow } from './json.ts'
import { encodeBytes, encodeText } from './node-crypto.ts'
import type { IssuerOptions } from './policy.ts'
import { checkRange, defaults, resolveCommon } from './policy.ts'
import type { SchemaInput, StandardSchemaV1 } from './schema.ts'
import { createSigners } from './signers.ts'

export type { JwtAlgorithm } from './algorithms.ts'
export type { GivenClaims } from './complete.ts'
export type { SigningKey } from './key.ts'
export type { IssuerOptions, JwtType } from './policy.ts'
export type { StandardSchemaV1 } from './schema.ts'
export type { SignCompactOptions } from './sign-compact.ts'
export { signCompact } from './sign-compact.ts'

/** What `issue` takes: the given claims with the schema's input, or with anything else that is JSON. */
export type IssueClaims<Schema extends StandardSchemaV1 | undefined> = Schema extends StandardSchemaV1
  ? GivenClaims & SchemaInput<Schema>
  : GivenClaims & { readonly [claim: string]: unknown }

/** Issues tokens of one issuer and one type. */
export interface Issuer<Schema extends StandardSchemaV1 | undefined = undefined> {
  /**
   * Issues one token.
   *
   * @param claims - With `sub` and `client_id`; may carry its own `aud`, `jti`, and `exp` up to `now + lifetimeSeconds`.
   * @param now - Seconds since the epoch: the `iat`.
   * @param entropy - Gives the `jti` its 128 bits where the caller gave none.
   * @returns The token, a compact JWS (as a rejection: all of what is thrown).
   * @throws TypeError or RangeError where a claim is missing or not allowed; the message names it. TokenError
   * `ERR_SIGNING` where the key failed or a schedule has none, `ERR_HOOK` where the schema did.
   */
  issue(claims: IssueClaims<Schema>, now: NumericDate, entropy: Entropy): Promise<string>
}

/**
 * Makes an issuer. The first key signs; the header names it by `kid`.
 *
 * @throws TypeError or RangeError where an option is missing or not allowed; the message names it.
 * @example
 * const issuer = createIssuer({
 *   issuer: 'https://auth.example.com', audience: 'https://api.example.com', type: 'at+jwt',
 *   lifetimeSeconds: 300, keys: [await generateKey('ES256')],
 * })
 * const token = await issuer.issue({ sub: 'user_42', client_id: 'web' }, now, entropy)
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068.html#section-2 RFC 9068 §2}
 */
export function createIssuer<Schema extends StandardSchemaV1 | undefined = undefined>(
  options: IssuerOptions<Schema>,
): Issuer<Schema> {
  const { issuer, audiences, hasOneAudience, type, askSchema } = resolveCommon(OWNER, options)
  const { lifetimeSeconds, keys } = options
  checkRange(OWNER, 'lifetimeSeconds', lifetimeSeconds, [1, LIFETIME_SECONDS_MAX])
  const signerAt = createSigners(keys, type, lifetimeSeconds)
  const rules = { issuer, audience: hasOneAudience ? String(audiences[0]) : audiences, lifetimeSeconds }
  return {
    async issue(given, now, entropy) {
      const at = numericDate(now)
      const { material, header } = signerAt(at)
      const claims = completeClaims(given, rules, at, entropy)
      const text = JSON.stringify(claims)
      const isFlat = hasTextAndNumbersOnly(claims)
      checkWritten(isFlat ? claims : (JSON.parse(text) as JsonObject), claims, rules, at)
      if (askSchema !== undefined) await checkSchema(askSchema(JSON.parse(text) as JsonObject))
      const input = `${header}.${encodeText(text)}`
      const signature = await signWith(material, encoder.encode(input))
      const token = `${input}.${encodeBytes(signature)}`
      if (token.length > defaults.lengthMax || !(isFlat || isShallow(text))) {
        throw new RangeError(`issue: claims must make a token of at most ${defaults.lengthMax} characters, 32 deep`)
      }
      return token
    },
  }
}

async function checkSchema(answer: unknown): Promise<void> {
  const { issues } = readClaims(await awaitHook(CLAIMS_SCHEMA, answer))
  if (issues === undefined) return
  const path = (issues[0]?.path ?? []).map((step) => String(typeof step === 'object' ? step.key : step))
  throw new TypeError(`issue: ${path.length === 0 ? 'claims' : path.join('.')} must be as the claims schema says`)
}

const OWNER = 'createIssuer'
/** A year. */
const LIFETIME_SECONDS_MAX = 31_536_000
const encoder = new TextEncoder()
