// SQLite storages for tests: their time, their folders, and what closes them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { numericDate, plusSeconds } from '@tallystick/core'
import type { ConformanceClock, StoreUnderTest } from '@tallystick/storage/conformance'
import type { SqliteStorage, SqliteStorageOptions } from '../src/index.ts'
import { sqliteStorage } from '../src/index.ts'
import type { Driver, OpenDatabase } from './drivers.ts'

export const START = numericDate(1_800_000_000)
export const LATER = numericDate(4_102_444_800)

export function simulatedClock(): ConformanceClock {
  let now = START
  return { now: () => now, advance: (seconds) => void (now = plusSeconds(now, seconds)) }
}

/** A folder of a test's own. */
export interface Folder extends Disposable {
  readonly path: string
  /** Where a file of it stands. */
  file(name: string): string
}

export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'tallystick-sqlite-'))
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** A storage, its connection and its clock. */
export interface Opened extends SqliteStorage, Disposable {
  readonly database: OpenDatabase
  readonly clock: ConformanceClock
}

/** Opens a storage whose time a test moves, with its schema in place. */
export async function open(driver: Driver, path = ':memory:', options: SqliteStorageOptions = {}): Promise<Opened> {
  const database = driver.open(path)
  const clock = simulatedClock()
  const storage = sqliteStorage(database, { clock, ...options })
  await storage.migrate()
  return { ...storage, database, clock, [Symbol.dispose]: () => database.close() }
}

/** A store for the suites: in memory, or in a file of a folder that goes with it. */
export async function sqliteUnderTest(driver: Driver, place: 'memory' | 'file'): Promise<StoreUnderTest> {
  const folder = place === 'file' ? temporaryFolder() : undefined
  const opened = await open(driver, folder?.file('tokens.db'))
  return {
    storage: opened,
    clock: opened.clock,
    close() {
      opened.database.close()
      folder?.[Symbol.dispose]()
    },
  }
}
