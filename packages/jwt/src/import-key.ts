// Imports keys (RFC 7517, RFC 7468, raw secrets). The algorithm is the caller's to say, never the key's or a token's.
import { encodeBase64url } from '@tallystick/core/base64url'
import { decodeBase64url } from '@tallystick/core/base64url'
import { TokenError } from '@tallystick/core'
import { mistake } from '@tallystick/core/options'
import { exportJWK, importPKCS8, importSPKI } from 'jose'
import type { AlgorithmRow, JwtAlgorithm } from './algorithms.ts'
import { ALGORITHM_NAMES, algorithms, isAlgorithm } from './algorithms.ts'
import { findDisguise } from './disguise.ts'
import type { Jwk, KeyPurpose } from './jwk.ts'
import { checkJwk } from './jwk.ts'
import type { SigningKey, VerificationKey } from './key.ts'
import { signingKey, verificationKey } from './key.ts'
import type { JwkMembers } from './node-crypto.ts'
import { pemKind } from './pem.ts'
import { createMaterial } from './material.ts'

/** What every import is told. */
export interface ImportOptions {
  /** The one algorithm that the key will ever be used with. */
  readonly algorithm: JwtAlgorithm
  /** The `kid`; by default the JWK's own, else the RFC 7638 thumbprint. 1 to 256 characters. */
  readonly keyId?: string | undefined
}

/**
 * Imports a key that signs, and verifies too: a private JWK, a PKCS#8 PEM text, or a symmetric JWK.
 *
 * @throws TypeError or RangeError (as a rejection) where the key is weak, ambiguous or of another kind; the message
 * names the member and what is allowed, never the key. TokenError `ERR_ALGORITHM_UNAVAILABLE` where the runtime lacks it.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517.html#section-4 RFC 7517 §4}
 */
export async function importSigningKey(key: Jwk | string, options: ImportOptions): Promise<SigningKey> {
  const owner = 'importSigningKey'
  const row = rowFor(owner, options)
  return signingKey(...(await importMembers(owner, await readKey(owner, key, row, 'private'), row, options, 'sign')))
}

/**
 * Imports a key that only verifies: a public JWK, an SPKI PEM text, or a symmetric JWK.
 *
 * @throws TypeError or RangeError (as a rejection) as {@link importSigningKey}; TypeError too for a private key.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517.html#section-4 RFC 7517 §4}
 */
export async function importVerificationKey(key: Jwk | string, options: ImportOptions): Promise<VerificationKey> {
  const owner = 'importVerificationKey'
  const row = rowFor(owner, options)
  return verificationKey(
    ...(await importMembers(owner, await readKey(owner, key, row, 'public'), row, options, 'verify')),
  )
}

/**
 * Imports a secret for HS256. One party holds it: whoever can verify with it can issue with it.
 *
 * @param secret - 32 to 1024 random bytes; no password, and no key in disguise.
 * @throws TypeError or RangeError (as a rejection) where it is short, or looks like a public key, PEM, JWK or SSH key.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518.html#section-3.2 RFC 7518 §3.2}
 */
export async function importSecret(secret: Uint8Array, options: ImportOptions): Promise<SigningKey> {
  const owner = 'importSecret'
  const row = rowFor(owner, options)
  if (row.keyType !== 'oct') throw mistake(owner, 'algorithm', 'must be HS256 for a secret', row.name)
  if (!(secret instanceof Uint8Array)) throw mistake(owner, 'secret', 'must be a Uint8Array', secret, true)
  checkSecret(owner, 'secret', secret, row)
  const members = { kty: 'oct', k: encodeBase64url(secret) }
  return signingKey(...(await importMembers(owner, members, row, options, 'sign')))
}

/**
 * Imports a key of whichever form it has: bytes are a secret, a private JWK or PKCS#8 PEM signs, all else verifies.
 *
 * @throws TypeError or RangeError (as a rejection) as {@link importSigningKey}, {@link importVerificationKey} and
 * {@link importSecret}.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517.html#section-4 RFC 7517 §4}
 */
export async function importKey(
  key: Jwk | string | Uint8Array,
  options: ImportOptions,
): Promise<SigningKey | VerificationKey> {
  if (key instanceof Uint8Array) return importSecret(key, options)
  const signs = typeof key === 'string' ? pemKind(key) === 'private' : key?.d !== undefined || key?.kty === 'oct'
  return signs ? importSigningKey(key, options) : importVerificationKey(key, options)
}

function rowFor(owner: string, options: ImportOptions): AlgorithmRow {
  const algorithm: unknown = (options as Partial<ImportOptions> | undefined)?.algorithm
  if (!isAlgorithm(algorithm)) throw mistake(owner, 'algorithm', `must be one of ${ALGORITHM_NAMES}`, algorithm)
  const keyId: unknown = options.keyId
  if (keyId !== undefined && !isKeyId(keyId)) throw mistake(owner, 'keyId', KEY_ID, keyId)
  return algorithms[algorithm]
}

/** The JWK that was given, or the one a PEM text holds. */
async function readKey(owner: string, key: unknown, row: AlgorithmRow, kind: 'private' | 'public'): Promise<unknown> {
  if (typeof key !== 'string') return key
  const form = kind === 'private' ? 'a PKCS#8 PEM text (BEGIN PRIVATE KEY)' : 'an SPKI PEM text (BEGIN PUBLIC KEY)'
  if (row.keyType === 'oct' || pemKind(key) !== kind) throw mistake(owner, 'key', `must be a JWK or ${form}`, key, true)
  const read = kind === 'private' ? importPKCS8 : importSPKI
  try {
    return await exportJWK(await read(key, row.name, { extractable: true })).then(({ alg: _, ...jwk }) => jwk)
  } catch {
    throw mistake(owner, 'key', `must be ${form} of a key for ${row.name}`, key, true)
  }
}

async function importMembers(
  owner: string,
  given: unknown,
  row: AlgorithmRow,
  options: ImportOptions,
  purpose: KeyPurpose,
): Promise<[keyId: string, material: Awaited<ReturnType<typeof createMaterial>>]> {
  const members: JwkMembers = checkJwk(owner, given, row, purpose)
  if (row.keyType === 'oct') checkSecret(owner, 'k', decodeBase64url(members['k'] ?? '') ?? new Uint8Array(), row)
  const ownKeyId = (given as Jwk).kid
  const keyId = options.keyId ?? ownKeyId
  if (keyId !== undefined && !isKeyId(keyId)) throw mistake(owner, 'kid', KEY_ID, keyId)
  try {
    const material = await createMaterial(row, members, purpose)
    return [keyId ?? material.thumbprint, material]
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'NotSupportedError') {
      throw new TokenError('ERR_ALGORITHM_UNAVAILABLE', `this runtime has no ${row.name}`, { cause })
    }
    throw mistake(owner, 'key', `must be a valid key for ${row.name}`, given, true)
  }
}

function checkSecret(owner: string, field: string, secret: Uint8Array, row: AlgorithmRow): void {
  // RFC 7518 §3.2: "A key of the same size as the hash output [...] or larger MUST be used".
  if (secret.length < row.hashBytes || secret.length > SECRET_BYTES_MAX) {
    throw mistake(owner, field, `must have ${row.hashBytes} to ${SECRET_BYTES_MAX} bytes`, secret.length)
  }
  const disguise = findDisguise(secret)
  if (disguise !== undefined) throw mistake(owner, field, `must be random bytes, not ${disguise}`, secret, true)
}

function isKeyId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 256
}

const KEY_ID = 'must be text of 1 to 256 characters'
const SECRET_BYTES_MAX = 1024
