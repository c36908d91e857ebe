// The drivers that the adapter is tested on, each opened as its own users open it.
import type { SqliteDatabase } from '../src/index.ts'

/** An open database that a test closes. */
export interface OpenDatabase extends SqliteDatabase {
  close(): void
}

/** A way to open a database. */
export interface Driver {
  readonly name: DriverName
  readonly open: (path: string) => OpenDatabase
}

export type DriverName = 'node:sqlite' | 'better-sqlite3'

/** Loads a driver; on Node.js 22 its built-in one is announced as experimental, which every run would print. */
export async function loadDriver(name: DriverName): Promise<Driver> {
  if (name === 'better-sqlite3') {
    const { default: Database } = await import('better-sqlite3')
    return { name, open: (path) => new Database(path) }
  }
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    const { DatabaseSync } = await import('node:sqlite')
    return { name, open: (path) => new DatabaseSync(path) }
  } finally {
    process.emitWarning = emitWarning
  }
}
