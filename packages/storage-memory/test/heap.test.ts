// The heap follows what is alive: no timer, and nothing left behind in map, indexes or log.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { plusSeconds } from '@tallystick/core'
import { expect, test } from 'vitest'
import { memoryStorage } from '../src/index.ts'
import { createSweep } from '../src/sweep.ts'
import { simulatedClock, START } from './memory-under-test.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

test('two hundred thousand records and revocations that come and expire leave the heap where it was', async () => {
  const clock = simulatedClock()
  const { records, revocations } = memoryStorage({ clock })
  const text = 'x'.repeat(400)
  const live = async (from: number, to: number): Promise<void> => {
    for (let number = from; number < to; number += 1) {
      if (number % 50 === 0) await clock.advance(1)
      const expiresAt = plusSeconds(clock.now(), 60)
      const columns = { subject: `user ${number}`, pending: number % 2 === 0 }
      await records.compareAndSet(`r:${number}`, 'absent', { text: text + number, ...columns }, expiresAt)
      const target = { kind: 'family', familyId: `${number}` } as const
      await revocations!.append({ id: `r:${number}`, target, cause: 'test', revokedAt: START, expiresAt })
    }
  }
  await live(0, 20_000)
  const before = heapBytes()
  await live(20_000, 220_000)
  const grownBytes = heapBytes() - before
  expect(grownBytes).toBeLessThan(4_000_000)
  const { records: pending } = await records.list({ pending: true })
  expect(pending.length).toBeGreaterThan(0)
})

test('a record rewritten a hundred thousand times takes the place of one', async () => {
  const clock = simulatedClock()
  const { records } = memoryStorage({ clock })
  let version = 'absent'
  const rewrite = async (times: number): Promise<void> => {
    for (let number = 0; number < times; number += 1) {
      const input = { text: `${number}`, subject: `user ${number % 3}`, pending: number % 2 === 0 }
      const answer = await records.compareAndSet('a', version, input, plusSeconds(START, 60))
      if (answer.won) version = answer.version
    }
  }
  await rewrite(1000)
  const before = heapBytes()
  await rewrite(100_000)
  expect(heapBytes() - before).toBeLessThan(1_000_000)
})

test('the sweep meets every entry within as many calls as there are, also while each call adds one', () => {
  const entries = new Map<string, number>()
  for (let number = 0; number < 100; number += 1) entries.set(`${number}`, number)
  const met = new Set<number>()
  const sweep = createSweep(entries, (value) => met.add(value))
  for (let call = 0; call < 100; call += 1) {
    sweep(START)
    entries.set(`new ${call}`, 1000 + call)
  }
  for (let number = 0; number < 100; number += 1) expect(met.has(number)).toBe(true)
})
