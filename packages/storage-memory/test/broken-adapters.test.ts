// The conformance suite has teeth: each deliberately broken adapter is caught by the check meant for it.
import type { BrokenAdapter } from '@tallystick/storage/broken-adapters'
import { brokenAdapters, swallowsErrors } from '@tallystick/storage/broken-adapters'
import type { ConformanceOptions } from '@tallystick/storage/conformance'
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

test.each(Object.entries(suites))('errors of the client that are swallowed are caught: %s', async (_, suite) => {
  await expect(failureCheck(suite, swallowsErrors)()).rejects.toThrow('although the client failed')
})

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
