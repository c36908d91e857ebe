// A failover that lost writes: adopted with a readable revocation log, refused without harm otherwise.
import { createFailover } from '@tallystick/storage/faults'
import { memoryStorage } from '@tallystick/storage-memory'
import { describe, expect, test } from 'vitest'
import { createWorld, outcome, served, testClock } from './world.ts'

describe('a store that lost writes', () => {
  async function failedOver(withoutLog: boolean) {
    const clock = testClock()
    const primary = memoryStorage({ clock })
    const source = withoutLog ? { records: primary.records } : primary
    const { storage, replicate, failOver } = createFailover(source, memoryStorage({ clock }))
    const world = createWorld({ storage, clock })
    const first = await world.server.issue({ subject: 'alice' })
    await replicate()
    const next = served(await world.server.refresh({ refreshToken: first.refreshToken }))
    return { world, next, failOver, clock }
  }

  test('A38 with a revocation log, the newer token is adopted and the user stays in; the operator is told', async () => {
    const { world, next, failOver, clock } = await failedOver(false)
    failOver()
    clock.advance(60)
    expect(outcome(await world.server.refresh({ refreshToken: next.refreshToken }))).toBe('rotated')
    expect(world.events.filter(({ type }) => type === 'refresh_token.ahead')).toMatchObject([{ adopted: true }])
  })

  test('A38 without one, it is refused without harm as a temporary state', async () => {
    const { world, next, failOver } = await failedOver(true)
    failOver()
    const refused = await world.server.refresh({ refreshToken: next.refreshToken })
    expect(refused).toMatchObject({
      reason: 'refresh_token/ahead',
      error: { code: 'temporarily_unavailable', status: 503 },
    })
    expect((await world.family(next.familyId)).status).toBe('active')
  })

  test('A38 a log that cannot be read adopts nothing', async () => {
    const { world, next, failOver } = await failedOver(false)
    failOver()
    const blind = world.anotherServer({
      storage: {
        records: world.storage.records,
        revocations: { append: async () => {}, since: () => Promise.reject(new Error('down')) },
      },
    })
    expect(outcome(await blind.refresh({ refreshToken: next.refreshToken }))).toBe('refresh_token/ahead')
  })

  test('A38 a family that was signed out before the failover stays out, because the log names it', async () => {
    const { world, next, failOver } = await failedOver(false)
    await world.server.revokeFamily(next.familyId, 'sign_out')
    failOver()
    // A process that knows of the revocation from the log alone.
    expect(outcome(await world.anotherServer().refresh({ refreshToken: next.refreshToken }))).toBe(
      'refresh_token/revoked',
    )
  })
})
