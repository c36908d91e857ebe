// The little DER that signatures need: r‖s to and from ECDSA-Sig-Value, and RSA keys typed as PSS (RFC 4055 §3.1).
import type { HashName } from './algorithms.ts'

/**
 * Turns r‖s (RFC 7518 §3.4) into a DER ECDSA-Sig-Value.
 *
 * @param signature - r and s, each `half` bytes, big-endian.
 * @param half - The curve's order in bytes; 124 at most, so that a length is one byte or two.
 */
export function derSignature(signature: Uint8Array, half: number): Uint8Array {
  const der = new Uint8Array(2 * half + 9)
  // Written as if the length took two bytes; what it does take decides where the text starts.
  let at = 3
  for (let start = 0; start < 2 * half; start += half) {
    const end = start + half
    let from = start
    while (from < end - 1 && signature[from] === 0) from += 1
    const padding = (signature[from] ?? 0) >>> 7
    der[at] = 2
    der[at + 1] = end - from + padding
    der.set(signature.subarray(from, end), at + 2 + padding)
    at += 2 + padding + end - from
  }
  const length = at - 3
  if (length < 0x80) {
    der[1] = 0x30
    der[2] = length
    return der.subarray(1, at)
  }
  der[0] = 0x30
  der[1] = 0x81
  der[2] = length
  return der.subarray(0, at)
}

/**
 * Turns a DER ECDSA-Sig-Value, as the runtime just made it, into r‖s of fixed length.
 *
 * @param der - The runtime's own output.
 * @param half - The curve's order in bytes.
 */
export function concatSignature(der: Uint8Array, half: number): Uint8Array {
  const signature = new Uint8Array(2 * half)
  let at = der[1] === 0x81 ? 3 : 2
  for (let end = half; end <= 2 * half; end += half) {
    const length = der[at + 1] ?? 0
    let from = at + 2
    at = from + length
    if (length > half) from = at - half
    signature.set(der.subarray(from, at), end - (at - from))
  }
  return signature
}

/** Wraps a PKCS#1 public key as SubjectPublicKeyInfo of type RSASSA-PSS; hash, MGF1's hash and salt length agree. */
export function rsaPssSpki(pkcs1: Uint8Array, hash: HashName): Uint8Array {
  return element(0x30, pssParameters(hash), element(0x03, new Uint8Array(1), pkcs1))
}

/** Wraps a PKCS#1 private key as PrivateKeyInfo of type RSASSA-PSS; hash, MGF1's hash and salt length agree. */
export function rsaPssPkcs8(pkcs1: Uint8Array, hash: HashName): Uint8Array {
  return element(0x30, Uint8Array.of(2, 1, 0), pssParameters(hash), element(0x04, pkcs1))
}

/** The algorithm identifier of SHA-256, and the two bytes that another hash changes. */
function pssParameters(hash: HashName): Uint8Array {
  const parameters = PSS_SHA256.slice()
  const [identifier, saltLength] = PSS_HASHES[hash]
  for (const at of HASH_IDENTIFIERS) parameters[at] = identifier
  parameters[parameters.length - 1] = saltLength
  return parameters
}

function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const head = length < 0x80 ? [tag, length] : [tag, 0x82, length >>> 8, length & 0xff]
  const bytes = new Uint8Array(head.length + length)
  bytes.set(head)
  let at = head.length
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** The last byte of each hash's object identifier (RFC 8017 §B.1), and its length as the salt's. */
const PSS_HASHES: Readonly<Record<HashName, readonly [identifier: number, saltLength: number]>> = {
  sha256: [1, 32],
  sha384: [2, 48],
  sha512: [3, 64],
}
const PSS_SHA256: Uint8Array = Uint8Array.from(
  (
    '303d06092a864886f70d01010a3030a00d300b0609608648016503040201a11a301806092a864886f70d010108' +
    '300b0609608648016503040201a203020120'
  ).match(/../g) ?? [],
  (pair) => Number.parseInt(pair, 16),
)
/** Where the hash and MGF1's hash are named. */
const HASH_IDENTIFIERS: readonly number[] = [29, 57]
