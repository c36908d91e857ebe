// Issues one kind of token: claims are completed, checked as JSON by the verifier's own rules, and signed (RFC 8725 §3.11).
import type { Entropy, NumericDate } from '@tallystick/core'
import { numericDate } from '@tallystick/core'
import { mistake, secretMistake } from '@tallystick/core/options'
import { isSameJson } from './complete.ts'
import { signWith } from './drivers.ts'
import { HEADER_LENGTH_MAX } from './gate.ts'
import type { JsonObject } from './json.ts'
import { parseJsonObject, readOwn } from './json.ts'
import { materialOf } from './key.ts'
import { encodeBytes, encodeText } from './node-crypto.ts'
import { checkRange } from './policy.ts'
import type { KindRules } from './profile-checks.ts'
import { findKindProblem, findKindRefusal } from './profile-checks.ts'
import type { Kind } from './profile-kinds.ts'
import { LOGOUT_EVENT } from './profile-forms.ts'
import type { AnyOptions } from './profile-policy.ts'
import { resolveParties } from './profile-policy.ts'
import type { Signer } from './signers.ts'
import { createSigners } from './signers.ts'

/** Issues tokens of one kind. */
export interface ProfileIssuer<Given> {
  /**
   * Issues one token.
   *
   * @param claims - What the kind requires; `iss`, `aud`, `iat`, `exp` and `jti` are added where it has them.
   * @param now - Seconds since the epoch: the `iat`.
   * @param entropy - Gives the `jti` its 128 bits where the caller gave none.
   * @returns The token, a compact JWS (as a rejection: all of what is thrown).
   * @throws TypeError or RangeError where a claim is missing, forbidden or not allowed; the message names it. TokenError
   * `ERR_SIGNING` where the key failed.
   */
  issue(claims: Given, now: NumericDate, entropy: Entropy): Promise<string>
}

/**
 * Makes an issuer of one kind.
 *
 * @throws TypeError or RangeError where an option is missing or not allowed; the message names it.
 */
export function createProfileIssuer<Given extends object>(kind: Kind, options: AnyOptions): ProfileIssuer<Given> {
  const { issuer, audience } = resolveParties(OWNER, kind, options)
  const { lifetimeSeconds, keys } = options
  const needsLifetime = kind.claims['exp']?.isRequired === true || lifetimeSeconds !== undefined
  if (needsLifetime) checkRange(OWNER, 'lifetimeSeconds', lifetimeSeconds, [1, kind.lifetimeSecondsMax])
  const signerAt = kind.name === 'dpopProof' ? proofSigner(keys, kind) : signers(keys, kind, lifetimeSeconds)
  const rules: KindRules = {
    issuer,
    audiences: new Set(typeof audience === 'string' ? [audience] : audience),
    expiryToleranceSeconds: 0,
    futureToleranceSeconds: 0,
    ageSecondsMax: undefined,
  }
  return {
    async issue(given, now, entropy) {
      const at = numericDate(now)
      const { material, header } = signerAt(at)
      const filled = { iss: issuer, aud: audience, iat: at, exp: lifetimeSeconds && at + lifetimeSeconds }
      const claims = complete(kind, given, filled, entropy)
      const text = JSON.stringify(claims)
      const written = checkForm(kind, claims, text)
      checkTimes(claims, filled)
      const reason = findKindRefusal(kind, written, rules, at)
      if (reason !== undefined) throw mistake('issue', 'claims', `must be accepted, not ${reason}`, claims)
      const input = `${header}.${encodeText(text)}`
      const token = `${input}.${encodeBytes(await signWith(material, encoder.encode(input)))}`
      if (token.length > kind.lengthMax) {
        throw new RangeError(`issue: claims must make a token of at most ${kind.lengthMax} characters`)
      }
      return token
    },
  }
}

function signers(keys: unknown, kind: Kind, lifetimeSeconds: number | undefined): (now: NumericDate) => Signer {
  return createSigners(keys, kind.type === 'jwt' ? 'JWT' : kind.type, lifetimeSeconds ?? 1)
}

/** RFC 9449 §4.2: the header of a proof carries the public key, and nothing names it. */
function proofSigner(keys: unknown, kind: Kind): () => Signer {
  const key = Array.isArray(keys) ? (keys[0] as { readonly kind?: unknown } | undefined) : undefined
  const material = materialOf(key)
  if (material?.publicJwk === undefined || key?.kind !== 'signing') {
    throw secretMistake(OWNER, 'keys.0', 'must be an asymmetric signing key', key)
  }
  const { row, publicJwk: jwk } = material
  const header = encodeText(JSON.stringify({ alg: row.name, typ: kind.type, jwk }))
  // Longer ones are refused by every verifier; only ML-DSA-87 has such keys.
  if (header.length > HEADER_LENGTH_MAX) throw mistake(OWNER, 'keys.0', 'must fit into a header', row.name)
  return () => ({ material, header })
}

function complete(
  kind: Kind,
  given: object,
  filled: Readonly<Record<string, unknown>>,
  entropy: Entropy,
): Readonly<Record<string, unknown>> {
  if (typeof given !== 'object' || given === null) throw mistake('issue', 'claims', 'must be an object', given)
  const claims: Record<string, unknown> = { ...given }
  const fill = (claim: string, value: () => unknown): void => {
    const isGiven = Object.hasOwn(claims, claim) && claims[claim] !== undefined
    if (!isGiven && Object.hasOwn(kind.claims, claim)) claims[claim] = value()
  }
  for (const [claim, value] of Object.entries(filled)) fill(claim, () => value)
  if (kind.claims['jti']?.isRequired === true) fill('jti', () => encodeBytes(entropy.bytes(16)))
  if (kind.name === 'clientAssertion') fill('sub', () => filled['iss'])
  if (kind.name === 'logoutToken') fill('events', () => ({ [LOGOUT_EVENT]: {} }))
  if (typeof claims['toJSON'] === 'function' || typeof (given as { toJSON?: unknown }).toJSON === 'function') {
    throw mistake('issue', 'toJSON', 'must not be a function', given)
  }
  return claims
}

/** What is signed is the JSON: it must be what was given, and what a verifier of this kind accepts. */
function checkForm(kind: Kind, claims: JsonObject, text: string): JsonObject {
  const written = parseJsonObject(encoder.encode(text))
  if (written === undefined) throw mistake('issue', 'claims', 'must be JSON of at most 32 levels', claims)
  const problem = findKindProblem(kind, written)
  if (problem !== undefined) throw mistake('issue', problem.claim, problem.allowed, claims[problem.claim])
  for (const [claim, value] of Object.entries(claims)) {
    if (value === undefined || isSameJson(value, readOwn(written, claim))) continue
    throw mistake('issue', claim, 'must be the same as JSON', value)
  }
  return written
}

function checkTimes(claims: JsonObject, filled: { readonly iat: number; readonly exp: number | undefined }): void {
  const [iat, exp] = [readOwn(claims, 'iat'), readOwn(claims, 'exp')]
  if (iat !== undefined && iat !== filled.iat) throw mistake('issue', 'iat', 'must be left out or be now', iat)
  if (exp === undefined || (filled.exp !== undefined && (exp as number) <= filled.exp)) return
  throw mistake('issue', 'exp', 'must be left out or be at most lifetimeSeconds after now', exp)
}

const OWNER = 'createIssuer'
const encoder = new TextEncoder()
