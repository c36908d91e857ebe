// Whether a runtime has ML-DSA as it was standardized (FIPS 204, RFC 9964): asked by known answers, not by its name.
import { TokenError } from '@tallystick/core'
import { calculateJwkThumbprint } from 'jose'
import type { AlgorithmRow, JwtAlgorithm } from './algorithms.ts'

/**
 * Makes sure that the runtime has an algorithm that not every runtime has.
 *
 * For ML-DSA the public key of a known seed must be the known one, whose signature must hold for its message alone: drafts
 * of the algorithm under the same name make other keys. It is asked once for each algorithm.
 *
 * @throws TokenError `ERR_ALGORITHM_UNAVAILABLE` (as a rejection) where it is missing or answers wrongly.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9964.html#section-5 RFC 9964 §5}
 */
export async function requireAvailable(row: AlgorithmRow): Promise<void> {
  const expected = THUMBPRINTS[row.name]
  if (expected === undefined || answered.has(row.name)) return
  try {
    if (!(await answers(row, expected))) throw new TypeError('wrong answer')
  } catch (cause) {
    throw new TokenError('ERR_ALGORITHM_UNAVAILABLE', `this runtime has no ${row.name}`, { cause })
  }
  answered.add(row.name)
}

async function answers({ name, subtleUse }: AlgorithmRow, expected: string): Promise<boolean> {
  const { subtle } = crypto
  const privateKey = await subtle.importKey('raw-seed' as 'raw', new Uint8Array(32), subtleUse, true, ['sign'])
  const { kty = '', pub = '' } = (await subtle.exportKey('jwk', privateKey)) as { kty?: string; pub?: string }
  if ((await calculateJwkThumbprint({ kty, alg: name, pub }, 'sha256')) !== expected) return false
  const publicKey = await subtle.importKey('jwk', { kty, alg: name, pub } as JsonWebKey, subtleUse, true, ['verify'])
  const signature = await subtle.sign(subtleUse, privateKey, Uint8Array.of(1))
  const holds = (message: number): Promise<boolean> =>
    subtle.verify(subtleUse, publicKey, signature, Uint8Array.of(message))
  return (await holds(1)) && !(await holds(2))
}

/** RFC 7638 thumbprints of the public keys that the seed of 32 zero bytes makes; RFC 9964 has the first one. */
const THUMBPRINTS: Readonly<Partial<Record<JwtAlgorithm, string>>> = {
  'ML-DSA-44': 'T4xl70S7MT6Zeq6r9V9fPJGVn76wfnXJ21-gyo0Gu6o',
  'ML-DSA-65': 'Suiu29qbfuaBaR4Ats-c6XQBePB_OpAxAwcTR_0KXVM',
  'ML-DSA-87': 'tRn1JNIkgMsABVQBlXeDHxAIcclh-2IX0UdDEzPt5XU',
}
const answered = new Set<JwtAlgorithm>()
