// Hooks: claims at refresh, the risk hook, listeners; what they may do, and that none of them can break a rotation.
import { describe, expect, test } from 'vitest'
import type { PublicFamily, RiskFacts } from '../src/index.ts'
import { createWorld, KEY, outcome, rotations, served, START, thrownBy } from './world.ts'

describe('claimsAtRefresh', () => {
  test('gives the claims of a refreshed access token, beside those given at issue', async () => {
    const seen: PublicFamily[] = []
    const world = createWorld({
      claimsAtRefresh: async (family) => {
        seen.push(family)
        return { roles: ['reader'], tenant: 'new' }
      },
    })
    const first = await world.server.issue({ subject: 'alice', claims: { tenant: 'old', plan: 'gold' } })
    expect(seen).toEqual([])
    const next = served(await world.server.refresh({ refreshToken: first.refreshToken }))
    const verified = await world.server.verify(next.accessToken)
    expect(verified).toMatchObject({ claims: { roles: ['reader'], tenant: 'new', plan: 'gold' } })
    expect(seen).toMatchObject([{ familyId: first.familyId, subject: 'alice', generation: 2 }])
    expect(Object.keys(seen[0]!)).not.toContain('attempt')
    expect((await world.family(first.familyId)).claims).toEqual({ tenant: 'old', plan: 'gold' })
  })

  test.each([
    ['rejects', () => Promise.reject(new Error('no'))],
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['answers nothing', async () => undefined],
    ['answers text', async () => 'roles'],
    ['answers a registered claim', async () => ({ sub: 'mallory' })],
    ['answers one of ours', async () => ({ fid: 'x' })],
    ['answers __proto__', async () => JSON.parse('{"__proto__":{"admin":true}}') as object],
  ])('F70 a hook that %s is a failure, and nothing is spent', async (_, claimsAtRefresh) => {
    const world = createWorld()
    const { refreshToken, familyId } = await world.server.issue({ subject: 'alice' })
    const hooked = world.anotherServer({ claimsAtRefresh: claimsAtRefresh as never })
    expect(await thrownBy(() => hooked.refresh({ refreshToken }))).toMatchObject({ code: 'ERR_HOOK', retryable: true })
    expect((await world.family(familyId)).generation).toBe(1)
    expect(outcome(await world.server.refresh({ refreshToken }))).toBe('rotated')
  })

  test('is not asked for a rotation without an access token, nor for a thief', async () => {
    let asked = 0
    const world = createWorld({ claimsAtRefresh: async () => ({ asked: (asked += 1) }) })
    const first = await world.server.issue({ subject: 'alice' })
    await world.server.rotate({ refreshToken: first.refreshToken })
    world.clock.advance(60)
    expect(outcome(await world.server.refresh({ refreshToken: first.refreshToken }))).toBe('refresh_token/replayed')
    expect(asked).toBe(0)
  })
})

describe('risk', () => {
  test('is told of the family, the request and the age, and only where the refresh would be served', async () => {
    const seen: RiskFacts[] = []
    const world = createWorld({
      risk: async (facts) => {
        seen.push(facts)
        return 'serve'
      },
    })
    const first = await world.server.issue({ subject: 'alice' })
    world.clock.advance(60)
    const context = { networkPrefix: '192.0.2.0/24', userAgent: 'test', place: 'NL' }
    served(await world.server.refresh({ refreshToken: first.refreshToken, context }))
    expect(seen).toMatchObject([{ family: { familyId: first.familyId }, context, ageSeconds: 60 }])
    world.clock.advance(60)
    await world.server.refresh({ refreshToken: first.refreshToken })
    expect(seen).toHaveLength(1)
  })

  test('step_up refuses and changes nothing; an elevation is asked too, and serve serves it', async () => {
    let answer: 'serve' | 'step_up' | 'revoke' = 'step_up'
    const world = createWorld({ risk: async () => answer })
    const { refreshToken, familyId } = await world.server.issue({ subject: 'alice' })
    const refused = await world.server.refresh({ refreshToken })
    expect(refused).toMatchObject({ reason: 'refresh_token/step_up_required', error: { code: 'interaction_required' } })
    expect(await world.family(familyId)).toMatchObject({ generation: 1, status: 'active' })
    answer = 'serve'
    expect(outcome(await world.server.elevate({ refreshToken, authentication: { methods: ['otp'] } }))).toBe('rotated')
  })

  test('revoke ends the family, announced before the refusal', async () => {
    const world = createWorld({ risk: async () => 'revoke' })
    const { refreshToken, familyId } = await world.server.issue({ subject: 'alice' })
    expect(outcome(await world.server.refresh({ refreshToken }))).toBe('refresh_token/revoked')
    expect(await world.family(familyId)).toMatchObject({ status: 'revoked', cause: 'risk', announced: true })
  })

  test.each([
    ['rejects', () => Promise.reject(new Error('no'))],
    ['answers nonsense', async () => 'maybe'],
    ['answers nothing', async () => undefined],
    ['answers unasked', async () => 'unasked'],
  ])('F82 a hook that %s is a failure, never a verdict', async (_, risk) => {
    const world = createWorld()
    const { refreshToken, familyId } = await world.server.issue({ subject: 'alice' })
    const hooked = world.anotherServer({ risk: risk as never })
    expect(await thrownBy(() => hooked.refresh({ refreshToken }))).toMatchObject({ code: 'ERR_HOOK' })
    expect((await world.family(familyId)).generation).toBe(1)
  })
})

describe('events', () => {
  test('MO-2 every step of a family’s life is told, in order, after it was stored', async () => {
    const stored: number[] = []
    const world = createWorld()
    const server = world.anotherServer({
      onEvent: async (event) => {
        if (!('familyId' in event) || event.familyId === undefined) return
        stored.push((await world.family(event.familyId)).generation)
      },
    })
    const first = await server.issue({ subject: 'alice' })
    await server.refresh({ refreshToken: first.refreshToken })
    await new Promise((resolve) => setImmediate(resolve))
    expect(stored).toEqual([1, 1, 2, 2].map((generation, at) => Math.max(generation, stored[at] ?? 0)))
    expect(stored.at(-1)).toBe(2)
  })

  test('MO-2 a replay, a foreign client, a forged token and a wrong access token are all told', async () => {
    const world = createWorld()
    const [first] = await rotations(world, await world.server.issue({ subject: 'alice' }), 1)
    await world.server.refresh({ refreshToken: first!.refreshToken, clientId: 'other', context: { place: 'NL' } })
    world.clock.advance(60)
    await world.server.refresh({ refreshToken: first!.refreshToken, context: { userAgent: 'curl' } })
    await world.server.refresh({ refreshToken: `trt_${'A'.repeat(72)}` })
    await world.server.verify('x')
    expect(world.events.slice(-6)).toMatchObject([
      { type: 'refresh_token.refused', reason: 'refresh_token/client_mismatch', context: { place: 'NL' } },
      {
        type: 'refresh_token.replayed',
        presentedGeneration: 1,
        generation: 2,
        ageSeconds: 60,
        context: { userAgent: 'curl' },
      },
      { type: 'refresh_token.revoked', cause: 'replay' },
      { type: 'revocation.announced', familyId: first!.familyId },
      { type: 'refresh_token.turned_away' },
      { type: 'access_token.refused' },
    ])
    for (const event of world.events) {
      expect(event).toMatchObject({ id: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/), time: expect.any(Number) })
    }
    expect(new Set(world.events.map(({ id }) => id)).size).toBe(world.events.length)
  })

  test('a listener that throws or rejects disturbs nothing', async () => {
    for (const onEvent of [
      () => {
        throw new Error('no')
      },
      () => Promise.reject(new Error('no')),
    ]) {
      const world = createWorld({ onEvent })
      const { refreshToken } = await world.server.issue({ subject: 'alice' })
      expect(outcome(await world.server.refresh({ refreshToken, attemptKey: KEY }))).toBe('rotated')
    }
  })

  test('waitUntil is handed what a listener has not finished', async () => {
    const waiting: Promise<void>[] = []
    let finished = 0
    const world = createWorld({
      waitUntil: (promise) => void waiting.push(promise),
      onEvent: async () => {
        await Promise.resolve()
        finished += 1
      },
    })
    await world.server.issue({ subject: 'alice' })
    await Promise.all(waiting)
    expect([waiting.length, finished]).toEqual([2, 2])
  })

  test('a key that is used for two tokens is told, and counts as none', async () => {
    const world = createWorld()
    const first = await world.server.issue({ subject: 'alice' })
    const second = served(await world.server.refresh({ refreshToken: first.refreshToken, attemptKey: KEY }))
    world.clock.advance(60)
    served(await world.server.refresh({ refreshToken: second.refreshToken, attemptKey: KEY }))
    expect(world.told('refresh_token.attempt_key_repeated')).toBe(1)
    expect(await world.family(first.familyId)).toMatchObject({ attemptBy: 'call', rotatedAt: START + 60 })
  })
})
