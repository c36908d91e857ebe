// The ring of secrets: who signs, who verifies, and what is no ring.
import { expect, test } from 'vitest'
import { encodeBase64url } from '../src/base64url.ts'
import { hmacSha256 } from '../src/crypto.ts'
import { type RingSecret, resolveSecretRing } from '../src/secret-ring.ts'

const one = Uint8Array.from({ length: 32 }, (_, at) => at)
const two = Uint8Array.from({ length: 32 }, (_, at) => 255 - at)
const data = Uint8Array.of(1, 2, 3)
const resolve = (secrets: readonly RingSecret[]) => resolveSecretRing(secrets, 'secrets')

test('each secret gives its own code, as bytes and as text; the first stands in front', () => {
  const ring = resolve([
    { id: 7, secret: two },
    { id: 1, secret: encodeBase64url(one) },
  ])
  expect(ring.ids).toEqual([7, 1])
  expect(ring.mac(7, data)).toEqual(hmacSha256(two)(data))
  expect(ring.mac(1, data)).toEqual(hmacSha256(one)(data))
  expect(ring.mac(2, data)).toBeUndefined()
})

test('a compromised secret neither signs nor verifies', () => {
  const ring = resolve([
    { id: 1, secret: one, compromised: true },
    { id: 2, secret: two },
  ])
  expect(ring.ids).toEqual([2])
  expect(ring.mac(1, data)).toBeUndefined()
})

test.each<[string, readonly RingSecret[]]>([
  ['an id below 0', [{ id: -1, secret: one }]],
  ['an id above 255', [{ id: 256, secret: one }]],
  [
    'an id twice',
    [
      { id: 1, secret: one },
      { id: 1, secret: two },
    ],
  ],
  ['a short secret', [{ id: 1, secret: one.subarray(1) }]],
  ['a long secret', [{ id: 1, secret: new Uint8Array(33) }]],
  ['text that is no base64url', [{ id: 1, secret: 'correct horse battery staple' }]],
  ['one byte repeated', [{ id: 1, secret: new Uint8Array(32).fill(7) }]],
  ['only compromised secrets', [{ id: 1, secret: one, compromised: true }]],
  ['no secret', []],
  ['no array', 'secret' as unknown as readonly RingSecret[]],
])('%s is a mistake', (_, secrets) => {
  expect(() => resolve(secrets)).toThrow(/^secrets/)
})

test('neither the ring nor a mistake shows a secret', () => {
  const text = encodeBase64url(one)
  expect(JSON.stringify(resolve([{ id: 1, secret: text }]))).toBe('{"ids":[1]}')
  expect(() => resolve([{ id: 1, secret: `${text}AAAA` }])).toThrow(/a string of 47 characters/)
})
