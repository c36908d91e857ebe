// What the application takes back, what it is told of lifetimes, and that many at once each get their own.
import { expect, test } from 'vitest'
import type { Client } from '../src/index.ts'
import { createWorld, outcome } from './world.ts'

const DAY = 86_400

test('W73 RT-6 a client that was removed refreshes nothing, and its family is untouched if it comes back', async () => {
  const clients = new Map<string, Client>([['tv', { type: 'public' }]])
  const world = createWorld({ clients: (id) => Promise.resolve(clients.get(id)) })
  const { refreshToken, familyId } = await world.server.issue({ subject: 'alice', clientId: 'tv' })
  clients.delete('tv')
  expect(outcome(await world.server.refresh({ refreshToken, clientId: 'tv' }))).toBe('refresh_token/client_mismatch')
  expect((await world.family(familyId)).status).toBe('active')
  clients.set('tv', { type: 'public' })
  expect(outcome(await world.server.refresh({ refreshToken, clientId: 'tv' }))).toBe('rotated')
})

test('W73 a grant that was withdrawn ends every family that carries it, offline ones too', async () => {
  const world = createWorld()
  const offline = await world.server.issue({ subject: 'alice', scope: 'offline_access orders:read' })
  const online = await world.server.issue({ subject: 'alice', scope: 'orders:read' })
  await world.server.revokeFamily(offline.familyId, 'grant_withdrawn')
  expect(outcome(await world.server.refresh({ refreshToken: offline.refreshToken }))).toBe('refresh_token/revoked')
  expect(outcome(await world.server.refresh({ refreshToken: online.refreshToken }))).toBe('rotated')
})

test('RT-17 the time a refresh token can still be used is told, and is never later than the absolute end', async () => {
  const world = createWorld({ policy: { idleTimeoutSeconds: 7 * DAY, absoluteTimeoutSeconds: 10 * DAY } })
  const first = await world.server.issue({ subject: 'alice' })
  expect(first.refreshTokenExpiresInSeconds).toBe(7 * DAY)
  world.clock.advance(5 * DAY)
  const next = await world.server.refresh({ refreshToken: first.refreshToken })
  expect(next).toMatchObject({ ok: true, refreshTokenExpiresInSeconds: 5 * DAY })
  world.clock.advance(5 * DAY)
  const token = next.ok ? next.refreshToken : ''
  expect(outcome(await world.server.refresh({ refreshToken: token }))).toBe('refresh_token/expired')
  expect(outcome(await world.server.rotate({ refreshToken: token }))).toBe('refresh_token/expired')
})

test('W83 a hundred users who refresh at once each get their own tokens', async () => {
  const world = createWorld()
  const users = Array.from({ length: 100 }, (_, at) => `user_${at}`)
  const issued = await Promise.all(users.map((subject) => world.server.issue({ subject })))
  const results = await Promise.all(issued.map(({ refreshToken }) => world.server.refresh({ refreshToken })))
  for (const [at, result] of results.entries()) {
    expect(result).toMatchObject({ ok: true, verdict: 'rotated', familyId: issued[at]!.familyId })
    const verified = await world.server.verify(result.ok ? result.accessToken : '')
    expect(verified).toMatchObject({ ok: true, claims: { sub: users[at] } })
  }
})
