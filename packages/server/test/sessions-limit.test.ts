// SE-9 How many sessions a user may have, and what happens at one more: exact, however many sign in at once.
import { failAt, pauseAt } from '@tallystick/storage/faults'
import { describe, expect, test } from 'vitest'
import { createSessionWorld, ok, presented, reasonOf, signIn } from './session-world.ts'

const three = (atLimit: 'evict_oldest' | 'refuse' | 'notify') => ({
  sessionPolicy: { limit: { sessionsMax: 3, atLimit } },
})

async function liveIds({ server }: ReturnType<typeof createSessionWorld>): Promise<readonly string[]> {
  return (await server.sessions.list('alice')).map(({ sessionId }) => sessionId)
}

describe('one more than allowed', () => {
  test('SE-9 evict_oldest: the oldest ends, with its data and tokens', async () => {
    const world = createSessionWorld(three('evict_oldest'))
    const all = []
    for (let at = 0; at < 5; at += 1) {
      all.push(await signIn(world, { refreshToken: at === 0, data: at }))
      world.clock.advance(1)
    }
    const outcomes = []
    for (const { credential } of all) outcomes.push(await presented(world, credential))
    expect(outcomes).toEqual(['session/revoked', 'session/revoked', 'ok', 'ok', 'ok'])
    expect((await world.session(all[0]!.session.sessionId)).cause).toBe('limit')
    expect((await world.familyOf(all[0]!.session.sessionId)).status).toBe('revoked')
    expect((await world.keys()).filter((key) => key.startsWith('session-data:'))).toHaveLength(3)
    expect(world.told('session.limit_reached')).toBe(2)
  })

  test('SE-9 refuse: the new one is refused and leaves nothing, and a sign-out makes room', async () => {
    const world = createSessionWorld(three('refuse'))
    const all = [await signIn(world), await signIn(world), await signIn(world)]
    const before = await world.dump()
    const refused = await world.server.sessions.establish({ subject: 'alice', refreshToken: true })
    expect(refused).toMatchObject({ ok: false, reason: 'session/limit_reached', error: { status: 403 } })
    expect(await world.dump()).toEqual(before)
    expect(reasonOf(await world.server.sessions.establish({ subject: 'bob' }))).toBe('ok')
    await world.server.sessions.revoke(all[1]!.credential)
    await signIn(world)
    expect(await liveIds(world)).toHaveLength(3)
    expect(reasonOf(await world.server.sessions.establish({ subject: 'alice' }))).toBe('session/limit_reached')
  })

  test('SE-9 refuse: one that is signed in again in its place needs no other seat; who only knows an id gets none', async () => {
    const world = createSessionWorld(three('refuse'))
    const all = [await signIn(world), await signIn(world), await signIn(world)]
    const guess = all[0]!.credential.slice(0, 26) + 'A'.repeat(43)
    expect(reasonOf(await world.server.sessions.establish({ subject: 'alice', replaces: guess }))).toBe(
      'session/limit_reached',
    )
    const again = ok(await world.server.sessions.establish({ subject: 'alice', replaces: all[0]!.credential }))
    expect(await presented(world, all[0]!.credential)).toBe('session/revoked')
    expect(await presented(world, again.credential)).toBe('ok')
    expect(await liveIds(world)).toHaveLength(3)
  })

  test('SE-9 notify: all live, and it is told', async () => {
    const world = createSessionWorld(three('notify'))
    for (let at = 0; at < 5; at += 1) await signIn(world)
    expect(await liveIds(world)).toHaveLength(5)
    expect(world.told('session.limit_reached')).toBe(2)
  })

  test('a session that nobody used for too long gives its seat up for good, and cannot be brought back beside', async () => {
    const world = createSessionWorld({ sessionPolicy: { limit: { sessionsMax: 1, atLimit: 'refuse' } } })
    const first = await signIn(world)
    world.clock.advance(3600)
    expect(await presented(world, first.credential)).toBe('session/idle')
    await signIn(world)
    expect(reasonOf(await world.server.sessions.reauthenticate(first.credential, { methods: ['pwd'] }))).toBe(
      'session/revoked',
    )
    expect(await liveIds(world)).toHaveLength(1)
  })

  test('a sign-in that is under way has its seat: nobody takes it meanwhile', async () => {
    const world = createSessionWorld({ sessionPolicy: { limit: { sessionsMax: 1, atLimit: 'refuse' } } })
    // Its third call is the write of its data: the seat is reserved, and nothing else is stored.
    const pause = pauseAt(world.storage, 3, 'before')
    const under = world.anotherServer({ storage: pause.storage }).sessions.establish({ subject: 'alice' })
    await pause.paused
    expect(reasonOf(await world.server.sessions.establish({ subject: 'alice' }))).toBe('session/limit_reached')
    pause.resume()
    expect(await presented(world, ok(await under).credential)).toBe('ok')
  })

  test('a sign-in in the place of another that failed anywhere leaves none too many', async () => {
    let failures = 0
    for (let index = 0; index < 16; index += 1) {
      for (const when of ['before', 'after'] as const) {
        const world = createSessionWorld({ sessionPolicy: { limit: { sessionsMax: 1, atLimit: 'refuse' } } })
        const first = await signIn(world)
        const fault = failAt(world.storage, { index, when })
        const faulty = world.anotherServer({ storage: fault.storage })
        await faulty.sessions.establish({ subject: 'alice', replaces: first.credential }).catch(() => undefined)
        if (fault.failed()) failures += 1
        world.clock.advance(61)
        await world.server.sessions.establish({ subject: 'alice' })
        expect((await liveIds(world)).length, `${when} call ${index}`).toBe(1)
      }
    }
    expect(failures).toBeGreaterThan(8)
  })

  test('a sign-in that a process died over holds its seat for a minute, and never lives afterwards', async () => {
    const world = createSessionWorld({ sessionPolicy: { limit: { sessionsMax: 1, atLimit: 'refuse' } } })
    let held = 0
    for (let index = 0; index < 8; index += 1) {
      const pause = pauseAt(world.storage, index)
      const dead = world.anotherServer({ storage: pause.storage })
      const dying = dead.sessions.establish({ subject: 'alice' })
      await Promise.race([pause.paused, dying])
      const early = reasonOf(await world.server.sessions.establish({ subject: 'alice' }))
      if (early === 'session/limit_reached') held += 1
      world.clock.advance(61)
      await world.server.sessions.establish({ subject: 'alice' })
      expect((await liveIds(world)).length).toBe(1)
      pause.resume()
      const late = await dying
      expect((await liveIds(world)).length).toBe(1)
      if (late.ok) expect(await presented(world, late.credential)).toMatch(/^(ok|session\/revoked)$/)
      await world.server.revokeSubject('alice', 'test')
      world.clock.advance(2)
    }
    expect(held).toBeGreaterThan(1)
  })
})

describe('sixty-four at once', () => {
  test.each(['evict_oldest', 'refuse', 'notify'] as const)('SE-9 %s: the limit is exact', async (atLimit) => {
    const world = createSessionWorld(three(atLimit))
    const servers = [world.server, world.anotherServer(), world.anotherServer()]
    const results = await Promise.all(
      Array.from({ length: 64 }, (_, at) => servers[at % 3]!.sessions.establish({ subject: 'alice', data: at })),
    )
    const good: string[] = []
    for (const result of results) {
      if (result.ok && (await presented(world, result.credential)) === 'ok') good.push(result.session.sessionId)
    }
    const expected = atLimit === 'notify' ? 64 : 3
    expect(good).toHaveLength(expected)
    expect([...(await liveIds(world))].sort()).toEqual([...good].sort())
    expect((await world.keys()).filter((key) => key.startsWith('session-data:'))).toHaveLength(expected)
    const reasons = new Set(results.map(reasonOf))
    expect([...reasons].filter((reason) => reason !== 'ok' && reason !== 'session/limit_reached')).toEqual([])
    if (atLimit === 'refuse') expect(results.filter(({ ok: isServed }) => isServed)).toHaveLength(3)
    expect(world.told('session.limit_reached')).toBeGreaterThan(0)
  })
})
