// Options: wrong ones are mistakes that name the field and what is allowed, and never show a secret.
import { importVerificationKey, toJwks, generateKey } from '@tallystick/jwt'
import { memoryStorage } from '@tallystick/storage-memory'
import { describe, expect, test } from 'vitest'
import { createTokenServer, serverDefaults, type TokenServerOptions } from '../src/index.ts'
import { API, createWorld, ISSUER, SECRET, signingKey } from './world.ts'

const right: TokenServerOptions = {
  issuer: ISSUER,
  audience: API,
  keys: [signingKey],
  refreshTokenSecrets: [{ id: 1, secret: SECRET }],
  storage: memoryStorage(),
}
const es256 = await generateKey('ES256')
const publicKey = await importVerificationKey(toJwks([es256]).keys[0]!, { algorithm: 'ES256' })
const { records } = memoryStorage()

describe('mistakes', () => {
  const wrong: ReadonlyArray<readonly [string, Record<string, unknown>, string]> = [
    ['no issuer', { issuer: undefined }, 'createTokenServer: issuer must be an https URL'],
    ['an http issuer', { issuer: 'http://auth.example.com' }, 'issuer must be an https URL without query or fragment'],
    ['an issuer with a query', { issuer: 'https://auth.example.com?x' }, 'given "https://auth.example.com?x"'],
    ['an issuer with a fragment', { issuer: 'https://auth.example.com#' }, 'issuer must be'],
    ['an issuer that is no URL', { issuer: 'auth' }, 'issuer must be'],
    ['no audience', { audience: [] }, 'audience must be text of 1 to 1024 characters'],
    ['no key', { keys: [] }, 'keys must hold at least one signing key'],
    ['a key that only verifies', { keys: [publicKey] }, 'keys'],
    ['a key that is none', { keys: [{ kty: 'oct', k: 'c2VjcmV0c2VjcmV0c2VjcmV0' }] }, 'keys'],
    ['no refresh token secret', { refreshTokenSecrets: [] }, 'refreshTokenSecrets must hold at least one secret'],
    [
      'a short secret',
      { refreshTokenSecrets: [{ id: 1, secret: SECRET.slice(1) }] },
      'refreshTokenSecrets: 0.secret must be 32 random bytes',
    ],
    ['a constant secret', { refreshTokenSecrets: [{ id: 1, secret: new Uint8Array(32) }] }, '0.secret must be random'],
    [
      'two secrets of one id',
      {
        refreshTokenSecrets: [
          { id: 1, secret: SECRET },
          { id: 1, secret: SECRET.toReversed() },
        ],
      },
      '1.id must be unique',
    ],
    ['an id beyond a byte', { refreshTokenSecrets: [{ id: 256, secret: SECRET }] }, '0.id must be 0 to 255'],
    [
      'only compromised secrets',
      { refreshTokenSecrets: [{ id: 1, secret: SECRET, compromised: true }] },
      'not compromised',
    ],
    ['no storage', { storage: {} }, 'storage must be a Storage'],
    [
      'a store without compare-and-set',
      { storage: { records: { ...records, capabilities: { ...records.capabilities, compareAndSet: false } } } },
      'storage must have compareAndSet',
    ],
    ['an empty client id', { clientId: '' }, 'clientId must be text of 1 to 256 characters'],
    ['clients that are none', { clients: 'web' }, 'clients must be an object of clients by id, or a function'],
    ['a client of no type', { clients: { web: {} } }, "clients: web.type must be 'public' or 'confidential'"],
    ['an unknown format', { accessToken: { format: 'paseto' } }, "accessToken.format must be 'jwt' or 'opaque'"],
    [
      'no lifetime',
      { accessToken: { lifetimeSeconds: 0 } },
      'accessToken.lifetimeSeconds must be 1 to 86400 (given 0)',
    ],
    ['a lifetime of days', { accessToken: { lifetimeSeconds: 86_401 } }, 'must be 1 to 86400'],
    ['a fractional lifetime', { accessToken: { lifetimeSeconds: 1.5 } }, 'must be 1 to 86400'],
    [
      'a long grace period',
      { policy: { gracePeriodSeconds: 61 } },
      'policy: gracePeriodSeconds must be 0 to 60 (given 61)',
    ],
    [
      'idle beyond absolute',
      { policy: { idleTimeoutSeconds: 10, absoluteTimeoutSeconds: 5 } },
      'idleTimeoutSeconds must be at most absoluteTimeoutSeconds',
    ],
    ['an unknown policy field', { policy: { gracePeriod: 5 } }, 'fields of RefreshPolicy only'],
    ['a hook that is none', { risk: true }, 'risk must be a function (given true)'],
    ['a listener that is none', { onEvent: 'log' }, 'onEvent must be a function'],
    ['a clock that is none', { clock: Date }, 'clock must be a Clock: { now() } (given a function)'],
    ['an entropy that is none', { entropy: Math }, 'entropy must be an Entropy'],
    ['an unknown option', { gracePeriodSeconds: 5 }, 'fields of TokenServerOptions only'],
  ]
  test.each(wrong)('%s', (_, options, message) => {
    let thrown: unknown
    try {
      createTokenServer({ ...right, ...options } as never)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(Error)
    const { name, message: told } = thrown as Error
    expect(['TypeError', 'RangeError']).toContain(name)
    expect(told).toContain(message)
    expect(told).not.toContain('c2Vj')
    expect(told.length).toBeLessThan(260)
  })

  test.each([undefined, null, 'x', true])('no options at all (%s)', (options) => {
    expect(() => createTokenServer(options as never)).toThrow(TypeError)
  })
})

test('F82 an adapter that cannot compare and set is refused at construction', () => {
  const capabilities = { ...records.capabilities, compareAndSet: false }
  expect(() => createTokenServer({ ...right, storage: { records: { ...records, capabilities } } })).toThrow(
    'without it two refreshes can fork a family',
  )
})

test.each([
  'http://localhost',
  'http://localhost:3000',
  'http://127.0.0.1:8080/tenant',
  'http://[::1]',
  'https://a.example/b',
])('the issuer may be %s', (issuer) => {
  expect(() => createTokenServer({ ...right, issuer })).not.toThrow()
})

test('AT-10 the defaults are JWTs of ten minutes, with the platform’s clock and entropy', async () => {
  expect(serverDefaults).toEqual({ accessTokenFormat: 'jwt', accessTokenLifetimeSeconds: 600 })
  const server = createTokenServer({ ...right, clientId: 'web' })
  const tokens = await server.issue({ subject: 'alice' })
  expect(tokens.expiresInSeconds).toBe(600)
  expect((await server.refresh({ refreshToken: tokens.refreshToken })).ok).toBe(true)
})

test('a secret may be given as base64url text, and tokens are the same', async () => {
  const world = createWorld()
  const { refreshToken } = await world.server.issue({ subject: 'alice' })
  const secret = Buffer.from(SECRET).toString('base64url')
  const other = world.anotherServer({ refreshTokenSecrets: [{ id: 1, secret }] })
  expect((await other.refresh({ refreshToken })).ok).toBe(true)
})

test('a secret that the caller wipes afterwards still signs', async () => {
  const secret = SECRET.slice()
  const world = createWorld({ refreshTokenSecrets: [{ id: 1, secret }] })
  const { refreshToken } = await world.server.issue({ subject: 'alice' })
  secret.fill(0)
  expect((await world.server.refresh({ refreshToken })).ok).toBe(true)
})

test('a grace period of more than a thirtieth of the access token’s lifetime is warned of', () => {
  expect(createWorld({ accessToken: { lifetimeSeconds: 300 } }).events).toEqual([])
  const { events } = createWorld({ accessToken: { lifetimeSeconds: 299 } })
  expect(events).toMatchObject([
    { type: 'configuration.warned', warning: expect.stringContaining('gracePeriodSeconds 10') },
  ])
})

test('a server cannot be changed from outside', () => {
  expect(Object.isFrozen(createTokenServer(right))).toBe(true)
})
