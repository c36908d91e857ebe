// Generates keys (RFC 7518 §3, RFC 9964): the runtime makes them, bound from birth to one algorithm.
import { TokenError } from '@tallystick/core'
import { mistake, secretMistake } from '@tallystick/core/options'
import { exportJWK, generateKeyPair, generateSecret } from 'jose'
import type { AlgorithmRow, JwtAlgorithm } from './algorithms.ts'
import { ALGORITHM_NAMES, algorithms, isAlgorithm, nameToday } from './algorithms.ts'
import { requireAvailable } from './availability.ts'
import type { Jwk } from './jwk.ts'
import { checkJwk } from './jwk.ts'
import type { SigningKey } from './key.ts'
import { materialOf, signingKey } from './key.ts'
import { createMaterial } from './material.ts'

/** The options of {@link generateKey}. */
export interface GenerateOptions {
  /** The `kid`; by default the RFC 7638 thumbprint. 1 to 256 characters. */
  readonly keyId?: string | undefined
  /** Whether {@link exportKey} may give the private key out, to be stored; by default not. */
  readonly extractable?: boolean | undefined
}

/**
 * Generates a signing key. RSA keys have 2048 bits, which signs at a twentieth of ES256's speed: prefer ES256 or Ed25519.
 *
 * @throws TypeError (as a rejection) where the algorithm or an option is not allowed. TokenError
 * `ERR_ALGORITHM_UNAVAILABLE` where the runtime lacks the algorithm.
 * @example
 * const key = await generateKey('ES256')
 * key.algorithm // => 'ES256'
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518.html#section-3.1 RFC 7518 §3.1}
 */
export async function generateKey(algorithm: JwtAlgorithm, options: GenerateOptions = {}): Promise<SigningKey> {
  if (!isAlgorithm(algorithm)) throw mistake(OWNER, 'algorithm', `must be one of ${ALGORITHM_NAMES}`, algorithm)
  const { keyId, extractable = false } = options
  if (keyId !== undefined && (typeof keyId !== 'string' || keyId === '' || keyId.length > 256)) {
    throw mistake(OWNER, 'keyId', 'must be text of 1 to 256 characters', keyId)
  }
  if (typeof extractable !== 'boolean') throw mistake(OWNER, 'extractable', 'must be true or false', extractable)
  const row = algorithms[algorithm]
  await requireAvailable(row)
  const jwk = { ...(await exportJWK(await generate(row))), alg: row.name }
  const material = await createMaterial(row, checkJwk(OWNER, jwk, row, 'sign'), 'sign', extractable)
  return signingKey(keyId ?? material.thumbprint, material)
}

/**
 * Exports an extractable key as a private JWK, to be kept in a secret store and imported again.
 *
 * @throws TypeError where the key was not generated with `extractable: true`.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517.html#section-9.2 RFC 7517 §9.2}
 */
export function exportKey(key: SigningKey): Jwk {
  const exported = materialOf(key)?.exported
  if (exported === undefined) throw secretMistake('exportKey', 'key', 'must be generated with extractable: true', key)
  return { ...exported, alg: key.algorithm, use: 'sig', kid: key.keyId }
}

async function generate(row: AlgorithmRow) {
  try {
    if (row.keyType === 'oct') return await generateSecret(row.name, { extractable: true })
    return (await generateKeyPair(nameToday(row), { extractable: true, modulusLength: 2048 })).privateKey
  } catch (cause) {
    throw new TokenError('ERR_ALGORITHM_UNAVAILABLE', `this runtime has no ${row.name}`, { cause })
  }
}

const OWNER = 'generateKey'
