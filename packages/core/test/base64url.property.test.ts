// base64url: equal to Node's on every input, and one text for each run of bytes.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBase64url, encodeBase64url } from '../src/base64url.ts'

const bytes = fc.uint8Array({ maxLength: 200 })

test('what is encoded is what Node encodes, and decodes to the same bytes', () => {
  fc.assert(
    fc.property(bytes, (value) => {
      const text = encodeBase64url(value)
      expect(text).toBe(Buffer.from(value).toString('base64url'))
      expect(decodeBase64url(text)).toEqual(value)
    }),
  )
})

test('JW-9 what is accepted is canonical: it is what Node would have written', () => {
  const reached = { accepted: 0, refused: 0 }
  const text = fc.oneof(
    fc.base64String(),
    fc.stringMatching(/^[A-Za-z0-9_-]{0,12}$/),
    fc.string(),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(text, (given) => {
      const decoded = decodeBase64url(given)
      const canonical = Buffer.from(given, 'base64url').toString('base64url') === given
      expect(decoded !== undefined).toBe(canonical)
      reached[canonical ? 'accepted' : 'refused'] += 1
    }),
    { numRuns: 3000 },
  )
  expect(Math.min(reached.accepted, reached.refused)).toBeGreaterThan(100)
})

test('JW-9 of each value exactly one ending is accepted, for every length', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  for (let length = 1; length < 8; length += 1) {
    const text = encodeBase64url(new Uint8Array(length).fill(0xff))
    const endings = [...alphabet].filter((letter) => decodeBase64url(text.slice(0, -1) + letter) !== undefined)
    expect(endings).toHaveLength([64, 4, 16][length % 3]!)
  }
})

test.each(['=', 'QQ==', 'QQ=', 'Q', 'QQ\n', ' QQ', 'Q Q', 'QR', '+/', 'QQ\u0000', 'ＱＱ', '\uD800', 'QQ.'])(
  '“%s” is refused',
  (text) => {
    expect(decodeBase64url(text)).toBeUndefined()
  },
)

test('nothing is the text of nothing', () => {
  expect([encodeBase64url(new Uint8Array()), decodeBase64url('')]).toEqual(['', new Uint8Array()])
})
