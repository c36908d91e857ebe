// The SQLite adapter meets the contract: over both drivers, in memory and in a file.
import type { Storage } from '@tallystick/storage'
import type { CrashingStore, RunCommand } from '@tallystick/storage/conformance'
import { recordStoreConformance, revocationLogConformance } from '@tallystick/storage/conformance'
import { describe, test } from 'vitest'
import { sqliteStorage } from '../src/index.ts'
import type { Driver } from './drivers.ts'
import { describeDrivers } from './describe-drivers.ts'
import { sqliteThatDies, sqliteUnderTest } from './sqlite-under-test.ts'

describeDrivers((driver) => {
  describe.each(['memory', 'file'] as const)('in %s', (place) => {
    const create = (): ReturnType<typeof sqliteUnderTest> => sqliteUnderTest(driver, place)
    const createCrashing = (command: RunCommand): Promise<CrashingStore> => sqliteThatDies(driver, command)
    const faults = {
      createFailing: () => failingStorage(driver),
      createCrashing: place === 'file' ? createCrashing : undefined,
    }
    recordStoreConformance({ test, create, faults })
    revocationLogConformance({ test, create, faults })
  })
})

/** Over a client that works until the schema stands, and then fails every statement. */
async function failingStorage(driver: Driver): Promise<Storage> {
  const sound = driver.open(':memory:')
  let isSound = true
  const attempt = (): void => {
    if (!isSound) throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' })
  }
  const storage = sqliteStorage({
    exec(sql) {
      attempt()
      return sound.exec(sql)
    },
    prepare(sql) {
      attempt()
      return sound.prepare(sql)
    },
  })
  await storage.migrate()
  isSound = false
  return storage
}
