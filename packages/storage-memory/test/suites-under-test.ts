// The tests of the conformance suites, collected by title, over sound, broken and failing adapters.
import type { Storage } from '@tallystick/storage'
import type { BrokenAdapter } from '@tallystick/storage/broken-adapters'
import type { ConformanceOptions } from '@tallystick/storage/conformance'
import { recordStoreConformance, revocationLogConformance } from '@tallystick/storage/conformance'
import { dyingClients, simulatedClock } from './memory-under-test.ts'
import { memoryStorage } from '../src/index.ts'

export const suites = { records: recordStoreConformance, revocations: revocationLogConformance }

/** The tests that a suite registers, by title. */
export function collect(
  suite: (options: ConformanceOptions) => void,
  options: Omit<ConformanceOptions, 'test'>,
): Map<string, () => Promise<void>> {
  const tests = new Map<string, () => Promise<void>>()
  suite({ ...options, test: (name, run) => tests.set(name, run) })
  return tests
}

/** The suite's tests over a broken adapter. */
export function testsOf({ suite, build }: BrokenAdapter): Map<string, () => Promise<void>> {
  return collect(suites[suite], {
    create() {
      const clock = simulatedClock()
      return { storage: build(memoryStorage({ clock }), clock), clock }
    },
    faults: { createFailing: () => failing, createCrashing: dyingClients(build) },
  })
}

/** A storage over a client that fails every command. */
export const failing: Storage = {
  records: {
    capabilities: memoryStorage().records.capabilities,
    read: reject,
    compareAndSet: reject,
    delete: reject,
    list: reject,
  },
  revocations: { append: reject, since: reject },
}

function reject(): Promise<never> {
  return Promise.reject(new Error('the connection was lost'))
}
