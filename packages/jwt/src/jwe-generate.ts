// Generates keys of encryption (RFC 7518 §4), and gives them out: the public part to anybody, the whole one to a store.
import { TokenError } from '@tallystick/core'
import { mistake, secretMistake } from '@tallystick/core/options'
import { decodeBase64url, encodeBase64url } from '@tallystick/core/base64url'
import { exportJWK, generateKeyPair, generateSecret } from 'jose'
import type { JweAlgorithm, JweCurve } from './jwe-algorithms.ts'
import { secretBytesOf } from './jwe-algorithms.ts'
import type { JweKeyOptions, JweTask } from './jwe-import.ts'
import { importJwk, taskOf } from './jwe-import.ts'
import type { DecryptionKey, EncryptionKey } from './jwe-key.ts'
import { decryptionKey, jweMaterialOf } from './jwe-key.ts'
import { isUnsupported } from './jwe-material.ts'
import { keyTypeOf } from './jwe-points.ts'
import type { Jwk } from './jwk.ts'

/** The options of {@link generateDecryptionKey}. */
export interface JweGenerateOptions extends JweKeyOptions {
  /** The curve of an ECDH-ES key; by default P-256. */
  readonly curve?: JweCurve | undefined
  /** Whether {@link exportDecryptionKey} may give the whole key out, to be stored; by default not. */
  readonly extractable?: boolean | undefined
}

/** A public key as anybody may see it. */
export interface PublishedEncryptionJwk extends Jwk {
  readonly kty: 'EC' | 'OKP' | 'RSA'
  readonly kid: string
  readonly alg: JweAlgorithm
  readonly use: 'enc'
}

/**
 * Generates a key that decrypts, and encrypts too. RSA keys have 2048 bits.
 *
 * @throws TypeError (as a rejection) where an option is not allowed. TokenError `ERR_ALGORITHM_UNAVAILABLE` where the
 * runtime lacks the algorithm or curve.
 * @example
 * const key = await generateDecryptionKey({ algorithm: 'ECDH-ES', encryption: 'A256GCM' })
 * key.kind // => 'decryption'
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518.html#section-4.1 RFC 7518 §4.1}
 */
export async function generateDecryptionKey(options: JweGenerateOptions): Promise<DecryptionKey> {
  const task = taskOf(OWNER, options, 'decrypt')
  const { curve, extractable = false } = options
  if (curve !== undefined && (!task.row.keyTypes.includes('EC') || keyTypeOf(curve) === undefined)) {
    throw mistake(OWNER, 'curve', 'must be P-256, P-384, P-521 or X25519, of ECDH-ES alone', curve)
  }
  if (typeof extractable !== 'boolean') throw mistake(OWNER, 'extractable', 'must be true or false', extractable)
  return decryptionKey(...(await importJwk(task, await generate(task, curve), extractable)))
}

/**
 * Gives the public part of a key as a JWK, for those who encrypt to its owner. A JWK has no member for `enc`: tell it too.
 *
 * @throws TypeError where the key is symmetric, or is no key of encryption.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517.html#section-4 RFC 7517 §4}
 */
export function exportEncryptionKey(key: EncryptionKey | DecryptionKey): PublishedEncryptionJwk {
  const publicJwk = jweMaterialOf(key)?.publicJwk
  if (publicJwk === undefined) throw secretMistake('exportEncryptionKey', 'key', 'must have a public part', key)
  return { ...publicJwk, alg: key.algorithm, use: 'enc', kid: key.keyId } as PublishedEncryptionJwk
}

/**
 * Exports an extractable key as a private or symmetric JWK, to be kept in a secret store and imported again.
 *
 * @throws TypeError where the key was not generated with `extractable: true`.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517.html#section-9.2 RFC 7517 §9.2}
 */
export function exportDecryptionKey(key: DecryptionKey): Jwk {
  const exported = jweMaterialOf(key)?.exported
  if (exported === undefined) {
    throw secretMistake('exportDecryptionKey', 'key', 'must be generated with extractable: true', key)
  }
  return { ...exported, alg: key.algorithm, use: 'enc', kid: key.keyId }
}

async function generate({ row, encryption }: JweTask, curve: JweCurve = 'P-256'): Promise<Jwk> {
  try {
    if (row.keyTypes.includes('oct')) return await generateOctets(secretBytesOf(row, encryption))
    const { privateKey } = await generateKeyPair(row.name, { crv: curve, extractable: true, modulusLength: 2048 })
    const { kty, crv, x, y, n, e, d, p, q, dp, dq, qi } = await exportJWK(privateKey)
    return { kty, crv, x, y, n, e, d, p, q, dp, dq, qi }
  } catch (cause) {
    if (!isUnsupported(cause)) throw cause
    throw new TokenError('ERR_ALGORITHM_UNAVAILABLE', `this runtime has no ${row.name} on ${curve}`, { cause })
  }
}

/** Random bytes as the runtime makes a secret of 64 bytes; a part of them is as random. */
async function generateOctets(length: number): Promise<Jwk> {
  const secret = await generateSecret('HS512', { extractable: true })
  const { k } = await exportJWK(secret)
  return { kty: 'oct', k: encodeBase64url((decodeBase64url(k ?? '') ?? new Uint8Array()).slice(0, length)) }
}

const OWNER = 'generateDecryptionKey'
