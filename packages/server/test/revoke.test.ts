// Revoke (RFC 7009): by token, by family; whose token it is, what a hint is worth, and what an unknown token is.
import { describe, expect, test } from 'vitest'
import { createWorld, isAlive, ISSUER, outcome, rotations, served } from './world.ts'

describe('a refresh token', () => {
  test('RV-1 RV-5 of any generation ends its family, access tokens too, before the call returns', async () => {
    const world = createWorld()
    const all = await rotations(world, await world.server.issue({ subject: 'alice' }), 2)
    expect(await world.server.revoke({ token: all[0]!.refreshToken })).toEqual({ revoked: 1 })
    expect(await world.announced()).toEqual([`family:${all[0]!.familyId}`])
    for (const { refreshToken, accessToken } of all) {
      expect(outcome(await world.server.refresh({ refreshToken }))).toBe('refresh_token/revoked')
      expect(await isAlive(world, accessToken)).toBe(false)
    }
    expect(world.events.filter(({ type }) => type === 'refresh_token.revoked')).toMatchObject([
      { cause: 'client_revoked' },
    ])
  })

  test('RV-2 of another client is refused, and nothing changes', async () => {
    const world = createWorld()
    const { refreshToken, familyId } = await world.server.issue({ subject: 'alice', clientId: 'app' })
    const answer = await world.server.revoke({ token: refreshToken, clientId: 'other' })
    expect(answer).toMatchObject({ revoked: 0, refusal: { ok: false, error: { code: 'invalid_grant' } } })
    expect((await world.family(familyId)).status).toBe('active')
    expect(await world.server.revoke({ token: refreshToken, clientId: 'app' })).toEqual({ revoked: 1 })
  })

  test('RV-4 again, expired or unknown is no error', async () => {
    const world = createWorld()
    const { refreshToken } = await world.server.issue({ subject: 'alice' })
    await world.server.revoke({ token: refreshToken })
    expect(await world.server.revoke({ token: refreshToken })).toEqual({ revoked: 0 })
    world.clock.advance(100 * 86_400)
    expect(await world.server.revoke({ token: refreshToken })).toEqual({ revoked: 0 })
    for (const token of ['', 'x', 'trt_', `trt_${'A'.repeat(72)}`, 'a.b.c', `tat_${'A'.repeat(43)}`]) {
      expect(await world.server.revoke({ token })).toEqual({ revoked: 0 })
    }
  })
})

describe.each(['jwt', 'opaque'] as const)('an access token, %s', (format) => {
  test('RV-1 RV-7 is ended by itself, by its jti: the refresh token and other access tokens live', async () => {
    const world = createWorld({ accessToken: { format } })
    const first = await world.server.issue({ subject: 'alice' })
    const second = served(await world.server.refresh({ refreshToken: first.refreshToken }))
    expect(await world.server.revoke({ token: first.accessToken })).toEqual({ revoked: 1 })
    expect([await isAlive(world, first.accessToken), await isAlive(world, second.accessToken)]).toEqual([false, true])
    expect(await world.server.revoke({ token: first.accessToken })).toEqual({ revoked: 0 })
    expect(await world.announced()).toEqual([expect.stringMatching(/^token:[A-Za-z0-9_-]{22}$/)])
    // Another process: from the store, or from the log once it was read.
    const other = world.anotherServer()
    const asked = { token: first.accessToken, resourceServer: 'https://api.example.com' }
    expect(await other.introspect(asked)).toEqual({ active: false })
    await other.syncRevocations()
    expect(await other.verify(first.accessToken)).toMatchObject({ ok: false, reason: 'access_token/revoked' })
  })

  test('RV-2 of another client is refused and lives; without a client of its own it counts for whom it was issued to', async () => {
    const world = createWorld({ accessToken: { format } })
    const { accessToken } = await world.server.issue({ subject: 'alice', clientId: 'app' })
    expect(await world.server.revoke({ token: accessToken })).toMatchObject({ revoked: 0, refusal: { ok: false } })
    expect(await isAlive(world, accessToken)).toBe(true)
  })

  test('for another resource server is ended as well', async () => {
    const world = createWorld({ accessToken: { format } })
    const audience = ['https://one.example.com', 'https://two.example.com']
    const { accessToken } = await world.server.issue({ subject: 'alice', audience })
    expect(await world.server.revoke({ token: accessToken })).toEqual({ revoked: 1 })
    expect(await world.server.introspect({ token: accessToken, resourceServer: audience[1]! })).toEqual({
      active: false,
    })
  })

  test('RV-8 its entry is kept until it would have ended, and then forgotten', async () => {
    const world = createWorld({ accessToken: { format } })
    const { accessToken } = await world.server.issue({ subject: 'alice', refreshToken: false })
    await world.server.revoke({ token: accessToken })
    world.clock.advance(604)
    expect(await world.announced()).toHaveLength(1)
    expect(await isAlive(world, accessToken)).toBe(false)
    world.clock.advance(1)
    expect(await world.announced()).toHaveLength(0)
    expect(await isAlive(world, accessToken)).toBe(false)
  })
})

test('RV-3 IN-8 a hint, right, wrong or unknown, changes nothing', async () => {
  for (const tokenTypeHint of ['access_token', 'refresh_token', 'id_token', '', undefined]) {
    const world = createWorld()
    const { refreshToken, accessToken } = await world.server.issue({ subject: 'alice' })
    expect(await world.server.revoke({ token: accessToken, tokenTypeHint })).toEqual({ revoked: 1 })
    expect(await world.server.revoke({ token: refreshToken, tokenTypeHint })).toEqual({ revoked: 1 })
  }
})

test('RV-6 a family is ended by its id, with the cause that the application gives; an unknown one is none', async () => {
  const world = createWorld()
  const { familyId, refreshToken } = await world.server.issue({ subject: 'alice' })
  expect(await world.server.revokeFamily(familyId, 'sign_out')).toEqual({ revoked: 1 })
  expect(await world.server.revokeFamily(familyId, 'sign_out')).toEqual({ revoked: 0 })
  expect(await world.family(familyId)).toMatchObject({ status: 'revoked', cause: 'sign_out', announced: true })
  expect((await world.storage.revocations!.since()).entries).toMatchObject([
    { cause: 'sign_out', target: { familyId } },
  ])
  for (const unknown of ['A'.repeat(22), '', '../../etc', 'x'.repeat(300), 7, undefined]) {
    expect(await world.server.revokeFamily(unknown as string, 'sign_out')).toEqual({ revoked: 0 })
  }
  expect(await world.server.introspect({ token: refreshToken, resourceServer: ISSUER })).toEqual({ active: false })
})

test('RV-8 what this process knows of revocations is forgotten once nothing named can be alive', async () => {
  const world = createWorld({ withoutLog: true })
  const tokens = []
  for (let i = 0; i < 50; i += 1) tokens.push(await world.server.issue({ subject: `user_${i}` }))
  for (const { familyId } of tokens) await world.server.revokeFamily(familyId, 'sign_out')
  for (const { accessToken } of tokens) expect((await world.server.verify(accessToken)).ok).toBe(false)
  world.clock.advance(605)
  for (const { accessToken } of tokens)
    expect(await world.server.verify(accessToken)).toMatchObject({ reason: 'jwt/expired' })
})
