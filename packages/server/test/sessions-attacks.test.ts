// Sessions under attack by time and by order: what one call leaves behind, and what another makes of it.
import type { Storage } from '@tallystick/storage'
import { plusSeconds } from '@tallystick/core'
import { staleReads } from '@tallystick/storage/faults'
import { describe, expect, test } from 'vitest'
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
import { API, isAlive, outcome, START } from './world.ts'

/** Lets time pass in a session that is used all the while. */
async function useUntil(world: SessionWorld, credential: string, end: number): Promise<void> {
  while (world.clock.now() < end) {
    world.clock.advance(Math.min(3000, end - world.clock.now()))
    if (world.clock.now() < end) expect(await presented(world, credential)).toBe('ok')
  }
}

/** A store by whose clock no time passes. */
function withClockAtRest({ records, revocations }: Storage): Storage {
  return {
    records: {
      ...records,
      capabilities: { ...records.capabilities, clock: true },
      read: async (key) => {
        const found = await records.read(key)
        return found && { ...found, storeTime: START }
      },
    },
    revocations,
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

  test('SE-4 they last with their session, too, where the answer of a step-up was lost and the old credential is used', async () => {
    const world = createSessionWorld()
    const { credential, session } = await signIn(world, { data: 'first' })
    world.clock.advance(3000)
    ok(await world.server.sessions.elevate(credential, stronger))
    const next = ok(await world.server.sessions.reauthenticate(credential, authentication)).credential
    await useUntil(world, next, session.expiresAt + 100)
    expect(await world.server.sessions.read(next)).toMatchObject({ ok: true, data: 'first' })
  })
})

describe('a sign-in in the place of a session, where only so many are allowed', () => {
  const sessionPolicy = { limit: { sessionsMax: 1, atLimit: 'refuse' } } as const

  test('SE-9 A34 is not kept out by a session that was last used when the clock stood ahead', async () => {
    const world = createSessionWorld({ sessionPolicy })
    const first = await signIn(world)
    const clock = { now: () => plusSeconds(world.clock.now(), 3000) }
    const ahead = world.anotherServer({ clock })
    expect(await presented({ server: ahead }, first.credential)).toBe('ok')
    const second = await signIn(world, { replaces: first.credential })
    expect(await presented(world, second.credential)).toBe('ok')
    expect((await world.session(first.session.sessionId)).status).toBe('revoked')
  })

  test('SE-9 gets its seat with an earlier credential as well, which ends the session like any other', async () => {
    const world = createSessionWorld({ sessionPolicy })
    const first = await signIn(world)
    ok(await world.server.sessions.elevate(first.credential, stronger))
    const second = await signIn(world, { replaces: first.credential })
    expect(await presented(world, second.credential)).toBe('ok')
    expect((await world.server.sessions.list('alice')).length).toBe(1)
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

  test('A34 F78 is refused where it would end before it begins: by the store’s time it lives, by ours it is at an end', async () => {
    const sessionPolicy = { idleTimeoutSeconds: 4, absoluteTimeoutSeconds: 4 }
    const world = createSessionWorld({ sessionPolicy, around: withClockAtRest })
    const { sessionId } = (await signIn(world)).session
    for (const refreshToken of [true, false]) {
      const request = { subject: 'alice', sessionId, refreshToken }
      expect(await world.server.issue(request)).toMatchObject({ expiresInSeconds: 4 })
    }
    world.clock.advance(4)
    for (const refreshToken of [true, false]) {
      const issuing = world.server.issue({ subject: 'alice', sessionId, refreshToken })
      await expect(issuing).rejects.toMatchObject({ code: 'ERR_SESSION_REVOKED' })
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

describe('on a store whose reads may be stale', () => {
  test('A38 nobody is refused by what no longer stands, a sign-out signs out, and no token of it is served', async () => {
    let stale = 0
    for (let seed = 0; seed < 20; seed += 1) {
      const world = createSessionWorld({ sessionPolicy: renewing, withoutLog: true })
      const lagging = staleReads(world.storage, { seed, lagWritesMax: 3 })
      const { server } = { server: world.anotherServer({ storage: lagging.storage }) }
      let { credential } = ok(await server.sessions.establish({ subject: 'alice', authentication, data: 0 }))
      for (let turn = 1; turn <= 4; turn += 1) {
        world.clock.advance(700)
        credential = ok(await server.sessions.renew(credential)).credential
        expect(await presented({ server }, credential)).toBe('ok')
        expect(ok(await server.sessions.update(credential, () => turn)).data).toBe(turn)
        expect(ok(await server.sessions.read(credential)).data).toBe(turn)
        world.clock.advance(61)
        expect(await presented({ server }, credential)).toBe('ok')
      }
      const next = ok(await server.sessions.establish({ subject: 'alice', replaces: credential }))
      expect(await presented({ server }, credential)).toBe('session/revoked')
      const { sessionId } = next.session
      const { accessToken } = await server.issue({ subject: 'alice', sessionId, refreshToken: false })
      expect(await server.sessions.revoke(next.credential)).toEqual({ revoked: 1 })
      expect(await presented({ server }, next.credential)).toBe('session/revoked')
      expect(reasonOf(await server.sessions.read(next.credential))).toBe('session/revoked')
      const other = world.anotherServer({ storage: lagging.storage })
      expect(await other.introspect({ token: accessToken, resourceServer: API })).toEqual({ active: false })
      stale += lagging.stale()
    }
    expect(stale).toBeGreaterThan(20)
  })

  test('A38 a guess writes nothing there either', async () => {
    const world = createSessionWorld()
    const { credential, session } = await signIn(world)
    const { storage } = staleReads(world.storage, { seed: 1 })
    const before = await world.storage.records.read(`sign-in:${session.sessionId}`)
    const guess = credential.slice(0, 26) + 'A'.repeat(43)
    const server = world.anotherServer({ storage })
    expect(await presented({ server }, guess)).toBe('session/unknown')
    expect(await presented({ server }, `tsn_${'A'.repeat(65)}`)).toBe('session/unknown')
    expect(await world.storage.records.read(`sign-in:${session.sessionId}`)).toEqual(before)
    expect(await world.storage.records.read(`sign-in:${'A'.repeat(22)}`)).toBeUndefined()
  })
})
