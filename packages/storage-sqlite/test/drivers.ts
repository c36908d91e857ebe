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

/** Below Node.js 22 there is no `node:sqlite`, and better-sqlite3 13 crashes the process when it is loaded. */
export const hasDrivers: boolean = Number(process.versions.node.split('.')[0]) >= 22

if (!hasDrivers) {
  const message = `storage-sqlite is not tested on Node.js ${process.versions.node}: its drivers need 22 or later`
  if (process.env['CI'] !== undefined) throw new Error(message)
  console.warn(message)
}

/** Every driver that runs here. */
export const drivers: readonly Driver[] = hasDrivers
  ? [await loadDriver('node:sqlite'), await loadDriver('better-sqlite3')]
  : []
