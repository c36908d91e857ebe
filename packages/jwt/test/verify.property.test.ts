// The drivers agree, value and reason, on valid tokens, their mutations, and hostile headers and payloads; and what we
// accept, jose accepts.
import * as fc from 'fast-check'
import { jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import type { JwtAlgorithm } from '../src/algorithms.ts'
import { exportKey, generateKey } from '../src/generate-key.ts'
import type { SigningKey } from '../src/key.ts'
import {
  ALGORITHMS,
  AUDIENCE,
  everyDriver,
  forge,
  goodClaims,
  headerOf,
  isSymmetric,
  ISSUER,
  NOW,
  parties,
  signText,
  segment,
} from './tokens.ts'

const FULL = process.env['TALLYSTICK_PROOF'] === 'full'
const runs = (few: number) => (FULL ? few * 25 : few)
// Fixed, so that a run repeats; the full proof searches on.
const seed = FULL ? undefined : 20_261_123
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** A key, its verifiers, and jose as the oracle. */
async function bench(algorithm: JwtAlgorithm) {
  const key = await generateKey(algorithm, { extractable: true })
  const verify = everyDriver({ ...parties, algorithms: [algorithm], keys: [key] })
  const jwk = exportKey(key)
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, priv: _priv, ...publicJwk } = jwk
  const oracle = (token: string) =>
    jwtVerify(token, (isSymmetric(algorithm) ? jwk : publicJwk) as never, {
      algorithms: [algorithm],
      issuer: ISSUER,
      audience: AUDIENCE,
      typ: 'at+jwt',
      currentDate: new Date(NOW * 1000),
      clockTolerance: 10,
    }).then(
      () => true,
      () => false,
    )
  const outcomes = new Map<string, number>()
  const check = async (token: string): Promise<void> => {
    const result = await verify(token)
    const outcome = result.ok ? 'ok' : result.reason
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    if (result.ok) expect(await oracle(token)).toBe(true)
  }
  return { key, check, outcomes }
}

const mutation = fc.oneof(
  fc.record({ kind: fc.constant('replace' as const), at: fc.nat(2000), text: fc.constantFrom(...ALPHABET) }),
  fc.record({
    kind: fc.constant('replace' as const),
    at: fc.nat(2000),
    text: fc.constantFrom('=', '.', ' ', '\n', '+', '/', '\u0141', '\u0000', '😀', ''),
  }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: fc.nat(2000),
    text: fc.string({ maxLength: 4, unit: 'binary' }),
  }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: fc.nat(2000),
    text: fc.constantFrom('A', 'AAAA', '.', '==', '\t'),
  }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(2000), text: fc.constant('') }),
)

function mutate(token: string, { kind, at, text }: { kind: string; at: number; text: string }): string {
  const place = at % token.length
  if (kind === 'cut') return token.slice(0, place)
  return token.slice(0, place) + text + token.slice(kind === 'insert' ? place : place + 1)
}

/** Values that a hostile header or payload may hold. */
const hostile = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1e308,
    '',
    [],
    {},
    'none',
    'HS256',
    'at+jwt',
    'JWT',
    '__proto__',
    1e12,
  ),
  fc.integer({ min: NOW - 20, max: NOW + 80 }),
  fc.string({ maxLength: 8, unit: 'binary' }),
  fc.jsonValue({ maxDepth: 3 }),
)
const names = ['alg', 'kid', 'typ', 'crit', 'b64', 'jwk', 'cty', 'zip', 'enc', 'x'] as const
const claimNames = [
  'iss',
  'aud',
  'exp',
  'iat',
  'nbf',
  'sub',
  'client_id',
  'jti',
  'scope',
  'amr',
  'cnf',
  '__proto__',
  'x',
] as const
const changes = (members: readonly string[]) =>
  fc.array(fc.tuple(fc.constantFrom(...members), hostile), { maxLength: 2 })

/** JSON text whose members may stand twice, be left out (`false`) or stand beside a hostile literal. */
function write(
  members: Record<string, unknown>,
  changed: readonly (readonly [string, unknown])[],
  literal: string,
): string {
  const kept = Object.entries(members).filter(([name]) => !changed.some(([other]) => other === name))
  const parts = [...kept, ...changed.filter(([, value]) => value !== false)]
  const body = parts.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
  return `{${[...body, ...(literal === '' ? [] : [literal])].join(',')}}`
}

const literals = fc.constantFrom(
  '',
  '',
  '',
  '',
  '',
  '"exp":1e999',
  '"sub":"twice"',
  '"x":1,"x":2',
  '"alg":"none"',
  '"x":"\\ud800"',
  '"x":01',
  '\uFEFF"x":1',
  `"x":${'['.repeat(40)}${']'.repeat(40)}`,
)

/** How many mutations; of the others 120, of the slowest fewer. */
const COUNTS: Readonly<Partial<Record<JwtAlgorithm, number>>> = {
  HS256: 900,
  ES256: 500,
  Ed25519: 500,
  RS256: 500,
  PS256: 500,
  ES384: 60,
  ES512: 30,
}

test('the drivers agree on every mutation of a valid token of every algorithm', async () => {
  for (const algorithm of ALGORITHMS) {
    const count = COUNTS[algorithm] ?? 120
    const { key, check, outcomes } = await bench(algorithm)
    const token = forge(key, headerOf(key), goodClaims)
    const property = fc.asyncProperty(fc.array(mutation, { minLength: 0, maxLength: 2 }), async (mutations) => {
      await check(mutations.reduce(mutate, token))
    })
    await fc.assert(property, { numRuns: runs(count), ...(seed === undefined ? {} : { seed }) })
    for (const outcome of ['ok', 'jwt/malformed', 'jwt/bad_signature'])
      expect([algorithm, outcome, outcomes.get(outcome) ?? 0]).not.toContain(0)
  }
})

test('the drivers agree on hostile headers and payloads under good signatures', async () => {
  const { key, check, outcomes } = await bench('HS256')
  const property = fc.asyncProperty(
    changes(names),
    changes(claimNames),
    literals,
    fc.boolean(),
    async (header, claims, literal, inHeader) => {
      const headerText = inHeader ? write(headerOf(key), header, literal) : JSON.stringify(headerOf(key))
      const payloadText = inHeader ? JSON.stringify(goodClaims) : write(goodClaims, claims, literal)
      const text = `${segment(headerText)}.${segment(payloadText)}`
      await check(signText(key, text))
    },
  )
  await fc.assert(property, { numRuns: runs(3000), ...(seed === undefined ? {} : { seed }) })
  const reached = [
    'ok',
    'jwt/malformed',
    'jwt/algorithm_not_allowed',
    'jwt/unknown_key',
    'jwt/critical_header',
    'jwt/forbidden_header',
    'jwt/wrong_type',
    'jwt/missing_claim',
    'jwt/invalid_claim',
    'jwt/wrong_issuer',
    'jwt/wrong_audience',
    'jwt/expired',
    'jwt/issued_in_future',
    'jwt/not_yet_valid',
  ]
  expect(reached.filter((outcome) => !outcomes.has(outcome))).toEqual([])
})

test('W55 the drivers agree on random text, and no text throws', async () => {
  const { check, outcomes } = await bench('HS256')
  const letters = fc.string({ unit: fc.constantFrom(...ALPHABET, '.', '.', '.'), maxLength: 200 })
  await fc.assert(fc.asyncProperty(fc.oneof(letters, fc.string({ unit: 'binary' })), check), {
    numRuns: runs(500),
    ...(seed === undefined ? {} : { seed }),
  })
  expect(outcomes.get('ok')).toBeUndefined()
  expect(outcomes.get('jwt/malformed') ?? 0).toBeGreaterThan(0)
})

test('A10 each high-S twin of an ES256 token keeps its jti, so revocation reaches both', async () => {
  const { key, check, outcomes } = await bench('ES256')
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const token = forge(key as SigningKey, headerOf(key), goodClaims)
  const dot = token.lastIndexOf('.')
  const signature = Buffer.from(token.slice(dot + 1), 'base64url')
  const s = BigInt(`0x${signature.subarray(32).toString('hex')}`)
  const twin = Buffer.concat([
    signature.subarray(0, 32),
    Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex'),
  ])
  await check(`${token.slice(0, dot + 1)}${twin.toString('base64url')}`)
  expect(outcomes.get('ok')).toBe(1)
  const revoked = everyDriver({
    ...parties,
    algorithms: ['ES256'],
    keys: [key],
    isRevoked: ({ jti }) => jti === goodClaims.jti,
  })
  for (const spelling of [token, `${token.slice(0, dot + 1)}${twin.toString('base64url')}`]) {
    expect(await revoked(spelling)).toMatchObject({ reason: 'jwt/revoked' })
  }
})
