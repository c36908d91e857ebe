// Hash and HMAC: known answers, both implementations alike, and a self-test that finds a wrong one.
import { createHash, createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  equalInConstantTime,
  equalTextInConstantTime,
  hmacSha256,
  nativePrimitives,
  portablePrimitives,
  type Primitives,
  selfTest,
  sha256,
  sha256Base64url,
} from '../src/crypto.ts'

const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex')
const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const implementations = Object.entries({ native: nativePrimitives!, portable: portablePrimitives })

describe.each(implementations)('%s', (_, primitives) => {
  test('SHA-256 gives the published answers', () => {
    expect(hex(primitives.sha256(text('')))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(hex(primitives.sha256(text('abc')))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(hex(primitives.sha256(text('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')))).toBe(
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    )
    expect(hex(primitives.sha256(new Uint8Array(1_000_000).fill(0x61)))).toBe(
      'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
    )
  })

  test('HMAC-SHA-256 gives the answers of RFC 4231', () => {
    const code = (key: Uint8Array, data: Uint8Array): string => hex(primitives.hmacSha256(key)(data))
    expect(code(new Uint8Array(20).fill(0x0b), text('Hi There'))).toBe(
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    )
    expect(code(text('Jefe'), text('what do ya want for nothing?'))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    )
    expect(code(new Uint8Array(20).fill(0xaa), new Uint8Array(50).fill(0xdd))).toBe(
      '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe',
    )
    expect(code(new Uint8Array(131).fill(0xaa), text('Test Using Larger Than Block-Size Key - Hash Key First'))).toBe(
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    )
  })

  test('a key that its owner wipes afterwards still signs as before', () => {
    const key = Uint8Array.from({ length: 32 }, (_unused, at) => at)
    const prepared = primitives.hmacSha256(key)
    const before = hex(prepared(text('x')))
    key.fill(0)
    expect(hex(prepared(text('x')))).toBe(before)
  })
})

test('both are equal to each other and to Node on whatever comes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ minLength: 32, maxLength: 100 }), (data, key) => {
      const digest = createHash('sha256').update(data).digest('hex')
      const code = createHmac('sha256', key).update(data).digest('hex')
      for (const [, { sha256: hash, hmacSha256: mac }] of implementations) {
        expect([hex(hash(data)), hex(mac(key)(data))]).toEqual([digest, code])
      }
      expect([hex(sha256(data)), hex(hmacSha256(key)(data))]).toEqual([digest, code])
    }),
  )
})

test('the hash of a text is that of its UTF-8, whatever stands in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (data) => {
      const digest = createHash('sha256').update(data, 'utf8').digest('base64url')
      for (const [, { sha256Base64url: hash }] of implementations) expect(hash(data)).toBe(digest)
      expect(sha256Base64url(data)).toBe(digest)
    }),
  )
})

test('texts are equal where every character is, and only there', () => {
  expect(equalTextInConstantTime('', '')).toBe(true)
  expect(equalTextInConstantTime('abc', 'abc')).toBe(true)
  for (const other of ['abd', 'bbc', 'ab', 'abcd', 'ab\u0163'])
    expect(equalTextInConstantTime('abc', other)).toBe(false)
})

test('JW-6 a key shorter than the hash is a mistake that does not show it', () => {
  expect(() => hmacSha256(new Uint8Array(31).fill(7))).toThrow(
    new RangeError('an HMAC-SHA-256 key must be at least 32 bytes (given 31)'),
  )
})

test('the self-test passes what is right and finds one wrong bit in either', () => {
  for (const [, primitives] of implementations) expect(() => selfTest(primitives)).not.toThrow()
  const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, at) => (at === 31 ? byte ^ 1 : byte))
  const wrong: readonly Primitives[] = [
    { ...portablePrimitives, sha256: (data) => flip(portablePrimitives.sha256(data)) },
    { ...portablePrimitives, sha256Base64url: (data) => portablePrimitives.sha256Base64url(`${data} `) },
    { ...portablePrimitives, hmacSha256: (key) => (data) => flip(portablePrimitives.hmacSha256(key)(data)) },
    { ...portablePrimitives, hmacSha256: () => portablePrimitives.sha256 },
  ]
  for (const primitives of wrong) {
    expect(() => selfTest(primitives)).toThrow(
      expect.objectContaining({ code: 'ERR_CRYPTO_SELF_TEST', retryable: false }),
    )
  }
})

test('two byte strings are equal where every byte is, whatever their lengths', () => {
  const equal = (left: number[], right: number[]): boolean =>
    equalInConstantTime(Uint8Array.from(left), Uint8Array.from(right))
  expect([equal([], []), equal([1, 2], [1, 2]), equal([1, 2], [1, 3]), equal([1], [1, 0]), equal([0], [])]).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(39), fc.integer({ min: 1, max: 255 }), (bytes, at, mask) => {
      expect(equalInConstantTime(bytes, bytes.slice())).toBe(true)
      if (at >= bytes.length) return
      expect(
        equalInConstantTime(
          bytes,
          bytes.map((byte, index) => (index === at ? byte ^ mask : byte)),
        ),
      ).toBe(false)
    }),
  )
})
