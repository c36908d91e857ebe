// The storage contract's own suite on memory storage, and proof that it still catches a broken adapter here.
import { recordStoreConformance, revocationLogConformance, type StoreUnderTest } from '@tallystick/storage/conformance'
import { failAt } from '@tallystick/storage/faults'
import { memoryStorage } from '@tallystick/storage-memory'
import { holds, type Register } from './checks.ts'
import { simulatedClock } from './world.ts'

/** Registers every check of the contract. */
export function storageChecks(check: Register): void {
  recordStoreConformance({ test: (name, run) => check(`records: ${name}`, run), create: memoryUnderTest })
  revocationLogConformance({ test: (name, run) => check(`revocation log: ${name}`, run), create: memoryUnderTest })
  check('records: the suite fails an adapter that fails', async () => {
    const runs: (() => Promise<void>)[] = []
    recordStoreConformance({ test: (_, run) => void runs.push(run), create: failingUnderTest })
    const results = await Promise.allSettled(runs.map((run) => run()))
    const caught = results.filter(({ status }) => status === 'rejected').length
    holds(caught > runs.length / 2, `${caught} of ${runs.length} checks see it`)
  })
}

function memoryUnderTest(): StoreUnderTest {
  const clock = simulatedClock()
  return { storage: memoryStorage({ clock }), clock }
}

function failingUnderTest(): StoreUnderTest {
  const { storage, clock } = memoryUnderTest()
  return { storage: failAt(storage, { index: 0, when: 'before' }).storage, clock }
}
