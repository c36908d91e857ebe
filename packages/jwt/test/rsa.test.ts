// RSA keys: long enough, not too long, soundly made (RFC 7518 §3.3), and not from the generator of CVE-2017-15361.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { exportKey, generateKey } from '../src/generate-key.ts'
import { importSigningKey, importVerificationKey } from '../src/import-key.ts'
import type { Jwk } from '../src/jwk.ts'
import { toJwks } from '../src/jwks.ts'
import { isRocaModulus } from '../src/rsa.ts'
import { ALGORITHMS, keyFor } from './tokens.ts'

const RSA = ALGORITHMS.filter((algorithm) => /^[RP]S/.test(algorithm))
const privateJwk = async (): Promise<Jwk> => exportKey(await generateKey('RS256', { extractable: true }))
const bare = async (): Promise<Jwk> => {
  const { kty, n, e } = { ...toJwks([await keyFor('RS256')]).keys[0] } as Jwk
  return { kty, n, e }
}

test('JW-7 W3 W53 weak and oversized RSA keys', async () => {
  const jwk = await bare()
  const modulus = Buffer.from(jwk.n ?? '', 'base64url')
  const even = Buffer.from(modulus)
  even[255] = 2
  const n = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
  const rows: readonly (readonly [field: string, jwk: Jwk])[] = [
    ['n', generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' }) as Jwk],
    ['n', { ...jwk, n: n(Buffer.concat([Buffer.of(0x7f), modulus.subarray(1)])) }],
    ['n', { ...jwk, n: n(Buffer.concat([Buffer.of(1), Buffer.alloc(1023, 255), Buffer.of(1)])) }],
    ['n', { ...jwk, n: n(Buffer.concat([Buffer.of(0), modulus])) }],
    ['n', { ...jwk, n: n(even) }],
    ['n', { ...jwk, n: '' }],
    ['e', { ...jwk, e: 'AQ' }],
    ['e', { ...jwk, e: 'Aw' }],
    ['e', { ...jwk, e: 'AQAA' }],
    ['e', { ...jwk, e: 'AQAAAAE' }],
    ['e', { ...jwk, e: 'AAEAAQ' }],
    ['e', { ...jwk, e: undefined }],
  ]
  for (const [field, given] of rows) {
    for (const algorithm of RSA) {
      await expect(importVerificationKey(given, { algorithm })).rejects.toThrow(new RegExp(`: ${field} `))
    }
  }
  const whole = await privateJwk()
  await expect(importSigningKey({ ...whole, oth: [] }, { algorithm: 'RS256' })).rejects.toThrow(/oth/)
  await expect(importSigningKey({ ...whole, qi: undefined }, { algorithm: 'RS256' })).rejects.toThrow(/qi/)
  const other = await privateJwk()
  await expect(importSigningKey({ ...whole, n: other.n }, { algorithm: 'RS256' })).rejects.toThrow(/d must belong/)
})

test('a modulus of the ROCA generator is recognised, and ordinary ones are not', async () => {
  const roca = rocaModulus()
  expect([roca.length, (roca[0] ?? 0) >>> 7]).toEqual([256, 1])
  expect(isRocaModulus(roca)).toBe(true)
  const n = Buffer.from(roca).toString('base64url')
  for (const algorithm of RSA) {
    await expect(importVerificationKey({ kty: 'RSA', n, e: 'AQAB' }, { algorithm })).rejects.toThrow(/ROCA/)
  }
  // Each of the small primes must count: the same modulo all others, and modulo this one no power of 65537.
  const whole = BigInt(`0x${Buffer.from(roca).toString('hex')}`)
  const small = firstPrimes(39).slice(1)
  expect(small.at(-1)).toBe(167n)
  for (const prime of small) {
    const others = small.filter((other) => other !== prime).reduce((all, other) => all * other, 2n)
    let number = whole
    while (number % prime !== 0n) number += others
    expect([prime, isRocaModulus(Buffer.from(number.toString(16), 'hex'))]).toEqual([prime, false])
  }
  for (let at = 0; at < 50; at += 1) expect(isRocaModulus(randomBytes(256))).toBe(false)
})

/** A modulus as that generator made them: both primes are k·M + (65537^a mod M), M the product of the first primes. */
function rocaModulus(): Uint8Array {
  const product = firstPrimes(126).reduce((all, prime) => all * prime, 1n)
  const [p, q] = [probablePrime(product, 3n), probablePrime(product, 1000n)]
  const modulus = (p * q).toString(16)
  return Buffer.from(modulus.padStart(modulus.length + (modulus.length % 2), '0'), 'hex')
}

function firstPrimes(count: number): readonly bigint[] {
  const primes: bigint[] = []
  for (let candidate = 2n; primes.length < count; candidate += 1n) {
    if (primes.every((prime) => candidate % prime !== 0n)) primes.push(candidate)
  }
  return primes
}

function probablePrime(product: bigint, start: bigint): bigint {
  const top = 2n ** 1024n - 2n ** 1000n
  for (let exponent = start; ; exponent += 1n) {
    const candidate = (top / product) * product + power(65_537n, exponent, product)
    if (power(2n, candidate - 1n, candidate) === 1n) return candidate
  }
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  let square = base % modulus
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus
    square = (square * square) % modulus
  }
  return result
}
