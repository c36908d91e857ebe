// The executable contract of the storage ports, for any test runner.
import { argumentChecks } from './conformance/arguments.ts'
import { ensure } from './conformance/assertions.ts'
import { behaviourChecks } from './conformance/behaviour.ts'
import type { Check, RecordsUnderTest, RevocationsUnderTest, StoreUnderTest } from './conformance/check.ts'
import { laterThan } from './conformance/check.ts'
import { clockJumpChecks } from './conformance/clock-jumps.ts'
import { columnChecks } from './conformance/columns.ts'
import type { CreateCrashing } from './conformance/crash.ts'
import { entryChecks } from './conformance/entries.ts'
import { crashingLogCheck } from './conformance/entry-crashes.ts'
import { expiryChecks } from './conformance/expiry.ts'
import { failingLogCheck, failingRecordsCheck } from './conformance/failures.ts'
import { interruptionChecks } from './conformance/interruptions.ts'
import { linearizabilityChecks } from './conformance/linearizability.ts'
import { raceChecks } from './conformance/races.ts'
import { crashingRecordsCheck } from './conformance/record-crashes.ts'
import { repetitionChecks } from './conformance/repetitions.ts'
import { revocationChecks } from './conformance/revocations.ts'
import { textChecks } from './conformance/text.ts'
import type { Storage } from './storage.ts'

export type { ConformanceClock, StoreUnderTest } from './conformance/check.ts'
export type { CrashingStore, CreateCrashing, RunCommand } from './conformance/crash.ts'

/** What a suite is handed. */
export interface ConformanceOptions {
  /** The runner's own function that registers a test: `test` of vitest, node:test, Deno, bun:test. */
  readonly test: (name: string, run: () => Promise<void>) => unknown
  /** Builds the store for one test: empty, and nobody else's. Called once per test. */
  readonly create: () => StoreUnderTest | Promise<StoreUnderTest>
  /** What can go wrong below the adapter; each adds its tests. Leave out what the adapter has not. */
  readonly faults?: ConformanceFaults | undefined
}

/** Faults that only the adapter's author can plant. */
export interface ConformanceFaults {
  /** Builds the adapter over a client that fails every command. */
  readonly createFailing: () => Storage | Promise<Storage>
  /**
   * Builds the adapter over a client that can die at any command, and opens again what it leaves; it is called once for
   * each command of a job, before it and after it. Leave it out where nothing outlives the process.
   */
  readonly createCrashing?: CreateCrashing | undefined
}

/**
 * Registers the tests of the record store's contract, one per sentence of it.
 *
 * @example
 * recordStoreConformance({ test, create: () => ({ storage: memoryStorage() }) })
 */
export function recordStoreConformance({ test, create, faults }: ConformanceOptions): void {
  for (const check of recordChecks) {
    test(check.name, () =>
      withStore(create, ({ storage, clock }) =>
        check.run({ records: storage.records, clock, later: laterThan(clock) }),
      ),
    )
  }
  if (faults === undefined) return
  const { createFailing, createCrashing } = faults
  test(failingRecordsCheck.name, async () => failingRecordsCheck.run(await createFailing()))
  if (createCrashing !== undefined) test(crashingRecordsCheck.name, () => crashingRecordsCheck.run(createCrashing))
}

/**
 * Registers the tests of the revocation log's contract, one per sentence of it.
 *
 * @example
 * revocationLogConformance({ test, create: () => ({ storage: memoryStorage() }) })
 */
export function revocationLogConformance({ test, create, faults }: ConformanceOptions): void {
  for (const check of logChecks) {
    test(check.name, () =>
      withStore(create, ({ storage, clock }) => {
        const log = storage.revocations
        ensure(log !== undefined, 'the storage has a revocation log')
        return check.run({ log, clock, later: laterThan(clock) } satisfies RevocationsUnderTest)
      }),
    )
  }
  if (faults === undefined) return
  const { createFailing, createCrashing } = faults
  test(failingLogCheck.name, async () => failingLogCheck.run(await createFailing()))
  if (createCrashing !== undefined) test(crashingLogCheck.name, () => crashingLogCheck.run(createCrashing))
}

async function withStore(
  create: ConformanceOptions['create'],
  run: (store: StoreUnderTest) => Promise<void>,
): Promise<void> {
  const store = await create()
  try {
    await run(store)
  } finally {
    await store.close?.()
  }
}

const recordChecks: readonly Check<RecordsUnderTest>[] = [
  ...behaviourChecks,
  ...textChecks,
  ...argumentChecks,
  ...columnChecks,
  ...expiryChecks,
  ...clockJumpChecks,
  ...raceChecks,
  ...interruptionChecks,
  ...repetitionChecks,
  ...linearizabilityChecks,
]

const logChecks: readonly Check<RevocationsUnderTest>[] = [...revocationChecks, ...entryChecks]
