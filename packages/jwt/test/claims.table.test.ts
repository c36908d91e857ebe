// Every claim with every wrong JSON type, and what each answers: the table of the claims rules.
import { expect, test } from 'vitest'
import { forge, goodClaims, headerOf, ISSUER, keyFor, later, NOW, tokenWith, verdict } from './tokens.ts'

const anything: Readonly<Record<string, unknown>> = {
  null: null,
  true: true,
  false: false,
  zero: 0,
  number: 1_790_000_100,
  negative: -1,
  'empty text': '',
  text: 'text',
  'a text that is a number': '1790000100',
  'empty list': [],
  'list of text': ['text'],
  'list of a number': [1],
  'list of an empty text': [''],
  object: { text: 'text' },
  'empty object': {},
}

// What is not refused as an invalid claim; every other pair is.
const expected: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  iss: { text: 'jwt/wrong_issuer', 'a text that is a number': 'jwt/wrong_issuer' },
  aud: {
    text: 'jwt/wrong_audience',
    'a text that is a number': 'jwt/wrong_audience',
    'list of text': 'jwt/wrong_audience',
  },
  exp: { zero: 'jwt/expired', number: 'ok' },
  iat: { zero: 'ok', number: 'jwt/issued_in_future' },
  nbf: { zero: 'ok', number: 'jwt/not_yet_valid' },
  sub: { text: 'ok', 'a text that is a number': 'ok' },
  client_id: { text: 'ok', 'a text that is a number': 'ok' },
  jti: { text: 'ok', 'a text that is a number': 'ok' },
  scope: { text: 'ok', 'a text that is a number': 'ok', 'empty text': 'ok' },
  acr: { text: 'ok', 'a text that is a number': 'ok' },
  amr: { 'list of text': 'ok', 'empty list': 'ok' },
  auth_time: { zero: 'ok', number: 'ok' },
  cnf: { object: 'ok', 'empty object': 'ok' },
}

test.each(Object.keys(expected))(
  'W32 JW-16 %s of every JSON type is judged by its type, never taken for absent',
  async (claim) => {
    const key = await keyFor('HS256')
    for (const [name, value] of Object.entries(anything)) {
      const answer = await verdict(key, tokenWith(key, { [claim]: value }))
      expect([name, answer]).toEqual([name, expected[claim]?.[name] ?? 'jwt/invalid_claim'])
    }
  },
)

test.each(['iss', 'aud', 'exp', 'iat', 'sub', 'client_id', 'jti'])(
  'JW-17 AT-2 a token without %s is refused',
  async (claim) => {
    const key = await keyFor('HS256')
    expect(await verdict(key, tokenWith(key, { [claim]: undefined }))).toBe('jwt/missing_claim')
  },
)

test.each([
  ['1e999', 'jwt/invalid_claim'],
  ['1e400', 'jwt/invalid_claim'],
  ['100000000001', 'jwt/invalid_claim'],
  ['1790000300000', 'jwt/invalid_claim'],
  ['-1', 'jwt/invalid_claim'],
  ['-0.5', 'jwt/invalid_claim'],
  ['"1790000300"', 'jwt/invalid_claim'],
  ['NaN', 'jwt/malformed'],
  ['Infinity', 'jwt/malformed'],
  ['01790000300', 'jwt/malformed'],
  ['0x6aaff80', 'jwt/malformed'],
  ['1790000300.', 'jwt/malformed'],
  ['1790000300.75', 'ok'],
  ['1.7900003e9', 'ok'],
  ['0', 'jwt/expired'],
])('JW-16 W31 exp written %s is %s', async (written, answer) => {
  const key = await keyFor('HS256')
  const payload = JSON.stringify({ ...goodClaims, exp: 0 }).replace('"exp":0', `"exp":${written}`)
  expect(await verdict(key, forge(key, headerOf(key), payload))).toBe(answer)
})

test.each([
  ['jwt/wrong_issuer', 'iss', `${ISSUER}/`],
  ['jwt/wrong_issuer', 'iss', `${ISSUER}.evil.example`],
  ['jwt/wrong_issuer', 'iss', 'https'],
  ['jwt/wrong_issuer', 'iss', 'https://AUTH.example.com'],
  ['jwt/invalid_claim', 'iss', [ISSUER]],
  ['jwt/invalid_claim', 'iss', ['https://evil.example', ISSUER]],
  ['jwt/wrong_audience', 'aud', 'https://api.example.com.evil'],
  ['jwt/wrong_audience', 'aud', 'https://api.example.co'],
  ['jwt/wrong_audience', 'aud', 'HTTPS://API.EXAMPLE.COM'],
  ['jwt/wrong_audience', 'aud', ['a', 'b']],
  ['ok', 'aud', ['a', 'https://api.example.com']],
  ['ok', 'aud', ['https://api.example.com']],
  ['jwt/invalid_claim', 'aud', ['https://api.example.com', 1]],
  ['jwt/invalid_claim', 'aud', ['https://api.example.com', ['https://api.example.com']]],
  ['jwt/invalid_claim', 'aud', []],
  ['jwt/invalid_claim', 'aud', Array.from({ length: 65 }, () => 'https://api.example.com')],
  ['jwt/invalid_claim', 'jti', 'j'.repeat(257)],
  ['jwt/invalid_claim', 'sub', 's'.repeat(1025)],
  ['ok', 'jti', 'j'.repeat(256)],
] as const)('AT-3 JW-20 A13 W22 W29 W30 W34 W35 %s for %s %j', async (answer, claim, value) => {
  const key = await keyFor('HS256')
  expect(await verdict(key, tokenWith(key, { [claim]: value }))).toBe(answer)
})

test('JW-16 JW-18 each border of time, to the second', async () => {
  const key = await keyFor('HS256')
  const rows: readonly (readonly [changes: Record<string, number>, answer: string])[] = [
    [{ exp: NOW - 4 }, 'ok'],
    [{ exp: NOW - 5 }, 'jwt/expired'],
    [{ exp: NOW - 4.5 }, 'ok'],
    [{ iat: NOW + 9 }, 'ok'],
    [{ iat: NOW + 10 }, 'ok'],
    [{ iat: NOW + 11 }, 'jwt/issued_in_future'],
    [{ iat: NOW + 61 }, 'jwt/issued_in_future'],
    [{ nbf: NOW + 10 }, 'ok'],
    [{ nbf: NOW + 11 }, 'jwt/not_yet_valid'],
  ]
  for (const [changes, answer] of rows) {
    expect([changes, await verdict(key, tokenWith(key, changes))]).toEqual([changes, answer])
  }
  expect(await verdict(key, tokenWith(key), later(304))).toBe('ok')
  expect(await verdict(key, tokenWith(key), later(305))).toBe('jwt/expired')
})
