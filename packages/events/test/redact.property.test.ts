// Redaction: text from outside never carries a credential, a control character or a page of text out.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { REDACTED, redactText } from '../src/index.ts'

const random = (length: number) => fc.stringMatching(new RegExp(`^[A-Za-z0-9_-]{${length}}$`))
const credential = fc.oneof(
  random(72).map((text) => `trt_${text}`),
  random(43).map((text) => `tat_${text}`),
  random(65).map((text) => `tsn_${text}`),
  fc.tuple(random(20), random(40), random(43)).map((parts) => `eyJ${parts.join('.')}`),
  random(43),
  fc.stringMatching(/^[0-9a-f]{64}$/),
  fc
    .base64String({ minLength: 44, maxLength: 88 })
    .map((text) => text.replaceAll('=', ''))
    .filter((text) => text.length >= 43),
  random(8).map((text) => `Bearer ${text}`),
  random(8).map((text) => `dpop ${text}`),
  fc.constant('-----BEGIN PRIVATE KEY-----\nMIIE'),
)

test('MO-1 a text that holds a credential anywhere is replaced whole', () => {
  const space = fc.stringMatching(/^[ .,:;!?'"()a-z]{0,200}$/)
  fc.assert(
    fc.property(space, credential, space, (before, secret, after) => {
      expect(redactText(`${before} ${secret} ${after}`)).toBe(REDACTED)
    }),
    { numRuns: 400 },
  )
})

test('MO-1 a part of our own tokens is a credential from eight characters on', () => {
  fc.assert(
    fc.property(
      random(72),
      fc.integer({ min: 8, max: 72 }),
      fc.constantFrom('trt_', 'tat_', 'tsn_'),
      (text, length, prefix) => {
        expect(redactText(prefix + text.slice(0, length))).toBe(REDACTED)
      },
    ),
  )
})

test('MO-1 what leaves has no control character, no mark that reorders a line, and 257 characters at most', () => {
  const reached = { redacted: 0, kept: 0, cut: 0 }
  const text = fc.oneof(
    credential,
    fc.string({ unit: 'binary', maxLength: 600 }),
    fc.string({ maxLength: 600 }),
    fc.stringMatching(/^[ -~]{200,400}$/),
  )
  fc.assert(
    fc.property(text, (given) => {
      const left = redactText(given)
      expect(left).not.toMatch(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u)
      expect(left.length).toBeLessThanOrEqual(257)
      reached[left === REDACTED ? 'redacted' : left.endsWith('…') ? 'cut' : 'kept'] += 1
    }),
    { numRuns: 600 },
  )
  expect(Math.min(reached.redacted, reached.kept, reached.cut)).toBeGreaterThan(10)
})

test('a credential across the cut does not leave its beginning', () => {
  for (let at = 200; at < 300; at += 1)
    expect(redactText(`${'word '.repeat(60).slice(0, at)}trt_${'A'.repeat(72)}`)).toBe(REDACTED)
})

describe('what people write stays', () => {
  test.each([
    'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
    '2001:db8:85a3::/48',
    'Zürich',
    '北京',
    'user_42',
    'refresh_token/replayed',
    'https://api.example.com/v1/orders',
    '0d3b1f5e-6a8e-4a3e-9a5e-2f6f3b1f5e6a',
    'a'.repeat(42),
    'bearer',
    'Basically fine',
  ])('%s', (text) => {
    expect(redactText(text)).toBe(text)
  })
})

test('searching a megabyte takes no longer than searching four thousand characters', () => {
  const text = 'a.'.repeat(500_000)
  expect(redactText(text)).toBe(`${text.slice(0, 256)}…`)
})
