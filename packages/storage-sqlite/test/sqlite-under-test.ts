// SQLite storages for tests: their time, their folders, and what closes them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { numericDate, plusSeconds } from '@tallystick/core'
import type { ConformanceClock, CrashingStore, RunCommand, StoreUnderTest } from '@tallystick/storage/conformance'
import { onTestFinished } from 'vitest'
import type { SqliteDatabase, SqliteStorage, SqliteStorageOptions } from '../src/index.ts'
import { sqliteStorage } from '../src/index.ts'
import type { Driver, OpenDatabase } from './drivers.ts'

export const START = numericDate(1_800_000_000)
export const LATER = numericDate(4_102_444_800)

export function simulatedClock(): ConformanceClock {
  let now = START
  return { now: () => now, advance: (seconds) => void (now = plusSeconds(now, seconds)) }
}

/** A storage, its connection and its clock. */
export interface Opened extends SqliteStorage {
  readonly database: OpenDatabase
  readonly clock: ConformanceClock
}

/** Opens a storage whose time a test moves, with its schema in place; the caller closes its database. */
export async function open(driver: Driver, path = ':memory:', options: SqliteStorageOptions = {}): Promise<Opened> {
  const database = driver.open(path)
  const clock = simulatedClock()
  const storage = sqliteStorage(database, { clock, ...options })
  await storage.migrate()
  return { ...storage, database, clock }
}

/** As {@link open}, closed when the test is over. */
export async function openInTest(driver: Driver, path?: string, options: SqliteStorageOptions = {}): Promise<Opened> {
  const opened = await open(driver, path, options)
  onTestFinished(() => opened.database.close())
  return opened
}

/** A database that is closed when the test is over. */
export function databaseInTest(driver: Driver, path = ':memory:'): OpenDatabase {
  const database = driver.open(path)
  onTestFinished(() => database.close())
  return database
}

/** The path of a file in a folder that goes when the test is over. */
export function fileInTest(name = 'tokens.db'): string {
  const folder = temporaryFolder()
  onTestFinished(() => remove(folder))
  return join(folder, name)
}

/** A store for the suites: in memory, or in a file of a folder that goes with it. */
export async function sqliteUnderTest(driver: Driver, place: 'memory' | 'file'): Promise<StoreUnderTest> {
  const folder = place === 'file' ? temporaryFolder() : undefined
  const opened = await open(driver, folder && join(folder, 'tokens.db'))
  return {
    storage: opened,
    clock: opened.clock,
    close() {
      opened.database.close()
      if (folder !== undefined) remove(folder)
    },
  }
}

/** A store in a file whose process dies between two statements; the next process opens the file again. */
export async function sqliteThatDies(driver: Driver, command: RunCommand): Promise<CrashingStore> {
  const folder = temporaryFolder()
  const path = join(folder, 'tokens.db')
  const clock = simulatedClock()
  let database = driver.open(path)
  const storage = sqliteStorage(sendThrough(command, database), { clock })
  await storage.migrate()
  return {
    storage,
    clock,
    async reopen() {
      // Closing a connection keeps nothing of the transaction that it had open, as little as a process does that dies.
      database.close()
      database = driver.open(path)
      const next = sqliteStorage(database, { clock })
      await next.migrate()
      return next
    },
    close() {
      database.close()
      remove(folder)
    },
  }
}

/** The client of the adapter is who runs its statements: each run is a command. */
function sendThrough(command: RunCommand, database: SqliteDatabase): SqliteDatabase {
  return {
    exec: (sql) => command(() => database.exec(sql)),
    prepare(sql) {
      const statement = database.prepare(sql)
      return {
        run: (...values) => command(() => statement.run(...values)),
        get: (...values) => command(() => statement.get(...values)),
        all: (...values) => command(() => statement.all(...values)),
      }
    },
  }
}

function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'tallystick-sqlite-'))
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}
