// Rotate: for embedding in another authorization server; the same law, and no access token of ours.
import { expect, test } from 'vitest'
import { createWorld, KEY, START } from './world.ts'

test('a rotation gives the successor and the family that stands behind it, and issues no access token', async () => {
  const world = createWorld()
  const first = await world.server.issue({ subject: 'alice', scope: 'read', claims: { tenant: 't1' } })
  const told = world.told('access_token.issued')
  const result = await world.server.rotate({ refreshToken: first.refreshToken })
  expect(result).toEqual({
    ok: true,
    verdict: 'rotated',
    refreshToken: expect.stringMatching(/^trt_/),
    family: {
      familyId: first.familyId,
      subject: 'alice',
      clientId: 'web',
      scope: 'read',
      resources: ['https://api.example.com'],
      claims: { tenant: 't1' },
      generation: 2,
      rotatedAt: START,
      issuedAt: START,
      lastUsedAt: START,
      absoluteExpiresAt: START + 90 * 86_400,
      status: 'active',
      announced: false,
    },
  })
  expect(world.told('access_token.issued')).toBe(told)
})

test('what only the machine needs is not shown: no attempt, no secret id, nothing of the predecessor', async () => {
  const world = createWorld()
  const { refreshToken } = await world.server.issue({ subject: 'alice' })
  const result = await world.server.rotate({ refreshToken, attemptKey: KEY })
  const shown = result.ok ? Object.keys(result.family) : []
  for (const name of [
    'attempt',
    'attemptBy',
    'previousAttempt',
    'revokedBy',
    'secretId',
    'successorUsed',
    'predecessorClosed',
  ]) {
    expect(shown).not.toContain(name)
  }
})

test('RT-13 a rotation is repeated by its attempt key, and RT-3 a replay revokes, as with refresh', async () => {
  const world = createWorld()
  const first = await world.server.issue({ subject: 'alice' })
  const asked = { refreshToken: first.refreshToken, attemptKey: KEY }
  const once = await world.server.rotate(asked)
  world.clock.advance(3600)
  const again = await world.server.rotate(asked)
  expect(again).toMatchObject({ ok: true, verdict: 'retried', refreshToken: once.ok ? once.refreshToken : '' })
  expect(await world.server.rotate({ refreshToken: first.refreshToken })).toMatchObject({
    ok: false,
    reason: 'refresh_token/replayed',
    error: { code: 'invalid_grant', status: 400 },
  })
})

test('rotate and refresh take turns on one family', async () => {
  const world = createWorld()
  const first = await world.server.issue({ subject: 'alice' })
  const second = await world.server.rotate({ refreshToken: first.refreshToken })
  world.clock.advance(60)
  const third = await world.server.refresh({ refreshToken: second.ok ? second.refreshToken : '' })
  expect(third).toMatchObject({ ok: true, verdict: 'rotated' })
  expect((await world.family(first.familyId)).generation).toBe(3)
})
