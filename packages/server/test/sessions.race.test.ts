// Every pause point of a session's verbs, with an end of the session run in between; and honest requests side by side.
import { countOperations, pauseAt } from '@tallystick/storage/faults'
import type { Storage } from '@tallystick/storage'
import { describe, expect, test } from 'vitest'
import {
  createSessionWorld,
  type Established,
  ok,
  presented,
  reasonOf,
  renewing,
  type SessionWorld,
  signIn,
  stronger,
  switchable,
} from './session-world.ts'
import { isAlive, outcome, rotations } from './world.ts'

/** What a call handed out, or that it was refused. */
interface Handed {
  readonly ok?: boolean | undefined
  readonly reason?: string | undefined
  readonly credential?: string | undefined
  readonly accessToken?: string | undefined
  readonly refreshToken?: string | undefined
}
type Verb = (server: SessionWorld['server'], one: Established) => Promise<Handed>

const verbs: Readonly<Record<string, Verb>> = {
  present: (server, { credential }) => server.sessions.present(credential),
  renew: (server, { credential }) => server.sessions.renew(credential),
  elevate: (server, { credential }) => server.sessions.elevate(credential, stronger),
  reauthenticate: (server, { credential }) => server.sessions.reauthenticate(credential, stronger),
  read: (server, { credential }) => server.sessions.read(credential),
  update: (server, { credential }) => server.sessions.update(credential, (data) => [data]),
  issueAccessToken: (server, { credential }) => server.sessions.issueAccessToken(credential),
  refresh: (server, { tokens }) => server.refresh({ refreshToken: tokens!.refreshToken }),
  'issue for the session': (server, { session }) =>
    given(server.issue({ subject: 'alice', sessionId: session.sessionId })),
  'establish in its place': (server, { credential }) =>
    given(server.sessions.establish({ subject: 'alice', data: 1, replaces: credential })),
}

async function given(call: Promise<Handed>): Promise<Handed> {
  try {
    return await call
  } catch (thrown) {
    // Subject or session ended meanwhile: nothing was handed out.
    expect((thrown as { code?: string }).code).toMatch(/^ERR_(SUBJECT|SESSION)_REVOKED$/)
    return { ok: false, reason: (thrown as { code: string }).code }
  }
}

const interruptions: Readonly<Record<string, (world: SessionWorld, one: Established) => Promise<unknown>>> = {
  'sign-out': ({ server }, { credential }) => server.sessions.revoke(credential),
  'a revocation of the session': ({ server }, { session }) => server.revokeSession(session.sessionId, 'admin'),
  'a revocation of the subject': ({ server }) => server.revokeSubject('alice', 'locked'),
  'a replayed refresh token': (world, { tokens }) => replay(world, tokens!.refreshToken),
}

async function replay({ server }: SessionWorld, refreshToken: string): Promise<void> {
  // The token of before, long after its successor was used.
  expect(outcome(await server.refresh({ refreshToken: spent.get(refreshToken)! }))).toMatch(/replayed|revoked/)
}
const spent = new Map<string, string>()

/** A session with data and tokens, ten minutes old: everything about it is due to be written. */
async function prepare(around: (storage: Storage) => Storage) {
  const world = createSessionWorld({ sessionPolicy: renewing })
  const held = switchable(world.storage)
  const server = world.anotherServer({ storage: held.storage })
  // A process that has read the log before: nobody but its first reading waits for it.
  const bob = await signIn({ server }, { subject: 'bob', refreshToken: true })
  await server.refresh({ refreshToken: bob.tokens!.refreshToken })
  const begun = await signIn(world, { refreshToken: true, data: 0 })
  const all = await rotations(world, begun.tokens!, 2)
  spent.set(all[2]!.refreshToken, all[0]!.refreshToken)
  const one: Established = { ...begun, tokens: all[2]! }
  world.clock.advance(700)
  held.put(around(world.storage))
  return { world, server, one }
}

async function countCalls(verb: Verb): Promise<number> {
  const counter: { count?: () => number } = {}
  const { server, one } = await prepare((storage) => {
    const counted = countOperations(storage)
    counter.count = counted.count
    return counted.storage
  })
  await verb(server, one)
  return counter.count!()
}

async function assertNothingLives(world: SessionWorld, one: Established, handed: Handed, place: string): Promise<void> {
  const { sessionId } = one.session
  expect(await world.session(sessionId), place).toMatchObject({ status: 'revoked', announced: true })
  expect(await world.familyOf(sessionId), place).toMatchObject({ status: 'revoked', announced: true })
  expect(await world.keys(), place).not.toContain(`session-data:${sessionId}`)
  for (const server of [world.server, world.anotherServer()]) {
    for (const credential of [one.credential, handed.credential]) {
      if (credential === undefined) continue
      expect(await presented({ server }, credential), place).toBe('session/revoked')
      expect(reasonOf(await server.sessions.update(credential, () => 1)), place).toBe('session/revoked')
    }
    for (const refreshToken of [one.tokens?.refreshToken, handed.refreshToken]) {
      if (refreshToken === undefined) continue
      expect(outcome(await server.refresh({ refreshToken })), place).toBe('refresh_token/revoked')
    }
  }
  for (const token of [one.tokens?.accessToken, handed.accessToken]) {
    if (token !== undefined) expect(await isAlive(world, token), place).toBe(false)
  }
  expect(await world.keys(), place).not.toContain(`session-data:${sessionId}`)
}

describe('F85 A33 RT-9 a slow request that finishes after the end of its session', () => {
  test.each(Object.keys(verbs))(
    '%s, held anywhere: revives nothing, and leaves nothing that lives',
    async (name) => {
      const verb = verbs[name]!
      const calls = await countCalls(verb)
      expect(calls).toBeGreaterThan(0)
      const reached = { served: 0, refused: 0 }
      for (const [what, interrupt] of Object.entries(interruptions)) {
        for (const by of ['another', 'the same'] as const) {
          for (let index = 0; index < calls; index += 1) {
            for (const when of ['before', 'after'] as const) {
              const place = `${what} by ${by} process, ${when} call ${index} of ${name}`
              const pause: { at?: ReturnType<typeof pauseAt> } = {}
              const { world, server, one } = await prepare(
                (storage) => (pause.at = pauseAt(storage, index, when)).storage,
              )
              const running = verb(server, one)
              await Promise.race([pause.at!.paused, running])
              await interrupt(by === 'another' ? world : { ...world, server }, one)
              pause.at!.resume()
              const handed = await running
              reached[handed.ok === false ? 'refused' : 'served'] += 1
              if (name === 'establish in its place' && handed.credential !== undefined) {
                // A new sign-in is a session of its own: it lives, unless its subject was revoked after it began.
                const isEnded = what === 'a revocation of the subject' && (index > 0 || when === 'after')
                const expected = isEnded ? 'session/revoked' : 'ok'
                expect(await presented(world, handed.credential), place).toBe(expected)
                await assertNothingLives(world, one, {}, place)
              } else {
                await assertNothingLives(world, one, handed, place)
              }
              expect((await world.server.sessions.list('alice')).length, place).toBeLessThanOrEqual(1)
              const data = (await world.keys()).filter((key) => key.startsWith('session-data:'))
              const live = [
                ...(await world.server.sessions.list('alice')),
                ...(await world.server.sessions.list('bob')),
              ]
              expect(data.sort(), place).toEqual(live.map(({ sessionId }) => `session-data:${sessionId}`).sort())
              if (name === 'update' && handed.ok === true) expect(handed, place).toMatchObject({ data: [0] })
            }
          }
        }
      }
      expect(Math.min(reached.served, reached.refused)).toBeGreaterThan(0)
    },
    60_000,
  )
})

test('F85 F93 a sign-in that an administrator ends before it was answered leaves no data', async () => {
  const establish: Verb = (server) => server.sessions.establish({ subject: 'alice', data: 1 })
  const calls = await countCalls(establish)
  let ended = 0
  for (let index = 0; index < calls; index += 1) {
    for (const when of ['before', 'after'] as const) {
      const pause: { at?: ReturnType<typeof pauseAt> } = {}
      const { world, server, one } = await prepare((storage) => (pause.at = pauseAt(storage, index, when)).storage)
      const running = establish(server, one)
      await Promise.race([pause.at!.paused, running])
      for (const { sessionId } of await world.server.sessions.list('alice')) {
        ended += (await world.server.revokeSession(sessionId, 'admin')).revoked
      }
      pause.at!.resume()
      await running
      const live = [...(await world.server.sessions.list('alice')), ...(await world.server.sessions.list('bob'))]
      const data = (await world.keys()).filter((key) => key.startsWith('session-data:'))
      expect(data.sort(), `${when} call ${index}`).toEqual(
        live.map(({ sessionId }) => `session-data:${sessionId}`).sort(),
      )
    }
  }
  expect(ended).toBeGreaterThan(calls * 2)
})

describe('two honest requests, one held anywhere', () => {
  const pairs: readonly (readonly [string, string])[] = [
    ['update', 'update'],
    ['update', 'present'],
    ['update', 'renew'],
    ['update', 'elevate'],
    ['update', 'refresh'],
    ['present', 'update'],
    ['renew', 'renew'],
    ['renew', 'present'],
    ['renew', 'update'],
    ['present', 'renew'],
    ['refresh', 'renew'],
    ['renew', 'refresh'],
    ['elevate', 'refresh'],
    ['refresh', 'update'],
    ['reauthenticate', 'update'],
  ]
  test.each(pairs)('F75 F85 %s and %s: both are served, and both effects are there', async (first, second) => {
    const calls = await countCalls(verbs[first]!)
    let reached = 0
    for (let index = 0; index < calls; index += 1) {
      for (const when of ['before', 'after'] as const) {
        const pause: { at?: ReturnType<typeof pauseAt> } = {}
        const { world, server, one } = await prepare((storage) => (pause.at = pauseAt(storage, index, when)).storage)
        const running = verbs[first]!(server, one)
        await Promise.race([pause.at!.paused, running])
        const other = await verbs[second]!(world.server, one)
        pause.at!.resume()
        const place = `${when} call ${index}`
        const results = [await running, other]
        for (const result of results) {
          // Who presents the credential of before a step-up is told to read its cookie again.
          expect(reasonOf(result as { readonly ok: boolean }), place).toMatch(
            first === 'elevate' || second === 'elevate' || first === 'reauthenticate'
              ? /^(ok|session\/superseded)$/
              : /^ok$/,
          )
        }
        const newest = results.map(({ credential }) => credential).findLast((one_) => one_ !== undefined)
        const credential = newest ?? one.credential
        const updates = [first, second].filter((name, at) => name === 'update' && results[at]!.ok === true).length
        const { data } = ok(await world.server.sessions.read(credential))
        expect(JSON.stringify(data), place).toBe('['.repeat(updates) + '0' + ']'.repeat(updates))
        expect(await world.session(one.session.sessionId), place).toMatchObject({ status: 'active' })
        const credentials = new Set(results.map((result) => result.credential).filter((one_) => one_ !== undefined))
        expect(credentials.size, place).toBeLessThanOrEqual(1)
        reached += 1
      }
    }
    expect(reached).toBeGreaterThan(1)
  })
})

describe('many at once', () => {
  test('SE-10 sixty-four renewals give one successor, and everybody has it', async () => {
    const { world, server, one } = await prepare((storage) => storage)
    const servers = [world.server, server]
    const results = await Promise.all(
      Array.from({ length: 64 }, (_, at) => servers[at % 2]!.sessions.renew(one.credential)),
    )
    expect(new Set(results.map((result) => ok(result).credential)).size).toBe(1)
    expect(results.filter((result) => ok(result).verdict === 'renewed')).toHaveLength(1)
    expect((await world.session(one.session.sessionId)).generation).toBe(2)
    expect(world.told('session.renewed')).toBe(1)
  })

  test('SE-8 sixty-four sign-outs: one did it, and it is told once', async () => {
    const { world, one } = await prepare((storage) => storage)
    const results = await Promise.all(Array.from({ length: 64 }, () => world.server.sessions.revoke(one.credential)))
    expect(results.reduce((sum, { revoked }) => sum + revoked, 0)).toBe(1)
    expect([world.told('session.revoked'), world.told('refresh_token.revoked')]).toEqual([1, 1])
  })

  test('F85 everything at once while the user signs out: nothing lives afterwards', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { world, server, one } = await prepare((storage) => storage)
      const calls = Object.entries(verbs)
        .filter(([name]) => name !== 'establish in its place')
        .flatMap(([, verb]) => [() => verb(server, one), () => verb(world.server, one)])
      calls.splice(round * 2, 0, () => world.server.sessions.revoke(one.credential).then(() => ({})))
      const running = calls.map((call) => call())
      for (const handed of await Promise.all(running)) await assertNothingLives(world, one, handed, `round ${round}`)
    }
  })
})
