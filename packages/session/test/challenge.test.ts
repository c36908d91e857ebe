// The step-up challenge: written, read back, read among others, and what is no challenge.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatChallenge, parseChallenge, refuseStepUp, type StepUpChallenge } from '../src/challenge.ts'
import { settings } from './settings.ts'

const ERROR = 'error="insufficient_user_authentication"'

test('SU-1 what is written says what is asked for, and is read back', () => {
  const challenge = {
    scheme: 'Bearer',
    acrValues: ['phr', 'mfa'],
    maxAgeSeconds: 300,
    scope: 'a b',
    description: 'again',
  }
  const text = formatChallenge(challenge)
  expect(text).toBe(`Bearer ${ERROR}, error_description="again", acr_values="phr mfa", max_age="300", scope="a b"`)
  expect(parseChallenge(text)).toEqual(challenge)
})

test('SU-1 any challenge is read back as it was written, also behind and before others', () => {
  const visible = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at)).filter(
    (c) => c !== '"' && c !== '\\',
  )
  const word = fc.string({ unit: fc.constantFrom(...visible), minLength: 1, maxLength: 20 })
  const text = fc.string({ unit: fc.constantFrom(' ', ...visible), minLength: 1, maxLength: 30 })
  const others = [
    '',
    'Basic realm="a, b"',
    'Negotiate YII=',
    'DPoP algs="ES256", error="use_dpop_nonce"',
    'Bearer',
    'X y==',
  ]
  const challenges: fc.Arbitrary<StepUpChallenge> = fc.record({
    scheme: fc.constantFrom('Bearer', 'DPoP', 'bearer'),
    acrValues: fc.option(fc.array(word, { minLength: 1, maxLength: 4 }), { nil: undefined }),
    maxAgeSeconds: fc.option(fc.nat(1e9), { nil: undefined }),
    scope: fc.option(text, { nil: undefined }),
    description: fc.option(text, { nil: undefined }),
  })
  fc.assert(
    fc.property(challenges, fc.constantFrom(...others), fc.constantFrom(...others), (challenge, before, after) => {
      const header = [before, formatChallenge(challenge), after].filter((part) => part !== '').join(', ')
      expect(parseChallenge(header)).toEqual(challenge)
    }),
    settings(500),
  )
})

describe('SU-1 tokens and quoted strings are read alike', () => {
  test.each([
    ['tokens', 'Bearer error=insufficient_user_authentication, max_age=5, acr_values=phr'],
    ['quoted', 'Bearer error="insufficient_user_authentication", max_age="5", acr_values="phr"'],
    ['escapes', 'Bearer error="insufficient\\_user_authentication", max_age="\\5", acr_values="p\\hr"'],
    ['white space and letters', 'bearer  ERROR = "insufficient_user_authentication" ,\tMax_Age=5,, ACR_VALUES="phr" '],
    [
      'others around',
      'Basic realm="error=x, Bearer", Bearer error="invalid_token", DPoP error=insufficient_user_authentication, max_age=5, acr_values=phr, Y',
    ],
  ])('%s', (_, header) => {
    expect(parseChallenge(header)).toMatchObject({ maxAgeSeconds: 5, acrValues: ['phr'] })
  })
})

test.each([
  ['nothing', ''],
  ['another error', 'Bearer error="invalid_token", max_age=5'],
  ['the error as text of another', 'Bearer error_description="insufficient_user_authentication"'],
  ['the error inside a realm', `Bearer realm="x, ${ERROR.replaceAll('"', '\\"')}"`],
  ['a negative age', `Bearer ${ERROR}, max_age="-1"`],
  ['an age that is no whole number', `Bearer ${ERROR}, max_age="1.5"`],
  ['an age that is no number', `Bearer ${ERROR}, max_age="soon"`],
  ['an age beyond all', `Bearer ${ERROR}, max_age="${'9'.repeat(16)}"`],
  ['an empty age', `Bearer ${ERROR}, max_age=""`],
  ['a parameter twice', `Bearer ${ERROR}, max_age=5, MAX_AGE=6`],
  ['no scheme', ERROR],
  ['a quote that never ends', `Bearer ${ERROR}, acr_values="phr`],
  ['something outside the grammar', `Bearer ${ERROR}, <script>`],
  ['a header beyond all', `Bearer ${ERROR}, acr_values="${'x'.repeat(9000)}"`],
])('no step-up challenge: %s', (_, header) => {
  expect(parseChallenge(header)).toBeUndefined()
})

test('what cannot stand in a header is a mistake, so nothing is added to it from outside', () => {
  const scheme = 'Bearer'
  for (const bad of ['a"b', 'a\\b', 'a\r\nset-cookie: x=y', 'é', 'a\0']) {
    expect(() => formatChallenge({ scheme, acrValues: [bad] })).toThrow(TypeError)
    expect(() => formatChallenge({ scheme, scope: bad })).toThrow(TypeError)
    expect(() => formatChallenge({ scheme, description: bad })).toThrow(TypeError)
    expect(() => formatChallenge({ scheme: bad })).toThrow(TypeError)
  }
  // A space would make two values of one.
  expect(() => formatChallenge({ scheme, acrValues: ['a b'] })).toThrow(TypeError)
  expect(() => formatChallenge({ scheme, acrValues: [''] })).toThrow(TypeError)
  for (const bad of [-1, 1.5, Number.NaN, 2 ** 53]) {
    expect(() => formatChallenge({ scheme, maxAgeSeconds: bad })).toThrow(RangeError)
  }
})

test('SU-1 a step-up is refused with 401 and the challenge of its requirement', () => {
  const refusal = refuseStepUp({ acr: 'phr', authenticationAgeSecondsMax: 0 })
  expect(refusal).toMatchObject({ ok: false, reason: 'session/step_up_required' })
  expect(refusal.error).toMatchObject({ status: 401, code: 'insufficient_user_authentication' })
  expect(parseChallenge(refusal.error.headers['www-authenticate'] ?? '')).toMatchObject({
    scheme: 'Bearer',
    acrValues: ['phr'],
    maxAgeSeconds: 0,
  })
  const plain = parseChallenge(refuseStepUp({ methods: ['otp'] }).error.headers['www-authenticate'] ?? '')
  expect([plain?.acrValues, plain?.maxAgeSeconds]).toEqual([undefined, undefined])
  expect(refuseStepUp({ acr: ['phr', 'mfa'] }).error.headers['www-authenticate']).toContain('acr_values="phr mfa"')
})
