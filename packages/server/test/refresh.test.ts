// Refresh: rotation, replay, retry, scope, audience, binding, time-outs and what none of them may change.
import { describe, expect, test } from 'vitest'
import type { AccessTokenClaims } from '@tallystick/jwt'
import { API, createWorld, isAlive, KEY, outcome, rotations, served, signingKey, START, thrownBy } from './world.ts'

const DAY = 86_400

async function claimsOf(world: ReturnType<typeof createWorld>, accessToken: string): Promise<AccessTokenClaims> {
  const result = await world.server.verify(accessToken)
  if (!result.ok) throw new Error(result.reason)
  return result.claims
}

test('a refresh gives a new refresh token and an access token of the next generation', async () => {
  const world = createWorld()
  const first = await world.server.issue({ subject: 'alice', scope: 'read write' })
  const next = served(await world.server.refresh({ refreshToken: first.refreshToken }))
  expect(next).toMatchObject({
    verdict: 'rotated',
    tokenType: 'Bearer',
    expiresInSeconds: 600,
    familyId: first.familyId,
    scope: 'read write',
  })
  expect(next.refreshToken).not.toBe(first.refreshToken)
  expect(next.accessToken).not.toBe(first.accessToken)
  expect(await claimsOf(world, next.accessToken)).toMatchObject({ fid: first.familyId, gen: 2 })
})

describe('a predecessor', () => {
  test('RT-2 a used token is told from an unknown one for as long as its family could live', async () => {
    const world = createWorld()
    const [first] = await rotations(world, await world.server.issue({ subject: 'alice' }), 3)
    world.clock.advance(13 * DAY)
    expect(outcome(await world.server.refresh({ refreshToken: first!.refreshToken }))).toBe('refresh_token/replayed')
    world.clock.advance(70 * DAY)
    expect(outcome(await world.server.refresh({ refreshToken: first!.refreshToken }))).toBe('refresh_token/revoked')
    world.clock.advance(8 * DAY)
    expect(outcome(await world.server.refresh({ refreshToken: first!.refreshToken }))).toBe('refresh_token/unknown')
  })

  test('RT-3 a replayed token revokes its whole family, its access tokens too, and it is told once', async () => {
    const world = createWorld()
    const all = await rotations(world, await world.server.issue({ subject: 'alice' }), 2)
    expect(await isAlive(world, all[2]!.accessToken)).toBe(true)
    expect(outcome(await world.server.refresh({ refreshToken: all[0]!.refreshToken }))).toBe('refresh_token/replayed')
    for (const { refreshToken, accessToken } of all) {
      expect(outcome(await world.server.refresh({ refreshToken }))).toBe('refresh_token/revoked')
      expect(await isAlive(world, accessToken)).toBe(false)
    }
    expect([world.told('refresh_token.replayed'), world.told('refresh_token.revoked')]).toEqual([1, 1])
    expect(await world.announced()).toEqual([`family:${all[0]!.familyId}`])
  })

  test('F68 a token that was used before a restart is known to have been used after it', async () => {
    const world = createWorld()
    const [first] = await rotations(world, await world.server.issue({ subject: 'alice' }), 1)
    world.clock.advance(60)
    const restarted = world.anotherServer()
    expect(outcome(await restarted.refresh({ refreshToken: first!.refreshToken }))).toBe('refresh_token/replayed')
  })

  test('F69 a thousand rotations in one frozen second stay a thousand generations', async () => {
    const world = createWorld({ policy: { gracePeriodSeconds: 0 }, withoutLog: true })
    const tokens = [(await world.server.issue({ subject: 'alice' })).refreshToken]
    for (let i = 0; i < 1000; i += 1) {
      tokens.push(served(await world.server.refresh({ refreshToken: tokens[i]! })).refreshToken)
    }
    expect(new Set(tokens).size).toBe(1001)
    expect(world.clock.now()).toBe(START)
    const familyId = world.events[0]?.type === 'refresh_token.issued' ? world.events[0].familyId : ''
    const current = await world.storage.records.read(`sign-in:${familyId}`)
    for (const refreshToken of tokens.slice(0, -1)) {
      // A process that does not know how the last replay ended, and the store as it stood before it.
      expect(outcome(await world.anotherServer().refresh({ refreshToken }))).toBe('refresh_token/replayed')
      const ended = await world.storage.records.read(`sign-in:${familyId}`)
      await world.storage.records.compareAndSet(current!.key, ended!.version, current!, current!.expiresAt)
    }
  })
})

describe('theft', () => {
  test('A16 a thief who refreshes first is out with his victim as soon as she refreshes, and it is told once', async () => {
    const world = createWorld()
    const stolen = await world.server.issue({ subject: 'alice' })
    const thief = served(await world.server.refresh({ refreshToken: stolen.refreshToken }))
    world.clock.advance(600)
    expect(outcome(await world.server.refresh({ refreshToken: stolen.refreshToken }))).toBe('refresh_token/replayed')
    expect(outcome(await world.server.refresh({ refreshToken: thief.refreshToken }))).toBe('refresh_token/revoked')
    expect(await isAlive(world, thief.accessToken)).toBe(false)
    expect(world.told('refresh_token.replayed')).toBe(1)
  })

  test('A17 a thief who comes after his victim ends the family', async () => {
    const world = createWorld()
    const [stolen, current] = await rotations(world, await world.server.issue({ subject: 'alice' }), 1)
    world.clock.advance(600)
    expect(outcome(await world.server.refresh({ refreshToken: stolen!.refreshToken }))).toBe('refresh_token/replayed')
    expect(outcome(await world.server.refresh({ refreshToken: current!.refreshToken }))).toBe('refresh_token/revoked')
  })

  test('A18 within the grace period a thief without the attempt key gets nothing, and the client keeps its family', async () => {
    const world = createWorld()
    const first = await world.server.issue({ subject: 'alice' })
    const mine = served(await world.server.refresh({ refreshToken: first.refreshToken, attemptKey: KEY }))
    expect(outcome(await world.server.refresh({ refreshToken: first.refreshToken }))).toBe('refresh_token/superseded')
    const foreign = { refreshToken: first.refreshToken, attemptKey: 'a-key-that-the-thief-made-up' }
    expect(outcome(await world.server.refresh(foreign))).toBe('refresh_token/superseded')
    expect(outcome(await world.server.refresh({ refreshToken: mine.refreshToken }))).toBe('concurrent')
    world.clock.advance(15)
    expect(outcome(await world.server.refresh(foreign))).toBe('refresh_token/replayed')
  })

  test('A18 once the successor was used, its predecessor ends the family also with the right key', async () => {
    const world = createWorld()
    const [first, second] = await rotations(world, await world.server.issue({ subject: 'alice' }), 1)
    world.clock.advance(60)
    served(await world.server.refresh({ refreshToken: second!.refreshToken, attemptKey: KEY }))
    world.clock.advance(60)
    const late = { refreshToken: first!.refreshToken, attemptKey: KEY }
    expect(outcome(await world.server.refresh(late))).toBe('refresh_token/replayed')
  })

  test('RT-12 A20 a third party with an old token and the wrong client or key cannot end the family', async () => {
    const binding = { type: 'dpop', thumbprint: 'a'.repeat(43) } as const
    const world = createWorld({ clients: { web: { type: 'public' }, other: { type: 'public' } } })
    const first = await world.server.issue({ subject: 'alice', binding })
    const second = served(await world.server.refresh({ refreshToken: first.refreshToken, binding }))
    world.clock.advance(3600)
    const before = await world.family(first.familyId)
    const asked = { refreshToken: first.refreshToken }
    expect(outcome(await world.server.refresh({ ...asked, binding, clientId: 'other' }))).toBe(
      'refresh_token/client_mismatch',
    )
    expect(outcome(await world.server.refresh({ ...asked, binding, clientId: 'nobody' }))).toBe(
      'refresh_token/client_mismatch',
    )
    expect(outcome(await world.server.refresh(asked))).toBe('refresh_token/binding_mismatch')
    const wrongKey = { ...binding, thumbprint: 'b'.repeat(43) }
    expect(outcome(await world.server.refresh({ ...asked, binding: wrongKey }))).toBe('refresh_token/binding_mismatch')
    const wrongType = { ...binding, type: 'mtls' as const }
    expect(outcome(await world.server.refresh({ ...asked, binding: wrongType }))).toBe('refresh_token/binding_mismatch')
    expect(await world.family(first.familyId)).toEqual(before)
    expect(world.told('refresh_token.refused')).toBe(4)
    expect(outcome(await world.server.refresh({ refreshToken: second.refreshToken, binding }))).toBe('rotated')
  })
})

describe('bound to what was granted', () => {
  test('RT-4 a token presented by another client is refused and unspent', async () => {
    const world = createWorld({ clients: { web: { type: 'public' }, app: { type: 'confidential' } } })
    const { refreshToken } = await world.server.issue({ subject: 'alice', clientId: 'app' })
    const refused = await world.server.refresh({ refreshToken })
    expect(refused).toMatchObject({
      reason: 'refresh_token/client_mismatch',
      error: { code: 'invalid_grant', status: 400 },
    })
    expect(outcome(await world.server.refresh({ refreshToken, clientId: 'app' }))).toBe('rotated')
  })

  test('F77 without the client’s id, where the server has none, nothing is even looked up', async () => {
    const world = createWorld({ clientId: undefined })
    const { refreshToken } = await world.server.issue({ subject: 'alice', clientId: 'app' })
    const thrown = await thrownBy(() => world.server.refresh({ refreshToken }))
    expect(thrown).toBeInstanceOf(TypeError)
    expect(thrown.message).toBe('refresh: clientId must be given where the server has none (given undefined)')
    expect(outcome(await world.server.refresh({ refreshToken, clientId: 'app' }))).toBe('rotated')
  })

  test('RT-5 A22 a narrower scope narrows the access token alone; more than was granted is refused and nothing is spent', async () => {
    const world = createWorld()
    const first = await world.server.issue({ subject: 'alice', scope: 'read write' })
    const narrow = served(await world.server.refresh({ refreshToken: first.refreshToken, scope: 'read' }))
    expect([narrow.scope, (await claimsOf(world, narrow.accessToken)).scope]).toEqual(['read', 'read'])
    expect((await world.family(first.familyId)).scope).toBe('read write')
    world.clock.advance(60)
    const wide = await world.server.refresh({ refreshToken: narrow.refreshToken, scope: 'read write admin' })
    expect(wide).toMatchObject({ reason: 'refresh_token/scope_exceeded', error: { code: 'invalid_scope' } })
    const back = served(await world.server.refresh({ refreshToken: narrow.refreshToken }))
    expect([back.verdict, back.scope]).toEqual(['rotated', 'read write'])
  })

  test('a scope without a value counts as omitted (RFC 6749 §3.2)', async () => {
    const world = createWorld()
    const { refreshToken } = await world.server.issue({ subject: 'alice', scope: 'read write' })
    expect(served(await world.server.refresh({ refreshToken, scope: '' })).scope).toBe('read write')
  })

  test.each([' ', 'read  write', 'READ', 'rea', 'read write write2', 'read '.repeat(5000).trim()])(
    'A22 the scope “%.20s” is not within “read write”',
    async (scope) => {
      const world = createWorld()
      const { refreshToken } = await world.server.issue({ subject: 'alice', scope: 'read write' })
      expect(outcome(await world.server.refresh({ refreshToken, scope }))).toBe('refresh_token/scope_exceeded')
      expect(outcome(await world.server.refresh({ refreshToken }))).toBe('rotated')
    },
  )

  test('AT-8 fewer resource servers are served, others are refused as invalid_target', async () => {
    const other = 'https://other.example.com'
    const world = createWorld()
    const first = await world.server.issue({ subject: 'alice', audience: [API, other] })
    const one = served(await world.server.refresh({ refreshToken: first.refreshToken, audience: API }))
    expect((await claimsOf(world, one.accessToken)).aud).toBe(API)
    world.clock.advance(60)
    const foreign = await world.server.refresh({ refreshToken: one.refreshToken, audience: 'https://evil.example.com' })
    expect(foreign).toMatchObject({ reason: 'refresh_token/audience_exceeded', error: { code: 'invalid_target' } })
    const both = served(await world.server.refresh({ refreshToken: one.refreshToken }))
    expect((await claimsOf(world, both.accessToken)).aud).toEqual([API, other])
  })

  test('an audience of nobody, or one named over and over, is refused before anything is spent', async () => {
    const world = createWorld()
    const { refreshToken } = await world.server.issue({ subject: 'alice' })
    for (const audience of [[], Array.from({ length: 17 }, () => API)]) {
      expect(outcome(await world.server.refresh({ refreshToken, audience }))).toBe('refresh_token/audience_exceeded')
    }
    expect(outcome(await world.server.refresh({ refreshToken }))).toBe('rotated')
  })

  test('RT-15 RT-16 MT-1 the tokens of a public client ask for its key at every refresh, and say so in cnf', async () => {
    for (const [type, member] of [
      ['dpop', 'jkt'],
      ['mtls', 'x5t#S256'],
    ] as const) {
      const binding = { type, thumbprint: 'k'.repeat(43) }
      const world = createWorld({ clients: { web: { type: 'public' } } })
      const first = await world.server.issue({ subject: 'alice', binding })
      expect(outcome(await world.server.refresh({ refreshToken: first.refreshToken }))).toBe(
        'refresh_token/binding_mismatch',
      )
      const next = served(await world.server.refresh({ refreshToken: first.refreshToken, binding }))
      const verified = await world.server.verify(next.accessToken, { binding })
      expect(verified).toMatchObject({ ok: true, claims: { cnf: { [member]: binding.thumbprint } } })
      expect(next.tokenType).toBe(type === 'dpop' ? 'DPoP' : 'Bearer')
    }
  })

  test('RT-15 a confidential client may change its key; its access token is bound to the one it shows', async () => {
    const world = createWorld({ clients: { web: { type: 'confidential' } } })
    const first = await world.server.issue({ subject: 'alice', binding: { type: 'dpop', thumbprint: 'a'.repeat(43) } })
    const binding = { type: 'dpop', thumbprint: 'b'.repeat(43) } as const
    const next = served(await world.server.refresh({ refreshToken: first.refreshToken, binding }))
    expect(await world.server.verify(next.accessToken, { binding })).toMatchObject({
      ok: true,
      claims: { cnf: { jkt: 'b'.repeat(43) } },
    })
  })

  test('a proof without the required nonce is refused as use_dpop_nonce, and nothing is spent', async () => {
    const binding = { type: 'dpop', thumbprint: 'a'.repeat(43) } as const
    const world = createWorld()
    const { refreshToken } = await world.server.issue({ subject: 'alice', binding })
    const refused = await world.server.refresh({ refreshToken, binding: { ...binding, nonce: 'required' } })
    expect(refused).toMatchObject({ reason: 'refresh_token/nonce_required', error: { code: 'use_dpop_nonce' } })
    expect(outcome(await world.server.refresh({ refreshToken, binding: { ...binding, nonce: 'fresh' } }))).toBe(
      'rotated',
    )
  })
})

test('F78 the session id of new tokens is the family’s own, and gone with it', async () => {
  const world = createWorld()
  const first = await world.server.issue({ subject: 'alice', sessionId: 'session-1' })
  const next = served(await world.server.refresh({ refreshToken: first.refreshToken }))
  expect([next.sessionId, (await claimsOf(world, next.accessToken))['sid']]).toEqual(['session-1', 'session-1'])
  await world.server.revokeFamily(first.familyId, 'sign_out')
  world.clock.advance(60)
  expect(outcome(await world.server.refresh({ refreshToken: next.refreshToken }))).toBe('refresh_token/revoked')
})

test('the last generation is not wrapped', async () => {
  const world = createWorld({ policy: { generationsMax: 2 } })
  const all = await rotations(world, await world.server.issue({ subject: 'alice' }), 1)
  world.clock.advance(60)
  const refused = await world.server.refresh({ refreshToken: all[1]!.refreshToken })
  expect(refused).toMatchObject({ reason: 'refresh_token/exhausted', error: { code: 'invalid_grant' } })
  expect((await world.family(all[0]!.familyId)).status).toBe('active')
})

test('a client whose refresh tokens do not rotate keeps its token, and using it is using it', async () => {
  const world = createWorld({
    clients: { web: { type: 'confidential', policy: { rotation: 'never' } } },
    keys: [signingKey],
  })
  const first = await world.server.issue({ subject: 'alice' })
  world.clock.advance(3600)
  const kept = served(await world.server.refresh({ refreshToken: first.refreshToken }))
  expect([kept.verdict, kept.refreshToken]).toEqual(['kept', first.refreshToken])
  expect(await world.family(first.familyId)).toMatchObject({ generation: 1, lastUsedAt: START + 3600 })
})
