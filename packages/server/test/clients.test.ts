// Clients: what kind each is, what rotation it may have, and where they come from.
import { expect, test } from 'vitest'
import type { Client } from '../src/index.ts'
import { createWorld, outcome, served, thrownBy } from './world.ts'

const never = { rotation: 'never' } as const

test('RT-1 a public client with neither rotation nor sender-constrained tokens is refused at construction', () => {
  const message =
    "clients: web must be confidential or senderConstrained where policy.rotation is 'never' (RFC 9700 §2.2.2)"
  expect(() => createWorld({ clients: { web: { type: 'public', policy: never } } })).toThrow(new TypeError(message))
  expect(() => createWorld({ clients: { web: { type: 'public' } }, policy: never })).toThrow(message)
  // The first party, which nobody registered, counts as public.
  expect(() => createWorld({ policy: never })).toThrow(message)
  for (const client of [
    { type: 'confidential' },
    { type: 'public', senderConstrained: true },
    { type: 'public', policy: { rotation: 'always' } },
  ] as const satisfies Client[]) {
    expect(() => createWorld({ clients: { web: client }, policy: never })).not.toThrow()
  }
})

test('RT-1 where clients are looked up, such a client is refused when it is first seen', async () => {
  const world = createWorld({ clients: async () => ({ type: 'public', policy: never }) })
  expect((await thrownBy(() => world.server.issue({ subject: 'alice' }))).message).toContain('RFC 9700 §2.2.2')
})

test('a client’s policy differs from the server’s in what it says, and in nothing else', async () => {
  const world = createWorld({
    policy: { idleTimeoutSeconds: 1000, absoluteTimeoutSeconds: 5000 },
    clients: { web: { type: 'public' }, app: { type: 'public', policy: { idleTimeoutSeconds: 100 } } },
  })
  const web = await world.server.issue({ subject: 'alice' })
  const app = await world.server.issue({ subject: 'alice', clientId: 'app' })
  expect([web.refreshTokenExpiresInSeconds, app.refreshTokenExpiresInSeconds]).toEqual([1000, 100])
  world.clock.advance(100)
  expect(outcome(await world.server.refresh({ refreshToken: app.refreshToken, clientId: 'app' }))).toMatch(/expired/)
  expect(outcome(await world.server.refresh({ refreshToken: web.refreshToken }))).toBe('rotated')
  expect((await world.family(web.familyId)).absoluteExpiresAt - world.clock.now()).toBe(4900)
})

test('without registered clients every client id is taken for granted; with them, only those and the first party', async () => {
  const open = createWorld()
  expect((await open.server.issue({ subject: 'alice', clientId: 'whoever' })).familyId).toBeDefined()
  const closed = createWorld({ clients: { app: { type: 'public' } } })
  expect((await closed.server.issue({ subject: 'alice' })).familyId).toBeDefined()
  await expect(closed.server.issue({ subject: 'alice', clientId: 'whoever' })).rejects.toThrow(
    'must be a registered client',
  )
})

test('ids such as __proto__ and constructor are no clients', async () => {
  const world = createWorld({ clients: { app: { type: 'public' } } })
  for (const clientId of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    await expect(world.server.issue({ subject: 'alice', clientId })).rejects.toThrow('must be a registered client')
  }
})

test('clients that are looked up are asked for each time, and one that left is refused without harm', async () => {
  const known = new Map<string, Client>([['web', { type: 'public' }]])
  const world = createWorld({ clients: async (clientId) => known.get(clientId) })
  const { refreshToken } = await world.server.issue({ subject: 'alice' })
  known.clear()
  expect(outcome(await world.server.refresh({ refreshToken }))).toBe('refresh_token/client_mismatch')
  known.set('web', { type: 'confidential', policy: never })
  expect(served(await world.server.refresh({ refreshToken })).verdict).toBe('kept')
})

test('F82 a look-up that fails is a failure, never a refusal', async () => {
  let fails = false
  const world = createWorld({
    clients: async () => (fails ? Promise.reject(new Error('directory down')) : { type: 'public' }),
  })
  const { refreshToken } = await world.server.issue({ subject: 'alice' })
  fails = true
  expect(await thrownBy(() => world.server.refresh({ refreshToken }))).toMatchObject({
    code: 'ERR_HOOK',
    retryable: true,
  })
  fails = false
  expect(outcome(await world.server.refresh({ refreshToken }))).toBe('rotated')
})

test('a look-up that answers nonsense is a mistake of the application', async () => {
  const world = createWorld({ clients: async () => ({ type: 'native' }) as never })
  expect((await thrownBy(() => world.server.issue({ subject: 'alice' }))).message).toBe(
    "clients: web.type must be 'public' or 'confidential' (given \"native\")",
  )
})
