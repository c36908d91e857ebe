// Verification by the issuing server: as a resource server would, with what this process knows of revocations.
import { createIssuer, importSecret } from '@tallystick/jwt'
import { systemEntropy } from '@tallystick/core/system'
import { countOperations } from '@tallystick/storage/faults'
import { describe, expect, test } from 'vitest'
import { API, createWorld, ISSUER, SECRET, signingKey, START } from './world.ts'

const binding = { type: 'dpop', thumbprint: 'k'.repeat(43) } as const

test('AT-3 a JWT is verified without storage', async () => {
  const counter: { count?: () => number } = {}
  const world = createWorld({
    around: (storage) => {
      const counted = countOperations(storage)
      counter.count = counted.count
      return counted.storage
    },
  })
  const { accessToken } = await world.server.issue({ subject: 'alice' })
  const before = counter.count!()
  expect(await world.server.verify(accessToken)).toMatchObject({ ok: true, claims: { sub: 'alice', aud: API } })
  expect(counter.count!()).toBe(before)
})

test.each([
  ['of another issuer', { issuer: 'https://evil.example.com' }, 'jwt/wrong_issuer'],
  ['for another audience', { audience: 'https://other.example.com' }, 'jwt/wrong_audience'],
  [
    'under another key of the same id',
    { keys: [await importSecret(SECRET, { algorithm: 'HS256', keyId: signingKey.keyId })] },
    'jwt/bad_signature',
  ],
  ['under an unknown key', { keys: [await importSecret(SECRET, { algorithm: 'HS256' })] }, 'jwt/unknown_key'],
])('AT-3 a JWT %s is refused', async (_, wrong, reason) => {
  const world = createWorld()
  const issuer = createIssuer({
    issuer: ISSUER,
    audience: API,
    type: 'at+jwt',
    lifetimeSeconds: 60,
    keys: [signingKey],
    ...wrong,
  })
  const token = await issuer.issue({ sub: 'alice', client_id: 'web' }, START, systemEntropy)
  expect(await world.server.verify(token)).toMatchObject({
    ok: false,
    reason,
    error: { code: 'invalid_token', status: 401 },
  })
  expect(world.events).toMatchObject([{ type: 'access_token.refused', reason }])
})

describe.each(['jwt', 'opaque'] as const)('%s', (format) => {
  test('DP-5 MT-1 a bound token without its proof is refused, and so is a proof with an unbound token', async () => {
    const { server } = createWorld({ accessToken: { format } })
    const bound = await server.issue({ subject: 'alice', binding })
    const free = await server.issue({ subject: 'alice' })
    const wrong = [undefined, { ...binding, thumbprint: 'x'.repeat(43) }, { ...binding, type: 'mtls' as const }]
    for (const shown of wrong) {
      expect(await server.verify(bound.accessToken, { binding: shown })).toMatchObject({
        reason: 'access_token/binding_mismatch',
      })
    }
    expect(await server.verify(free.accessToken, { binding })).toMatchObject({
      reason: 'access_token/binding_mismatch',
    })
    expect([await server.verify(bound.accessToken, { binding }), await server.verify(free.accessToken)]).toMatchObject([
      { ok: true },
      { ok: true },
    ])
  })

  test('RV-6 a revocation of this process counts at once; one of another when the log was read', async () => {
    const world = createWorld({ accessToken: { format } })
    const { accessToken, familyId } = await world.server.issue({ subject: 'alice' })
    const other = world.anotherServer()
    await world.server.revokeFamily(familyId, 'sign_out')
    expect(await world.server.verify(accessToken)).toMatchObject({ reason: 'access_token/revoked' })
    expect((await other.verify(accessToken)).ok).toBe(format === 'jwt')
    await other.syncRevocations()
    expect(await other.verify(accessToken)).toMatchObject({ reason: 'access_token/revoked' })
  })
})

test('RV-6 reading the log goes on where it ended, through every page', async () => {
  const world = createWorld()
  const other = world.anotherServer()
  for (let round = 0; round < 2; round += 1) {
    const tokens = await Promise.all(Array.from({ length: 230 }, () => world.server.issue({ subject: 'alice' })))
    for (const { familyId } of tokens) await world.server.revokeFamily(familyId, 'sign_out')
    await other.syncRevocations()
    for (const { accessToken } of tokens) expect((await other.verify(accessToken)).ok).toBe(false)
  }
})

test('without a log there is nothing to read, and a log that fails is a failure', async () => {
  await expect(createWorld({ withoutLog: true }).server.syncRevocations()).rejects.toMatchObject({
    code: 'ERR_REVOCATION_LOG_UNAVAILABLE',
  })
  const failing = createWorld({
    around: ({ records }) => ({
      records,
      revocations: { append: async () => {}, since: () => Promise.reject(new Error('down')) },
    }),
  })
  await expect(failing.server.syncRevocations()).rejects.toMatchObject({
    code: 'ERR_REVOCATION_LOG_UNAVAILABLE',
    retryable: true,
  })
})

test('MO-3 every refusal is told with its reason', async () => {
  const world = createWorld()
  for (const token of ['', 'a.b.c', 'x'.repeat(20_000), `tat_${'A'.repeat(43)}`, undefined]) {
    expect((await world.server.verify(token as string)).ok).toBe(false)
  }
  const reasons = world.events.map((event) => ('reason' in event ? event.reason : ''))
  expect(reasons).toEqual(['jwt/malformed', 'jwt/malformed', 'jwt/too_long', 'access_token/unknown', 'jwt/malformed'])
})
