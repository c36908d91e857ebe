// What stands in the store is not always what this process wrote: damaged records, other clocks, foreign token ids.
import { numericDate } from '@tallystick/core'
import { createIssuer } from '@tallystick/jwt'
import { expect, test } from 'vitest'
import { API, createWorld, ISSUER, signingKey, START, thrownBy } from './world.ts'

async function damage(world: ReturnType<typeof createWorld>, familyId: string): Promise<void> {
  const key = `sign-in:${familyId}`
  const found = await world.storage.records.read(key)
  const damaged = { text: '{"v":99}', subject: found?.subject, pending: found?.pending }
  await world.storage.records.compareAndSet(key, found?.version ?? '', damaged, numericDate(START + 86_400))
}

test('RV-9 one unreadable record keeps none of a subject’s other families alive, and is heard of', async () => {
  const world = createWorld()
  const [first, unreadable, last] = await Promise.all([1, 2, 3].map(() => world.server.issue({ subject: 'alice' })))
  await damage(world, unreadable!.familyId)
  const thrown = await thrownBy(() => world.server.revokeSubject('alice', 'account_disabled'))
  expect(thrown).toMatchObject({ code: 'ERR_STORAGE_CORRUPT', retryable: false })
  for (const { familyId } of [first!, last!]) expect((await world.family(familyId)).status).toBe('revoked')
})

test('one unreadable record keeps no other revocation unannounced', async () => {
  const world = createWorld()
  const deaf = world.anotherServer({
    storage: {
      records: world.storage.records,
      revocations: { append: () => Promise.reject(new Error('down')), since: () => Promise.reject(new Error('down')) },
    },
  })
  const all = await Promise.all([1, 2, 3].map((at) => world.server.issue({ subject: `user_${at}` })))
  for (const { familyId } of all) await thrownBy(() => deaf.revokeFamily(familyId, 'sign_out'))
  await damage(world, all[0]!.familyId)
  expect(await thrownBy(() => world.server.sweep())).toMatchObject({ code: 'ERR_STORAGE_CORRUPT' })
  expect(new Set(await world.announced())).toEqual(new Set(all.slice(1).map(({ familyId }) => `family:${familyId}`)))
})

test('W74 a family that a server with a clock ahead issued ends with its subject, and the log names it', async () => {
  const world = createWorld()
  const ahead = world.anotherServer({ clock: { now: () => numericDate(START + 4) } })
  const { refreshToken, familyId } = await ahead.issue({ subject: 'alice' })
  expect(await world.server.revokeSubject('alice', 'password_changed')).toEqual({ revoked: 1 })
  expect(await world.server.refresh({ refreshToken })).toMatchObject({ reason: 'refresh_token/revoked' })
  expect(await world.announced()).toContain(`family:${familyId}`)
})

test('every family that ended with its subject has an entry of its own, however long its client lets it live', async () => {
  const world = createWorld({
    clients: { tv: { type: 'public', policy: { absoluteTimeoutSeconds: 365 * 86_400 } } },
  })
  const { familyId } = await world.server.issue({ subject: 'alice', clientId: 'tv' })
  const { familyId: ordinary } = await world.server.issue({ subject: 'alice' })
  await world.server.revokeSubject('alice', 'password_changed')
  const announced = await world.announced()
  expect(announced).toEqual(expect.arrayContaining([`family:${familyId}`, `family:${ordinary}`]))
})

test.each(['https://auth.example.com/token/1', 'ł', 'x'.repeat(256)])(
  'RV-7 an access token whose id is %s can be introspected and ended',
  async (jti) => {
    const world = createWorld()
    const issuer = createIssuer({
      issuer: ISSUER,
      audience: API,
      type: 'at+jwt',
      lifetimeSeconds: 600,
      keys: [signingKey],
    })
    const token = await issuer.issue({ sub: 'alice', client_id: 'web', jti }, START, {
      bytes: (n) => new Uint8Array(n),
    })
    expect(await world.server.introspect({ token, resourceServer: API })).toMatchObject({ active: true, jti })
    expect(await world.server.revoke({ token })).toEqual({ revoked: 1 })
    expect(await world.server.introspect({ token, resourceServer: API })).toEqual({ active: false })
  },
)

test('a step-up with the attempt key of a lost refresh is no theft: the client asks for that answer first', async () => {
  const world = createWorld()
  const { refreshToken } = await world.server.issue({ subject: 'alice' })
  const attemptKey = 'attempt-key-of-the-phone'
  await world.server.refresh({ refreshToken, attemptKey })
  world.clock.advance(3600)
  const authentication = { methods: ['otp'], acr: 'gold' }
  const early = await world.server.elevate({ refreshToken, attemptKey, authentication })
  expect(early).toMatchObject({ ok: false, reason: 'refresh_token/superseded' })
  const asked = await world.server.refresh({ refreshToken, attemptKey })
  expect(asked).toMatchObject({ ok: true, verdict: 'retried' })
  world.clock.advance(60)
  const elevated = await world.server.elevate({ refreshToken: asked.ok ? asked.refreshToken : '', authentication })
  expect(elevated).toMatchObject({ ok: true, verdict: 'rotated' })
})
