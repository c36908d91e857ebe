// Time at a refresh: absolute and idle end, clocks that fall behind, an authentication that is not made newer.
import type { AccessTokenClaims } from '@tallystick/jwt'
import { memoryStorage } from '@tallystick/storage-memory'
import { describe, expect, test } from 'vitest'
import { createWorld, outcome, rotations, served, START, testClock, thrownBy } from './world.ts'

async function claimsOf(world: ReturnType<typeof createWorld>, accessToken: string): Promise<AccessTokenClaims> {
  const result = await world.server.verify(accessToken)
  if (!result.ok) throw new Error(result.reason)
  return result.claims
}

describe('time', () => {
  test('RT-6 RT-7 A21 no rotation moves the absolute end, and after it nothing is served', async () => {
    const policy = { absoluteTimeoutSeconds: 8 * 3600, idleTimeoutSeconds: 3600 }
    const world = createWorld({ policy })
    let tokens = await world.server.issue({ subject: 'alice' })
    for (let i = 0; i < 47; i += 1) {
      world.clock.advance(600)
      tokens = served(await world.server.refresh({ refreshToken: tokens.refreshToken }))
    }
    expect(tokens.refreshTokenExpiresInSeconds).toBe(600)
    world.clock.advance(599)
    const last = served(await world.server.refresh({ refreshToken: tokens.refreshToken }))
    expect([last.refreshTokenExpiresInSeconds, last.expiresInSeconds]).toEqual([1, 1])
    world.clock.advance(1)
    expect(outcome(await world.server.refresh({ refreshToken: last.refreshToken }))).toBe('refresh_token/expired')
  })

  test('RT-8 a family that rests for its idle time-out ends, to the second', async () => {
    const world = createWorld({ policy: { idleTimeoutSeconds: 3600 } })
    const first = await world.server.issue({ subject: 'alice' })
    world.clock.advance(3599)
    const next = served(await world.server.refresh({ refreshToken: first.refreshToken }))
    world.clock.advance(3600)
    expect(outcome(await world.server.refresh({ refreshToken: next.refreshToken }))).toBe('refresh_token/expired')
  })

  test('AT-7 a refresh does not make the authentication newer', async () => {
    const world = createWorld()
    const authentication = { methods: ['pwd', 'otp'], acr: 'silver', authenticatedAt: START - 30 }
    const first = await world.server.issue({ subject: 'alice', authentication })
    world.clock.advance(3600)
    const next = served(await world.server.refresh({ refreshToken: first.refreshToken }))
    expect(await claimsOf(world, next.accessToken)).toMatchObject({
      auth_time: START - 30,
      amr: ['pwd', 'otp'],
      acr: 'silver',
      iat: START + 3600,
    })
  })

  test('A34 a clock that fell behind by the tolerance decides as if no time had passed; further behind there is no verdict', async () => {
    const world = createWorld()
    const all = await rotations(world, await world.server.issue({ subject: 'alice' }), 2)
    world.clock.advance(-5)
    expect(outcome(await world.server.refresh({ refreshToken: all[2]!.refreshToken }))).toBe('concurrent')
    world.clock.advance(-1)
    const thrown = await thrownBy(() => world.server.refresh({ refreshToken: all[0]!.refreshToken }))
    expect(thrown).toMatchObject({ code: 'ERR_CLOCK', retryable: true })
    expect((await world.family(all[0]!.familyId)).status).toBe('active')
  })

  test('A34 the store’s clock decides where the adapter tells it', async () => {
    const clock = testClock()
    const { records } = memoryStorage({ clock })
    const world = createWorld({
      policy: { idleTimeoutSeconds: 100 },
      storage: {
        records: {
          ...records,
          capabilities: { ...records.capabilities, clock: true },
          async read(key) {
            const found = await records.read(key)
            return found && { ...found, storeTime: clock.now() }
          },
        },
      },
    })
    const { refreshToken } = await world.server.issue({ subject: 'alice' })
    world.clock.advance(5000)
    expect(outcome(await world.server.refresh({ refreshToken }))).toBe('rotated')
    clock.advance(99)
    expect(outcome(await world.server.refresh({ refreshToken }))).toBe('refresh_token/replayed')
  })
})
