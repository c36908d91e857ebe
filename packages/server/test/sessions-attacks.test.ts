// Sessions under attack by time and by order: what one call leaves behind, and what another makes of it.
import { describe, expect, test } from 'vitest'
import { authentication, createSessionWorld, ok, presented, type SessionWorld, signIn } from './session-world.ts'
import { API, isAlive, outcome } from './world.ts'

/** Lets time pass in a session that is used all the while. */
async function useUntil(world: SessionWorld, credential: string, end: number): Promise<void> {
  while (world.clock.now() < end) {
    world.clock.advance(Math.min(3000, end - world.clock.now()))
    if (world.clock.now() < end) expect(await presented(world, credential)).toBe('ok')
  }
}

describe('data of a session that is re-authenticated', () => {
  test('SE-4 F85 an update that was under way does not let them go before their session', async () => {
    const world = createSessionWorld()
    const { credential, session } = await signIn(world, { data: 'first' })
    world.clock.advance(3000)
    let next = ''
    const changed = await world.server.sessions.update(credential, async () => {
      if (next === '') next = ok(await world.server.sessions.reauthenticate(credential, authentication)).credential
      return 'second'
    })
    expect(ok(changed).data).toBe('second')
    await useUntil(world, next, session.expiresAt + 100)
    expect(await presented(world, next)).toBe('ok')
    expect(await world.server.sessions.read(next)).toMatchObject({ ok: true, data: 'second' })
  })
})

describe('what was issued for a session', () => {
  test('RT-9 F78 ends with it by time as well, and is not alive again once the store has forgotten it', async () => {
    const world = createSessionWorld()
    const { credential, session } = await signIn(world)
    const { sessionId, expiresAt } = session
    await useUntil(world, credential, expiresAt - 10)
    const linked = await world.server.issue({ subject: 'alice', sessionId })
    const alone = await world.server.issue({ subject: 'alice', sessionId, refreshToken: false })
    for (const seconds of [10, 5, 1, 60]) {
      world.clock.advance(seconds)
      expect(outcome(await world.server.refresh({ refreshToken: linked.refreshToken }))).toMatch(/^refresh_token/)
      for (const { accessToken } of [linked, alone]) {
        expect(await world.server.introspect({ token: accessToken, resourceServer: API })).toEqual({ active: false })
      }
    }
    expect(await world.keys()).toEqual([])
  })

  test('F78 a token without a family is not alive again once the store has forgotten a session that nobody used', async () => {
    const world = createSessionWorld({ sessionPolicy: { idleTimeoutSeconds: 60 } })
    const { session } = await signIn(world)
    const { sessionId } = session
    const { accessToken } = await world.server.issue({ subject: 'alice', sessionId, refreshToken: false })
    expect(await isAlive(world, accessToken)).toBe(true)
    for (const seconds of [60, 60, 6]) {
      world.clock.advance(seconds)
      expect(await world.server.introspect({ token: accessToken, resourceServer: API })).toEqual({ active: false })
    }
  })

  test('F90 its revocation stays in the log for as long as any of its tokens', async () => {
    const world = createSessionWorld()
    const { credential, session } = await signIn(world)
    const { sessionId, expiresAt } = session
    await useUntil(world, credential, expiresAt - 10)
    const { accessToken } = await world.server.issue({ subject: 'alice', sessionId, refreshToken: false })
    await world.server.sessions.revoke(credential)
    world.clock.advance(20)
    const other = world.anotherServer()
    await other.syncRevocations()
    expect((await other.verify(accessToken)).ok).toBe(false)
  })
})
