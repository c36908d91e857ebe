// A process of its own on a database file: does what its parent asks, one request after another. A script.
import { openSync, writeSync } from 'node:fs'
import { numericDate } from '@tallystick/core'
import { interceptStorage } from '@tallystick/storage/faults'
import { sqliteStorage } from '../../src/index.ts'
import type { DriverName } from '../drivers.ts'
import { loadDriver } from '../drivers.ts'
import type { Answers, Request } from './requests.ts'
import { sharedTokenServer } from './token-server.ts'

const LATER = numericDate(4_102_444_800)
const [driverName, path = '', gracePeriodSeconds] = process.argv.slice(2)
const database = (await loadDriver(driverName as DriverName)).open(path)
const time = { nowSeconds: 1_800_000_000 }
const clock = { now: () => numericDate(time.nowSeconds) }
const { migrate, ...opened } = sqliteStorage(database, { clock })
let lost = 0
const storage = interceptStorage(opened, {
  after({ method }, answer) {
    if (method === 'compareAndSet' && !(answer as { won: boolean }).won) lost += 1
  },
})
const { records, revocations } = storage
const server = await sharedTokenServer(storage, time, { gracePeriodSeconds: Number(gracePeriodSeconds) })

process.on('message', (request: Request) => {
  void perform(request).then((answer) => process.send?.(answer))
})
process.send?.('started')

async function perform(request: Request): Promise<Answers[Request['ask']]> {
  lost = 0
  if ('nowSeconds' in request) time.nowSeconds = request.nowSeconds
  switch (request.ask) {
    case 'migrate':
      await migrate()
      return true
    case 'increment':
      for (let round = 0; round < request.times; round += 1) await increment(request.key)
      return { lost }
    case 'issue':
      return server.issue({ subject: 'alice' })
    case 'refresh': {
      const outcomes = []
      for (const refreshToken of request.refreshTokens) {
        const answer = await server.refresh({ refreshToken })
        outcomes.push(
          answer.ok ? { verdict: answer.verdict, refreshToken: answer.refreshToken } : { verdict: answer.reason },
        )
      }
      return { lost, outcomes }
    }
    case 'write':
      return write(request.notes)
  }
}

async function increment(key: string): Promise<void> {
  let current = await records.read(key)
  for (;;) {
    const text = String(Number(current?.text ?? '0') + 1)
    const answer = await records.compareAndSet(key, current?.version ?? 'absent', { text }, LATER)
    if (answer.won) return
    current = answer.current
  }
}

async function write(notes: string): Promise<never> {
  // Checkpoints come often, so that some images are taken in the middle of one.
  database.exec('PRAGMA wal_autocheckpoint = 20')
  const file = openSync(notes, 'a')
  for (let number = 1; ; number += 1) {
    const id = String(number)
    await records.compareAndSet(`n:${id}`, 'absent', { text: id, subject: 'alice' }, LATER)
    await increment('counter')
    const target = { kind: 'family', familyId: id } as const
    await revocations?.append({ id, target, cause: 'test', revokedAt: clock.now(), expiresAt: LATER })
    writeSync(file, `${id}\n`)
  }
}
