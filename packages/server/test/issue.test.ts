// Issue: what comes out, what is stored, what is refused as a mistake, and a subject that is revoked meanwhile.
import { decode } from '@tallystick/jwt'
import { pauseAt } from '@tallystick/storage/faults'
import { describe, expect, test } from 'vitest'
import type { IssueRequest } from '../src/index.ts'
import { API, createWorld, isAlive, ISSUER, START, thrownBy } from './world.ts'

test('a sign-in gives an access token and the first refresh token of a new family', async () => {
  const world = createWorld()
  const tokens = await world.server.issue({ subject: 'alice', scope: 'read write', sessionId: 'session-1' })
  expect(tokens).toEqual({
    accessToken: expect.any(String),
    tokenType: 'Bearer',
    expiresInSeconds: 600,
    refreshToken: expect.stringMatching(/^trt_[A-Za-z0-9_-]{72}$/),
    refreshTokenExpiresInSeconds: 14 * 86_400,
    familyId: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
    sessionId: 'session-1',
    scope: 'read write',
  })
  expect(await world.family(tokens.familyId)).toMatchObject({ subject: 'alice', clientId: 'web', generation: 1 })
  expect(world.events.map(({ type }) => type)).toEqual(['refresh_token.issued', 'access_token.issued'])
})

test('AT-1 AT-2 a JWT is of type at+jwt and carries every claim that RFC 9068 requires', async () => {
  const { server } = createWorld()
  const { accessToken, familyId } = await server.issue({ subject: 'alice' })
  const decoded = decode(accessToken)
  expect(decoded).toMatchObject({
    ok: true,
    header: { typ: 'at+jwt', alg: 'HS256' },
    claims: {
      iss: ISSUER,
      aud: API,
      sub: 'alice',
      client_id: 'web',
      iat: START,
      exp: START + 600,
      fid: familyId,
      gen: 1,
    },
  })
  expect(decoded.ok && decoded.claims['jti']).toMatch(/^[A-Za-z0-9_-]{22}$/)
})

test('AT-10 an access token is good for ten minutes and for the resource servers it names', async () => {
  const world = createWorld()
  const { accessToken } = await world.server.issue({ subject: 'alice', audience: 'https://other.example.com' })
  expect(await world.server.introspect({ token: accessToken, resourceServer: API })).toEqual({ active: false })
  const named = { token: accessToken, resourceServer: 'https://other.example.com' }
  expect(await world.server.introspect(named)).toMatchObject({ active: true, exp: START + 600 })
  world.clock.advance(606)
  expect(await world.server.introspect(named)).toEqual({ active: false })
})

test('RT-10 the storage holds nothing that could be presented: no token of either kind, no handle', async () => {
  const stored: string[] = []
  const world = createWorld({
    accessToken: { format: 'opaque' },
    around: ({ records, revocations }) => ({
      records: {
        ...records,
        compareAndSet(key, version, record, expiresAt) {
          stored.push(key, record.text)
          return records.compareAndSet(key, version, record, expiresAt)
        },
      },
      revocations,
    }),
  })
  const first = await world.server.issue({ subject: 'alice' })
  await world.server.refresh({ refreshToken: first.refreshToken, attemptKey: 'k'.repeat(22) })
  const dump = stored.join('\n')
  const handle = first.refreshToken.slice(7, 27)
  for (const secret of [first.refreshToken, first.accessToken, handle, 'k'.repeat(22)])
    expect(dump).not.toContain(secret)
  expect(dump).toContain(first.familyId)
})

test('an access token alone leaves nothing in the store, and is good until its subject is revoked', async () => {
  const world = createWorld()
  const alone = await world.server.issue({ subject: 'alice', refreshToken: false, scope: 'read', sessionId: 's' })
  expect(Object.keys(alone).toSorted()).toEqual(['accessToken', 'expiresInSeconds', 'scope', 'sessionId', 'tokenType'])
  expect((await world.storage.records.list({ subject: 'alice' })).records).toEqual([])
  expect(await isAlive(world, alone.accessToken)).toBe(true)
  await world.server.revokeSubject('alice', 'password_changed')
  expect(await isAlive(world, alone.accessToken)).toBe(false)
})

test('AT-9 a client’s own token is told from a user’s by what the application says, as sub and client_id both stand in it', async () => {
  const world = createWorld()
  const { accessToken } = await world.server.issue({ subject: 'web', clientId: 'web', refreshToken: false })
  expect(await world.server.verify(accessToken)).toMatchObject({ ok: true, claims: { sub: 'web', client_id: 'web' } })
})

test('claims given at issue stand in every access token of the family, as JSON makes them', async () => {
  const world = createWorld()
  const claims = { tenant: 't1', since: new Date(0), nothing: undefined, roles: ['a', { b: 1 }] }
  const first = await world.server.issue({ subject: 'alice', claims })
  world.clock.advance(60)
  const next = await world.server.refresh({ refreshToken: first.refreshToken })
  for (const token of [first.accessToken, next.ok ? next.accessToken : '']) {
    const verified = await world.server.verify(token)
    expect(verified).toMatchObject({
      claims: { tenant: 't1', since: '1970-01-01T00:00:00.000Z', roles: ['a', { b: 1 }] },
    })
  }
})

test('AT-7 an authentication without a date is dated now; a binding stands as cnf', async () => {
  const world = createWorld()
  const binding = { type: 'mtls', thumbprint: 'c'.repeat(43) } as const
  const { accessToken } = await world.server.issue({ subject: 'alice', authentication: { methods: ['hwk'] }, binding })
  expect(await world.server.verify(accessToken, { binding })).toMatchObject({
    claims: { auth_time: START, amr: ['hwk'], cnf: { 'x5t#S256': 'c'.repeat(43) } },
  })
})

describe('mistakes', () => {
  const wrong: ReadonlyArray<readonly [string, Partial<Record<keyof IssueRequest | 'more', unknown>>, RegExp]> = [
    ['no subject', { subject: '' }, /^issue: subject must be well-formed text of 1 to 256 characters/],
    ['a long subject', { subject: 'x'.repeat(257) }, /subject must be/],
    ['a subject with U+0000', { subject: 'a\0b' }, /without U\+0000/],
    ['half a character in the subject', { subject: 'a\uD800' }, /well-formed/],
    ['a scope with a quote', { scope: 'a"b' }, /scope must be scope tokens of RFC 6749/],
    ['two spaces', { scope: 'a  b' }, /scope must be/],
    ['an audience of nobody', { audience: [] }, /audience must be text of 1 to 1024 characters/],
    ['an unknown field', { more: 1 }, /fields of IssueRequest only/],
    ['a binding of another kind', { binding: { type: 'tls', thumbprint: 'a'.repeat(43) } }, /binding/],
    ['a short thumbprint', { binding: { type: 'dpop', thumbprint: 'a' } }, /43 characters/],
    ['a session id with a slash', { sessionId: 'a/b' }, /sessionId must be 1 to 64/],
    ['an authentication without methods', { authentication: {} }, /authentication.methods must be a list/],
    ['an authentication in milliseconds', { authentication: { methods: [], authenticatedAt: 1.8e12 } }, /NumericDate/],
    [
      'claims of 2 KiB',
      { claims: { text: 'x'.repeat(2048) } },
      /claims must be at most 1024 bytes as JSON \(given 2059\)/,
    ],
    [
      'a claim with a registered name',
      { claims: { exp: 1 } },
      /claims.exp must not have the name of a registered claim/,
    ],
    ['a claim with one of our names', { claims: { fid: 'x' } }, /claims.fid must not/],
    ['__proto__ as a claim', { claims: JSON.parse('{"__proto__":{"admin":true}}') }, /claims/],
    ['refreshToken that is no boolean', { refreshToken: 'no' }, /refreshToken must be true or false/],
  ]
  test.each(wrong)('%s is a mistake that names the field, and nothing is stored', async (_, request, message) => {
    const world = createWorld()
    const thrown = await thrownBy(() => world.server.issue({ subject: 'alice', ...request } as IssueRequest))
    expect(['TypeError', 'RangeError']).toContain(thrown.name)
    expect(thrown.message).toMatch(message)
    expect([(await world.storage.records.list({ subject: 'alice' })).records, world.events]).toEqual([[], []])
  })

  test('a client that is not registered, or none at all, is a mistake', async () => {
    const registered = createWorld({ clients: { app: { type: 'public' } } })
    await expect(registered.server.issue({ subject: 'alice', clientId: 'nobody' })).rejects.toThrow(
      'must be a registered client',
    )
    const none = createWorld({ clientId: undefined })
    await expect(none.server.issue({ subject: 'alice' })).rejects.toThrow(
      'clientId must be given where the server has none',
    )
  })

  test('MT-1 RT-15 a sender-constrained client gets no unbound token', async () => {
    const world = createWorld({ clients: { web: { type: 'public', senderConstrained: true } } })
    await expect(world.server.issue({ subject: 'alice' })).rejects.toThrow(
      'binding must be given for a sender-constrained client',
    )
  })
})

test('F71 two families of one user and client: revoking one ends exactly its own access tokens', async () => {
  const world = createWorld()
  const [phone, laptop] = [
    await world.server.issue({ subject: 'alice' }),
    await world.server.issue({ subject: 'alice' }),
  ]
  await world.server.revokeFamily(phone.familyId, 'sign_out')
  expect([await isAlive(world, phone.accessToken), await isAlive(world, laptop.accessToken)]).toEqual([false, true])
})

test('an entropy source that repeats itself never gives two families one handle', async () => {
  let calls = 0
  const fixed = {
    bytes: (length: number) => new Uint8Array(length).fill(length === 16 ? Math.min(3, (calls += 1)) : 7),
  }
  const world = createWorld({ entropy: fixed, onEvent: undefined })
  await world.server.issue({ subject: 'alice' })
  await world.server.issue({ subject: 'bob' })
  const thrown = await thrownBy(() => world.server.issue({ subject: 'carol' }))
  expect(thrown).toMatchObject({ code: 'ERR_STORAGE_CONTENDED' })
})

test('a subject that is revoked while it signs in gets nothing, and the family that was begun is dead', async () => {
  const held: { storage?: ReturnType<typeof pauseAt> } = {}
  // 0: the cut-off, 1: the family, 2: the cut-off again.
  const world = createWorld({ around: (storage) => (held.storage = pauseAt(storage, 2)).storage })
  const issuing = thrownBy(() => world.server.issue({ subject: 'alice' }))
  await held.storage!.paused
  await world.anotherServer().revokeSubject('alice', 'locked')
  held.storage!.resume()
  expect(await issuing).toMatchObject({ code: 'ERR_SUBJECT_REVOKED', retryable: false })
  const { records } = await world.storage.records.list({ subject: 'alice' })
  expect(records.map(({ text }) => (JSON.parse(text) as { status: string }).status)).toEqual(['revoked'])
})
