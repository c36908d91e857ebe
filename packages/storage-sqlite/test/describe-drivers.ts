// Runs tests over every driver that this Node.js has.
import { describe, expect, test } from 'vitest'
import type { Driver } from './drivers.ts'
import { loadDriver } from './drivers.ts'

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
