// Imports keys (RFC 7517, RFC 7468, raw secrets). The algorithm is the caller's to say, never the key's or a token's.
import { decodeBase64url, encodeBase64url } from '@tallystick/core/base64url'
import { TokenError } from '@tallystick/core'
import { mistake, secretMistake } from '@tallystick/core/options'
import { exportJWK, importPKCS8, importSPKI } from 'jose'
import type { AlgorithmRow, JwtAlgorithm } from './algorithms.ts'
import { ALGORITHM_NAMES, algorithms, isAlgorithm, nameToday } from './algorithms.ts'
import { requireAvailable } from './availability.ts'
import { checkCertificates } from './certificate.ts'
import { findDisguise } from './disguise.ts'
import type { Jwk, KeyPurpose } from './jwk.ts'
import { checkJwk, readJwk } from './jwk.ts'
import type { KeyMaterial, SigningKey, VerificationKey } from './key.ts'
import { signingKey, verificationKey } from './key.ts'
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
  const task = await taskOf('importSigningKey', options, 'sign')
  return signingKey(...(await importJwk(task, await readKey(task, key))))
}

/**
 * Imports a key that only verifies: a public JWK, an SPKI PEM text, or a symmetric JWK.
 *
 * @throws TypeError or RangeError (as a rejection) as {@link importSigningKey}; TypeError too for a private key.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517.html#section-4 RFC 7517 §4}
 */
export async function importVerificationKey(key: Jwk | string, options: ImportOptions): Promise<VerificationKey> {
  const task = await taskOf('importVerificationKey', options, 'verify')
  return verificationKey(...(await importJwk(task, await readKey(task, key))))
}

/**
 * Imports a secret for HS256, HS384 or HS512. One party holds it: whoever can verify with it can issue with it.
 *
 * @param secret - Random bytes, as many as the hash has (32, 48, 64) to 1024; no password, and no key in disguise.
 * @throws TypeError or RangeError (as a rejection) where it is short, or looks like a public key, PEM, JWK or SSH key.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518.html#section-3.2 RFC 7518 §3.2}
 */
export async function importSecret(secret: Uint8Array, options: ImportOptions): Promise<SigningKey> {
  const task = await taskOf('importSecret', options, 'sign')
  const { owner, row } = task
  if (row.keyType !== 'oct') throw mistake(owner, 'algorithm', 'must be HS256, HS384 or HS512 for a secret', row.name)
  if (!(secret instanceof Uint8Array)) throw secretMistake(owner, 'secret', 'must be a Uint8Array', secret)
  return signingKey(...(await importJwk(task, { kty: 'oct', k: encodeBase64url(secret) })))
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
  const jwk = key as Jwk | null | undefined
  const isPrivate = jwk?.d !== undefined || jwk?.priv !== undefined || jwk?.kty === 'oct'
  const signs = typeof key === 'string' ? pemKind(key) === 'private' : isPrivate
  return signs ? importSigningKey(key, options) : importVerificationKey(key, options)
}

interface Task {
  /** Whose caller is told of a mistake. */
  readonly owner: string
  readonly row: AlgorithmRow
  readonly keyId: string | undefined
  readonly purpose: KeyPurpose
}

async function taskOf(owner: string, options: Partial<ImportOptions> | undefined, purpose: KeyPurpose): Promise<Task> {
  const { algorithm, keyId } = options ?? {}
  if (!isAlgorithm(algorithm)) throw mistake(owner, 'algorithm', `must be one of ${ALGORITHM_NAMES}`, algorithm)
  checkKeyId(owner, 'keyId', keyId)
  const row = algorithms[algorithm]
  await requireAvailable(row)
  return { owner, row, keyId, purpose }
}

/** The JWK that was given, or the one a PEM text holds. */
async function readKey({ owner, row, purpose }: Task, key: unknown): Promise<unknown> {
  if (typeof key !== 'string') return key
  const isPrivate = purpose === 'sign'
  const form = isPrivate ? 'a PKCS#8 PEM text (BEGIN PRIVATE KEY)' : 'an SPKI PEM text (BEGIN PUBLIC KEY)'
  if (row.keyType === 'oct' || pemKind(key) !== (isPrivate ? 'private' : 'public')) {
    throw secretMistake(owner, 'key', `must be a JWK or ${form}`, key)
  }
  const read = isPrivate ? importPKCS8 : importSPKI
  try {
    const jwk = await exportJWK(await read(key, nameToday(row), { extractable: true }))
    return { ...jwk, alg: row.name }
  } catch {
    throw secretMistake(owner, 'key', `must be ${form} of a key for ${row.name}`, key)
  }
}

async function importJwk(
  { owner, row, keyId, purpose }: Task,
  key: unknown,
): Promise<[keyId: string, material: KeyMaterial]> {
  const given = ownMembers(key)
  const members = checkJwk(owner, given, row, purpose)
  if (row.keyType === 'oct') checkSecret(owner, members['k'] ?? '', row)
  const chosen: unknown = keyId ?? (given as Jwk).kid
  checkKeyId(owner, 'kid', chosen)
  const certificates = await checkCertificates(owner, readJwk(owner, given), row, members)
  try {
    const material = { ...(await createMaterial(row, members, purpose)), certificates }
    return [chosen ?? material.thumbprint, material]
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'NotSupportedError') {
      throw new TokenError('ERR_ALGORITHM_UNAVAILABLE', `this runtime has no ${row.name}`, { cause })
    }
    throw secretMistake(owner, 'key', `must be a valid key for ${row.name}`, given)
  }
}

/** An object's own members, each read once; what it inherits is none of the key. */
export function ownMembers(key: unknown): unknown {
  const isMembers = typeof key === 'object' && key !== null && !Array.isArray(key)
  return isMembers ? Object.assign(Object.create(null) as object, key) : key
}

function checkSecret(owner: string, text: string, row: AlgorithmRow): void {
  const secret = decodeBase64url(text) ?? new Uint8Array()
  // RFC 7518 §3.2: "A key of the same size as the hash output [...] or larger MUST be used".
  const bytesMin = Number(row.signatureBytes)
  if (secret.length < bytesMin || secret.length > SECRET_BYTES_MAX) {
    throw mistake(owner, 'secret', `must have ${bytesMin} to ${SECRET_BYTES_MAX} bytes`, secret.length)
  }
  const disguise = findDisguise(secret)
  if (disguise !== undefined) throw secretMistake(owner, 'secret', `must be random bytes, not ${disguise}`, secret)
}

/** Checks a key id: absent, or text of 1 to 256 characters. */
export function checkKeyId(owner: string, field: string, keyId: unknown): asserts keyId is string | undefined {
  if (keyId === undefined || (typeof keyId === 'string' && keyId !== '' && keyId.length <= 256)) return
  throw mistake(owner, field, 'must be text of 1 to 256 characters', keyId)
}

const SECRET_BYTES_MAX = 1024
