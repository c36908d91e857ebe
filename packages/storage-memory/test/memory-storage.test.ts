// What the memory adapter promises beyond the contract: bounded heap, frozen answers, no timers.
import { numericDate, plusSeconds } from '@tallystick/core'
import type { NumericDate } from '@tallystick/core'
import { expect, test } from 'vitest'
import { memoryStorage } from '../src/index.ts'

const start = numericDate(1_800_000_000)

function simulatedClock(): { now(): NumericDate; advance(seconds: number): void } {
  let now = start
  return { now: () => now, advance: (seconds) => void (now = plusSeconds(now, seconds)) }
}

test('what was handed in can change without changing the record, and answers are frozen', async () => {
  const { records } = memoryStorage({ clock: simulatedClock() })
  const input = { text: 'before', subject: 'alice' }
  await records.compareAndSet('a', 'absent', input, plusSeconds(start, 60))
  input.text = 'after'
  const record = await records.read('a')
  expect(record?.text).toBe('before')
  expect(Object.isFrozen(record)).toBe(true)
})

test('an entry handed to the log can change without changing the log', async () => {
  const { revocations } = memoryStorage({ clock: simulatedClock() })
  const target = { kind: 'subject' as const, subject: 'alice', cutoff: start }
  await revocations!.append({ id: 'a', target, cause: 'test', revokedAt: start, expiresAt: plusSeconds(start, 60) })
  target.subject = 'bob'
  const [entry] = (await revocations!.since()).entries
  expect(entry?.target).toEqual({ kind: 'subject', subject: 'alice', cutoff: start })
  expect(Object.isFrozen(entry?.target)).toBe(true)
})

test('a record does not expire between the beginning and the end of a write that a clock tick falls into', async () => {
  let reads = 0
  const clock = { now: (): NumericDate => plusSeconds(start, (reads += 1)) }
  const { records } = memoryStorage({ clock })
  const first = await records.compareAndSet('a', 'absent', { text: '1' }, plusSeconds(start, 3))
  expect(first.won).toBe(true)
  const next = await records.compareAndSet('a', first.won ? first.version : '', { text: '2' }, plusSeconds(start, 900))
  expect(next.won).toBe(true)
  expect((await records.read('a'))?.text).toBe('2')
})

test('without a clock of its own it goes by the platform’s', async () => {
  const { records } = memoryStorage()
  await records.compareAndSet('dead', 'absent', { text: '' }, numericDate(1_000_000_000))
  await records.compareAndSet('alive', 'absent', { text: '' }, numericDate(99_000_000_000))
  expect([await records.read('dead'), (await records.read('alive'))?.key]).toEqual([undefined, 'alive'])
})

test('a clock that is none is a mistake at construction', () => {
  expect(() => memoryStorage({ clock: 5 as never })).toThrow(
    new RangeError('memoryStorage: clock must be a Clock (given 5)'),
  )
})
