// A storage that fails, forgets to answer, sends twice, lies or lags: failures are failures, never verdicts, never theft.
import { isTokenError } from '@tallystick/core'
import type { Storage } from '@tallystick/storage'
import { countOperations, failAt, resendWrites } from '@tallystick/storage/faults'
import { describe, expect, test } from 'vitest'
import type { TokenSet } from '../src/index.ts'
import {
  API,
  createWorld,
  isAlive,
  ISSUER,
  KEY,
  outcome,
  rotations,
  served,
  thrownBy,
  type World,
  type WorldOptions,
} from './world.ts'

type Verb = (server: World['server'], all: readonly TokenSet[]) => Promise<unknown>

const authentication = { methods: ['otp'] }
const verbs: Readonly<Record<string, Verb>> = {
  refresh: (server, all) => server.refresh({ refreshToken: all[2]!.refreshToken }),
  'refresh with a key': (server, all) => server.refresh({ refreshToken: all[2]!.refreshToken, attemptKey: KEY }),
  rotate: (server, all) => server.rotate({ refreshToken: all[2]!.refreshToken }),
  elevate: (server, all) => server.elevate({ refreshToken: all[2]!.refreshToken, authentication }),
  issue: (server) => server.issue({ subject: 'alice' }),
  'issue an access token alone': (server) => server.issue({ subject: 'alice', refreshToken: false }),
  introspect: (server, all) => server.introspect({ token: all[2]!.accessToken, resourceServer: API }),
  'introspect a refresh token': (server, all) =>
    server.introspect({ token: all[2]!.refreshToken, resourceServer: ISSUER }),
  verify: (server, all) => server.verify(all[2]!.accessToken),
}
const revoking: Readonly<Record<string, Verb>> = {
  'a replay': (server, all) => server.refresh({ refreshToken: all[0]!.refreshToken }),
  'a revocation by token': (server, all) => server.revoke({ token: all[2]!.refreshToken }),
  'a revocation of the family': (server, all) => server.revokeFamily(all[0]!.familyId, 'sign_out'),
  'a revocation of the subject': (server) => server.revokeSubject('alice', 'locked'),
}

/** A family two rotations old, and a process whose storage has something around it. */
async function prepare(options: WorldOptions, around: (storage: Storage) => Storage) {
  const world = createWorld(options)
  const all = await rotations(world, await world.server.issue({ subject: 'alice' }), 2)
  world.clock.advance(60)
  return { world, all, faulty: world.anotherServer({ storage: around(world.storage) }) }
}

async function countCalls(verb: Verb, options: WorldOptions): Promise<number> {
  const counter: { count?: () => number } = {}
  const { all, faulty } = await prepare(options, (storage) => {
    const counted = countOperations(storage)
    counter.count = counted.count
    return counted.storage
  })
  await verb(faulty, all)
  return counter.count!()
}

/** Runs a verb with a failure planted at every call, before and after its effect, each in a world of its own. */
async function atEveryCall(
  verb: Verb,
  options: WorldOptions,
  check: (at: {
    world: World
    all: readonly TokenSet[]
    faulty: World['server']
    hasFailed: boolean
    when: string
  }) => Promise<void>,
): Promise<number> {
  const calls = await countCalls(verb, options)
  let failures = 0
  for (let index = 0; index < calls; index += 1) {
    for (const when of ['before', 'after'] as const) {
      const plant: { fault?: ReturnType<typeof failAt> } = {}
      const around = (storage: Storage) => (plant.fault = failAt(storage, { index, when })).storage
      const { world, all, faulty } = await prepare(options, around)
      let thrown: unknown
      try {
        await verb(faulty, all)
      } catch (error) {
        thrown = error
      }
      expect(plant.fault!.failed(), 'the fault was reached').toBe(true)
      if (thrown !== undefined) {
        failures += 1
        expect(isTokenError(thrown)).toBe(true)
        expect((thrown as { code: string }).code).toMatch(/^ERR_(STORAGE|REVOCATION_LOG)_UNAVAILABLE$/)
        expect(thrown).toMatchObject({ retryable: true, cause: { name: 'Error', code: 'ECONNRESET' } })
      }
      await check({ world, all, faulty, hasFailed: thrown !== undefined, when })
    }
  }
  return failures
}

describe.each(['jwt', 'opaque'] as const)('a failure at every call, with %s access tokens', (format) => {
  test.each(Object.keys(verbs))(
    'F70 F82 RT-14 %s fails as a failure, no family dies, and the next try works',
    async (name) => {
      const verb = verbs[name]!
      const failures = await atEveryCall(
        verb,
        { accessToken: { format } },
        async ({ world, all, faulty, hasFailed }) => {
          expect(world.told('refresh_token.replayed') + world.told('refresh_token.revoked')).toBe(0)
          const again = (await verb(faulty, all)) as {
            ok?: boolean
            active?: boolean
            accessToken?: string
            refreshToken?: string
          }
          expect((await world.family(all[0]!.familyId)).status).toBe('active')
          if (name.startsWith('introspect')) return expect(again).toMatchObject({ active: true })
          if (name === 'elevate' && again.ok === false) {
            // The elevation stands, but only the lost answer could tell the client: it keeps what its store says.
            return expect(again).toMatchObject({ reason: 'refresh_token/superseded' })
          }
          expect(again.ok ?? true).toBe(true)
          if (again.accessToken !== undefined) expect(await isAlive(world, again.accessToken)).toBe(true)
          expect((await world.family(all[0]!.familyId)).generation - 3).toBeLessThanOrEqual(1)
          if (!name.startsWith('re') || again.refreshToken === undefined || !hasFailed) return
          world.clock.advance(60)
          expect(outcome(await faulty.refresh({ refreshToken: again.refreshToken }))).toBe('rotated')
        },
      )
      expect(failures).toBeGreaterThanOrEqual(name === 'verify' && format === 'jwt' ? 0 : 1)
    },
  )

  test('F82 in strict mode an attempt key makes the next try work, too, whenever it comes', async () => {
    const options: WorldOptions = { accessToken: { format }, policy: { gracePeriodSeconds: 0 } }
    const verb = verbs['refresh with a key']!
    const failures = await atEveryCall(verb, options, async ({ world, all, faulty }) => {
      world.clock.advance(3600)
      const again = served((await verb(faulty, all)) as Parameters<typeof served>[0])
      expect(['rotated', 'retried']).toContain(again.verdict)
      expect(await world.family(all[0]!.familyId)).toMatchObject({ generation: 4, status: 'active' })
      expect(await isAlive(world, again.accessToken)).toBe(true)
    })
    expect(failures).toBeGreaterThan(0)
  })

  test.each(Object.keys(revoking))('F82 %s that failed anywhere is done by the next try', async (name) => {
    const verb = revoking[name]!
    const failures = await atEveryCall(verb, { accessToken: { format } }, async ({ world, all, faulty }) => {
      await verb(faulty, all)
      expect(await world.family(all[0]!.familyId)).toMatchObject({ status: 'revoked', announced: true })
      expect(outcome(await faulty.refresh({ refreshToken: all[2]!.refreshToken }))).toBe('refresh_token/revoked')
      for (const { accessToken } of all) expect(await isAlive({ server: faulty }, accessToken)).toBe(false)
      expect(world.told('refresh_token.replayed')).toBeLessThanOrEqual(1)
    })
    expect(failures).toBeGreaterThan(0)
  })

  test('F82 a revocation of one access token that failed anywhere is done by the next try', async () => {
    const verb: Verb = (server, all) => server.revoke({ token: all[2]!.accessToken })
    const failures = await atEveryCall(verb, { accessToken: { format } }, async ({ world, all, faulty }) => {
      await verb(faulty, all)
      expect(await isAlive({ server: faulty }, all[2]!.accessToken)).toBe(false)
      expect(await world.announced()).toHaveLength(1)
      expect((await world.family(all[0]!.familyId)).status).toBe('active')
    })
    expect(failures).toBeGreaterThan(0)
  })
})

describe('a process that dies between revoking and announcing', () => {
  const next: Readonly<Record<string, (server: World['server'], all: readonly TokenSet[]) => Promise<unknown>>> = {
    'the next refresh': (server, all) => server.refresh({ refreshToken: all[2]!.refreshToken }),
    'the next revocation': (server, all) => server.revoke({ token: all[1]!.refreshToken }),
    'the sweep': (server) => server.sweep(),
  }
  for (const [name, verb] of Object.entries(revoking)) {
    test.each(Object.keys(next))(`RV-6 A38 after ${name}, %s announces before it answers, and once`, async (touch) => {
      let late = 0
      await atEveryCall(verb, {}, async ({ world, all }) => {
        const before = await world.family(all[0]!.familyId)
        if (before.status === 'revoked' && !before.announced) late += 1
        const restarted = world.anotherServer()
        const answer = await next[touch]!(restarted, all)
        const family = await world.family(all[0]!.familyId)
        const named = await world.announced()
        if (family.status === 'revoked') {
          expect(family.announced).toBe(true)
          expect(named.some((id) => id === `family:${family.familyId}` || id.startsWith('subject:'))).toBe(true)
        } else {
          expect(answer).toMatchObject(touch === 'the sweep' ? { announced: 0 } : { ok: true })
        }
        expect(new Set(named).size).toBe(named.length)
        expect(await restarted.sweep()).toEqual({ announced: 0 })
      })
      expect(late).toBeGreaterThan(0)
    })
  }

  test('a log that stays down lets no revocation be acknowledged, by whoever touches it', async () => {
    const { world, all, faulty } = await prepare({}, ({ records }) => ({
      records,
      revocations: { append: () => Promise.reject(new Error('down')), since: () => Promise.reject(new Error('down')) },
    }))
    for (const verb of [...Object.values(revoking), ...Object.values(revoking)]) {
      expect(await thrownBy(() => verb(faulty, all))).toMatchObject({
        code: 'ERR_REVOCATION_LOG_UNAVAILABLE',
        retryable: true,
      })
    }
    expect(await world.family(all[0]!.familyId)).toMatchObject({ status: 'revoked', announced: false })
    // What the process itself knows, it applies at once.
    expect(await isAlive({ server: faulty }, all[2]!.accessToken)).toBe(false)
    expect(await world.announced()).toEqual([])
    expect(await world.anotherServer().sweep()).toEqual({ announced: 1 })
  })

  test('a revocation of a subject that failed in the log is not taken for announced by a refresh that follows', async () => {
    const { world, all, faulty } = await prepare({ withoutLog: false }, ({ records, revocations }) => ({
      records,
      revocations: {
        ...revocations!,
        append: (entry) =>
          entry.id.startsWith('subject:') ? Promise.reject(new Error('down')) : revocations!.append(entry),
      },
    }))
    await thrownBy(() => faulty.revokeSubject('alice', 'locked'))
    const result = await faulty.refresh({ refreshToken: all[2]!.refreshToken })
    const family = await world.family(all[0]!.familyId)
    expect(result.ok || (await world.announced()).length > 0).toBe(true)
    expect(family.status === 'active' || family.announced).toBe(true)
  })
})

describe('a driver that sends every write twice', () => {
  const modes: readonly WorldOptions[] = (['jwt', 'opaque'] as const).flatMap((format) =>
    [{}, { gracePeriodSeconds: 0 }].map((policy) => ({ accessToken: { format }, policy })),
  )

  /** A life with everything in it; what each call answered, and what was told. */
  async function life(options: WorldOptions) {
    const world = createWorld(options)
    const { server, clock } = world
    const answers: unknown[] = []
    const step = async (call: Promise<unknown>) => void answers.push(brief(await call))
    const first = await server.issue({ subject: 'alice' })
    clock.advance(60)
    const second = served(await server.refresh({ refreshToken: first.refreshToken }))
    clock.advance(60)
    const third = served(await server.refresh({ refreshToken: second.refreshToken, attemptKey: KEY }))
    await step(server.refresh({ refreshToken: second.refreshToken, attemptKey: KEY }))
    await step(server.introspect({ token: third.accessToken, resourceServer: API }))
    await step(server.verify(third.accessToken))
    clock.advance(60)
    const elevated = served(await server.elevate({ refreshToken: third.refreshToken, authentication }))
    clock.advance(60)
    await step(server.rotate({ refreshToken: elevated.refreshToken }))
    await step(server.revoke({ token: elevated.accessToken }))
    await step(server.introspect({ token: elevated.accessToken, resourceServer: API }))
    clock.advance(60)
    await step(server.refresh({ refreshToken: first.refreshToken }))
    await step(server.refresh({ refreshToken: elevated.refreshToken }))
    const other = await server.issue({ subject: 'alice' })
    await step(server.revokeFamily(other.familyId, 'sign_out'))
    await step(server.revokeFamily(other.familyId, 'sign_out'))
    const last = await server.issue({ subject: 'alice' })
    await step(server.revokeSubject('alice', 'locked'))
    await step(server.refresh({ refreshToken: last.refreshToken }))
    await step(server.introspect({ token: last.accessToken, resourceServer: API }))
    await step(server.sweep())
    // Of two identical announcements nothing tells which was the first: it is told at most once. A rotation whose
    // answer was lost to its own second sending is told as an answer given again.
    const events = world.events
      .map(({ type }) => (/rotated|elevated|retried/.test(type) ? 'refresh_token.served' : type))
      .filter((type) => type !== 'revocation.announced')
    const generation = (await world.family(first.familyId)).generation
    return { answers, events, generation, announcements: world.told('revocation.announced') }
  }

  function brief(answer: unknown): unknown {
    const { ok, verdict, reason, active, revoked, announced } = answer as Record<string, unknown>
    return { ok, verdict: verdict === 'retried' ? 'rotated' : verdict, reason, active, revoked, announced }
  }

  test.each(modes)(
    'RT-14 F82 nobody becomes his own thief, everything answers as without it and is told once: %o',
    async (mode) => {
      const resends: { resent?: () => number } = {}
      const doubled = await life({
        ...mode,
        around: (storage) => {
          const resending = resendWrites(storage)
          resends.resent = resending.resent
          return resending.storage
        },
      })
      const plain = await life(mode)
      expect(doubled.answers).toEqual(plain.answers)
      expect([doubled.events, doubled.generation]).toEqual([plain.events, plain.generation])
      expect(doubled.announcements).toBeLessThanOrEqual(plain.announcements)
      expect(resends.resent!()).toBeGreaterThan(15)
    },
  )
})

describe('a store that lies or lags', () => {
  test('F79 a conditional write that changed nothing is not taken for one that did', async () => {
    const { world, all, faulty } = await prepare({}, ({ records, revocations }) => ({
      records: { ...records, compareAndSet: async (key) => ({ won: false, current: await records.read(key) }) },
      revocations,
    }))
    for (const name of ['refresh', 'rotate', 'elevate']) {
      expect(await thrownBy(() => verbs[name]!(faulty, all))).toMatchObject({
        code: 'ERR_STORAGE_CONTENDED',
        retryable: true,
      })
    }
    expect(await world.family(all[0]!.familyId)).toMatchObject({ generation: 3, status: 'active' })
  })

  test('F79 a record that vanished under a write is refused, and never made again', async () => {
    const { world, all, faulty } = await prepare({}, ({ records, revocations }) => ({
      records: {
        ...records,
        compareAndSet: async (key) => ({ won: false, current: await records.delete(key).then(() => undefined) }),
      },
      revocations,
    }))
    expect(await verbs['refresh']!(faulty, all)).toMatchObject({ reason: 'refresh_token/unknown' })
    expect(await world.storage.records.read(`sign-in:${all[0]!.familyId}`)).toBeUndefined()
  })

  test('A38 an answer that writes nothing is proved by a write where reads may be stale', async () => {
    for (const [attemptKey, verdict] of [
      [undefined, 'concurrent'],
      [KEY, 'retried'],
    ] as const) {
      const writes: string[] = []
      const world = createWorld()
      const first = await world.server.issue({ subject: 'alice' })
      served(await world.server.refresh({ refreshToken: first.refreshToken, attemptKey }))
      const snapshot = await world.storage.records.read(`sign-in:${first.familyId}`)
      const { records, revocations } = world.storage
      const lagging = world.anotherServer({
        storage: {
          records: {
            ...records,
            capabilities: { ...records.capabilities, linearizable: false },
            read: async (key) => (key === snapshot!.key ? snapshot : records.read(key)),
            compareAndSet: (key, version, record, expiresAt) => {
              writes.push(record.text)
              return records.compareAndSet(key, version, record, expiresAt)
            },
          },
          revocations,
        },
      })
      const asked = { refreshToken: first.refreshToken, attemptKey }
      expect(outcome(await lagging.refresh(asked))).toBe(verdict)
      expect(writes.map((text) => JSON.parse(text) as unknown)).toEqual([JSON.parse(snapshot!.text)])
      await world.server.revokeFamily(first.familyId, 'sign_out')
      expect(outcome(await lagging.refresh(asked))).toBe('refresh_token/revoked')
    }
  })

  test('a client of its own idle time-out keeps it when another client tries to revoke its family', async () => {
    const clients = {
      web: { type: 'public' },
      app: { type: 'public', policy: { idleTimeoutSeconds: 1_000_000 } },
    } as const
    const world = createWorld({
      policy: { idleTimeoutSeconds: 1000 },
      clients,
      around: ({ records, revocations }) => ({
        records: { ...records, capabilities: { ...records.capabilities, linearizable: false } },
        revocations,
      }),
    })
    const { refreshToken } = await world.server.issue({ subject: 'alice', clientId: 'app' })
    expect(await world.server.revoke({ token: refreshToken })).toMatchObject({ revoked: 0, refusal: { ok: false } })
    world.clock.advance(500_000)
    expect(outcome(await world.server.refresh({ refreshToken, clientId: 'app' }))).toBe('rotated')
  })

  test.each(['family', 'subject', 'opaque'] as const)(
    'a %s record that cannot be read is a failure, not a verdict',
    async (kind) => {
      const world = createWorld({ accessToken: { format: 'opaque' } })
      const tokens = await world.server.issue({ subject: 'alice' })
      await world.server.revokeSubject('bob', 'test')
      const broken = world.anotherServer({
        storage: {
          ...world.storage,
          records: {
            ...world.storage.records,
            async read(key) {
              const found = await world.storage.records.read(key)
              return found && key.startsWith(`${kind === 'family' ? 'sign-in' : kind}:`)
                ? { ...found, text: '{"v":2}' }
                : found
            },
          },
        },
      })
      const call = {
        family: () => broken.refresh({ refreshToken: tokens.refreshToken }),
        subject: () => broken.issue({ subject: 'bob' }),
        opaque: () => broken.verify(tokens.accessToken),
      }[kind]
      expect(await thrownBy(call)).toMatchObject({ code: 'ERR_STORAGE_CORRUPT', retryable: false })
    },
  )
})
