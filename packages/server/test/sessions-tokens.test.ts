// Sessions and the tokens that belong to them: what ends with what, and what does not.
import { pauseAt } from '@tallystick/storage/faults'
import { describe, expect, test } from 'vitest'
import type { TokenSet } from '../src/index.ts'
import {
  authentication,
  createSessionWorld,
  ok,
  presented,
  reasonOf,
  renewing,
  type SessionWorld,
  signIn,
  stronger,
} from './session-world.ts'
import { API, isAlive, outcome, rotations, served, START, thrownBy } from './world.ts'

async function withTokens(world: SessionWorld, subject = 'alice') {
  const { credential, session, tokens } = await signIn(world, {
    subject,
    refreshToken: true,
    scope: 'orders:read',
    data: 1,
  })
  return { credential, session, tokens: tokens as TokenSet }
}

describe('access tokens of a session', () => {
  test('F78 AT-7 they name the session, say how the user counts as authenticated, and end with that', async () => {
    const world = createSessionWorld({ sessionPolicy: { elevationSeconds: 120, idleTimeoutSeconds: 'none' } })
    const { credential, session } = await signIn(world, { scope: 'orders:read orders:write' })
    world.clock.advance(60)
    const plain = ok(
      await world.server.sessions.issueAccessToken(credential, { scope: 'orders:read', claims: { tenant: 't1' } }),
    )
    expect(plain).toMatchObject({
      expiresInSeconds: 600,
      sessionId: session.sessionId,
      scope: 'orders:read',
      tokenType: 'Bearer',
    })
    expect(ok(await world.server.verify(plain.accessToken)).claims).toMatchObject({
      sub: 'alice',
      sid: session.sessionId,
      client_id: 'web',
      acr: 'silver',
      amr: ['pwd'],
      auth_time: START,
      tenant: 't1',
    })
    const elevated = ok(await world.server.sessions.elevate(credential, stronger))
    const strong = ok(await world.server.sessions.issueAccessToken(elevated.credential))
    expect(strong).toMatchObject({ expiresInSeconds: 120, scope: 'orders:read orders:write' })
    expect(ok(await world.server.verify(strong.accessToken)).claims).toMatchObject({
      acr: 'gold',
      auth_time: START + 60,
    })
    world.clock.advance(121)
    expect(ok(await world.server.sessions.issueAccessToken(elevated.credential)).expiresInSeconds).toBe(600)
    world.clock.advance(86_400 - 181 - 100)
    expect(ok(await world.server.sessions.issueAccessToken(elevated.credential)).expiresInSeconds).toBe(100)
    world.clock.advance(100)
    expect(reasonOf(await world.server.sessions.issueAccessToken(elevated.credential))).toBe('session/expired')
  })

  test('they never outlive the session, by either time-out', async () => {
    const world = createSessionWorld({
      sessionPolicy: { idleTimeoutSeconds: 300, absoluteTimeoutSeconds: 400, touchSeconds: 0 },
    })
    const { credential } = await signIn(world)
    const first = ok(await world.server.sessions.issueAccessToken(credential))
    expect(first.expiresInSeconds).toBe(300)
    world.clock.advance(250)
    const second = ok(await world.server.sessions.issueAccessToken(credential))
    expect(second.expiresInSeconds).toBe(150)
    world.clock.advance(149)
    expect(await isAlive(world, second.accessToken)).toBe(true)
    world.clock.advance(1)
    expect((await world.server.introspect({ token: second.accessToken, resourceServer: API })).active).toBe(false)
  })

  test('RT-5 a wider scope than the session has is refused', async () => {
    const world = createSessionWorld()
    const { credential } = await signIn(world, { scope: 'orders:read' })
    const refused = await world.server.sessions.issueAccessToken(credential, { scope: 'orders:read orders:write' })
    expect(refused).toMatchObject({
      ok: false,
      reason: 'access_token/scope_exceeded',
      error: { code: 'invalid_scope' },
    })
    const bare = await signIn(world)
    expect(reasonOf(await world.server.sessions.issueAccessToken(bare.credential, { scope: 'x' }))).toBe(
      'access_token/scope_exceeded',
    )
  })

  test.each(['jwt', 'opaque'] as const)(
    'F90 RV-6 after sign-out a %s access token is refused everywhere',
    async (format) => {
      const world = createSessionWorld({ accessToken: { format } })
      const { credential } = await signIn(world)
      const other = await signIn(world)
      const { accessToken } = ok(await world.server.sessions.issueAccessToken(credential))
      const kept = ok(await world.server.sessions.issueAccessToken(other.credential)).accessToken
      expect(await isAlive(world, accessToken)).toBe(true)
      await world.server.sessions.revoke(credential)
      expect(await isAlive(world, accessToken)).toBe(false)
      const elsewhere = world.anotherServer()
      expect((await elsewhere.introspect({ token: accessToken, resourceServer: API })).active).toBe(false)
      await elsewhere.syncRevocations()
      expect(await isAlive({ server: elsewhere }, accessToken)).toBe(false)
      // F71 A session of the same user and client lives on, and so do its tokens.
      expect(await isAlive(world, kept)).toBe(true)
      expect(await isAlive({ server: elsewhere }, kept)).toBe(true)
    },
  )

  test('an introspected token of a session that was not used for too long is inactive', async () => {
    const world = createSessionWorld({ accessToken: { lifetimeSeconds: 7200 } })
    const { credential } = await signIn(world)
    const { accessToken } = ok(await world.server.sessions.issueAccessToken(credential))
    world.clock.advance(3599)
    expect(await isAlive(world, accessToken)).toBe(true)
    world.clock.advance(1)
    expect((await world.server.introspect({ token: accessToken, resourceServer: API })).active).toBe(false)
  })

  test('a client must be known where a token names one', async () => {
    const world = createSessionWorld({ clientId: undefined })
    const { credential } = await signIn(world)
    expect((await thrownBy(() => world.server.sessions.issueAccessToken(credential))).message).toMatch(/clientId/)
    const named = await signIn(world, { clientId: 'web' })
    expect(reasonOf(await world.server.sessions.issueAccessToken(named.credential))).toBe('ok')
  })
})

describe('a session and its refresh token, begun together', () => {
  test('they stand in one record, and the refresh token ends no later than the session', async () => {
    const world = createSessionWorld()
    const { session, tokens } = await withTokens(world)
    expect(tokens).toMatchObject({ familyId: session.sessionId, sessionId: session.sessionId, scope: 'orders:read' })
    expect(await world.keys()).toHaveLength(2)
    const family = await world.familyOf(session.sessionId)
    expect(family.absoluteExpiresAt).toBe(session.expiresAt)
    const next = served(await world.server.refresh({ refreshToken: tokens.refreshToken }))
    expect(await isAlive(world, next.accessToken)).toBe(true)
    expect((await world.session(session.sessionId)).generation).toBe(1)
  })

  test('a use of the session does not shorten what the client lets its refresh token idle', async () => {
    const world = createSessionWorld({
      policy: { idleTimeoutSeconds: 1000 },
      clients: { web: { type: 'public' }, app: { type: 'public', policy: { idleTimeoutSeconds: 800_000 } } },
      sessionPolicy: { absoluteTimeoutSeconds: 864_000 },
    })
    const { credential, tokens } = await signIn(world, { clientId: 'app', refreshToken: true })
    world.clock.advance(60)
    expect(await presented(world, credential)).toBe('ok')
    expect(world.told('session.presented')).toBe(1)
    world.clock.advance(500_000)
    const asked = { refreshToken: tokens!.refreshToken, clientId: 'app' }
    expect(outcome(await world.server.refresh(asked))).toBe('rotated')
  })

  test('SE-7 a refresh does not count as the presence of the user, and the session as no refresh', async () => {
    const world = createSessionWorld()
    const { credential, tokens } = await withTokens(world)
    let { refreshToken } = tokens
    for (let at = 0; at < 4; at += 1) {
      world.clock.advance(1000)
      refreshToken = served(await world.server.refresh({ refreshToken })).refreshToken
    }
    expect(await presented(world, credential)).toBe('session/idle')
    const last = served(await world.server.refresh({ refreshToken }))
    expect(await isAlive(world, last.accessToken)).toBe(true)
  })

  const endings: Readonly<
    Record<string, (world: SessionWorld, one: Awaited<ReturnType<typeof withTokens>>) => Promise<unknown>>
  > = {
    'sign-out': ({ server }, { credential }) => server.sessions.revoke(credential),
    'revocation of the session': ({ server }, { session }) => server.revokeSession(session.sessionId, 'admin'),
    'revocation of the family': ({ server }, { tokens }) => server.revokeFamily(tokens.familyId, 'admin'),
    'revocation of the refresh token': ({ server }, { tokens }) => server.revoke({ token: tokens.refreshToken }),
    'revocation of the subject': ({ server }) => server.revokeSubject('alice', 'locked'),
    'a replayed refresh token': async (world, { tokens }) => {
      await rotations(world, tokens, 3)
      expect(outcome(await world.server.refresh({ refreshToken: tokens.refreshToken }))).toBe('refresh_token/replayed')
    },
    'a replayed credential': async (world, { credential }) => {
      world.clock.advance(700)
      const next = ok(await world.server.sessions.renew(credential)).credential
      await world.server.sessions.present(next)
      world.clock.advance(61)
      expect(await presented(world, credential)).toBe('session/replayed')
    },
    'a sign-in in its place': (world, { credential }) => signIn(world, { subject: 'bob', replaces: credential }),
  }
  test.each(Object.keys(endings))('RT-9 F90 RV-5 %s ends both, and everything that was issued', async (name) => {
    const world = createSessionWorld({ sessionPolicy: renewing })
    const one = await withTokens(world)
    const another = await withTokens(world, 'carol')
    const access = ok(await world.server.sessions.issueAccessToken(one.credential)).accessToken
    await endings[name]!(world, one)
    const { sessionId } = one.session
    expect(await world.session(sessionId)).toMatchObject({ status: 'revoked', announced: true })
    expect(await world.familyOf(sessionId)).toMatchObject({ status: 'revoked', announced: true })
    expect(await presented(world, one.credential)).toBe('session/revoked')
    expect(outcome(await world.server.refresh({ refreshToken: one.tokens.refreshToken }))).toBe('refresh_token/revoked')
    const elsewhere = world.anotherServer()
    await elsewhere.syncRevocations()
    for (const token of [access, one.tokens.accessToken]) {
      for (const server of [world.server, elsewhere]) expect(await isAlive({ server }, token)).toBe(false)
    }
    expect(await world.keys()).not.toContain(`session-data:${sessionId}`)
    expect(await world.announced()).toEqual(expect.arrayContaining([`session:${sessionId}`, `family:${sessionId}`]))
    expect([world.told('session.revoked'), world.told('refresh_token.revoked')]).toEqual([1, 1])
    // F71 Nothing of anybody else's has ended.
    expect(await presented(world, another.credential)).toBe('ok')
    expect(outcome(await world.server.refresh({ refreshToken: another.tokens.refreshToken }))).toBe('rotated')
  })
})

describe('refresh tokens issued for a session', () => {
  test('RT-9 F71 they end with their session, and with no other', async () => {
    const world = createSessionWorld()
    const [mine, other] = [await signIn(world), await signIn(world)]
    const issue = (sessionId: string | undefined) => world.server.issue({ subject: 'alice', sessionId })
    const [first, second, third, free] = [
      await issue(mine.session.sessionId),
      await issue(mine.session.sessionId),
      await issue(other.session.sessionId),
      await issue(undefined),
    ]
    expect(await world.server.sessions.revoke(mine.credential)).toEqual({ revoked: 1 })
    for (const { refreshToken, accessToken } of [first, second]) {
      expect(outcome(await world.server.refresh({ refreshToken }))).toBe('refresh_token/revoked')
      expect(await isAlive(world, accessToken)).toBe(false)
    }
    for (const { refreshToken, accessToken } of [third, free]) {
      expect(await isAlive(world, accessToken)).toBe(true)
      expect(outcome(await world.server.refresh({ refreshToken }))).toBe('rotated')
    }
    expect(await presented(world, other.credential)).toBe('ok')
  })

  test('RT-9 they end in the store, for processes that hear of nothing', async () => {
    const world = createSessionWorld({ withoutLog: true })
    const { credential, session } = await signIn(world)
    const { refreshToken, familyId } = await world.server.issue({ subject: 'alice', sessionId: session.sessionId })
    await world.server.sessions.revoke(credential)
    expect((await world.family(familyId)).status).toBe('revoked')
    expect(outcome(await world.anotherServer().refresh({ refreshToken }))).toBe('refresh_token/revoked')
  })

  test('F76 F78 whatever is issued for a session while it ends is dead in the store, wherever the issuing was held', async () => {
    let refused = 0
    for (let index = 0; index < 6; index += 1) {
      for (const when of ['before', 'after'] as const) {
        const world = createSessionWorld({ withoutLog: true })
        const { credential, session } = await signIn(world)
        const pause = pauseAt(world.storage, index, when)
        const held = world.anotherServer({ storage: pause.storage })
        const issuing = held
          .issue({ subject: 'alice', sessionId: session.sessionId })
          .catch((thrown: unknown) => thrown)
        await Promise.race([pause.paused, issuing])
        await world.server.sessions.revoke(credential)
        pause.resume()
        const issued = (await issuing) as { readonly code?: string; readonly refreshToken?: string }
        if (issued.code === 'ERR_SESSION_REVOKED') refused += 1
        const { refreshToken } = issued
        if (refreshToken === undefined) continue
        expect(outcome(await world.anotherServer().refresh({ refreshToken }))).toBe('refresh_token/revoked')
      }
    }
    expect(refused).toBeGreaterThan(2)
  })

  test('F78 a session that is at an end gets no tokens, and another subject’s never does', async () => {
    const world = createSessionWorld()
    const { credential, session } = await signIn(world)
    const { sessionId } = session
    for (const refreshToken of [true, false]) {
      const foreign = await thrownBy(() => world.server.issue({ subject: 'bob', sessionId, refreshToken }))
      expect(foreign.message).toMatch(/sessionId must be a session of the subject/)
    }
    await world.server.sessions.revoke(credential)
    for (const refreshToken of [true, false]) {
      const thrown = await thrownBy(() => world.server.issue({ subject: 'alice', sessionId, refreshToken }))
      expect(thrown).toMatchObject({ code: 'ERR_SESSION_REVOKED', retryable: false })
    }
    const idle = await signIn(world)
    world.clock.advance(3600)
    const thrown = await thrownBy(() => world.server.issue({ subject: 'alice', sessionId: idle.session.sessionId }))
    expect(thrown).toMatchObject({ code: 'ERR_SESSION_REVOKED' })
    const { keys } = world
    expect((await keys()).filter((key) => key.startsWith('sign-in:'))).toHaveLength(2)
    // An id that is the application's own is none of our business.
    expect(await world.server.issue({ subject: 'alice', sessionId: 'app-session' })).toMatchObject({
      sessionId: 'app-session',
    })
  })

  test('a session lives on when a family that was issued for it ends', async () => {
    const world = createSessionWorld()
    const { credential, session } = await signIn(world)
    const { familyId } = await world.server.issue({ subject: 'alice', sessionId: session.sessionId })
    expect(await world.server.revokeFamily(familyId, 'sign_out')).toEqual({ revoked: 1 })
    expect(await world.server.revokeFamily(session.sessionId, 'sign_out')).toEqual({ revoked: 0 })
    expect(await world.server.revokeSession(familyId, 'sign_out')).toEqual({ revoked: 0 })
    expect(await presented(world, credential)).toBe('ok')
  })
})

test('authentication is the sign-in’s own in every token, and no refresh freshens it', async () => {
  const world = createSessionWorld()
  const { tokens } = await withTokens(world)
  world.clock.advance(700)
  const next = served(await world.server.refresh({ refreshToken: tokens.refreshToken }))
  expect(ok(await world.server.verify(next.accessToken)).claims).toMatchObject({
    acr: authentication.acr,
    auth_time: START,
  })
})
