// The conformance suite has teeth: each deliberately broken adapter is caught by the check meant for it.
import type { Storage } from '@tallystick/storage'
import type { BrokenAdapter } from '@tallystick/storage/broken-adapters'
import { brokenAdapters, swallowsErrors } from '@tallystick/storage/broken-adapters'
import type { ConformanceOptions } from '@tallystick/storage/conformance'
import { recordStoreConformance, revocationLogConformance } from '@tallystick/storage/conformance'
import { expect, test } from 'vitest'
import { dyingClients, memoryUnderTest, simulatedClock } from './memory-under-test.ts'
import { memoryStorage } from '../src/index.ts'

/** The tests that a suite registers, by title. */
function collect(
  suite: (options: ConformanceOptions) => void,
  options: Omit<ConformanceOptions, 'test'>,
): Map<string, () => Promise<void>> {
  const tests = new Map<string, () => Promise<void>>()
  suite({ ...options, test: (name, run) => tests.set(name, run) })
  return tests
}

const suites = { records: recordStoreConformance, revocations: revocationLogConformance }

/** The suite's tests over a broken adapter. */
function testsOf({ suite, build }: BrokenAdapter): Map<string, () => Promise<void>> {
  return collect(suites[suite], {
    create() {
      const clock = simulatedClock()
      return { storage: build(memoryStorage({ clock }), clock), clock }
    },
    faults: { createFailing: () => failing, createCrashing: dyingClients(build) },
  })
}

test.each(brokenAdapters)('an adapter that $name is caught by the check meant for it', async (adapter) => {
  const check = testsOf(adapter).get(adapter.caughtBy)
  expect(check, 'the check exists').toBeDefined()
  await expect(check!()).rejects.toThrow(expect.objectContaining({ name: 'ConformanceError' }))
})

test('every check of both suites is the one meant for some broken adapter, or catches one', async () => {
  const quiet = new Set([...testsOf(brokenAdapters[0]!).keys(), ...testsOf(brokenAdapters.at(-1)!).keys()])
  expect(brokenAdapters.at(-1)?.suite).toBe('revocations')
  for (const adapter of brokenAdapters) {
    for (const [name, run] of testsOf(adapter)) {
      await run().catch(() => quiet.delete(name))
    }
  }
  const seenBelow = [...quiet].filter((name) => name.startsWith('where the client fails'))
  expect([...quiet]).toEqual(seenBelow)
  expect(seenBelow.length).toBe(2)
})

test.each(brokenAdapters.filter(({ caughtBy }) => caughtBy.startsWith('where the process dies')))(
  'an adapter that $name passes every check but the one whose process dies',
  async (adapter) => {
    const caughtBy: string[] = []
    for (const [name, run] of testsOf(adapter)) await run().catch(() => caughtBy.push(name))
    expect(caughtBy).toEqual([adapter.caughtBy])
  },
)

test.each(Object.entries(suites))(
  'an adapter whose every write is one command outlives its process: %s',
  async (_, suite) => {
    const createCrashing = dyingClients((server) => server)
    const tests = collect(suite, { create: memoryUnderTest, faults: { createFailing: () => failing, createCrashing } })
    await expect(crashCheck(tests)()).resolves.toBeUndefined()
  },
)

test.each(Object.entries(suites))(
  'a client that does not send its commands where it can die is told so: %s',
  async (_, suite) => {
    const tests = collect(suite, {
      create: memoryUnderTest,
      faults: { createFailing: () => failing, createCrashing: () => ({ ...memoryUnderTest(), reopen: never }) },
    })
    await expect(crashCheck(tests)()).rejects.toThrow('it sent 0')
  },
)

test.each(Object.entries(suites))('errors of the client that are swallowed are caught: %s', async (_, suite) => {
  await expect(failureCheck(suite, swallowsErrors)()).rejects.toThrow('although the client failed')
})

test.each(Object.entries(suites))('errors of the client that reject pass: %s', async (_, suite) => {
  await expect(failureCheck(suite, failing)()).resolves.toBeUndefined()
})

function crashCheck(tests: ReadonlyMap<string, () => Promise<void>>): () => Promise<void> {
  return [...tests].find(([name]) => name.startsWith('where the process dies'))![1]
}

function failureCheck(suite: (options: ConformanceOptions) => void, failing: Storage): () => Promise<void> {
  const tests = collect(suite, { create: memoryUnderTest, faults: { createFailing: () => failing } })
  return [...tests].find(([name]) => name.startsWith('where the client fails'))![1]
}

function reject(): Promise<never> {
  return Promise.reject(new Error('the connection was lost'))
}

function never(): never {
  throw new Error('nobody died')
}

const failing: Storage = {
  records: {
    capabilities: memoryStorage().records.capabilities,
    read: reject,
    compareAndSet: reject,
    delete: reject,
    list: reject,
  },
  revocations: { append: reject, since: reject },
}
