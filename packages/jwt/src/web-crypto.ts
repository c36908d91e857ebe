// The other driver: signatures through WebCrypto, which every runtime has (RFC 7518 §3).
import type { AlgorithmRow, HashName } from './algorithms.ts'
import type { SubtleDriver } from './key.ts'
import type { JwkMembers } from './node-crypto.ts'

/**
 * Makes the driver of one key.
 *
 * @param row - The algorithm.
 * @param verifying - The public key, or the secret.
 * @param signing - The private key, or the secret; absent where the key only verifies.
 */
export function subtleDriver(row: AlgorithmRow, verifying: CryptoKey, signing?: CryptoKey): SubtleDriver {
  const use = row.subtleUse
  const verify: SubtleDriver['verify'] = (input, signature) =>
    crypto.subtle.verify(use, verifying, signature as BufferSource, input as BufferSource)
  if (signing === undefined) return { verify }
  return {
    verify,
    sign: async (input) => new Uint8Array(await crypto.subtle.sign(use, signing, input as BufferSource)),
  }
}

/**
 * Imports a checked JWK for one use; the key that comes back cannot be exported.
 *
 * @throws DOMException where the runtime lacks the algorithm or the members do not make a key (as a rejection).
 */
export function importInto(row: AlgorithmRow, members: JwkMembers, use: 'sign' | 'verify'): Promise<CryptoKey> {
  return crypto.subtle.importKey('jwk', { ...members }, row.subtleImport, false, [use])
}

/** Hashes bytes. */
export async function subtleHash(hash: HashName, data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest(hash.replace('sha', 'SHA-'), data as BufferSource))
}

/** Imports a secret of 16, 24 or 32 bytes for AES-GCM (RFC 7518 §5.3); the key that comes back cannot be exported. */
export function importAesSecret(secret: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', secret as BufferSource, 'AES-GCM', false, ['encrypt', 'decrypt'])
}
