// Introspection (RFC 7662): everything for whom the token is meant, exactly { active: false } for everybody else.
import { describe, expect, test } from 'vitest'
import { API, createWorld, ISSUER, KEY, outcome, rotations, served, START, thrownBy } from './world.ts'

const INACTIVE = { active: false }

describe.each(['jwt', 'opaque'] as const)('an access token, %s', (format) => {
  const options = { accessToken: { format } }

  test('IN-2 IN-7 is shown whole to a resource server that it names', async () => {
    const { server } = createWorld(options)
    const authentication = { methods: ['otp'], acr: 'gold', authenticatedAt: START - 5 }
    const { accessToken, familyId } = await server.issue({
      subject: 'alice',
      scope: 'read',
      authentication,
      claims: { tenant: 't' },
    })
    expect(await server.introspect({ token: accessToken, resourceServer: API })).toEqual({
      active: true,
      token_use: 'access_token',
      token_type: 'Bearer',
      iss: ISSUER,
      aud: API,
      sub: 'alice',
      client_id: 'web',
      scope: 'read',
      iat: START,
      exp: START + 600,
      jti: expect.any(String),
      fid: familyId,
      gen: 1,
      auth_time: START - 5,
      amr: ['otp'],
      acr: 'gold',
      tenant: 't',
    })
  })

  test('IN-3 A27 F72 is nothing to anybody else, in exactly the same words', async () => {
    const world = createWorld(options)
    const { accessToken } = await world.server.issue({ subject: 'alice' })
    const others = [
      'https://evil.example.com',
      `${API}.evil`,
      API.slice(0, -1),
      API.toUpperCase(),
      `${API}/`,
      ISSUER,
      'web',
      'x'.repeat(2000),
    ]
    for (const resourceServer of others) {
      const answer = await world.server.introspect({ token: accessToken, resourceServer })
      expect(JSON.stringify(answer)).toBe('{"active":false}')
    }
  })

  test('F72 nobody in particular is a mistake, not an audience', async () => {
    const { server } = createWorld(options)
    const { accessToken } = await server.issue({ subject: 'alice' })
    for (const resourceServer of ['', undefined, null, 7]) {
      const call = () => server.introspect({ token: accessToken, resourceServer: resourceServer as string })
      expect((await thrownBy(call)).message).toMatch(/^introspect: resourceServer must say who asks/)
    }
  })

  test('IN-2 is inactive once it, its family or its time has ended', async () => {
    const world = createWorld(options)
    const asked = async (token: string) => world.server.introspect({ token, resourceServer: API })
    const one = await world.server.issue({ subject: 'alice' })
    const two = await world.server.issue({ subject: 'alice' })
    const three = await world.server.issue({ subject: 'alice' })
    await world.server.revoke({ token: one.accessToken })
    await world.server.revokeFamily(two.familyId, 'sign_out')
    expect([await asked(one.accessToken), await asked(two.accessToken)]).toEqual([INACTIVE, INACTIVE])
    world.clock.advance(599)
    expect(await asked(three.accessToken)).toMatchObject({ active: true })
    world.clock.advance(6)
    expect(await asked(three.accessToken)).toEqual(INACTIVE)
  })

  test('IN-2 is inactive where the family’s record is gone, or its idle end is reached', async () => {
    const world = createWorld({ accessToken: { format, lifetimeSeconds: 7200 }, policy: { idleTimeoutSeconds: 3600 } })
    const one = await world.server.issue({ subject: 'alice' })
    const two = await world.server.issue({ subject: 'alice' })
    await world.storage.records.delete(`sign-in:${one.familyId}`)
    expect(await world.server.introspect({ token: one.accessToken, resourceServer: API })).toEqual(INACTIVE)
    world.clock.advance(3600)
    expect(await world.server.introspect({ token: two.accessToken, resourceServer: API })).toEqual(INACTIVE)
  })

  test('IN-2 is inactive where its client is registered no more', async () => {
    const world = createWorld({ ...options, clients: { web: { type: 'public' }, app: { type: 'public' } } })
    const { accessToken } = await world.server.issue({ subject: 'alice', clientId: 'app' })
    const without = world.anotherServer({ clients: { web: { type: 'public' } } })
    expect(await without.introspect({ token: accessToken, resourceServer: API })).toEqual(INACTIVE)
  })

  test('IN-6 a bound token is shown with its key, and as DPoP where that is how it is bound', async () => {
    const { server } = createWorld(options)
    for (const [type, cnf, tokenType] of [
      ['dpop', { jkt: 'k'.repeat(43) }, 'DPoP'],
      ['mtls', { 'x5t#S256': 'k'.repeat(43) }, 'Bearer'],
    ] as const) {
      const { accessToken } = await server.issue({ subject: 'alice', binding: { type, thumbprint: 'k'.repeat(43) } })
      const answer = await server.introspect({ token: accessToken, resourceServer: API })
      expect(answer).toMatchObject({ active: true, token_type: tokenType, cnf })
    }
  })

  test('the first sight of the newest access token closes the window for its lost answer, not the rest period', async () => {
    const world = createWorld(options)
    const first = await world.server.issue({ subject: 'alice' })
    const asked = { refreshToken: first.refreshToken, attemptKey: KEY }
    const next = served(await world.server.refresh(asked))
    expect((await world.family(first.familyId)).successorUsed).toBe(false)
    await world.server.introspect({ token: first.accessToken, resourceServer: API })
    expect((await world.family(first.familyId)).successorUsed).toBe(false)
    await world.server.introspect({ token: next.accessToken, resourceServer: API })
    expect((await world.family(first.familyId)).successorUsed).toBe(true)
    expect(outcome(await world.server.refresh({ refreshToken: next.refreshToken }))).toBe('concurrent')
    expect(outcome(await world.server.refresh(asked))).toBe('refresh_token/superseded')
  })
})

describe('a refresh token', () => {
  test('is shown to the issuer alone, and only the current one', async () => {
    const world = createWorld()
    const all = await rotations(world, await world.server.issue({ subject: 'alice', scope: 'read' }), 1)
    expect(await world.server.introspect({ token: all[1]!.refreshToken, resourceServer: ISSUER })).toEqual({
      active: true,
      token_use: 'refresh_token',
      iss: ISSUER,
      sub: 'alice',
      client_id: 'web',
      scope: 'read',
      iat: START + 60,
      // The idle end, since it comes first.
      exp: START + 60 + 14 * 86_400,
      fid: all[0]!.familyId,
      gen: 2,
    })
    expect(await world.server.introspect({ token: all[0]!.refreshToken, resourceServer: ISSUER })).toEqual(INACTIVE)
    expect(await world.server.introspect({ token: all[1]!.refreshToken, resourceServer: API })).toEqual(INACTIVE)
    expect((await world.family(all[0]!.familyId)).status).toBe('active')
  })

  test('IN-6 shows the key it is bound to; an ended or expired one is nothing', async () => {
    const world = createWorld()
    const binding = { type: 'dpop', thumbprint: 'k'.repeat(43) } as const
    const bound = await world.server.issue({ subject: 'alice', binding })
    const asked = { token: bound.refreshToken, resourceServer: ISSUER }
    expect(await world.server.introspect(asked)).toMatchObject({ cnf: { jkt: 'k'.repeat(43) } })
    world.clock.advance(14 * 86_400 - 1)
    expect(await world.server.introspect(asked)).toMatchObject({ active: true })
    world.clock.advance(1)
    expect(await world.server.introspect(asked)).toEqual(INACTIVE)
  })

  test('RT-18 is no access token, here or at verification', async () => {
    const { server } = createWorld()
    const { refreshToken } = await server.issue({ subject: 'alice' })
    expect(await server.introspect({ token: refreshToken, resourceServer: API })).toEqual(INACTIVE)
    expect(await server.verify(refreshToken)).toMatchObject({
      ok: false,
      error: { code: 'invalid_token', status: 401 },
    })
  })
})

test('IN-3 A27 whatever is no token is inactive, and nothing throws', async () => {
  const { server } = createWorld()
  for (const token of [
    '',
    ' ',
    'x',
    'a.b.c',
    '..',
    'trt_',
    'tat_',
    '\0',
    '💥',
    'x'.repeat(100_000),
    undefined,
    null,
    7,
    {},
  ]) {
    expect(await server.introspect({ token: token as string, resourceServer: API })).toEqual(INACTIVE)
    expect(await server.introspect({ token: token as string, resourceServer: ISSUER })).toEqual(INACTIVE)
  }
})
