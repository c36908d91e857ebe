// What single kinds ask beyond their table: logout events, audiences of assertions, nonces and hashes, ages.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import * as profiles from '../src/profiles.ts'
import { good, headerFor, issued, LIST_URI, LOGOUT, NAMES, tokenOf, verifierOf } from './profile-samples.ts'
import { AUDIENCE, countingEntropy, forge, ISSUER, keyFor, later, NOW } from './tokens.ts'

describe('LO-1 a logout token of the conformance suite', () => {
  const cases: readonly [
    name: string,
    changes: Record<string, unknown>,
    header: Record<string, unknown>,
    answer: string,
  ][] = [
    ['WrongIssuer', { iss: `${ISSUER}/` }, {}, 'jwt/wrong_issuer'],
    ['WrongAud', { aud: `${AUDIENCE}.evil` }, {}, 'jwt/wrong_audience'],
    ['NoEvent', { events: undefined }, {}, 'jwt/missing_claim'],
    ['WrongEvent', { events: { [`${LOGOUT}s`]: {} } }, {}, 'jwt/invalid_claim'],
    ['WithNonce', { nonce: 'n-1' }, {}, 'jwt/forbidden_claim'],
    ['AlgNone', {}, { alg: 'none' }, 'jwt/algorithm_not_allowed'],
    ['WrongAlg', {}, { alg: 'RS256' }, 'jwt/algorithm_not_allowed'],
    ['of nobody', { sub: undefined }, {}, 'jwt/invalid_claim'],
    ['of a session', { sub: undefined, sid: 's-1' }, {}, 'ok'],
    ['of both', { sid: 's-1' }, {}, 'ok'],
    ['whose event is no object', { events: { [LOGOUT]: true } }, {}, 'jwt/invalid_claim'],
    ['of type JWT', {}, { typ: 'JWT' }, 'jwt/wrong_type'],
  ]
  test.each(cases)('%s', async (_, changes, header, answer) => {
    const key = await keyFor('ES256')
    expect(await verifierOf('logoutToken', key)(tokenOf('logoutToken', key, changes, header))).toBe(answer)
  })
})

test.each([
  [AUDIENCE, 'ok'],
  [[AUDIENCE], 'ok'],
  [[AUDIENCE, AUDIENCE], 'jwt/wrong_audience'],
  [[AUDIENCE, 'https://other.example'], 'jwt/wrong_audience'],
  [['https://other.example', AUDIENCE], 'jwt/wrong_audience'],
  [`${AUDIENCE}/token`, 'jwt/wrong_audience'],
  [`${AUDIENCE}/`, 'jwt/wrong_audience'],
  [AUDIENCE.toUpperCase(), 'jwt/wrong_audience'],
  [[], 'jwt/invalid_claim'],
])('CA-1 W34 a client assertion for %j is %s', async (aud, answer) => {
  const key = await keyFor('ES256')
  expect(await verifierOf('clientAssertion', key)(tokenOf('clientAssertion', key, { aud }))).toBe(answer)
})

test('CA-1 W34 the audience of client assertions is one text, never a list', async () => {
  const keys = [await keyFor('ES256')]
  const options = { issuer: 'web', audience: [AUDIENCE], keys, algorithms: ['ES256'], lifetimeSeconds: 60 } as never
  expect(() => profiles.clientAssertion.createVerifier(options)).toThrow(/audience/)
  expect(() => profiles.clientAssertion.createIssuer(options)).toThrow(/audience/)
})

test('CA-2 CA-3 an assertion names its client twice, its type, and lives ten minutes at most', async () => {
  const key = await keyFor('ES256')
  const verify = verifierOf('clientAssertion', key)
  const token = await issued('clientAssertion', key)
  expect(JSON.parse(atob(token.split('.')[0] ?? ''))).toMatchObject({ typ: 'client-authentication+jwt' })
  expect(await verify(tokenOf('clientAssertion', key, { sub: 'somebody' }))).toBe('jwt/invalid_claim')
  expect(await verify(tokenOf('clientAssertion', key, { iat: undefined }))).toBe('ok')
  expect(await verify(tokenOf('clientAssertion', key, {}, { typ: 'JWT' }))).toBe('ok')
  expect(await verify(tokenOf('clientAssertion', key, { exp: NOW + 610 }))).toBe('ok')
  expect(await verify(tokenOf('clientAssertion', key, { exp: NOW + 611 }))).toBe('jwt/too_long_lived')
})

test('JW-22 an ID token has the nonce of its request, and none where none was sent', async () => {
  const key = await keyFor('ES256')
  const verify = verifierOf('idToken', key)
  expect(await verify(tokenOf('idToken', key, { nonce: 'n-1' }), { nonce: 'n-1' })).toBe('ok')
  expect(await verify(tokenOf('idToken', key, { nonce: 'n-2' }), { nonce: 'n-1' })).toBe('jwt/wrong_nonce')
  expect(await verify(tokenOf('idToken', key), { nonce: 'n-1' })).toBe('jwt/wrong_nonce')
  expect(await verify(tokenOf('idToken', key, { nonce: 'n-1' }), { nonce: undefined })).toBe('jwt/wrong_nonce')
})

test.each([
  ['ES256', 'sha256'],
  ['RS384', 'sha384'],
  ['PS512', 'sha512'],
  ['Ed25519', 'sha512'],
] as const)('JW-22 at_hash of an ID token under %s is the left half of %s', async (algorithm, hash) => {
  const key = await keyFor(algorithm)
  const verify = verifierOf('idToken', key)
  const digest = createHash(hash).update('access').digest()
  const half = digest.subarray(0, digest.length / 2).toString('base64url')
  const expected = { nonce: undefined, accessToken: 'access' }
  expect(await verify(tokenOf('idToken', key, { at_hash: half }), expected)).toBe('ok')
  expect(await verify(tokenOf('idToken', key, { at_hash: half }), { ...expected, accessToken: 'other' })).toBe(
    'jwt/wrong_binding',
  )
  const whole = digest.toString('base64url')
  expect(await verify(tokenOf('idToken', key, { at_hash: whole }), expected)).toBe('jwt/wrong_binding')
})

test.each([
  [{ aud: [AUDIENCE] }, 'ok'],
  [{ aud: [AUDIENCE, 'foreign'] }, 'jwt/wrong_audience'],
  [{ aud: [AUDIENCE, 'foreign'], azp: AUDIENCE }, 'jwt/wrong_audience'],
  [{ aud: [AUDIENCE, 'second'] }, 'jwt/wrong_audience'],
  [{ aud: [AUDIENCE, 'second'], azp: AUDIENCE }, 'ok'],
  [{ azp: AUDIENCE }, 'ok'],
  [{ azp: 'foreign' }, 'jwt/wrong_audience'],
  [{ sub: ISSUER }, 'jwt/invalid_claim'],
])('JW-20 an ID token with %j is %s', async (changes, answer) => {
  const key = await keyFor('ES256')
  const verify = verifierOf('idToken', key, { audience: [AUDIENCE, 'second'] })
  expect(await verify(tokenOf('idToken', key, changes))).toBe(answer)
})

test('AT-7 an ID token tells when the user was authenticated where that is asked', async () => {
  const key = await keyFor('ES256')
  const verify = verifierOf('idToken', key)
  const expected = { nonce: undefined, authenticationAgeSecondsMax: 60 }
  expect(await verify(tokenOf('idToken', key), expected)).toBe('jwt/missing_claim')
  expect(await verify(tokenOf('idToken', key, { auth_time: NOW - 65 }), expected)).toBe('ok')
  expect(await verify(tokenOf('idToken', key, { auth_time: NOW - 66 }), expected)).toBe('jwt/too_old')
})

test('TSL-2 TSL-7 a status list is of the address asked for, and is cached neither for no time nor for ever', async () => {
  const key = await keyFor('ES256')
  const verify = verifierOf('statusList', key)
  expect(await verify(tokenOf('statusList', key), { uri: `${LIST_URI}8` })).toBe('jwt/wrong_subject')
  for (const ttl of [0, -1, 0.5, 31_536_001, 1e12]) {
    expect(await verify(tokenOf('statusList', key, { ttl }))).toBe('jwt/invalid_claim')
  }
  expect(await verify(tokenOf('statusList', key, { ttl: 1 }))).toBe('ok')
  expect(await verify(tokenOf('statusList', key, { exp: NOW - 5 }))).toBe('jwt/expired')
  expect(await verify(tokenOf('statusList', key, { iss: 'https://evil.example' }))).toBe('jwt/wrong_issuer')
  expect(await verify(tokenOf('statusList', key, { iss: undefined }))).toBe('ok')
  for (const list of [{ bits: 3, lst: 'AA' }, { bits: 1 }, { bits: 1, lst: 'A=' }, { bits: '1', lst: 'AA' }]) {
    expect(await verify(tokenOf('statusList', key, { status_list: list }))).toBe('jwt/invalid_claim')
  }
})

test('IN-9 a signed answer of introspection ages, and says whether the token is active', async () => {
  const key = await keyFor('ES256')
  const token = tokenOf('introspectionResponse', key)
  const verify = verifierOf('introspectionResponse', key)
  expect(await verify(token, undefined, later(65))).toBe('ok')
  expect(await verify(token, undefined, later(66))).toBe('jwt/too_old')
  expect(await verifierOf('introspectionResponse', key, { ageSecondsMax: 10 })(token, undefined, later(16))).toBe(
    'jwt/too_old',
  )
  expect(await verify(tokenOf('introspectionResponse', key, { aud: 'https://other.example' }))).toBe(
    'jwt/wrong_audience',
  )
  const vague = tokenOf('introspectionResponse', key, { token_introspection: { active: 'true' } })
  expect(await verify(vague)).toBe('jwt/invalid_claim')
})

test('EV-2 EV-4 each refusal of an event has the code of RFC 8935', async () => {
  const key = await keyFor('ES256')
  const options = { issuer: ISSUER, audience: AUDIENCE, keys: [key], algorithms: ['ES256' as const] }
  const verifier = profiles.securityEvent.createSyncVerifier(options)
  const codeOf = (changes: Record<string, unknown>, header = {}): string | undefined => {
    const result = verifier.verify(tokenOf('securityEvent', key, changes, header), NOW)
    return result.ok ? undefined : result.error.code
  }
  expect(codeOf({})).toBeUndefined()
  expect(codeOf({ iss: 'https://evil.example' })).toBe('invalid_issuer')
  expect(codeOf({ aud: 'https://other.example' })).toBe('invalid_audience')
  expect(codeOf({}, { kid: 'unknown' })).toBe('invalid_key')
  expect(codeOf({ sub: 'user_42' })).toBe('invalid_request')
})

test.each(NAMES)('JW-10 JW-23 a %s never holds another token, and its key is not where it says', async (kind) => {
  const key = await keyFor('ES256')
  const verify = verifierOf(kind, key)
  for (const header of [{ cty: 'JWT' }, { jku: 'https://evil.example' }, { x5c: [] }, { b64: true }]) {
    expect(await verify(tokenOf(kind, key, {}, header))).toBe('jwt/forbidden_header')
  }
  const jwk = headerFor('dpopProof', key)['jwk']
  expect(await verify(tokenOf(kind, key, {}, { jwk }))).toBe(kind === 'dpopProof' ? 'ok' : 'jwt/forbidden_header')
})

test('JW-31 what the outside sees of a refusal is the same for each kind, whatever the token said', async () => {
  const key = await keyFor('ES256')
  for (const kind of NAMES) {
    const verify = verifierOf(kind, key)
    for (const text of ['', '.', 'a.b.c', `${tokenOf(kind, key)}.`, 'x'.repeat(2_000_000)]) {
      expect(await verify(text)).toMatch(/^jwt\/(malformed|too_long)$/)
    }
    const forged = `${tokenOf(kind, key).slice(0, -86)}${'A'.repeat(86)}`
    expect(await verify(forged)).toBe('jwt/bad_signature')
  }
})

describe('an issuer signs only what its own verifier takes', () => {
  test.each([
    [{}, /sub/],
    [{ sub: 'user_42', nonce: 'n-1' }, /nonce/],
    [{ sub: 'user_42', events: { other: {} } }, /events/],
    [{ sub: 'user_42', exp: NOW + 121 }, /exp/],
    [{ sub: 'user_42', iat: NOW - 1 }, /iat/],
    [{ sub: 'user_42', iss: 'https://other.example' }, /wrong_issuer/],
    [{ sub: 'user_42', note: new Map() }, /note/],
    [{ sub: 'user_42', toJSON: () => ({}) }, /toJSON/],
    [null, /claims/],
  ])('LO-1 JW-22 a logout token of %j is issued by nobody', async (claims, message) => {
    const keys = [await keyFor('ES256')]
    const issuer = profiles.logoutToken.createIssuer({ issuer: ISSUER, audience: AUDIENCE, keys, lifetimeSeconds: 120 })
    await expect(issuer.issue(claims as never, NOW, countingEntropy())).rejects.toThrow(message)
  })

  test('JW-22 an access token carries no mark of another kind', async () => {
    const keys = [await keyFor('ES256')]
    const issuer = profiles.accessToken.createIssuer({ issuer: ISSUER, audience: AUDIENCE, keys, lifetimeSeconds: 120 })
    const claims = { sub: 'user_42', client_id: 'web', events: {} }
    await expect(issuer.issue(claims, NOW, countingEntropy())).rejects.toThrow(/events/)
  })
})

test('what a verifier gives is frozen and typed, and a payload that is no object is refused', async () => {
  const key = await keyFor('ES256')
  const options = { issuer: ISSUER, audience: AUDIENCE, keys: [key], algorithms: ['ES256' as const] }
  const verifier = profiles.transactionToken.createSyncVerifier(options)
  const result = verifier.verify(tokenOf('transactionToken', key), NOW)
  if (!result.ok) throw new Error(result.reason)
  const transaction: string = result.claims.txn
  expect(transaction).toBe('txn_1')
  expect(Object.isFrozen(result.claims)).toBe(true)
  for (const kind of NAMES) {
    const answer = await verifierOf(kind, key)(forge(key, headerFor(kind, key), [good[kind]]))
    expect(answer).toBe('jwt/malformed')
  }
})
