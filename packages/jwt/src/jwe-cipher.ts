// The only calls of jose's encryption (RFC 7516 §5): everything around them is decided before and after.
import type { Entropy } from '@tallystick/core'
import { CompactEncrypt, compactDecrypt } from 'jose'
import type { JweMaterial } from './jwe-key.ts'

/**
 * Encrypts under one key.
 *
 * @param header - With `alg`, `enc` and `kid`.
 * @param entropy - Gives content encryption key and initialization vectors; without it WebCrypto does.
 * @throws Whatever jose or the runtime throws (as a rejection).
 */
export function sealCompact(
  payload: Uint8Array,
  header: JweSealHeader,
  { row, encryption, encrypting }: JweMaterial,
  entropy?: Entropy,
): Promise<string> {
  const cipher = new CompactEncrypt(payload).setProtectedHeader({ ...header })
  if (entropy !== undefined) {
    if (row.wrapBytes !== 'none') cipher.setContentEncryptionKey(draw(entropy, encryption.keyBytes))
    if (row.headerMembers.includes('iv')) cipher.setKeyManagementParameters({ iv: draw(entropy, WRAP_IV_BYTES) })
    cipher.setInitializationVector(draw(entropy, encryption.ivBytes))
  }
  return cipher.encrypt(encrypting)
}

/**
 * Decrypts under one key; a token without `zip` is never inflated.
 *
 * @param token - Its header was approved for this very key.
 * @param inflatedBytesMax - How many bytes a compressed payload may become; 0 for none.
 * @throws Whatever jose or the runtime throws (as a rejection); which error it is must not reach anybody.
 */
export async function openCompact(
  token: string,
  { row, encryption, decrypting }: JweMaterial,
  inflatedBytesMax: number,
): Promise<Uint8Array> {
  if (decrypting === undefined) throw new TypeError('the key only encrypts')
  const { plaintext } = await compactDecrypt(token, decrypting, {
    keyManagementAlgorithms: [row.name],
    contentEncryptionAlgorithms: [encryption.name],
    maxDecompressedLength: inflatedBytesMax,
  })
  return plaintext
}

/** The protected header that is written. */
export interface JweSealHeader {
  readonly alg: string
  readonly enc: string
  readonly kid?: string
  readonly cty?: string
  readonly ctx?: string
}

function draw(entropy: Entropy, length: number): Uint8Array {
  const bytes: unknown = entropy.bytes(length)
  if (bytes instanceof Uint8Array && bytes.length === length) return bytes
  throw new TypeError(`encrypt: entropy.bytes must give the ${length} bytes it is asked for`)
}

/** The initialization vector of the key wrapping itself: RFC 7518 §4.7.1.1. */
const WRAP_IV_BYTES = 12
