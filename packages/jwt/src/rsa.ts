// What an RSA key must be (RFC 7518 §3.3, §6.3): long enough, not too long, soundly made, its numbers fitting together.
import { mistake, secretMistake } from '@tallystick/core/options'

/** The numbers of a private key with two primes (RFC 8017 §3.2). */
export type RsaNumbers = Readonly<Record<'n' | 'e' | 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi', bigint>>

/**
 * Checks modulus and exponent.
 *
 * @throws RangeError or TypeError where the modulus has not 2048 to 8192 bits, is even or has the ROCA flaw; where the
 * exponent is even or not from 65537 to 2³² − 1.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518.html#section-3.3 RFC 7518 §3.3}
 */
export function checkRsaStrength(owner: string, modulus: Uint8Array, exponent: Uint8Array): void {
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24
  // RFC 7518 §3.3: "A key of size 2048 bits or larger MUST be used with these algorithms."
  if (bits < 2048 || bits > 8192) throw mistake(owner, 'n', 'must have 2048 to 8192 bits', bits)
  if (((modulus.at(-1) ?? 0) & 1) === 0) throw secretMistake(owner, 'n', 'must be odd', 'even')
  if (isRocaModulus(modulus)) throw secretMistake(owner, 'n', 'must not come from a generator with the ROCA flaw', 'n')
  const value = exponent.length > 4 ? Number.POSITIVE_INFINITY : exponent.reduce((sum, byte) => sum * 256 + byte, 0)
  if (value < 65_537 || value % 2 !== 1) throw mistake(owner, 'e', 'must be odd, from 65537 to 4294967295', value)
}

/** Whether a private key's numbers belong together; runtimes do not all look. */
export function isConsistent({ n, e, d, p, q, dp, dq, qi }: RsaNumbers): boolean {
  if (p <= 2n || q <= 2n || p * q !== n || d >= n) return false
  const [beforeP, beforeQ] = [p - 1n, q - 1n]
  return (
    dp === d % beforeP &&
    dq === d % beforeQ &&
    (e * dp) % beforeP === 1n &&
    (e * dq) % beforeQ === 1n &&
    qi < p &&
    (qi * q) % p === 1n
  )
}

/** A number from its big-endian bytes. */
export function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x0${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`)
}

/**
 * Whether a modulus has the fingerprint of one broken generator (CVE-2017-15361, "ROCA"), whose primes can be found
 * from the modulus: modulo each small prime it is a power of 65537. Of other moduli about one in 2·10⁸ has it.
 *
 * @param modulus - Big-endian.
 */
export function isRocaModulus(modulus: Uint8Array): boolean {
  return PRIMES.every((prime) =>
    powersModulo(prime).has(modulus.reduce((rest, byte) => (rest * 256 + byte) % prime, 0)),
  )
}

function powersModulo(prime: number): ReadonlySet<number> {
  const powers = new Set<number>()
  for (let power = 1; !powers.has(power); power = (power * 65_537) % prime) powers.add(power)
  return powers
}

// The odd primes below 168.
const PRIMES: readonly number[] = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113,
  127, 131, 137, 139, 149, 151, 157, 163, 167,
]
