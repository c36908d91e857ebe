// The bus: every listener hears every event in order, and none can disturb another, or the work.
import { numericDate, type EventTable } from '@tallystick/core'
import { systemEntropy } from '@tallystick/core/system'
import { expect, test } from 'vitest'
import * as events from '../src/index.ts'
import { createEventBus } from '../src/index.ts'

type Fact = { readonly type: 'count'; readonly at: number }
const table: EventTable<Fact> = { count: { meaning: 'One more.', fields: { at: 'number' } } }
const now = numericDate(1)
const facts = (...at: number[]): Fact[] => at.map((one) => ({ type: 'count', at: one }))
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('every listener hears every event, in order, and the same one', () => {
  const bus = createEventBus(table)
  const heard: unknown[][] = [[], []]
  for (const list of heard) bus.subscribe((event) => void list.push(event))
  bus.emit(facts(1, 2, 3), now, systemEntropy)
  expect(heard[0]).toMatchObject([{ at: 1 }, { at: 2 }, { at: 3 }])
  expect(heard[0]).toEqual(heard[1])
  expect(heard[0]![0]).toBe(heard[1]![0])
})

test('who unsubscribed hears nothing more, also in the middle of an event', () => {
  const bus = createEventBus(table)
  const heard: number[] = []
  const stop = bus.subscribe(({ at }) => {
    heard.push(at)
    if (at === 2) stop()
  })
  bus.emit(facts(1, 2, 3), now, systemEntropy)
  expect(heard).toEqual([1, 2])
})

test('a listener that throws, rejects or throws nonsense is counted, and disturbs neither the others nor the caller', async () => {
  const bus = createEventBus(table)
  const heard: number[] = []
  bus.subscribe(() => {
    throw new Error('no')
  })
  bus.subscribe(() => Promise.reject(new Error('no')))
  bus.subscribe(() => {
    // oxlint-disable-next-line typescript/only-throw-error -- people do
    throw undefined
  })
  bus.subscribe(({ at }) => void heard.push(at))
  expect(() => bus.emit(facts(1, 2), now, systemEntropy)).not.toThrow()
  await settled()
  expect([heard, bus.failures]).toEqual([[1, 2], 6])
})

test('without listeners an event costs nothing: no id is drawn', () => {
  const bus = createEventBus(table)
  const entropy = {
    bytes: (): Uint8Array => {
      throw new Error('drawn')
    },
  }
  expect(() => bus.emit(facts(1), now, entropy)).not.toThrow()
})

test('emitting does not wait for a listener that takes its time; waitUntil is handed what is left to do', async () => {
  const waiting: Promise<void>[] = []
  const bus = createEventBus(table, (promise) => void waiting.push(promise))
  const open: { door?: () => void } = {}
  const door = new Promise<void>((resolve) => void (open.door = resolve))
  let finished = 0
  bus.subscribe(async () => {
    await door
    finished += 1
    throw new Error('late')
  })
  bus.emit(facts(1), now, systemEntropy)
  expect([waiting.length, finished]).toEqual([1, 0])
  open.door!()
  await Promise.all(waiting)
  expect([finished, bus.failures]).toEqual([1, 1])
})

test('one listener added twice is one listener', () => {
  const bus = createEventBus(table)
  let heard = 0
  const listener = () => void (heard += 1)
  bus.subscribe(listener)
  bus.subscribe(listener)
  bus.emit(facts(1), now, systemEntropy)
  expect(heard).toBe(1)
})

test('the package exports these names', () => {
  expect(Object.keys(events).toSorted()).toEqual(['REDACTED', 'createEventBus', 'enclose', 'redactText'])
})
