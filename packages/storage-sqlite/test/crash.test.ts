// A process that dies at any instant loses nothing that it answered, and its file is whole.
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sharedTokenServer } from './children/token-server.ts'
import { describeDrivers } from './describe-drivers.ts'
import type { Driver } from './drivers.ts'
import { integrityOf, numberOf } from './looks.ts'
import { startWorker } from './processes.ts'
import { fileInTest, open, openInTest, START } from './sqlite-under-test.ts'

const IMAGES = 16
const KILLS = 4

describeDrivers((driver) => {
  test('images of the file, taken at random instants of a writing process, hold all that was answered', async () => {
    const path = fileInTest()
    const notes = fileInTest('notes')
    const worker = await startWorker(driver, path)
    await worker.ask({ ask: 'migrate' })
    worker.tell({ ask: 'write', notes })
    let midTransaction = 0
    for (let image = 0; image < IMAGES; image += 1) {
      await noted(notes, answeredIn(notes) + 1 + Math.floor(Math.random() * 40))
      const copy = fileInTest()
      const answered = worker.whileStopped(() => {
        const before = answeredIn(notes)
        // Every other image is without the shared index, as after a loss of power.
        for (const end of image % 2 === 0 ? ['', '-wal', '-shm'] : ['', '-wal']) copyFileSync(path + end, copy + end)
        return before
      })
      const standing = await standingIn(driver, copy)
      expectAnswered(standing, answered)
      if (standing.counter !== answered || standing.records !== answered || standing.entries !== answered)
        midTransaction += 1
    }
    expect(midTransaction, 'images with a write that was not noted yet').toBeGreaterThan(0)
  })

  test('a process that is killed while it writes has lost nothing that it answered', async () => {
    for (let kill = 0; kill < KILLS; kill += 1) {
      const path = fileInTest()
      const notes = fileInTest('notes')
      const worker = await startWorker(driver, path)
      await worker.ask({ ask: 'migrate' })
      worker.tell({ ask: 'write', notes })
      await noted(notes, 1 + Math.floor(Math.random() * 120))
      await worker.kill()
      const answered = answeredIn(notes)
      const copy = fileInTest()
      for (const end of ['', '-wal']) copyFileSync(path + end, copy + end)
      expectAnswered(await standingIn(driver, copy), answered)
      expectAnswered(await standingIn(driver, path), answered)
    }
  })

  test('W68 a token that was rotated before its process was killed is known to be used in the next process', async () => {
    const path = fileInTest()
    const worker = await startWorker(driver, path)
    await worker.ask({ ask: 'migrate' })
    const first = await worker.ask({ ask: 'issue', nowSeconds: START })
    const { outcomes } = await worker.ask({
      ask: 'refresh',
      refreshTokens: [first.refreshToken],
      nowSeconds: START + 600,
    })
    await worker.kill()
    const next = await startWorker(driver, path)
    await next.ask({ ask: 'migrate' })
    const replay = await next.ask({ ask: 'refresh', refreshTokens: [first.refreshToken], nowSeconds: START + 660 })
    expect(replay.outcomes).toEqual([{ verdict: 'refresh_token/replayed' }])
    await next.kill()
    const { revocations, ...storage } = await openInTest(driver, path)
    const server = await sharedTokenServer({ ...storage, revocations }, { nowSeconds: START + 661 })
    const rotated = await server.refresh({ refreshToken: outcomes[0]?.refreshToken ?? '' })
    expect(rotated).toMatchObject({ ok: false, reason: 'refresh_token/revoked' })
    expect((await revocations.since()).entries).toMatchObject([{ target: { familyId: first.familyId } }])
  })
})

/** What a file holds of what the writer wrote. */
interface Standing {
  readonly integrity: unknown
  readonly counter: number
  readonly records: number
  readonly entries: number
  /** Whether records and entries are the numbers from 1 on, without a gap. */
  readonly isGapless: boolean
}

async function standingIn(driver: Driver, path: string): Promise<Standing> {
  const { records, database } = await open(driver, path)
  try {
    const numbers =
      'SELECT max(CAST(text AS INTEGER)) - count(*) AS n FROM tallystick_records WHERE subject IS NOT NULL'
    const ids = 'SELECT max(CAST(id AS INTEGER)) - count(*) AS n FROM tallystick_revocations'
    return {
      integrity: integrityOf(database),
      counter: Number((await records.read('counter'))?.text ?? '0'),
      records: numberOf(database, 'SELECT count(*) AS n FROM tallystick_records WHERE subject IS NOT NULL'),
      entries: numberOf(database, 'SELECT count(*) AS n FROM tallystick_revocations'),
      isGapless: numberOf(database, numbers) === 0 && numberOf(database, ids) === 0,
    }
  } finally {
    database.close()
  }
}

/** One number may be under way: some of its three writes may stand that were not noted. */
function expectAnswered(standing: Standing, answered: number): void {
  expect(standing).toMatchObject({ integrity: 'ok', isGapless: true })
  for (const count of [standing.counter, standing.records, standing.entries]) {
    expect([answered, answered + 1]).toContain(count)
  }
}

/** How many numbers the writer noted. */
function answeredIn(notes: string): number {
  return existsSync(notes) ? readFileSync(notes, 'utf8').split('\n').length - 1 : 0
}

/** Waits until the writer has noted so many. */
async function noted(notes: string, count: number): Promise<void> {
  while (answeredIn(notes) < count) await new Promise((resolve) => void setImmediate(resolve))
}
