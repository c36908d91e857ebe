// The conformance suite has teeth: each deliberately broken adapter is caught by the check meant for it.
import type { CompareAndSetResult, RecordStore, RevocationLog, Storage } from '@tallystick/storage'
import { assertEntry, assertWrite } from '@tallystick/storage'
import type { BrokenAdapter } from '@tallystick/storage/broken-adapters'
import { brokenAdapters, swallowsErrors } from '@tallystick/storage/broken-adapters'
import type { ConformanceOptions, CreateCrashing, StoreUnderTest } from '@tallystick/storage/conformance'
import { expect, test } from 'vitest'
import { dyingClients, memoryUnderTest } from './memory-under-test.ts'
import { collect, failing, suites, testsOf } from './suites-under-test.ts'

const breach = expect.objectContaining({ name: 'ConformanceError' })

test.each(brokenAdapters)('an adapter that $name is caught by the check meant for it', async (adapter) => {
  const check = testsOf(adapter).get(adapter.caughtBy)
  expect(check, 'the check exists').toBeDefined()
  await expect(check!()).rejects.toThrow(breach)
})

const checks = Object.entries(suites).flatMap(([suite, register]) =>
  [...collect(register, { create: memoryUnderTest }).keys()].map((name) => [suite, name] as const),
)

test.each(checks)('a check has teeth (%s): %s', async (suite, name) => {
  const meantForIt = brokenAdapters.filter(({ caughtBy }) => caughtBy === name)
  const others = brokenAdapters.filter((adapter) => adapter.suite === suite && adapter.caughtBy !== name)
  expect(await firstCaught(name, [...meantForIt, ...others])).toMatchObject({ name: 'ConformanceError' })
})

/** What the check says of the first adapter that it catches. */
async function firstCaught(name: string, adapters: readonly BrokenAdapter[]): Promise<unknown> {
  for (const adapter of adapters) {
    const run = testsOf(adapter).get(name)
    const thrown: unknown = await run?.().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    if (thrown !== undefined) return thrown
  }
  return undefined
}

test.each(Object.entries(suites))(
  'an adapter whose every write is one command outlives its process: %s',
  async (_, suite) => {
    const createCrashing = dyingClients((server) => server)
    const tests = collect(suite, { create: memoryUnderTest, faults: { createFailing: () => failing, createCrashing } })
    await expect(find(tests, 'where the process dies')()).resolves.toBeUndefined()
  },
)

test.each(Object.entries(suites))(
  'a client that sends its commands past where it can die is told so: %s',
  async (_, suite) => {
    const createCrashing = () => ({ ...memoryUnderTest(), reopen: () => failing })
    const tests = collect(suite, { create: memoryUnderTest, faults: { createFailing: () => failing, createCrashing } })
    await expect(find(tests, 'where the process dies')()).rejects.toThrow('it sent 0')
  },
)

test.each(Object.entries(suites))('what an author does not hand in asks for no test: %s', (_, suite) => {
  const titlesOf = (faults?: ConformanceOptions['faults']): readonly string[] =>
    [...collect(suite, { create: memoryUnderTest, faults }).keys()].filter((name) => name.startsWith('where the'))
  expect(titlesOf()).toEqual([])
  expect(titlesOf({ createFailing: () => failing })).toEqual([expect.stringMatching(/^where the client fails/)])
  const both = titlesOf({ createFailing: () => failing, createCrashing: dyingClients((server) => server) })
  expect(both).toEqual([expect.stringMatching(/client fails/), expect.stringMatching(/process dies/)])
})

test.each(Object.entries(suites))('errors of the client that are swallowed are caught: %s', async (_, suite) => {
  await expect(failureCheck(suite, swallowsErrors)()).rejects.toThrow('although the client failed')
})

const swallowers: Readonly<Record<string, Storage>> = {
  read: swallowing({ read: () => Promise.resolve(undefined) }),
  'a write on absent': swallowing({
    compareAndSet: async (...given) => lose(given, (version) => version === 'absent'),
  }),
  'an overwrite': swallowing({ compareAndSet: async (...given) => lose(given, (version) => version !== 'absent') }),
  delete: swallowing({ delete: (_, version) => (version === undefined ? Promise.resolve(false) : lost()) }),
  'delete with a version': swallowing({
    delete: (_, version) => (version === undefined ? lost() : Promise.resolve(false)),
  }),
  'a list by subject': swallowing({ list: async (index) => ('subject' in index ? { records: [] } : lost()) }),
  'a list of what is pending': swallowing({
    list: async (index) => ('pending' in index && Object.is(index.pending, true) ? { records: [] } : lost()),
  }),
}

test.each(Object.entries(swallowers))('an error that is swallowed in one place is caught: %s', async (_, client) => {
  await expect(failureCheck(suites.records, client)()).rejects.toThrow('although the client failed')
})

test.each([
  ['append', { append: async (entry) => assertEntry(entry) }],
  ['since', { since: async () => ({ entries: [], cursor: '0', more: false }) }],
] as readonly (readonly [string, Partial<RevocationLog>])[])(
  'an error that is swallowed in one place is caught: %s',
  async (_, port) => {
    const client = { ...failing, revocations: { append: lost, since: lost, ...port } }
    await expect(failureCheck(suites.revocations, client)()).rejects.toThrow('although the client failed')
  },
)

test.each(brokenAdapters)('every store is closed, also where the adapter $name', async ({ suite, build, caughtBy }) => {
  let open = 0
  const counted = <Store extends StoreUnderTest>(store: Store): Store => (
    (open += 1),
    { ...store, close: () => void (open -= 1) }
  )
  const createCrashing: CreateCrashing = async (command) => counted(await dyingClients(build)(command))
  const create = (): StoreUnderTest => {
    const { storage, clock } = memoryUnderTest()
    return counted({ storage: build(storage, clock), clock })
  }
  const tests = collect(suites[suite], { create, faults: { createFailing: () => failing, createCrashing } })
  await expect(tests.get(caughtBy)!()).rejects.toThrow(breach)
  expect(open).toBe(0)
})

function swallowing(port: Partial<RecordStore>): Storage {
  return { ...failing, records: { ...failing.records, ...port } }
}

/** A lost race where an error should be told; what is no record is still a mistake. */
function lose(
  [key, version, input, expiresAt]: Parameters<RecordStore['compareAndSet']>,
  swallows: (version: string) => boolean,
): Promise<CompareAndSetResult> {
  assertWrite(key, version, input, expiresAt)
  return swallows(version) ? Promise.resolve({ won: false, current: undefined }) : lost()
}

function lost(): Promise<never> {
  return Promise.reject(new Error('the connection was lost'))
}

test.each(Object.entries(suites))('errors of the client that reject pass: %s', async (_, suite) => {
  await expect(failureCheck(suite, failing)()).resolves.toBeUndefined()
})

function failureCheck(suite: (options: ConformanceOptions) => void, client: typeof failing): () => Promise<void> {
  const tests = collect(suite, { create: memoryUnderTest, faults: { createFailing: () => client } })
  return find(tests, 'where the client fails')
}

function find(tests: ReadonlyMap<string, () => Promise<void>>, start: string): () => Promise<void> {
  return [...tests].find(([name]) => name.startsWith(start))![1]
}
