// Imports keys of encryption (RFC 7517, RFC 7468, raw secrets). Both algorithms are the caller's to say, never the key's
// or a token's.
import { decodeBase64url, encodeBase64url } from '@tallystick/core/base64url'
import { mistake, secretMistake } from '@tallystick/core/options'
import { exportJWK, importPKCS8, importSPKI } from 'jose'
import { findDisguise } from './disguise.ts'
import { checkKeyId, ownMembers } from './import-key.ts'
import type { JweAlgorithm, JweAlgorithmRow, JweEncryption, JweEncryptionRow } from './jwe-algorithms.ts'
import { isJweAlgorithm, isJweEncryption, jweAlgorithms, jweEncryptions } from './jwe-algorithms.ts'
import { checkJweJwk } from './jwe-jwk.ts'
import type { DecryptionKey, EncryptionKey, JweMaterial, JwePurpose } from './jwe-key.ts'
import { decryptionKey, encryptionKey } from './jwe-key.ts'
import { createJweMaterial } from './jwe-material.ts'
import type { Jwk } from './jwk.ts'
import { pemKind } from './pem.ts'

/** What every import is told. */
export interface JweKeyOptions {
  /** The one `alg` that the key will ever be used with. */
  readonly algorithm: JweAlgorithm
  /** The one `enc` that the key will ever be used with. */
  readonly encryption: JweEncryption
  /** The `kid`; by default the JWK's own, else the RFC 7638 thumbprint. 1 to 256 characters; every token carries it. */
  readonly keyId?: string | undefined
}

/**
 * Imports a public key, which encrypts to its owner: a public JWK or an SPKI PEM text.
 *
 * @throws TypeError or RangeError (as a rejection) where the key is weak, ambiguous, private, or of another kind; the
 * message names the member and what is allowed, never the key. TokenError `ERR_ALGORITHM_UNAVAILABLE` where the runtime
 * lacks an algorithm or curve.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517.html#section-4 RFC 7517 §4}
 */
export async function importEncryptionKey(key: Jwk | string, options: JweKeyOptions): Promise<EncryptionKey> {
  const task = taskOf('importEncryptionKey', options, 'encrypt')
  if (isSymmetric(task)) {
    throw mistake(task.owner, 'algorithm', 'must have a public key; import a secret to seal with', task.row.name)
  }
  return encryptionKey(...(await importJwk(task, await readKey(task, key))))
}

/**
 * Imports a key that decrypts, and encrypts too: a private JWK, a PKCS#8 PEM text, or a symmetric JWK.
 *
 * @throws TypeError, RangeError or TokenError (as a rejection) as {@link importEncryptionKey}.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517.html#section-4 RFC 7517 §4}
 */
export async function importDecryptionKey(key: Jwk | string, options: JweKeyOptions): Promise<DecryptionKey> {
  const task = taskOf('importDecryptionKey', options, 'decrypt')
  return decryptionKey(...(await importJwk(task, await readKey(task, key))))
}

/**
 * Imports a secret with which one party seals what only it opens again: for `dir` or `A256GCMKW`.
 *
 * @param secret - Random bytes, exactly as many as the algorithm has: 32 for `A256GCMKW` and for `dir` with A256GCM or
 * A128CBC-HS256; 16, 24, 48 or 64 for the others. No password, and no key in disguise.
 * @throws TypeError or RangeError (as a rejection) where its length is another, or it looks like a public key, PEM, JWK or
 * SSH key.
 * @example
 * const secret = systemEntropy.bytes(32) // in truth from a secret store
 * const key = await importSealingSecret(secret, { algorithm: 'dir', encryption: 'A256GCM', keyId: '1' })
 * key.keyId // => '1'
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518.html#section-4.5 RFC 7518 §4.5}
 */
export async function importSealingSecret(secret: Uint8Array, options: JweKeyOptions): Promise<DecryptionKey> {
  const task = taskOf('importSealingSecret', options, 'decrypt')
  const { owner, row } = task
  if (!isSymmetric(task)) throw mistake(owner, 'algorithm', 'must be dir or A256GCMKW for a secret', row.name)
  if (!(secret instanceof Uint8Array)) throw secretMistake(owner, 'secret', 'must be a Uint8Array', secret)
  return decryptionKey(...(await importJwk(task, { kty: 'oct', k: encodeBase64url(secret) })))
}

/** What an import or a generation is about; `owner` is whose caller is told of a mistake. */
export interface JweTask {
  readonly owner: string
  readonly row: JweAlgorithmRow
  readonly encryption: JweEncryptionRow
  readonly keyId: string | undefined
  readonly purpose: JwePurpose
}

/** Reads and checks what an import or a generation is told. */
export function taskOf(owner: string, options: Partial<JweKeyOptions> | undefined, purpose: JwePurpose): JweTask {
  const { algorithm, encryption, keyId } = options ?? {}
  if (!isJweAlgorithm(algorithm)) {
    throw mistake(owner, 'algorithm', `must be one of ${Object.keys(jweAlgorithms).join(', ')}`, algorithm)
  }
  if (!isJweEncryption(encryption)) {
    throw mistake(owner, 'encryption', `must be one of ${Object.keys(jweEncryptions).join(', ')}`, encryption)
  }
  checkKeyId(owner, 'keyId', keyId)
  return { owner, row: jweAlgorithms[algorithm], encryption: jweEncryptions[encryption], keyId, purpose }
}

/** Checks a JWK for a task and makes its material. */
export async function importJwk(
  task: JweTask,
  key: unknown,
  isExtractable = false,
): Promise<[keyId: string, material: JweMaterial]> {
  const { owner, keyId, purpose } = task
  const given = ownMembers(key)
  const members = checkJweJwk(owner, given, task, purpose)
  if (members.publicJwk === undefined) checkSecret(owner, members.privateJwk?.['k'] ?? '')
  const chosen: unknown = keyId ?? (given as Jwk).kid
  checkKeyId(owner, 'kid', chosen)
  const material = await createJweMaterial(owner, task, members, isExtractable)
  return [chosen ?? material.thumbprint, material]
}

/** The JWK that was given, or the one a PEM text holds. */
async function readKey({ owner, row, purpose }: JweTask, key: unknown): Promise<unknown> {
  if (typeof key !== 'string') return key
  const isPrivate = purpose === 'decrypt'
  const form = isPrivate ? 'a PKCS#8 PEM text (BEGIN PRIVATE KEY)' : 'an SPKI PEM text (BEGIN PUBLIC KEY)'
  if (row.keyTypes.includes('oct') || pemKind(key) !== (isPrivate ? 'private' : 'public')) {
    throw secretMistake(owner, 'key', `must be a JWK or ${form}`, key)
  }
  const read = isPrivate ? importPKCS8 : importSPKI
  try {
    const { kty, crv, x, y, n, e, d, p, q, dp, dq, qi } = await exportJWK(
      await read(key, row.name, { extractable: true }),
    )
    return { kty, crv, x, y, n, e, d, p, q, dp, dq, qi }
  } catch {
    throw secretMistake(owner, 'key', `must be ${form} of a key for ${row.name}`, key)
  }
}

function checkSecret(owner: string, text: string): void {
  const secret = decodeBase64url(text) ?? new Uint8Array()
  const disguise = findDisguise(secret)
  if (disguise !== undefined) throw secretMistake(owner, 'secret', `must be random bytes, not ${disguise}`, secret)
}

function isSymmetric({ row }: JweTask): boolean {
  return row.keyTypes.includes('oct')
}
