// The one seam to hash and HMAC: node:crypto where the runtime has it, else @noble/hashes; both tested before use.
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { encodeBase64url } from './base64url.ts'
import { TokenError } from './failures.ts'

/** The synchronous primitives, whichever way the runtime has them. */
export interface Primitives {
  /** SHA-256, 32 bytes (FIPS 180-4). */
  sha256(data: Uint8Array): Uint8Array
  /** SHA-256 of a text's UTF-8, as the 43 characters of base64url. */
  sha256Base64url(text: string): string
  /** HMAC-SHA-256 with a fixed key, 32 bytes (RFC 2104). */
  hmacSha256(key: Uint8Array): (data: Uint8Array) => Uint8Array
}

/** The primitives in plain TypeScript, for runtimes without `node:crypto`. */
export const portablePrimitives: Primitives = {
  sha256: (data) => nobleSha256(data),
  sha256Base64url: (text) => encodeBase64url(nobleSha256(new TextEncoder().encode(text))),
  hmacSha256: (key) => {
    const own = key.slice()
    return (data) => hmac(nobleSha256, own, data)
  },
}

/** SHA-256 of bytes, 32 bytes. */
export function sha256(data: Uint8Array): Uint8Array {
  return chosen.sha256(data)
}

/** SHA-256 of a text's UTF-8 as base64url, 43 characters: one call where the runtime hashes text itself. */
export function sha256Base64url(text: string): string {
  return chosen.sha256Base64url(text)
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

/** Whether two texts are equal, in time that depends on their lengths alone. */
export function equalTextInConstantTime(left: string, right: string): boolean {
  if (left.length !== right.length) return false
  let difference = 0
  for (let i = 0; i < left.length; i += 1) difference |= left.charCodeAt(i) ^ right.charCodeAt(i)
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
  const isText = primitives.sha256Base64url('abc') === encodeBase64url(primitives.sha256(text.encode('abc')))
  if (digest !== ABC_DIGEST || code !== JEFE_CODE || !isText) {
    throw new TokenError('ERR_CRYPTO_SELF_TEST', 'SHA-256 or HMAC-SHA-256 of this runtime gives a wrong answer')
  }
}

interface NodeCrypto {
  createHash(name: 'sha256'): { update(data: Uint8Array | string): { digest(): Uint8Array } }
  createHmac(name: 'sha256', key: unknown): { update(data: Uint8Array): { digest(): Uint8Array } }
  createSecretKey(key: Uint8Array): unknown
  /** Since Node 20.12. */
  readonly hash?: (name: 'sha256', data: Uint8Array | string, encoding: 'latin1' | 'base64url') => string
}

function findNativePrimitives(): Primitives | undefined {
  const runtime = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process
  const nodeCrypto = runtime?.getBuiltinModule?.('node:crypto') as NodeCrypto | undefined
  if (typeof nodeCrypto?.createHmac !== 'function') return undefined
  const objects = objectPrimitives(nodeCrypto)
  // Taken off its module, which it does not use: a bound function is slower.
  const { hash } = nodeCrypto
  return hash !== undefined && isFasterAsString() ? oneShotPrimitives(hash, objects) : objects
}

/** Hash and HMAC through native objects, which every runtime with `node:crypto` has. */
function objectPrimitives(nodeCrypto: NodeCrypto): Primitives {
  return {
    sha256: (data) => nodeCrypto.createHash('sha256').update(data).digest(),
    sha256Base64url: (text) => encodeBase64url(nodeCrypto.createHash('sha256').update(text).digest()),
    hmacSha256: (key) => {
      const prepared = nodeCrypto.createSecretKey(key)
      return (data) => nodeCrypto.createHmac('sha256', prepared).update(data).digest()
    },
  }
}

/**
 * Hash and HMAC through the one-shot hash of Node, asked for text: less than half the time, and nothing to finalize.
 *
 * The composed HMAC (RFC 2104 §2) is compared with the native one for its very key before it is used.
 */
function oneShotPrimitives(hash: NonNullable<NodeCrypto['hash']>, native: Primitives): Primitives {
  const digest = (data: Uint8Array): string => hash('sha256', data, 'latin1')
  return {
    sha256: (data) => fromLatin1(digest(data), new Uint8Array(DIGEST_BYTES), 0),
    sha256Base64url: (text) => hash('sha256', text, 'base64url'),
    hmacSha256: (key) => {
      const expected = native.hmacSha256(key)
      const composed = composeHmac(digest, key)
      const agrees = TESTED_LENGTHS.every((length) => {
        const data = new Uint8Array(length).fill(length)
        return equalInConstantTime(expected(data), composed(data))
      })
      return agrees ? composed : expected
    },
  }
}

function composeHmac(digest: (data: Uint8Array) => string, key: Uint8Array): (data: Uint8Array) => Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES)
  if (key.length > BLOCK_BYTES) fromLatin1(digest(key), block, 0)
  else block.set(key)
  const inner = new Uint8Array(BLOCK_BYTES + SCRATCH_BYTES)
  const outer = new Uint8Array(BLOCK_BYTES + DIGEST_BYTES)
  for (const [at, byte] of block.entries()) {
    inner[at] = byte ^ 0x36
    outer[at] = byte ^ 0x5c
  }
  return (data) => {
    let input = inner
    if (data.length > SCRATCH_BYTES) {
      input = new Uint8Array(BLOCK_BYTES + data.length)
      input.set(inner.subarray(0, BLOCK_BYTES))
    }
    input.set(data, BLOCK_BYTES)
    fromLatin1(digest(input.subarray(0, BLOCK_BYTES + data.length)), outer, BLOCK_BYTES)
    return fromLatin1(digest(outer), new Uint8Array(DIGEST_BYTES), 0)
  }
}

function fromLatin1(text: string, target: Uint8Array, start: number): Uint8Array {
  for (let at = 0; at < text.length; at += 1) target[start + at] = text.charCodeAt(at)
  return target
}

/**
 * Measured: on Node only. Bun's native HMAC is faster than two of its hashes, workerd's takes half the time of two, and
 * Deno's one-shot hash is slow. WebSocketPair is a name that only Workers have.
 */
function isFasterAsString(): boolean {
  return ['Bun', 'Deno', 'WebSocketPair'].every((name) => !(name in globalThis))
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const BLOCK_BYTES = 64
const DIGEST_BYTES = 32
const SCRATCH_BYTES = 192
/** Around every boundary of padding and scratch. */
const TESTED_LENGTHS = [0, 1, 41, 55, 56, 63, 64, 119, 191, 192, 193, 1000]
const ABC_DIGEST = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
const JEFE_CODE = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'

/** The primitives over `node:crypto` (Node, Bun, Deno, Workers with its compatibility flag), where it is there. */
export const nativePrimitives: Primitives | undefined = findNativePrimitives()

const chosen: Primitives = nativePrimitives ?? portablePrimitives
selfTest(chosen)
