// What the memory adapter promises beyond the contract: bounded heap, frozen answers, no timers.
import { numericDate, plusSeconds } from '@tallystick/core'
import type { NumericDate } from '@tallystick/core'
import { expect, test } from 'vitest'
import { memoryStorage } from '../src/index.ts'
import { simulatedClock, START as start } from './memory-under-test.ts'

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
  expect(() => memoryStorage({ entropy: {} as never })).toThrow(
    new TypeError('memoryStorage: entropy must be an Entropy (given an object)'),
  )
})

test.each([Number.NaN, 1_800_000_000_000, -1, 1.5, undefined])(
  'while the clock says %s every method rejects, and nothing is freed or forgotten',
  async (wrong) => {
    let now: number | undefined = start
    const { records, revocations } = memoryStorage({ clock: { now: () => now as NumericDate } })
    const expiresAt = plusSeconds(start, 60)
    const entry = { target: { kind: 'token', tokenId: 't' }, cause: 'test', revokedAt: start, expiresAt } as const
    const input = { text: '1', subject: 'alice' }
    await records.compareAndSet('a', 'absent', input, expiresAt)
    await revocations!.append({ id: 'a', ...entry })
    now = wrong
    const calls = [
      () => records.read('a'),
      () => records.compareAndSet('a', 'absent', { text: 'thief' }, expiresAt),
      () => records.delete('a'),
      () => records.list({ subject: 'alice' }),
      () => revocations!.append({ id: 'b', ...entry }),
      () => revocations!.since(),
    ]
    for (const call of calls) await expect(call()).rejects.toThrow(/^NumericDate must be whole seconds/)
    now = start
    expect((await records.read('a'))?.text).toBe('1')
    expect((await records.list({ subject: 'alice' })).records.length).toBe(1)
    expect((await revocations!.since()).entries.map(({ id }) => id)).toEqual(['a'])
  },
)

test.each([1, 3, 5])(
  'a cursor of a log that is gone answers all %i entries of the one that follows it, so that none is missed',
  async (count) => {
    const gone = memoryStorage({ clock: simulatedClock() }).revocations!
    const entry = { target: { kind: 'token', tokenId: 't' }, cause: 'test', revokedAt: start } as const
    for (const id of ['1', '2', '3']) await gone.append({ id, ...entry, expiresAt: plusSeconds(start, 60) })
    const { cursor } = await gone.since()
    const { revocations } = memoryStorage({ clock: simulatedClock() })
    const ids = ['a', 'b', 'c', 'd', 'e'].slice(0, count)
    for (const id of ids) await revocations!.append({ id, ...entry, expiresAt: plusSeconds(start, 60) })
    const page = await revocations!.since(cursor)
    expect(page.entries.map(({ id }) => id)).toEqual(ids)
    expect((await revocations!.since(page.cursor)).entries, 'its own cursor is placed').toEqual([])
  },
)

test('the mark of a cursor is drawn from the entropy that was handed in', async () => {
  const entropy = { bytes: (length: number) => new Uint8Array(length).fill(255) }
  const { revocations } = memoryStorage({ clock: simulatedClock(), entropy })
  expect((await revocations!.since()).cursor).toBe('0.____________')
})

test('a cursor that is none rejects without being quoted', async () => {
  const { records, revocations } = memoryStorage({ clock: simulatedClock() })
  const wrong = ['', 'secret', '-1', '1.5', '1e400', ' 1 ', '0x1', '1e1', '01', '+1', '1\n', ['1'] as never]
  for (const cursor of [...wrong, '0', '1.____________']) {
    await expect(records.list({ subject: 'alice' }, cursor)).rejects.toThrow(/^RecordStore: cursor (?!.*secret)/)
  }
  const mark = '____________'
  for (const cursor of [...wrong, '1', '1.', `.${mark}`, ` 1.${mark}`, `01.${mark}`, `1.${mark}_`, `1e1.${mark}`]) {
    await expect(revocations!.since(cursor)).rejects.toThrow(/^RevocationLog: cursor (?!.*secret)/)
  }
})

test('a record is gone in the second in which it expires', async () => {
  const clock = simulatedClock()
  const { records } = memoryStorage({ clock })
  await records.compareAndSet('a', 'absent', { text: '' }, plusSeconds(start, 60))
  await clock.advance(59)
  expect(await records.read('a')).toBeDefined()
  await clock.advance(1)
  expect(await records.read('a')).toBeUndefined()
})
