// Which public points may be agreed with (RFC 7518 §4.6, RFC 8037 §2): on their curve, in their one spelling, not of
// small order. A point elsewhere draws the private key out of whoever multiplies it (RFC 8725 §3.4).
import { decodeBase64url } from '@tallystick/core/base64url'
import type { JweCurve } from './jwe-algorithms.ts'
import { toBigInt } from './rsa.ts'

/** How long a coordinate and a private key of a curve are, in bytes. */
export function coordinateBytesOf(curve: JweCurve): number {
  return COORDINATE_BYTES[curve]
}

/** The key type that a curve belongs to, or `undefined` where the curve is not offered. */
export function keyTypeOf(curve: unknown): 'EC' | 'OKP' | undefined {
  if (typeof curve !== 'string' || !Object.hasOwn(COORDINATE_BYTES, curve)) return undefined
  return curve === 'X25519' ? 'OKP' : 'EC'
}

/**
 * Whether coordinates are a point that a key may be agreed with.
 *
 * @param x - Base64url.
 * @param y - Base64url; of X25519 there is none.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725.html#section-3.4 RFC 8725 §3.4}
 */
export function isSoundPoint(curve: JweCurve, x: unknown, y: unknown): boolean {
  const first = coordinate(curve, x)
  if (first === undefined) return false
  if (curve === 'X25519') return y === undefined && isLargeOrder(first)
  const second = coordinate(curve, y)
  if (second === undefined) return false
  const { p, b } = CURVES[curve]
  const [left, right] = [toBigInt(first), toBigInt(second)]
  return left < p && right < p && (right * right - (left * left * left - 3n * left + b)) % p === 0n
}

function coordinate(curve: JweCurve, text: unknown): Uint8Array | undefined {
  const bytes = typeof text === 'string' ? decodeBase64url(text) : undefined
  return bytes?.length === COORDINATE_BYTES[curve] ? bytes : undefined
}

/** RFC 7748 §5: the highest bit is no part of u, and u is reduced; with the points of order 1, 2, 4 and 8 nothing is agreed. */
function isLargeOrder(u: Uint8Array): boolean {
  return !SMALL_ORDER.has((toBigInt(u.toReversed()) & (2n ** 255n - 1n)) % PRIME_25519)
}

const COORDINATE_BYTES: Readonly<Record<JweCurve, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66, X25519: 32 }
const CURVES: Readonly<Record<'P-256' | 'P-384' | 'P-521', { readonly p: bigint; readonly b: bigint }>> = {
  'P-256': {
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  },
  'P-384': {
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  },
  'P-521': {
    p: 2n ** 521n - 1n,
    b: 0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  },
}
const PRIME_25519 = 2n ** 255n - 19n
const SMALL_ORDER: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  PRIME_25519 - 1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
])
