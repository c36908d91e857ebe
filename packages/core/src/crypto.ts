// The one seam to hash and HMAC: node:crypto where the runtime has it, else @noble/hashes; both tested before use.
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { TokenError } from './failures.ts'

/** The synchronous primitives, whichever way the runtime has them. */
export interface Primitives {
  /** SHA-256, 32 bytes (FIPS 180-4). */
  sha256(data: Uint8Array): Uint8Array
  /** HMAC-SHA-256 with a fixed key, 32 bytes (RFC 2104). */
  hmacSha256(key: Uint8Array): (data: Uint8Array) => Uint8Array
}

/** The primitives in plain TypeScript, for runtimes without `node:crypto`. */
export const portablePrimitives: Primitives = {
  sha256: (data) => nobleSha256(data),
  hmacSha256: (key) => {
    const own = key.slice()
    return (data) => hmac(nobleSha256, own, data)
  },
}

/** The primitives over `node:crypto` (Node, Bun, Deno, Workers with its compatibility flag), where it is there. */
export const nativePrimitives: Primitives | undefined = findNativePrimitives()

/** SHA-256 of bytes, 32 bytes. */
export function sha256(data: Uint8Array): Uint8Array {
  return chosen.sha256(data)
}

/**
 * Prepares HMAC-SHA-256 for one key.
 *
 * @param key - At least 32 bytes (RFC 2104 §3 discourages fewer than the hash's length); copied.
 * @returns A function from data to the 32-byte code.
 * @throws RangeError where the key is shorter.
 */
export function hmacSha256(key: Uint8Array): (data: Uint8Array) => Uint8Array {
  if (key.length < 32) throw new RangeError(`an HMAC-SHA-256 key must be at least 32 bytes (given ${key.length})`)
  return chosen.hmacSha256(key)
}

/** Whether two byte strings are equal, in time that depends on their lengths alone. */
export function equalInConstantTime(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false
  let difference = 0
  for (let i = 0; i < left.length; i += 1) difference |= (left[i] ?? 0) ^ (right[i] ?? 0)
  return difference === 0
}

/**
 * Compares primitives with published answers.
 *
 * @throws TokenError `ERR_CRYPTO_SELF_TEST` at the first wrong one.
 */
export function selfTest(primitives: Primitives): void {
  const text = new TextEncoder()
  // FIPS 180-4's example "abc" and RFC 4231 test case 2 with the key padded by its own zero bytes, which HMAC ignores.
  const digest = hex(primitives.sha256(text.encode('abc')))
  const key = new Uint8Array(32)
  key.set(text.encode('Jefe'))
  const code = hex(primitives.hmacSha256(key)(text.encode('what do ya want for nothing?')))
  if (digest !== ABC_DIGEST || code !== JEFE_CODE) {
    throw new TokenError('ERR_CRYPTO_SELF_TEST', 'SHA-256 or HMAC-SHA-256 of this runtime gives a wrong answer')
  }
}

interface NodeCrypto {
  createHash(name: 'sha256'): { update(data: Uint8Array): { digest(): Uint8Array } }
  createHmac(name: 'sha256', key: unknown): { update(data: Uint8Array): { digest(): Uint8Array } }
  createSecretKey(key: Uint8Array): unknown
}

function findNativePrimitives(): Primitives | undefined {
  const runtime = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process
  const nodeCrypto = runtime?.getBuiltinModule?.('node:crypto') as NodeCrypto | undefined
  if (typeof nodeCrypto?.createHmac !== 'function') return undefined
  return {
    sha256: (data) => nodeCrypto.createHash('sha256').update(data).digest(),
    hmacSha256: (key) => {
      const prepared = nodeCrypto.createSecretKey(key)
      return (data) => nodeCrypto.createHmac('sha256', prepared).update(data).digest()
    },
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const ABC_DIGEST = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
const JEFE_CODE = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'

const chosen: Primitives = nativePrimitives ?? portablePrimitives
selfTest(chosen)
