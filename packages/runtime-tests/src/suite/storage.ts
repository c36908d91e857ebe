// The storage contract's own suite on memory and, where the runtime has it, on node:sqlite; and proof that it still catches a broken adapter here.
import { recordStoreConformance, revocationLogConformance, type StoreUnderTest } from '@tallystick/storage/conformance'
import { failAt } from '@tallystick/storage/faults'
import { memoryStorage } from '@tallystick/storage-memory'
import { sqliteStorage, type SqliteDatabase } from '@tallystick/storage-sqlite'
import { holds, type Register } from './checks.ts'
import { simulatedClock } from './world.ts'

/** Registers every check of the contract. */
export function storageChecks(check: Register): void {
  contractChecks(check, 'memory', memoryUnderTest)
  const Database = findSqlite()
  if (Database !== undefined) contractChecks(check, 'sqlite', () => sqliteUnderTest(new Database(':memory:')))
  check('records: the suite fails an adapter that fails', async () => {
    const runs: (() => Promise<void>)[] = []
    recordStoreConformance({ test: (_, run) => void runs.push(run), create: failingUnderTest })
    const results = await Promise.allSettled(runs.map((run) => run()))
    const caught = results.filter(({ status }) => status === 'rejected').length
    holds(caught > runs.length / 2, `${caught} of ${runs.length} checks see it`)
  })
}

/** The `DatabaseSync` of `node:sqlite`, where the runtime has one that opens: workerd has the name alone. */
export function findSqlite(): (new (path: string) => ClosableDatabase) | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }
  const sqlite = process?.getBuiltinModule?.('node:sqlite') as
    | { readonly DatabaseSync?: new (path: string) => ClosableDatabase }
    | undefined
  const Database = sqlite?.DatabaseSync
  try {
    if (Database !== undefined) new Database(':memory:').close()
    return Database
  } catch {
    return undefined
  }
}

type ClosableDatabase = SqliteDatabase & { close(): void }

function contractChecks(check: Register, store: string, create: () => StoreUnderTest | Promise<StoreUnderTest>): void {
  recordStoreConformance({ test: (name, run) => check(`${store} records: ${name}`, run), create })
  revocationLogConformance({ test: (name, run) => check(`${store} revocation log: ${name}`, run), create })
}

async function sqliteUnderTest(database: ClosableDatabase): Promise<StoreUnderTest> {
  const clock = simulatedClock()
  const storage = sqliteStorage(database, { clock })
  await storage.migrate()
  return { storage, clock, close: () => database.close() }
}

function memoryUnderTest(): StoreUnderTest {
  const clock = simulatedClock()
  return { storage: memoryStorage({ clock }), clock }
}

function failingUnderTest(): StoreUnderTest {
  const { storage, clock } = memoryUnderTest()
  return { storage: failAt(storage, { index: 0, when: 'before' }).storage, clock }
}
