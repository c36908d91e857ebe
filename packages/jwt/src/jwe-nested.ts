// Nested JWTs (RFC 7519 §5.2, RFC 8725 §3.3): signed, then encrypted; decrypted, then verified, both with the caller's keys.
import type { Entropy, NumericDate, Result } from '@tallystick/core'
import { mistake, secretMistake } from '@tallystick/core/options'
import { passGate } from './gate.ts'
import type { EncryptOptions } from './jwe-encrypt.ts'
import { seal } from './jwe-encrypt.ts'
import type { JweHeader } from './jwe-header.ts'
import type { DecryptOptions } from './jwe-open.ts'
import { openToken, resolveOpenRules } from './jwe-open.ts'
import type { JweRefusal } from './jwe-refusals.ts'
import { refuseJwe } from './jwe-refusals.ts'

/** Whatever verifies a token: the verifiers of this package, synchronous or not, of every profile. */
export interface InnerVerifier<Value extends object, Reason extends string> {
  /** Verifies the inner token at a time. */
  verify(token: string, now: NumericDate): Result<Value, Reason> | Promise<Result<Value, Reason>>
}

/** The options of {@link decryptNested}. */
export interface DecryptNestedOptions<Value extends object, Reason extends string> extends DecryptOptions {
  /** Verifies what was inside, with its own keys, algorithms and type. */
  readonly verifier: InnerVerifier<Value, Reason>
}

/**
 * Encrypts a signed token; its header says `cty: JWT`. Its type and its claims stay inside.
 *
 * @param token - A compact JWS as an issuer made it. It is looked at as text and not verified.
 * @param entropy - As `encrypt` has it.
 * @throws TypeError or RangeError where the token is none, an option is not allowed or the result gets too long; TokenError
 * `ERR_ENCRYPTION` where the runtime fails (as a rejection).
 * @see {@link https://www.rfc-editor.org/rfc/rfc7519.html#section-5.2 RFC 7519 §5.2}
 */
export async function encryptNested(token: string, options: EncryptOptions, entropy: Entropy): Promise<string> {
  const owner = 'encryptNested'
  const segments = passGate(token, TOKEN_LENGTH_MAX)
  if (typeof segments === 'string' || segments.payloadEnd + 1 === token.length) {
    throw secretMistake(owner, 'token', 'must be a signed compact token', token)
  }
  return seal(owner, encoder.encode(token), { ...options, contentType: 'JWT' }, entropy)
}

/**
 * Decrypts a nested JWT and verifies what was inside; it is accepted where both are.
 *
 * The outer header must say `cty: JWT`. An inner token that is unsigned, or is encrypted once more, no verifier accepts.
 *
 * @param now - Seconds since the epoch.
 * @returns What the verifier answers, on acceptance with the `outerHeader` beside it; or why the outer token was refused.
 * @throws TypeError or RangeError where an option is missing or not allowed, and whatever the verifier throws (as a
 * rejection).
 * @example
 * const own = await generateDecryptionKey({ algorithm: 'ECDH-ES', encryption: 'A256GCM' })
 * const nested = await encryptNested(token, { key: own }, entropy)
 * const verifier = createVerifier({
 *   issuer: 'https://auth.example.com', audience: 'https://api.example.com', type: 'at+jwt',
 *   algorithms: ['ES256'], keys: [key],
 * })
 * const result = await decryptNested(nested, { keys: [own], verifier }, now)
 * if (result.ok) result.claims.sub // => 'user_42'
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725.html#section-3.3 RFC 8725 §3.3}
 */
export async function decryptNested<Value extends object, Reason extends string>(
  token: string,
  options: DecryptNestedOptions<Value, Reason>,
  now: NumericDate,
): Promise<Result<Value & { readonly outerHeader: JweHeader }, Reason | JweRefusal>> {
  const owner = 'decryptNested'
  const rules = resolveOpenRules(owner, options, true)
  const { verifier } = options
  if (typeof verifier?.verify !== 'function') throw mistake(owner, 'verifier', 'must be a verifier', verifier)
  const opened = await openToken(token, rules)
  if (!opened.ok) return opened
  const inner = readText(opened.payload)
  if (inner === undefined) return refuseJwe('jwt/malformed')
  const result = await verifier.verify(inner, now)
  return result.ok ? { ...result, outerHeader: opened.header } : result
}

function readText(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** The longest token that any verifier can be told to look at. */
const TOKEN_LENGTH_MAX = 65_536
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
