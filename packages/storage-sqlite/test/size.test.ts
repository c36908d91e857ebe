// The file follows what is alive: it grows neither with rotations nor with what has expired.
import { statSync } from 'node:fs'
import { plusSeconds } from '@tallystick/core'
import { expect, test } from 'vitest'
import { sharedTokenServer } from './children/token-server.ts'
import { describeDrivers } from './describe-drivers.ts'
import { countRows, numberOf, revocation } from './looks.ts'
import { fileInTest, openInTest } from './sqlite-under-test.ts'

describeDrivers((driver) => {
  test('ten thousand rotations of one session leave one record, and file and log as large as after a hundred', async () => {
    const path = fileInTest()
    // Each write is answered before it is synced: the size is the same, and a slow disk does not matter.
    const storage = await openInTest(driver, path, { allowLossOnPowerFailure: true })
    const time = { nowSeconds: storage.clock.now() as number }
    const server = await sharedTokenServer(storage, time)
    let { refreshToken } = await server.issue({ subject: 'alice' })
    const rotate = async (times: number): Promise<void> => {
      for (let round = 0; round < times; round += 1) {
        time.nowSeconds += 600
        const answer = await server.rotate({ refreshToken })
        if (!answer.ok) throw new Error(answer.reason)
        refreshToken = answer.refreshToken
      }
    }
    const size = (): unknown => ({
      rows: ['records', 'revocations', 'epochs'].map((table) => countRows(storage.database, table)),
      pages: numberOf(storage.database, 'PRAGMA page_count'),
    })
    await rotate(100)
    const early = size()
    await rotate(9900)
    expect(size()).toEqual(early)
    expect(size()).toMatchObject({ rows: [1, 0, 1] })
    expect(statSync(`${path}-wal`).size, 'the write-ahead log is checkpointed').toBeLessThan(8_000_000)
  })

  test('five thousand records and revocations that come and expire leave the file where it was', async () => {
    const { records, revocations, database, clock } = await openInTest(driver)
    const live = async (from: number, to: number): Promise<void> => {
      for (let number = from; number < to; number += 1) {
        if (number % 50 === 0) await clock.advance(1)
        const expiresAt = plusSeconds(clock.now(), 10)
        await records.compareAndSet(`r:${number}`, 'absent', { text: 'x'.repeat(400), subject: `${number}` }, expiresAt)
        await revocations.append(revocation(`r:${number}`, expiresAt))
      }
    }
    await live(0, 1000)
    const pages = numberOf(database, 'PRAGMA page_count')
    await live(1000, 6000)
    expect(numberOf(database, 'PRAGMA page_count')).toBeLessThan(pages * 1.2)
    const alive = [500, 500]
    expect([countRows(database, 'records'), countRows(database, 'revocations')]).toEqual(alive)
  })
})
