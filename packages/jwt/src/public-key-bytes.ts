// Recognises public keys as bytes, wherever they stand among others: DER (RFC 8017 §A.1.1, RFC 5280 §4.1.2.7) and points.
import { toBigInt } from './rsa.ts'

/**
 * Whether bytes hold a public key: the object identifier of a key type, a PKCS#1 key, or an uncompressed point of P-256,
 * P-384 or P-521.
 *
 * @param raw - The same bytes as text, one character each.
 */
export function holdsPublicKey(bytes: Uint8Array, raw: string): boolean {
  if (KEY_TYPES.some((identifier) => raw.includes(identifier))) return true
  return bytes.some((byte, at) => (byte === 0x30 && isPkcs1(bytes, at)) || (byte === 4 && isPoint(bytes, at)))
}

/** Whether SEQUENCE { INTEGER, INTEGER } starts here, a long number and a short one: RFC 8017 §A.1.1. */
function isPkcs1(bytes: Uint8Array, at: number): boolean {
  const whole = readElement(bytes, at, 0x30)
  const modulus = whole === undefined ? undefined : readElement(bytes, whole.start, 0x02)
  if (modulus === undefined || modulus.end - modulus.start < MODULUS_BYTES_MIN) return false
  const exponent = readElement(bytes, modulus.end, 0x02)
  return exponent !== undefined && exponent.end === whole?.end && exponent.end - exponent.start <= EXPONENT_BYTES_MAX
}

function readElement(bytes: Uint8Array, at: number, tag: number): { start: number; end: number } | undefined {
  if (bytes[at] !== tag) return undefined
  const first = bytes[at + 1] ?? 0
  const extra = first > 0x80 && first <= 0x83 ? first - 0x80 : 0
  const length = extra === 0 ? first : bytes.subarray(at + 2, at + 2 + extra).reduce((sum, byte) => sum * 256 + byte, 0)
  const start = at + 2 + extra
  return start + length <= bytes.length ? { start, end: start + length } : undefined
}

/** Whether 04 ‖ x ‖ y starts here with x and y on a curve; of other bytes one run in 2²⁵⁶ is. */
function isPoint(bytes: Uint8Array, at: number): boolean {
  return CURVES.some(({ size, p, b }) => {
    if (at + 1 + 2 * size > bytes.length) return false
    const x = toBigInt(bytes.subarray(at + 1, at + 1 + size))
    const y = toBigInt(bytes.subarray(at + 1 + size, at + 1 + 2 * size))
    return (y * y - (x * x * x - 3n * x + b)) % p === 0n
  })
}

/** Half a 1024-bit modulus: what is that short is broken, but published all the same. */
const MODULUS_BYTES_MIN = 64
const EXPONENT_BYTES_MAX = 8
/** The curves that ECDSA has here: the size of a coordinate in bytes, the prime, and b (FIPS 186-5, SP 800-186 §3.2.1). */
const CURVES: readonly { readonly size: number; readonly p: bigint; readonly b: bigint }[] = [
  {
    size: 32,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  {
    size: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  {
    size: 66,
    p: 2n ** 521n - 1n,
    b: 0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
]
/** DER object identifiers of key types: rsaEncryption and RSASSA-PSS, EC, DSA, X25519 to Ed448 with their sequence, ML-DSA. */
const KEY_TYPES: readonly string[] = [
  '\u002a\u0086\u0048\u0086\u00f7\u000d\u0001\u0001',
  '\u002a\u0086\u0048\u00ce\u003d\u0002\u0001',
  '\u002a\u0086\u0048\u00ce\u0038\u0004\u0001',
  '\u0030\u0005\u0006\u0003\u002b\u0065',
  '\u0006\u0009\u0060\u0086\u0048\u0001\u0065\u0003\u0004\u0003',
]
