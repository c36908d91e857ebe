// Races: many at once, and every pause point of a verb with a revocation or a replay run to its end in between.
import { pauseAt, countOperations } from '@tallystick/storage/faults'
import type { Storage } from '@tallystick/storage'
import { describe, expect, test } from 'vitest'
import type { TokenSet } from '../src/index.ts'
import { API, createWorld, isAlive, KEY, outcome, rotations, served, type World } from './world.ts'

const strict = { gracePeriodSeconds: 0 }

function tally(results: readonly Parameters<typeof outcome>[0][]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const result of results) counts[outcome(result)] = (counts[outcome(result)] ?? 0) + 1
  return counts
}

describe('one token, many at once', () => {
  test('RT-14 A19 F67 F75 two hundred refreshes make one generation, and all get the same successor', async () => {
    const world = createWorld()
    const { refreshToken, familyId } = await world.server.issue({ subject: 'alice' })
    const servers = [world.server, world.anotherServer(), world.anotherServer()]
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, at) => servers[at % 3]!.refresh({ refreshToken })),
    )
    expect(tally(results)).toEqual({ rotated: 1, concurrent: 199 })
    const successors = new Set(results.map((result) => served(result).refreshToken))
    expect(successors.size).toBe(1)
    expect(await world.family(familyId)).toMatchObject({ generation: 2, status: 'active' })
    expect([world.told('refresh_token.rotated'), world.told('refresh_token.replayed')]).toEqual([1, 0])
    for (const result of results.slice(0, 20)) expect(await isAlive(world, served(result).accessToken)).toBe(true)
    world.clock.advance(60)
    expect(outcome(await world.server.refresh({ refreshToken: [...successors][0]! }))).toBe('rotated')
  })

  test('F67 F80 in strict mode exactly one is served, and the family is dead', async () => {
    const world = createWorld({ policy: strict })
    const { refreshToken, familyId } = await world.server.issue({ subject: 'alice' })
    const results = await Promise.all(Array.from({ length: 200 }, () => world.server.refresh({ refreshToken })))
    const counts = tally(results)
    expect([counts['rotated'], counts['refresh_token/replayed']]).toEqual([1, 1])
    expect(counts['refresh_token/revoked']).toBe(198)
    const winner = served(results.find(({ ok }) => ok)!)
    expect(await world.family(familyId)).toMatchObject({ generation: 2, status: 'revoked', cause: 'replay' })
    expect(outcome(await world.server.refresh({ refreshToken: winner.refreshToken }))).toBe('refresh_token/revoked')
    expect(await isAlive(world, winner.accessToken)).toBe(false)
    expect([world.told('refresh_token.replayed'), world.told('refresh_token.revoked')]).toEqual([1, 1])
  })

  test.each([{}, strict])(
    'RT-13 sixty-four refreshes with one attempt key make one generation and one successor (%o)',
    async (policy) => {
      const world = createWorld({ policy })
      const { refreshToken, familyId } = await world.server.issue({ subject: 'alice' })
      const asked = { refreshToken, attemptKey: KEY }
      const results = await Promise.all(Array.from({ length: 64 }, () => world.server.refresh(asked)))
      expect(tally(results)).toEqual({ rotated: 1, retried: 63 })
      expect(new Set(results.map((result) => served(result).refreshToken)).size).toBe(1)
      expect(await world.family(familyId)).toMatchObject({ generation: 2, status: 'active' })
    },
  )

  test('A38 on a store whose reads may be stale two hundred refreshes make one generation, too', async () => {
    const world = createWorld({ around: mayBeStale })
    const { refreshToken, familyId } = await world.server.issue({ subject: 'alice' })
    const results = await Promise.all(Array.from({ length: 200 }, () => world.server.refresh({ refreshToken })))
    expect(tally(results)).toEqual({ rotated: 1, concurrent: 199 })
    expect((await world.family(familyId)).generation).toBe(2)
  })

  test('two revocations of one access token at once: one of them did it', async () => {
    const world = createWorld()
    const { accessToken } = await world.server.issue({ subject: 'alice' })
    const results = await Promise.all(Array.from({ length: 8 }, () => world.server.revoke({ token: accessToken })))
    expect(results.reduce((sum, { revoked }) => sum + revoked, 0)).toBe(1)
    expect(world.told('access_token.revoked')).toBe(1)
  })

  test('two revocations of one family at once: one of them did it, and it is told once', async () => {
    const world = createWorld()
    const { familyId } = await world.server.issue({ subject: 'alice' })
    const results = await Promise.all(Array.from({ length: 8 }, () => world.server.revokeFamily(familyId, 'sign_out')))
    expect(results.reduce((sum, { revoked }) => sum + revoked, 0)).toBe(1)
    expect([world.told('refresh_token.revoked'), world.told('revocation.announced')]).toEqual([1, 1])
  })

  test('eight revocations of one subject at once end everything, and sign-ins among them live or get nothing', async () => {
    const world = createWorld()
    await Promise.all(Array.from({ length: 10 }, () => world.server.issue({ subject: 'alice' })))
    const issuing = Array.from({ length: 20 }, () => world.server.issue({ subject: 'alice' }).catch(() => undefined))
    await Promise.all(Array.from({ length: 5 }, () => world.server.revokeSubject('alice', 'locked')))
    const signedIn = await Promise.all(issuing)
    for (const tokens of signedIn.filter((one) => one !== undefined)) {
      const refreshed = await world.server.refresh({ refreshToken: tokens.refreshToken })
      expect(await isAlive(world, tokens.accessToken)).toBe(refreshed.ok)
    }
    await world.server.revokeSubject('alice', 'locked')
    const { records } = await world.storage.records.list({ subject: 'alice' })
    expect(
      records.map(({ text }) => (JSON.parse(text) as { status: string }).status).filter((one) => one === 'active'),
    ).toEqual([])
  })
})

/** The verbs that can be caught in the middle; each answers what it handed out. */
type Handed = { readonly refreshToken?: string | undefined; readonly accessToken?: string | undefined }
type Verb = (world: World, server: World['server'], current: string, accessToken: string) => Promise<Handed>

const verbs: Readonly<Record<string, Verb>> = {
  refresh: (_, server, refreshToken) => handed(server.refresh({ refreshToken })),
  'refresh with a key': (_, server, refreshToken) => handed(server.refresh({ refreshToken, attemptKey: KEY })),
  rotate: (_, server, refreshToken) => handed(server.rotate({ refreshToken })),
  elevate: (_, server, refreshToken) => handed(server.elevate({ refreshToken, authentication: { methods: ['otp'] } })),
  issue: (_, server) => handed(server.issue({ subject: 'alice' })),
  'issue an access token alone': (_, server) => handed(server.issue({ subject: 'alice', refreshToken: false })),
  introspect: async (_, server, _token, token) => {
    await server.introspect({ token, resourceServer: API })
    return { accessToken: token }
  },
}

async function handed(call: Promise<object>): Promise<Handed> {
  try {
    return (await call) as Handed
  } catch (thrown) {
    // The subject was revoked meanwhile: nothing was handed out.
    expect(thrown).toMatchObject({ code: 'ERR_SUBJECT_REVOKED' })
    return {}
  }
}

/** What is run to its end while the verb is held, and what it must end. */
interface Interruption {
  run(world: World, all: readonly TokenSet[]): Promise<unknown>
  /** Whether it ends the family, and whether what is being issued to the subject as well. */
  readonly ends: 'family' | 'subject'
}

const interruptions: Readonly<Record<string, Interruption>> = {
  'a replay of an old token': {
    ends: 'family',
    async run({ server }, all) {
      expect(outcome(await server.refresh({ refreshToken: all[0]!.refreshToken }))).toMatch(/replayed|revoked/)
    },
  },
  'a revocation by token': { ends: 'family', run: ({ server }, all) => server.revoke({ token: all[1]!.refreshToken }) },
  'a revocation of the family': {
    ends: 'family',
    run: ({ server }, all) => server.revokeFamily(all[0]!.familyId, 'sign_out'),
  },
  'a revocation of the subject': { ends: 'subject', run: ({ server }) => server.revokeSubject('alice', 'locked') },
}

const cases = (['another', 'the same'] as const).flatMap((by) =>
  Object.entries(interruptions).map(([what, interruption]) => Object.assign({ what, by }, interruption)),
)

/** A family two rotations old, whose current generation is presented by a server with something around its storage. */
async function prepare(format: 'jwt' | 'opaque', around: (storage: Storage) => Storage, isWarm = false) {
  const world = createWorld({ accessToken: { format } })
  const all = await rotations(world, await world.server.issue({ subject: 'alice' }), 2)
  let storage = world.storage
  // Its own process: it knows of revocations what the store and the log say.
  const held = world.anotherServer({ storage: indirect(world.storage, () => storage) })
  if (isWarm) {
    const { refreshToken } = await world.server.issue({ subject: 'bob' })
    await held.refresh({ refreshToken })
  }
  storage = around(world.storage)
  world.clock.advance(60)
  return { world, all, held }
}

/** A storage behind which another one can be put. */
function indirect({ records }: Storage, now: () => Storage): Storage {
  return {
    records: {
      capabilities: records.capabilities,
      read: (key) => now().records.read(key),
      compareAndSet: (key, version, record, expiresAt) => now().records.compareAndSet(key, version, record, expiresAt),
      delete: (key, version) => now().records.delete(key, version),
      list: (index, cursor) => now().records.list(index, cursor),
    },
    revocations: {
      append: (entry) => now().revocations!.append(entry),
      since: (cursor) => now().revocations!.since(cursor),
    },
  }
}

async function countCalls(verb: Verb, format: 'jwt' | 'opaque', isWarm = false): Promise<number> {
  const counter: { count?: () => number } = {}
  const { world, all, held } = await prepare(
    format,
    (storage) => {
      const counted = countOperations(storage)
      counter.count = counted.count
      return counted.storage
    },
    isWarm,
  )
  await verb(world, held, all[2]!.refreshToken, all[2]!.accessToken)
  return counter.count!()
}

async function assertNothingLives(world: World, { refreshToken, accessToken }: Handed, place: string): Promise<void> {
  if (refreshToken !== undefined) {
    expect(outcome(await world.server.refresh({ refreshToken })), place).toBe('refresh_token/revoked')
    expect(outcome(await world.anotherServer().refresh({ refreshToken })), place).toBe('refresh_token/revoked')
  }
  if (accessToken !== undefined) expect(await isAlive(world, accessToken), place).toBe(false)
}

describe.each(['jwt', 'opaque'] as const)('F76 every pause point of a verb, with %s access tokens', (format) => {
  test.each(Object.keys(verbs))('whatever %s hands out after it was interrupted is dead', async (name) => {
    const verb = verbs[name]!
    let reached = 0
    for (const { what, run, ends, by } of cases) {
      // A process that interrupts itself has read the log before: nobody but that first reading waits for it.
      const isWarm = by === 'the same'
      const calls = await countCalls(verb, format, isWarm)
      expect(calls).toBeGreaterThan(0)
      for (let index = 0; index < calls; index += 1) {
        for (const when of ['before', 'after'] as const) {
          const place = `${what} by ${by} process, ${when} call ${index} of ${name}`
          const pause: { at?: ReturnType<typeof pauseAt> } = {}
          const {
            world: outside,
            all,
            held,
          } = await prepare(format, (storage) => (pause.at = pauseAt(storage, index, when)).storage, isWarm)
          const world = by === 'the same' ? { ...outside, server: held } : outside
          const running = verb(world, held, all[2]!.refreshToken, all[2]!.accessToken)
          await Promise.race([pause.at!.paused, running])
          await run(world, all)
          pause.at!.resume()
          const given = await running
          reached += 1
          // A new sign-in is of another family: only the revocation of its subject ends it, and only once it has begun.
          const hasBegun = index > 0 || when === 'after'
          if (name.startsWith('issue') && !(ends === 'subject' && hasBegun)) {
            expect(await isAlive(world, given.accessToken!), place).toBe(true)
          } else {
            await assertNothingLives(world, given, place)
          }
          const family = await world.family(all[0]!.familyId)
          expect([family.status, family.announced], place).toEqual(['revoked', true])
          expect(family.generation - 3, place).toBeLessThanOrEqual(1)
          for (const { refreshToken } of all) {
            expect(outcome(await world.server.refresh({ refreshToken })), place).toBe('refresh_token/revoked')
          }
          expect(world.told('refresh_token.replayed'), place).toBeLessThanOrEqual(1)
        }
      }
    }
    expect(reached).toBeGreaterThanOrEqual(cases.length * 2)
  })
})

describe('two honest requests, one held anywhere', () => {
  const honest: ReadonlyArray<readonly [string, Verb, Verb]> = [
    ['refresh and refresh', verbs['refresh']!, verbs['refresh']!],
    ['refresh and rotate', verbs['refresh']!, verbs['rotate']!],
    ['refresh and the same with one key', verbs['refresh with a key']!, verbs['refresh with a key']!],
    ['refresh and elevate', verbs['refresh']!, verbs['elevate']!],
    ['elevate and refresh', verbs['elevate']!, verbs['refresh']!],
    ['refresh and introspect', verbs['refresh']!, verbs['introspect']!],
    ['introspect and refresh', verbs['introspect']!, verbs['refresh']!],
    ['issue and refresh', verbs['issue']!, verbs['refresh']!],
  ]
  test.each(honest)('F75 %s: the family lives, with one successor that works', async (_, first, second) => {
    for (const format of ['jwt', 'opaque'] as const) {
      const calls = await countCalls(first, format)
      for (let index = 0; index < calls; index += 1) {
        for (const when of ['before', 'after'] as const) {
          const pause: { at?: ReturnType<typeof pauseAt> } = {}
          const { world, all, held } = await prepare(
            format,
            (storage) => (pause.at = pauseAt(storage, index, when)).storage,
          )
          const running = first(world, held, all[2]!.refreshToken, all[2]!.accessToken)
          await Promise.race([pause.at!.paused, running])
          const other = await second(world, world.server, all[2]!.refreshToken, all[2]!.accessToken)
          pause.at!.resume()
          const given = await running
          const family = await world.family(all[0]!.familyId)
          expect(family.status).toBe('active')
          expect(family.generation).toBeLessThanOrEqual(4)
          const tokens = [given, other].map(({ refreshToken }) => refreshToken).filter((one) => one !== undefined)
          const successors = tokens.filter((one) => one !== all[2]!.refreshToken)
          world.clock.advance(60)
          for (const refreshToken of new Set(successors)) {
            expect(outcome(await world.server.refresh({ refreshToken }))).toBe('rotated')
          }
        }
      }
    }
  })
})

/** A store that does not promise linearizable reads. */
function mayBeStale(storage: Storage): Storage {
  const { records, revocations } = storage
  return { records: { ...records, capabilities: { ...records.capabilities, linearizable: false } }, revocations }
}
