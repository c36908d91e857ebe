// What a hostile reader tried, each as small as it gets: callers, hooks, clocks and stores that do not behave.
import { numericDate } from '@tallystick/core'
import { createFailover } from '@tallystick/storage/faults'
import { memoryStorage } from '@tallystick/storage-memory'
import { describe, expect, test } from 'vitest'
import type { TokenServerOptions } from '../src/index.ts'
import { API, createWorld, ISSUER, isAlive, KEY, outcome, SECRET, signingKey, START, thrownBy } from './world.ts'

const DAY = 86_400

describe('callers', () => {
  test('rotation never takes an authentication from a request that is passed on whole', async () => {
    const world = createWorld()
    const { refreshToken } = await world.server.issue({ subject: 'alice', authentication: { methods: ['pwd'] } })
    const body = { refreshToken, elevate: { methods: ['mfa'], acr: 'gold', authenticatedAt: START } }
    const rotated = await world.server.rotate(body)
    expect(rotated.ok && rotated.family.authentication).toMatchObject({ methods: ['pwd'] })
    const served = await world.server.refresh({ ...body, refreshToken: rotated.ok ? rotated.refreshToken : '' })
    expect(served.ok && (await world.family(served.familyId)).authentication).toMatchObject({ methods: ['pwd'] })
  })

  test('IN-3 IN-6 claims cannot speak for the introspection that shows them', async () => {
    const world = createWorld()
    for (const name of ['active', 'token_use', 'token_type', 'username']) {
      const thrown = await thrownBy(() => world.server.issue({ subject: 'alice', claims: { [name]: false } }))
      expect(thrown.message).toMatch(/must not have the name of a registered claim/)
    }
  })

  test('A37 claims are checked as what JSON makes of them', async () => {
    const world = createWorld()
    const disguised = { toJSON: () => ({ acr: 'gold', scope: 'admin' }) }
    expect((await thrownBy(() => world.server.issue({ subject: 'alice', claims: disguised }))).message).toMatch(
      /claims\.acr/,
    )
    const list = { toJSON: () => [1] }
    expect((await thrownBy(() => world.server.issue({ subject: 'alice', claims: list }))).message).toMatch(
      /must be an object/,
    )
    const deep = JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`) as Record<string, unknown>
    expect((await thrownBy(() => world.server.issue({ subject: 'alice', claims: deep }))).message).toMatch(
      /levels deep/,
    )
    expect((await world.storage.records.list({ subject: 'alice' })).records).toEqual([])
  })

  test('JW-30 a scope of megabytes is refused for its length, before anything looks inside', async () => {
    const world = createWorld()
    const thrown = await thrownBy(() => world.server.issue({ subject: 'alice', scope: 'a '.repeat(4_000_000) }))
    expect(thrown).toBeInstanceOf(TypeError)
    expect(thrown.message.length).toBeLessThan(300)
  })

  test('a sign-in whose access token cannot be made leaves no family behind', async () => {
    const world = createWorld()
    const audience = Array.from({ length: 16 }, (_, at) => `https://${'x'.repeat(1000)}/${at}`)
    await thrownBy(() => world.server.issue({ subject: 'alice', audience }))
    const { records } = await world.storage.records.list({ subject: 'alice' })
    for (const { text } of records) expect(JSON.parse(text)).toMatchObject({ status: 'revoked' })
  })

  test('a scope or audience of another type is refused, not thrown about', async () => {
    const world = createWorld()
    const { refreshToken } = await world.server.issue({ subject: 'alice', scope: 'read' })
    const odd = [{ scope: 1 }, { scope: null }, { audience: null }, { audience: 7 }] as unknown as { scope?: string }[]
    for (const more of odd) expect((await world.server.refresh({ refreshToken, ...more })).ok).toBe(false)
    expect(outcome(await world.server.refresh({ refreshToken }))).toBe('rotated')
  })
})

describe('clients', () => {
  test('a client’s policy without values loosens nothing of the server’s', async () => {
    const world = createWorld({
      policy: { gracePeriodSeconds: 0, idleTimeoutSeconds: 600, absoluteTimeoutSeconds: 3600 },
      clients: {
        web: { type: 'public', policy: { gracePeriodSeconds: undefined, absoluteTimeoutSeconds: undefined } },
      },
    })
    const { refreshToken, familyId } = await world.server.issue({ subject: 'alice' })
    expect((await world.family(familyId)).absoluteExpiresAt).toBe(START + 3600)
    await world.server.refresh({ refreshToken })
    expect(outcome(await world.server.refresh({ refreshToken }))).toBe('refresh_token/replayed')
  })

  test('RT-15 a sender-constrained client is not served without its key, whatever type it has', async () => {
    const world = createWorld({ clients: { web: { type: 'confidential', senderConstrained: true } } })
    const binding = { type: 'dpop', thumbprint: 'k'.repeat(43) } as const
    const { refreshToken } = await world.server.issue({ subject: 'alice', binding })
    expect(outcome(await world.server.refresh({ refreshToken }))).toBe('refresh_token/binding_mismatch')
    expect(await world.server.refresh({ refreshToken, binding })).toMatchObject({ ok: true, tokenType: 'DPoP' })
  })

  test('RT-1 a family that was issued without a key rotates, also when its public client no longer does', async () => {
    const world = createWorld({ clients: { web: { type: 'public' } } })
    const { refreshToken } = await world.server.issue({ subject: 'alice' })
    const later = world.anotherServer({
      clients: { web: { type: 'public', senderConstrained: true, policy: { rotation: 'never' } } },
    })
    const binding = { type: 'dpop', thumbprint: 'k'.repeat(43) } as const
    expect(outcome(await later.refresh({ refreshToken, binding }))).toBe('rotated')
  })

  test('AT-3 an opaque token of another issuer over the same store is unknown', async () => {
    const world = createWorld({ accessToken: { format: 'opaque' } })
    const { accessToken } = await world.server.issue({ subject: 'alice' })
    const other = world.anotherServer({ issuer: 'https://other.example.com' })
    expect(await other.verify(accessToken)).toMatchObject({ reason: 'access_token/unknown' })
    expect(await other.introspect({ token: accessToken, resourceServer: API })).toEqual({ active: false })
    expect((await world.server.verify(accessToken)).ok).toBe(true)
  })
})

describe('hooks and listeners', () => {
  test.each([
    ['a number that JSON has no word for', () => Promise.resolve({ roles: 1n as unknown })],
    ['more than a token can carry', () => Promise.resolve({ roles: 'x'.repeat(20_000) })],
    ['something that serializes to nothing', () => Promise.resolve({ toJSON: () => undefined })],
  ])('claims of %s fail before anything is written, and the next try works at any time', async (_, claimsAtRefresh) => {
    const world = createWorld({ claimsAtRefresh })
    const { refreshToken } = await world.server.issue({ subject: 'alice' })
    expect(await thrownBy(() => world.server.refresh({ refreshToken }))).toMatchObject({ code: 'ERR_HOOK' })
    world.clock.advance(DAY)
    const mended = world.anotherServer({ claimsAtRefresh: () => Promise.resolve({ roles: ['user'] }) })
    expect(outcome(await mended.refresh({ refreshToken }))).toBe('rotated')
  })

  test('what a hook writes into its facts is written into nothing', async () => {
    const world = createWorld({
      risk: ({ family }) => {
        Object.assign(family.claims ?? {}, { role: 'admin' })
        ;(family.resources as string[]).push('https://evil.example.com')
        Object.assign(family.authentication ?? {}, { acr: 'gold' })
        return Promise.resolve('serve')
      },
    })
    const first = await world.server.issue({
      subject: 'alice',
      claims: { role: 'user' },
      authentication: { methods: ['pwd'] },
    })
    await world.server.refresh({ refreshToken: first.refreshToken })
    const family = await world.family(first.familyId)
    expect([family.claims, family.resources, family.authentication?.acr]).toEqual([{ role: 'user' }, [API], undefined])
  })

  test('a waitUntil that throws keeps no revocation from being announced', async () => {
    const waitUntil = (): never => {
      throw new TypeError('Illegal invocation')
    }
    const world = createWorld({ waitUntil })
    const { familyId, accessToken } = await world.server.issue({ subject: 'alice' })
    expect(await world.server.revokeFamily(familyId, 'sign_out')).toEqual({ revoked: 1 })
    expect(await world.announced()).toEqual([`family:${familyId}`])
    expect(await isAlive(world, accessToken)).toBe(false)
  })
})

describe('several processes', () => {
  test('RV-9 an access token that was refreshed while its subject was revoked is dead wherever the log is read', async () => {
    const world = createWorld()
    const { refreshToken } = await world.server.issue({ subject: 'alice' })
    let inFlight: Awaited<ReturnType<typeof world.server.refresh>> | undefined
    const other = world.anotherServer()
    // It has just read the log, and will not again for some seconds.
    await other.refresh({ refreshToken: (await world.server.issue({ subject: 'bob' })).refreshToken })
    const { records } = world.storage
    const slow = world.anotherServer({
      storage: {
        ...world.storage,
        records: {
          ...records,
          read: (key) => records.read(key),
          compareAndSet: (...words) => records.compareAndSet(...words),
          delete: (...words) => records.delete(...words),
          list: async (...words) => {
            world.clock.advance(1)
            inFlight ??= await other.refresh({ refreshToken })
            return records.list(...words)
          },
        },
      },
    })
    expect(await slow.revokeSubject('alice', 'password_changed')).toEqual({ revoked: 1 })
    const third = world.anotherServer()
    await third.syncRevocations()
    expect(inFlight).toMatchObject({ ok: true, verdict: 'rotated' })
    expect(await third.verify(inFlight?.ok === true ? inFlight.accessToken : '')).toMatchObject({
      reason: 'access_token/revoked',
    })
  })

  test('RV-6 a failover that lost a revocation revives nothing, also where another process revoked', async () => {
    const clock = { at: START as number, now: () => numericDate(clock.at) }
    const failover = createFailover(memoryStorage({ clock }), memoryStorage({ clock }))
    const open = (): ReturnType<typeof createWorld>['server'] => {
      const options: Partial<TokenServerOptions> = { storage: failover.storage, clock }
      return createWorld(options).server
    }
    const [first, second] = [open(), open()]
    const { refreshToken, familyId } = await first.issue({ subject: 'alice' })
    const { refreshToken: bystander } = await second.issue({ subject: 'bob' })
    await second.refresh({ refreshToken: bystander })
    await failover.replicate()
    await first.revokeFamily(familyId, 'sign_out')
    failover.failOver()
    clock.at += 60
    expect(outcome(await second.refresh({ refreshToken }))).toBe('refresh_token/revoked')
  })

  test('a log that failed at the first reading is read later', async () => {
    const world = createWorld()
    const { revocations, records } = world.storage
    let down = true
    const since: NonNullable<typeof revocations>['since'] = (cursor) =>
      down || revocations === undefined ? Promise.reject(new Error('down')) : revocations.since(cursor)
    const append: NonNullable<typeof revocations>['append'] = (entry) => revocations?.append(entry) ?? Promise.resolve()
    const server = world.anotherServer({ storage: { records, revocations: { append, since } } })
    const { refreshToken, accessToken, familyId } = await world.server.issue({ subject: 'alice' })
    const { refreshToken: other } = await world.server.issue({ subject: 'bob' })
    await server.refresh({ refreshToken: other })
    await world.server.revokeFamily(familyId, 'sign_out')
    down = false
    world.clock.advance(60)
    await server.refresh({ refreshToken })
    expect((await server.verify(accessToken)).ok).toBe(false)
  })
})

describe('clocks and chance', () => {
  test.each([Number.NaN, 1.5, -1, 1_800_000_000_000])(
    'A34 a clock that says %d fails the call and damages nothing',
    async (now) => {
      const world = createWorld()
      const { familyId, refreshToken } = await world.server.issue({ subject: 'alice' })
      const broken = world.anotherServer({ clock: { now: () => now as typeof START } })
      const calls = [
        () => broken.revokeFamily(familyId, 'sign_out'),
        () => broken.refresh({ refreshToken }),
        () => broken.issue({ subject: 'alice' }),
      ]
      for (const call of calls) expect(await thrownBy(call)).toMatchObject({ code: 'ERR_CLOCK' })
      expect(outcome(await world.server.refresh({ refreshToken }))).toBe('rotated')
    },
  )

  test('an entropy source that gives too little is a mistake, found at its first use', async () => {
    const world = createWorld({ entropy: { bytes: () => new Uint8Array(4) } })
    expect((await thrownBy(() => world.server.issue({ subject: 'alice' }))).message).toMatch(
      /entropy must give the \d+ bytes/,
    )
  })

  test('MO-2 a genuine token without a record is told: the store may have lost it', async () => {
    const world = createWorld()
    const { refreshToken } = await world.server.issue({ subject: 'alice' })
    const empty = world.anotherServer({ storage: memoryStorage({ clock: world.clock }) })
    expect(outcome(await empty.refresh({ refreshToken, attemptKey: KEY }))).toBe('refresh_token/unknown')
    expect(world.events.at(-1)).toMatchObject({ type: 'refresh_token.turned_away', reason: 'refresh_token/unknown' })
  })
})

test('the server’s own object shows nothing of what it holds', () => {
  const world = createWorld()
  const shown = JSON.stringify([world.server, signingKey, ISSUER])
  expect(shown).not.toContain(Buffer.from(SECRET).toString('base64url').slice(0, 16))
})
