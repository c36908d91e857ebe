// Any text in any header is judged without a throw, and what is nearly our origin is not our origin.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { judgeRequest, resolveCsrfPolicy } from '../src/csrf.ts'
import { settings } from './settings.ts'

const OWN = 'https://app.example.com'
const policy = resolveCsrfPolicy({ targetOrigins: [OWN] })
const passes = (headers: Readonly<Record<string, string | undefined>>): boolean =>
  judgeRequest({ method: 'POST', header: (name) => headers[name] }, policy).ok

const piece = fc.constantFrom(
  'https://',
  'http://',
  'app',
  '.',
  'example',
  'com',
  ':443',
  ':80',
  ':',
  '/',
  '\\',
  '@',
  '#',
  '?',
  '%2e',
  '\t',
  ' ',
  'evil',
  '[::1]',
  'null',
  ',',
  'APP',
  '\u3002',
)

/** Our origin with one thing put in or taken out, and origins put together from the parts of ours. */
const near: fc.Arbitrary<string> = fc.oneof(
  fc.tuple(piece, fc.nat(OWN.length)).map(([text, at]) => OWN.slice(0, at) + text + OWN.slice(at)),
  fc.tuple(fc.nat(OWN.length), fc.nat(4)).map(([at, count]) => OWN.slice(0, at) + OWN.slice(at + count)),
  fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
  fc.mixedCase(fc.constant(OWN)),
)

test('CS-3 A29 an origin passes only where it is ours, however near another one is', () => {
  const reached = { passed: 0, refused: 0 }
  fc.assert(
    fc.property(near, (origin) => {
      const isOurs = /^https:\/\/[aA][pP][pP]\.[eE][xX][aA][mM][pP][lL][eE]\.[cC][oO][mM](?::443)?$/.test(origin)
      expect(passes({ origin }), JSON.stringify(origin)).toBe(isOurs)
      expect(passes({ origin, 'sec-fetch-site': 'same-origin' }), JSON.stringify(origin)).toBe(
        isOurs || origin === 'null',
      )
      expect(passes({ origin, 'sec-fetch-site': 'cross-site' })).toBe(false)
      reached[isOurs ? 'passed' : 'refused'] += 1
    }),
    settings(2000),
  )
  console.log('origins near ours:', reached)
  expect(reached.passed).toBeGreaterThan(0)
  expect(reached.refused).toBeGreaterThan(0)
})

test('any text in any header, and any method, is judged without a throw', () => {
  const text = fc.option(
    fc.oneof(fc.string({ unit: 'binary' }), near, fc.constantFrom('same-origin', 'none', 'null', '')),
    { nil: undefined },
  )
  const reached = new Map<string, number>()
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.constantFrom('GET', 'POST', 'TRACE')),
      text,
      text,
      text,
      (method, site, origin, referer) => {
        const headers: Readonly<Record<string, string | undefined>> = { 'sec-fetch-site': site, origin, referer }
        const judged = judgeRequest({ method, header: (name) => headers[name] }, policy)
        const outcome = judged.ok ? judged.by : judged.reason
        reached.set(outcome, (reached.get(outcome) ?? 0) + 1)
      },
    ),
    settings(2000),
  )
  console.log('any request:', Object.fromEntries(reached))
  for (const outcome of [
    'safe_method',
    'fetch_metadata',
    'csrf/method',
    'csrf/inconsistent',
    'csrf/origin',
    'csrf/referer',
    'csrf/unknown',
  ])
    expect(reached.get(outcome), outcome).toBeGreaterThan(0)
})
