// Which Ed25519 public keys are none (RFC 8032 §5.1.3): second spellings, and the points under which anybody can sign.

/**
 * Whether a public key is of small order, or not in its one spelling; runtimes do not all look.
 *
 * Under a point of order 1, 2, 4 or 8 one signature holds for all messages, or for one in eight. What counts is y alone:
 * the sign bit chooses between two points of the same order.
 *
 * @param publicKey - 32 bytes: y, little-endian, with the sign of x in the highest bit.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8032.html#section-5.1.3 RFC 8032 §5.1.3}
 */
export function isWeakPoint(publicKey: Uint8Array): boolean {
  const y = publicKey.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n) & (2n ** 255n - 1n)
  // RFC 8032 §5.1.3: "If the resulting value is >= p, decoding fails."
  return y >= PRIME || SMALL_ORDER.has(y)
}

const PRIME = 2n ** 255n - 19n
/** A root of d·y⁴ + 2·y² = 1: doubled, such a point has y = 0, which is order 4. The other root is its negative. */
const ORDER_8 = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n
/** The y of the points of order 1, 2, 4 and 8. */
const SMALL_ORDER: ReadonlySet<bigint> = new Set([1n, PRIME - 1n, 0n, ORDER_8, PRIME - ORDER_8])
