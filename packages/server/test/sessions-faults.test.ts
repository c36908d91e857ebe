// A storage that fails, loses answers or sends twice: failures are failures, nobody is signed out, and the next try works.
import { isTokenError } from '@tallystick/core'
import type { Storage } from '@tallystick/storage'
import { countOperations, failAt, resendWrites } from '@tallystick/storage/faults'
import { describe, expect, test } from 'vitest'
import {
  authentication,
  createSessionWorld,
  type Established,
  ok,
  presented,
  reasonOf,
  renewing,
  type SessionWorld,
  signIn,
  stronger,
} from './session-world.ts'
import { isAlive, outcome, thrownBy } from './world.ts'

type Server = SessionWorld['server']
type Verb = (server: Server, one: Established) => Promise<unknown>

const limit = { sessionsMax: 2, atLimit: 'evict_oldest' } as const

const verbs: Readonly<Record<string, Verb>> = {
  establish: (server) => server.sessions.establish({ subject: 'carol', data: 1, refreshToken: true }),
  present: (server, { credential }) => server.sessions.present(credential),
  renew: (server, { credential }) => server.sessions.renew(credential),
  elevate: (server, { credential }) => server.sessions.elevate(credential, stronger),
  reauthenticate: (server, { credential }) => server.sessions.reauthenticate(credential, stronger),
  read: (server, { credential }) => server.sessions.read(credential),
  update: (server, { credential }) => server.sessions.update(credential, () => 'written'),
  issueAccessToken: (server, { credential }) => server.sessions.issueAccessToken(credential),
  list: (server) => server.sessions.list('alice').then((sessions) => ({ ok: sessions.length > 0 })),
  'issue for the session': (server, { session }) => server.issue({ subject: 'alice', sessionId: session.sessionId }),
}
const ending: Readonly<Record<string, Verb>> = {
  'sign-out': (server, { credential }) => server.sessions.revoke(credential),
  'a revocation of the session': (server, { session }) => server.revokeSession(session.sessionId, 'admin'),
  'a revocation of the family': (server, { session }) => server.revokeFamily(session.sessionId, 'admin'),
  'a revocation of the subject': (server) => server.revokeSubject('alice', 'locked'),
  'a sign-in in its place': (server, { credential }) =>
    server.sessions.establish({ subject: 'alice', replaces: credential }),
}

/** A session with data and tokens, of which everything is due to be written, and a process with a fault in its storage. */
async function prepare(around: (storage: Storage) => Storage) {
  const world = createSessionWorld({ sessionPolicy: { ...renewing, limit } })
  const one = await signIn(world, { refreshToken: true, data: 'first' })
  const linked = await world.server.issue({ subject: 'alice', sessionId: one.session.sessionId })
  world.clock.advance(700)
  return { world, one, linked, faulty: world.anotherServer({ storage: around(world.storage) }) }
}
type Prepared = Awaited<ReturnType<typeof prepare>>

async function countCalls(verb: Verb): Promise<number> {
  const counter: { count?: () => number } = {}
  const { one, faulty } = await prepare((storage) => {
    const counted = countOperations(storage)
    counter.count = counted.count
    return counted.storage
  })
  await verb(faulty, one)
  return counter.count!()
}

/** Runs a verb with a failure at every call, before and after its effect, each in a world of its own. */
async function atEveryCall(verb: Verb, check: (at: Prepared, thrown: unknown) => Promise<void>): Promise<number> {
  const calls = await countCalls(verb)
  let failures = 0
  for (let index = 0; index < calls; index += 1) {
    for (const when of ['before', 'after'] as const) {
      const prepared = await prepare((storage) => failAt(storage, { index, when }).storage)
      let thrown: unknown
      try {
        await verb(prepared.faulty, prepared.one)
      } catch (error) {
        thrown = error
        failures += 1
        expect(isTokenError(thrown)).toBe(true)
        expect((thrown as { code: string }).code).toMatch(/^ERR_(STORAGE|REVOCATION_LOG)_UNAVAILABLE$/)
        expect(thrown).toMatchObject({ retryable: true })
      }
      await check(prepared, thrown)
    }
  }
  return failures
}

describe('a failure at every call', () => {
  test.each(Object.keys(verbs))(
    'F70 F82 %s fails as a failure, nobody is signed out, and the next try works',
    async (name) => {
      const verb = verbs[name]!
      const failures = await atEveryCall(verb, async ({ world, one, faulty }, thrown) => {
        const { sessionId } = one.session
        expect((await world.session(sessionId)).status).toBe('active')
        expect(world.told('session.replayed')).toBe(0)
        const again = (await verb(faulty, one)) as { readonly ok?: boolean; readonly credential?: string }
        expect(again.ok ?? true).toBe(true)
        const isAuthentication = name === 'elevate' || name === 'reauthenticate'
        if (again.credential === undefined && !isAuthentication)
          expect(await presented(world, one.credential)).toBe('ok')
        if (again.credential !== undefined) expect(await presented(world, again.credential)).toBe('ok')
        if (name === 'renew') expect((await world.session(sessionId)).generation).toBe(2)
        const current = again.credential === undefined || name === 'establish' ? one.credential : again.credential
        const data = name === 'update' ? 'written' : 'first'
        expect(ok(await world.server.sessions.read(current)).data).toBe(data)
        expect(outcome(await world.server.refresh({ refreshToken: one.tokens!.refreshToken }))).toBe('rotated')
        if (name === 'establish' && thrown !== undefined) {
          const live = (await world.server.sessions.list('carol')).map(({ sessionId: id }) => `session-data:${id}`)
          expect((await world.keys()).filter((key) => live.includes(key))).toHaveLength(live.length)
          expect(live.length).toBeLessThanOrEqual(2)
        }
      })
      expect(failures).toBeGreaterThan(0)
    },
  )

  test.each(Object.keys(ending))('F82 SE-8 %s that failed anywhere is done by the next try', async (name) => {
    const verb = ending[name]!
    const failures = await atEveryCall(verb, async ({ world, one, linked, faulty }) => {
      await verb(faulty, one)
      const { sessionId } = one.session
      expect(await world.session(sessionId)).toMatchObject({ status: 'revoked', announced: true })
      expect(await world.familyOf(sessionId)).toMatchObject({ status: 'revoked', announced: true })
      expect(await world.keys()).not.toContain(`session-data:${sessionId}`)
      expect(await presented(world, one.credential)).toBe('session/revoked')
      for (const { refreshToken, accessToken } of [one.tokens!, linked]) {
        expect(outcome(await faulty.refresh({ refreshToken }))).toBe('refresh_token/revoked')
        expect(await isAlive({ server: faulty }, accessToken)).toBe(false)
      }
      expect(await world.server.sweep()).toEqual({ announced: 0 })
    })
    expect(failures).toBeGreaterThan(0)
  })

  test.each(Object.keys(ending))(
    'RV-6 A38 after %s of a process that died, the sweep carries everything through',
    async (name) => {
      let late = 0
      await atEveryCall(ending[name]!, async ({ world, one, linked }) => {
        const { sessionId } = one.session
        const isEnded = (await world.session(sessionId)).status === 'revoked'
        if (isEnded && !(await world.session(sessionId)).announced) late += 1
        await world.server.sweep()
        if (!isEnded) return
        expect(await world.session(sessionId)).toMatchObject({ announced: true })
        expect(await world.keys()).not.toContain(`session-data:${sessionId}`)
        expect(outcome(await world.server.refresh({ refreshToken: linked.refreshToken }))).toBe('refresh_token/revoked')
        expect(await world.announced()).toContain(`session:${sessionId}`)
      })
      expect(late).toBeGreaterThan(0)
    },
  )
})

describe('a driver that sends every write twice', () => {
  async function life(around: (storage: Storage) => Storage) {
    const world = createSessionWorld({ sessionPolicy: { ...renewing, limit }, around })
    const { server, clock } = world
    const answers: unknown[] = []
    const step = async <Answer extends object>(call: Promise<Answer>): Promise<Answer> => {
      const answer = await call
      const { ok: isServed, reason, verdict, data, revoked, announced } = answer as Readonly<Record<string, unknown>>
      answers.push({ isServed, reason, verdict: verdict === 'retried' ? 'rotated' : verdict, data, revoked, announced })
      return answer
    }
    const first = await signIn(world, { refreshToken: true, data: 0 })
    clock.advance(700)
    const second = ok(await step(server.sessions.renew(first.credential)))
    await step(server.sessions.present(first.credential))
    await step(server.sessions.present(second.credential))
    for (let at = 0; at < 3; at += 1) {
      await step(server.sessions.update(second.credential, (data) => (data as number) + 1))
    }
    await step(server.refresh({ refreshToken: first.tokens!.refreshToken }))
    const third = ok(await step(server.sessions.elevate(second.credential, stronger)))
    const fourth = ok(await step(server.sessions.reauthenticate(third.credential, authentication)))
    for (let at = 0; at < 3; at += 1) await step(server.sessions.establish({ subject: 'alice' }))
    await step(server.sessions.present(fourth.credential))
    const fifth = await signIn(world, { subject: 'bob', refreshToken: true })
    await step(server.sessions.revoke(fifth.credential))
    const sixth = await signIn(world, { subject: 'bob' })
    clock.advance(700)
    const seventh = ok(await step(server.sessions.renew(sixth.credential)))
    await step(server.sessions.present(seventh.credential))
    clock.advance(100)
    await step(server.sessions.present(sixth.credential))
    await step(server.revokeSubject('alice', 'locked'))
    await step(server.sweep())
    const events = world.events
      .map(({ type }) => (/refresh_token.(rotated|retried)/.test(type) ? 'refresh_token.served' : type))
      // Of two identical announcements, or notes that a session is in use, nothing tells which was the first.
      .filter((type) => type !== 'revocation.announced' && type !== 'session.presented')
    return { answers, events, uses: world.told('session.presented') }
  }

  test('F82 RT-14 nobody becomes his own thief, no update happens twice, and everything is told once', async () => {
    const resends: { resent?: () => number } = {}
    const doubled = await life((storage) => {
      const resending = resendWrites(storage)
      resends.resent = resending.resent
      return resending.storage
    })
    const plain = await life((storage) => storage)
    expect(doubled.answers).toEqual(plain.answers)
    expect(doubled.events).toEqual(plain.events)
    expect(doubled.uses).toBeLessThanOrEqual(plain.uses)
    expect(resends.resent!()).toBeGreaterThan(40)
    expect(plain.answers).toContainEqual(expect.objectContaining({ data: 3 }))
    expect(plain.answers).toContainEqual(expect.objectContaining({ reason: 'session/replayed' }))
  })
})

describe('a store that lies or lags', () => {
  test('F79 a conditional write that changed nothing is not taken for one that did', async () => {
    const { world, one, faulty } = await prepare(({ records, revocations }) => ({
      records: { ...records, compareAndSet: async (key) => ({ won: false, current: await records.read(key) }) },
      revocations,
    }))
    for (const name of ['present', 'renew', 'elevate'] as const) {
      expect(await thrownBy(() => verbs[name]!(faulty, one))).toMatchObject({ code: 'ERR_STORAGE_CONTENDED' })
    }
    expect(await presented(world, one.credential)).toBe('ok')
    expect(ok(await world.server.sessions.read(one.credential)).data).toBe('first')
    expect(reasonOf(await faulty.sessions.update(one.credential, () => 2))).toBe('session/conflict')
  })

  test('A38 on a store whose reads may be stale every answer is proved by a write', async () => {
    const world = createSessionWorld({ sessionPolicy: renewing })
    const { credential, session } = await signIn(world)
    const snapshot = await world.storage.records.read(`sign-in:${session.sessionId}`)
    const { records, revocations } = world.storage
    const lagging = world.anotherServer({
      storage: {
        records: {
          ...records,
          capabilities: { ...records.capabilities, linearizable: false },
          read: async (key) => (key === snapshot!.key ? snapshot : records.read(key)),
        },
        revocations,
      },
    })
    expect(reasonOf(await lagging.sessions.present(credential))).toBe('ok')
    await world.server.sessions.revoke(credential)
    expect(reasonOf(await lagging.sessions.present(credential))).toBe('session/revoked')
    expect(reasonOf(await lagging.sessions.renew(credential))).toBe('session/revoked')
  })
})
