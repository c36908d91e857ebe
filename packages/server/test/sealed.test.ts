// What sealed sessions do for a user: sign-in, use, data, step-up, re-authentication, and the replacement of keys.
import { systemEntropy } from '@tallystick/core/system'
import { generateDecryptionKey, importSealingSecret } from '@tallystick/jwt/jwe'
import { describe, expect, test } from 'vitest'
import { createSealedSessions, type SealedSessionsOptions } from '../src/sealed.ts'
import {
  authentication,
  createSealedWorld,
  failureOf,
  inside,
  key,
  NAME,
  opened,
  partsOf,
  sealFor,
  sealingKey,
  short,
  stronger,
  valueOf,
  wordOf,
} from './sealed-world.ts'
import { START } from './world.ts'

describe('a session', () => {
  test('CK-8 is sealed into one value for a cookie, and opens with who, how and which data', async () => {
    const { sealed } = createSealedWorld()
    const answer = await sealed.seal({ subject: 'alice', authentication, data: { cart: ['a', 'b'] } })
    const value = valueOf(answer)
    expect(value).toMatch(/^[A-Za-z0-9_.-]+$/)
    expect(partsOf(value)).toHaveLength(5)
    const session = {
      sessionId: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
      subject: 'alice',
      establishedAt: START,
      lastPresentedAt: START,
      expiresAt: START + 3600,
      idleExpiresAt: START + 600,
      authentication: { ...authentication, authenticatedAt: START },
      isElevated: false,
    }
    expect(answer).toStrictEqual({ ok: true, credential: value, session, data: { cart: ['a', 'b'] } })
    expect(await sealed.open(value)).toStrictEqual({
      ok: true,
      session: (answer as { session?: object }).session,
      data: { cart: ['a', 'b'] },
    })
  })

  test('CK-8 nothing of it can be read without the key', async () => {
    const value = await sealFor(createSealedWorld(), { secret: 'of the application' })
    const readable = partsOf(value).map((part) => Buffer.from(part, 'base64url').toString('latin1'))
    expect(JSON.parse(readable[0] ?? '')).toStrictEqual({
      alg: 'dir',
      enc: 'A256GCM',
      kid: '1',
      ctx: `session:${NAME}`,
    })
    for (const hidden of ['alice', 'secret', 'of the application', 'silver', String(START)]) {
      expect(readable.join('\n')).not.toContain(hidden)
    }
  })

  test('SE-1 SE-3 has an id of its own making, and no two values are alike', async () => {
    const { sealed } = createSealedWorld()
    const answers = await Promise.all(Array.from({ length: 50 }, () => sealed.seal({ subject: 'alice' })))
    const ids = answers.map((answer) => (answer as { session?: { sessionId: string } }).session?.sessionId)
    expect(new Set(ids).size).toBe(50)
    expect(new Set(answers.map(valueOf)).size).toBe(50)
    const brought = sealed.seal({ subject: 'alice', sessionId: 'A'.repeat(22) } as never)
    await expect(brought).rejects.toThrow(/seal: the argument must be an object with fields of SealGrant only/)
  })

  test('without authentication and data it has none, and data are null', async () => {
    const { sealed } = createSealedWorld({ policy: { idleTimeoutSeconds: 'none' } })
    const answer = await sealed.open(valueOf(await sealed.seal({ subject: 'alice' })))
    expect(answer).toMatchObject({ ok: true, data: null })
    const { session } = answer as { session: object }
    expect(Object.keys(session).sort()).toEqual([
      'establishedAt',
      'expiresAt',
      'isElevated',
      'lastPresentedAt',
      'sessionId',
      'subject',
    ])
  })
})

describe('its data', () => {
  test('are changed by update, in a new value; the value before it still has those of before', async () => {
    const world = createSealedWorld()
    const first = await sealFor(world, { count: 1 })
    world.clock.advance(10)
    const update = await world.sealed.update(first, async (data) => ({ count: (data as { count: number }).count + 1 }))
    expect(update).toMatchObject({ ok: true, data: { count: 2 }, session: { lastPresentedAt: START + 10 } })
    expect(await world.sealed.open(valueOf(update))).toMatchObject({ ok: true, data: { count: 2 } })
    expect(await world.sealed.open(first)).toMatchObject({ ok: true, data: { count: 1 } })
  })

  test('what change throws is thrown, and data that JSON cannot hold are a mistake that does not show them', async () => {
    const world = createSealedWorld()
    const value = await sealFor(world)
    const boom = new Error('of the application')
    expect(await failureOf(world.sealed.update(value, () => Promise.reject(boom)))).toBe(boom)
    for (const data of [1n, { a: { toJSON: () => 1n } }, () => 1, Symbol('x')]) {
      await expect(world.sealed.update(value, () => data)).rejects.toThrow(/^update: data must be what JSON can hold/)
      await expect(world.sealed.seal({ subject: 'a', data })).rejects.toThrow(/^seal: data must be what JSON can hold/)
    }
  })

  test('CK-5 share the 4096 bytes of a cookie with its name: one more is refused, and the answer says how many', async () => {
    const { sealed } = createSealedWorld()
    let length = 2000
    const sizeOf = async (count: number) => sealed.seal({ subject: 'alice', data: 'x'.repeat(count) })
    for (let step = 512; step >= 1; step /= 2) while ((await sizeOf(length + step)).ok) length += step
    const fits = valueOf(await sizeOf(length))
    // Three bytes are four characters, so that the limit cannot always be met on the byte.
    expect(NAME.length + fits.length).toBeGreaterThan(4096 - 4)
    expect(NAME.length + fits.length).toBeLessThanOrEqual(4096)
    const refused = await sizeOf(length + 1)
    expect(refused).toMatchObject({ ok: false, reason: 'session/too_large', sizeBytesMax: 4096 })
    expect((refused as { sizeBytes?: number }).sizeBytes).toBeGreaterThan(4096)
    expect(refused).toMatchObject({ error: { code: 'server_error', status: 500 } })
    expect(await sealed.open(fits)).toMatchObject({ ok: true })
    const updated = await sealed.update(fits, (data) => `${String(data)}x`)
    expect(updated).toMatchObject({ ok: false, reason: 'session/too_large' })
  })

  test('CK-5 far too much is refused the same way, counted in bytes and not in characters', async () => {
    const { sealed } = createSealedWorld()
    const answer = await sealed.seal({ subject: 'alice', data: '\u20AC'.repeat(1300) })
    expect(answer).toMatchObject({ ok: false, reason: 'session/too_large' })
    const huge = await sealed.seal({ subject: 'alice', data: 'x'.repeat(1_000_000) })
    expect(huge).toMatchObject({ ok: false, reason: 'session/too_large' })
    expect((huge as { sizeBytes?: number }).sizeBytes).toBeGreaterThan(1_000_000)
  })
})

describe('a step-up', () => {
  test('SU-2 counts for its time and not a second longer, and changes the first authentication in nothing', async () => {
    const world = createSealedWorld()
    const { sealed, clock } = world
    const requirement = { acr: 'gold', methods: ['otp'] }
    const value = await sealFor(world, 'kept')
    const before = await sealed.open(value, { requirement })
    expect(before).toMatchObject({ ok: false, reason: 'session/step_up_required' })
    expect((before as { error?: { headers: object } }).error?.headers).toMatchObject({
      'www-authenticate': expect.stringContaining('acr_values="gold"'),
    })
    clock.advance(10)
    const elevated = await sealed.elevate(value, stronger)
    expect(elevated).toMatchObject({ ok: true, data: 'kept', session: { isElevated: true } })
    const raised = valueOf(elevated)
    clock.advance(119)
    expect(await sealed.open(raised, { requirement })).toMatchObject({
      ok: true,
      session: { isElevated: true, authentication: { acr: 'gold', authenticatedAt: START + 10 } },
    })
    clock.advance(1)
    expect(wordOf(await sealed.open(raised, { requirement }))).toBe('session/step_up_required')
    expect(await sealed.open(raised)).toMatchObject({
      session: { isElevated: false, authentication: { acr: 'silver', authenticatedAt: START } },
    })
    // The value from before the step-up never had it.
    expect(wordOf(await sealed.open(value, { requirement }))).toBe('session/step_up_required')
  })

  test('SU-5 ends with the session at the latest', async () => {
    const world = createSealedWorld({ policy: { ...short, idleTimeoutSeconds: 'none', elevationSeconds: 3600 } })
    const value = await sealFor(world)
    world.clock.advance(1800)
    const raised = valueOf(await world.sealed.elevate(value, stronger))
    expect(await inside(raised)).toMatchObject({ exp: START + 3600, step: { exp: START + 3600 } })
  })

  test('SE-4 a re-authentication restarts both time-outs, also after the idle end, and drops the step-up', async () => {
    const world = createSealedWorld()
    const { sealed, clock } = world
    const raised = valueOf(await sealed.elevate(await sealFor(world, 'kept'), stronger))
    clock.advance(600)
    expect(await opened(sealed, raised)).toBe('session/idle')
    expect(wordOf(await sealed.elevate(raised, stronger))).toBe('session/idle')
    expect(wordOf(await sealed.update(raised, () => 1))).toBe('session/idle')
    const again = await sealed.reauthenticate(raised, authentication)
    expect(again).toMatchObject({
      ok: true,
      data: 'kept',
      session: {
        establishedAt: START,
        expiresAt: START + 4200,
        idleExpiresAt: START + 1200,
        isElevated: false,
        authentication: { acr: 'silver', authenticatedAt: START + 600 },
      },
    })
    clock.advance(599)
    expect(await opened(sealed, valueOf(again))).toBe('ok')
    clock.advance(3001)
    expect(wordOf(await sealed.reauthenticate(valueOf(again), authentication))).toBe('session/expired')
  })
})

describe('keys', () => {
  test('an old key opens until it leaves, and what it opened is sealed with the first one at once', async () => {
    const world = createSealedWorld()
    const [next, other] = [await sealingKey('2', 2), await sealingKey('3', 3)]
    const old = await sealFor(world, 'kept')
    const both = world.another({ keys: [next, key] })
    const answer = await both.open(old)
    expect(answer).toMatchObject({ ok: true, data: 'kept' })
    const moved = valueOf(answer)
    expect(JSON.parse(Buffer.from(partsOf(moved)[0], 'base64url').toString())).toMatchObject({ kid: '2' })
    expect(await both.open(moved)).not.toHaveProperty('credential')
    expect(await opened(world.another({ keys: [next] }), moved)).toBe('ok')
    expect(await opened(world.another({ keys: [next] }), old)).toBe('session/unknown')
    expect(await opened(world.another({ keys: [other] }), moved)).toBe('session/unknown')
    expect((await inside(moved, [next]))['exp']).toBe(START + 3600)
  })

  test('a key of another secret under the same key id opens nothing', async () => {
    const world = createSealedWorld()
    const value = await sealFor(world)
    expect(await opened(world.another({ keys: [await sealingKey('1', 2)] }), value)).toBe('session/unknown')
  })

  test('where the new key makes the value too large, the old one goes on', async () => {
    const world = createSealedWorld()
    let data = 'x'.repeat(2400)
    while ((await world.sealed.seal({ subject: 'alice', data: `${data}xxx` })).ok) data += 'xxx'
    const value = valueOf(await world.sealed.seal({ subject: 'alice', data }))
    const long = await sealingKey('a key id that is longer than the first one', 2)
    const answer = await world.another({ keys: [long, key] }).open(value)
    expect(answer).toMatchObject({ ok: true, data })
    expect(answer).not.toHaveProperty('credential')
  })

  test('secrets that wrap keys, and AES-CBC with HMAC, serve too', async () => {
    for (const [algorithm, encryption, bytes] of [
      ['A256GCMKW', 'A256GCM', 32],
      ['dir', 'A256CBC-HS512', 64],
    ] as const) {
      const other = await importSealingSecret(systemEntropy.bytes(bytes), { algorithm, encryption })
      const world = createSealedWorld({ keys: [other] })
      expect(await opened(world.sealed, await sealFor(world))).toBe('ok')
    }
  })

  test('F19 a key to which anybody can encrypt is refused at construction', async () => {
    for (const algorithm of ['ECDH-ES', 'ECDH-ES+A256KW', 'RSA-OAEP-256'] as const) {
      const pair = await generateDecryptionKey({ algorithm, encryption: 'A256GCM' })
      for (const keys of [[pair], [key, pair]]) {
        expect(() => createSealedSessions({ keys, cookieName: NAME })).toThrow(/must be a secret made by importSealing/)
      }
    }
  })

  test('what only looks like a key seals and opens nothing', async () => {
    const keys = [{ ...key }] as never
    const sealed = createSealedSessions({ keys, cookieName: NAME })
    expect(await failureOf(sealed.seal({ subject: 'alice' }))).toBeInstanceOf(TypeError)
    expect(await failureOf(sealed.open('a.b.c.d.e'))).toBeInstanceOf(TypeError)
  })
})

test.each<[string, Partial<Record<keyof SealedSessionsOptions, unknown>>, RegExp]>([
  ['no keys', { keys: [] }, /^createSealedSessions: keys must be a list of 1 to 100 keys/],
  ['a secret in the place of a key', { keys: ['k'.repeat(32)] }, /keys\.0 must be a list .*\(given a string of 32/],
  ['two keys of one id', { keys: [key, key] }, /keys\.1 must have a key id of its own \(given "1"\)/],
  ['no name', { cookieName: '' }, /cookieName must be a cookie name/],
  ['a name outside the grammar', { cookieName: 'a b' }, /cookieName must be a cookie name/],
  ['a limit', { policy: { limit: { sessionsMax: 1, atLimit: 'refuse' } } }, /policy\.limit must not be set/],
  ['renewal', { policy: { renewal: { afterSeconds: 900 } } }, /policy\.renewal\.afterSeconds must not be set/],
  ['a policy that is none', { policy: { idleTimeoutSeconds: 0 } }, /idleTimeoutSeconds must be 1 to/],
  ['a hook that is none', { isRevoked: true }, /isRevoked must be a function/],
  ['a clock that is none', { clock: {} }, /clock must be a Clock/],
  ['an entropy that is none', { entropy: {} }, /entropy must be an Entropy/],
  ['another option', { maxAge: 1 } as never, /must be an object with fields of SealedSessionsOptions only/],
])('a mistake in the options is told at construction: %s', (_, options, message) => {
  const build = () => createSealedSessions({ keys: [key], cookieName: NAME, ...options } as SealedSessionsOptions)
  expect(build).toThrow(message)
})

test.each<[string, Record<string, unknown>, RegExp]>([
  ['no subject', { subject: '' }, /^seal: subject must be/],
  ['a subject that is no text', { subject: 7 }, /^seal: subject must be/],
  ['an authentication without methods', { authentication: { acr: 'x' } }, /^seal: authentication: methods must be/],
  ['an authentication that is null', { authentication: null }, /^seal: authentication: /],
  ['an epoch that is no whole number', { epoch: 1.5 }, /^seal: epoch must be a whole number from 0/],
  ['a negative epoch', { epoch: -1 }, /^seal: epoch must be a whole number from 0/],
])('a mistake at sealing is told: %s', async (_, grant, message) => {
  const { sealed } = createSealedWorld()
  await expect(sealed.seal({ subject: 'alice', ...grant } as never)).rejects.toThrow(message)
})
