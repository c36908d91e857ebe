// Several processes on one file: no write is lost between them, and one refresh token has one successor.
import { expect, test } from 'vitest'
import { decodeRecord } from '@tallystick/refresh-token'
import type { Answers } from './children/requests.ts'
import { sharedTokenServer } from './children/token-server.ts'
import { describeDrivers } from './describe-drivers.ts'
import { countRows, integrityOf, schemaOf } from './looks.ts'
import { startWorkers } from './processes.ts'
import { fileInTest, openInTest, START } from './sqlite-under-test.ts'

const PROCESSES = 4
const TOKENS = 40
const INCREMENTS = 150

describeDrivers((driver) => {
  test('four processes that start at once on a file that is not there yet all find its schema', async () => {
    const path = fileInTest()
    const workers = await startWorkers(PROCESSES, driver, path)
    expect(await Promise.all(workers.map((worker) => worker.ask({ ask: 'migrate' })))).toEqual([true, true, true, true])
    const { database } = await openInTest(driver, path)
    expect([schemaOf(database).length, countRows(database, 'schema'), countRows(database, 'epochs')]).toEqual([8, 1, 5])
  })

  test('W67 increments of four processes add up: each lost race was told, and tried again', async () => {
    const path = fileInTest()
    const { records, database } = await openInTest(driver, path)
    const workers = await startWorkers(PROCESSES, driver, path)
    await Promise.all(workers.map((worker) => worker.ask({ ask: 'migrate' })))
    const request = { ask: 'increment', key: 'a', times: INCREMENTS } as const
    const answers = await Promise.all(workers.map((worker) => worker.ask(request)))
    expect((await records.read('a'))?.text).toBe(String(PROCESSES * INCREMENTS))
    expect(sumOfLost(answers), 'races that were lost').toBeGreaterThan(0)
    expect(integrityOf(database)).toBe('ok')
  })

  test('W67 a refresh token that four processes redeem at once has exactly one successor, and is rotated once', async () => {
    const { answers, generations } = await raceRefreshes(10)
    for (const [at, outcomes] of byToken(answers).entries()) {
      expect(outcomes.map(({ verdict }) => verdict).sort(), `token ${at}`).toEqual([
        'concurrent',
        'concurrent',
        'concurrent',
        'rotated',
      ])
      expect(new Set(outcomes.map(({ refreshToken }) => refreshToken)).size).toBe(1)
    }
    expect(generations).toEqual(Array.from({ length: TOKENS }, () => 2))
    expect(sumOfLost(answers), 'races that were lost').toBeGreaterThan(0)
  })

  test('W67 without a grace period exactly one of four processes wins, and the others are refused', async () => {
    const { answers } = await raceRefreshes(0)
    for (const [at, outcomes] of byToken(answers).entries()) {
      const verdicts = outcomes.map(({ verdict }) => verdict)
      expect(verdicts.filter((verdict) => verdict === 'rotated').length, `token ${at}: ${verdicts.join()}`).toBe(1)
      expect(verdicts.filter((verdict) => /\/(replayed|revoked)$/.test(verdict)).length).toBe(3)
    }
    expect(sumOfLost(answers), 'races that were lost').toBeGreaterThan(0)
  })

  async function raceRefreshes(gracePeriodSeconds: number): Promise<{
    readonly answers: readonly Answers['refresh'][]
    readonly generations: readonly number[]
  }> {
    const path = fileInTest()
    const storage = await openInTest(driver, path)
    const server = await sharedTokenServer(storage, { nowSeconds: START }, { gracePeriodSeconds })
    const issued = await Promise.all(Array.from({ length: TOKENS }, () => server.issue({ subject: 'alice' })))
    const workers = await startWorkers(PROCESSES, driver, path, gracePeriodSeconds)
    await Promise.all(workers.map((worker) => worker.ask({ ask: 'migrate' })))
    const refreshTokens = issued.map(({ refreshToken }) => refreshToken)
    const answers = await Promise.all(
      workers.map((worker) => worker.ask({ ask: 'refresh', refreshTokens, nowSeconds: START + 1 })),
    )
    const texts = await Promise.all(issued.map(({ familyId }) => storage.records.read(`sign-in:${familyId}`)))
    return { answers, generations: texts.map((record) => decodeRecord(record?.text ?? '').generation) }
  }
})

/** What each process was answered for the same token. */
function byToken(answers: readonly Answers['refresh'][]): readonly Answers['refresh']['outcomes'][] {
  return Array.from({ length: TOKENS }, (_, at) => answers.flatMap(({ outcomes }) => outcomes[at] ?? []))
}

function sumOfLost(answers: readonly { readonly lost: number }[]): number {
  return answers.reduce((sum, { lost }) => sum + lost, 0)
}
