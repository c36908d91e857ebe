// The drivers that the adapter is tested on, each opened as its own users open it.
import { describe, expect, test } from 'vitest'
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

/** Defines tests for every driver; below Node.js 22 they are skipped by name, and in CI that is a failure. */
export function describeDrivers(define: (driver: Driver) => void): void {
  for (const driver of drivers) describe(driver.name, () => define(driver))
  if (drivers.length > 0) return
  test.skipIf(process.env['CI'] === undefined)(`there are drivers on Node.js ${process.versions.node}`, () => {
    expect(drivers.length, 'run it on Node.js 22 or later').toBeGreaterThan(0)
  })
}

/** Below Node.js 22 there is no `node:sqlite`, and better-sqlite3 13 crashes the process that loads it. */
const drivers: readonly Driver[] =
  Number(process.versions.node.split('.')[0]) < 22
    ? []
    : [await loadDriver('node:sqlite'), await loadDriver('better-sqlite3')]
