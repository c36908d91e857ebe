// The envelope: an id, a time, and of what happened only what the table declares.
import { numericDate, type Entropy, type EventTable } from '@tallystick/core'
import { describe, expect, test } from 'vitest'
import { enclose, REDACTED } from '../src/index.ts'

type Fact = {
  readonly type: 'thing.happened'
  readonly thingId?: unknown
  readonly reason?: unknown
  readonly note?: unknown
  readonly context?: unknown
  readonly count?: unknown
  readonly done?: unknown
}
const table: EventTable<Fact> = {
  'thing.happened': {
    meaning: 'A thing happened.',
    fields: { thingId: 'id', reason: 'name', note: 'text', context: 'texts', count: 'number', done: 'flag' },
  },
}
const now = numericDate(1_790_000_000)
let drawn = 0
const entropy: Entropy = { bytes: (length) => new Uint8Array(length).fill((drawn += 1)) }
const put = (fact: object) => enclose(table, { type: 'thing.happened', ...fact } as Fact, now, entropy)

test('an event has an id of 128 bits, the time, its type and its fields', () => {
  const fact = {
    thingId: 'abc',
    reason: 'thing/closed',
    note: 'hello',
    context: { place: 'NL' },
    count: 0,
    done: false,
  }
  expect(put(fact)).toEqual({
    id: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
    time: now,
    type: 'thing.happened',
    ...fact,
  })
  expect(put({}).id).not.toBe(put({}).id)
})

test('MO-1 a field that nobody declared does not leave, nor does an inherited one', () => {
  const fact = Object.assign(Object.create({ note: 'inherited' }) as object, {
    token: 'trt_secret',
    id: 'mine',
    time: 0,
    toJSON: () => 'x',
  })
  const event = enclose(table, Object.assign(fact, { type: 'thing.happened' }) as unknown as Fact, now, entropy)
  expect(Object.keys(event).toSorted()).toEqual(['id', 'note', 'time', 'type'])
  expect([event.id === 'mine', event.time]).toEqual([false, now])
})

describe('MO-1 a field holds what its kind allows, or is left out', () => {
  test.each([
    ['thingId', 'A-z_9', 'A-z_9'],
    ['thingId', 'x'.repeat(36), 'x'.repeat(36)],
    ['thingId', 'x'.repeat(37), undefined],
    ['thingId', 'a b', undefined],
    ['thingId', '', undefined],
    ['thingId', 7, undefined],
    ['count', 1.5, 1.5],
    ['count', Number.NaN, undefined],
    ['count', Infinity, undefined],
    ['count', '1', undefined],
    ['done', true, true],
    ['done', 'true', undefined],
    ['note', 'x'.repeat(300), `${'x'.repeat(42)} `],
    ['note', { toString: () => 'trt_secret' }, undefined],
    ['reason', ['a'], undefined],
    ['context', 'text', undefined],
    ['context', null, undefined],
    ['context', { a: 'x', b: 7, c: { d: 'e' } }, { a: 'x' }],
    ['context', ['a'], { 0: 'a' }],
  ])('%s of %o', (field, given, held) => {
    const event = put({ [field]: given }) as unknown as Record<string, unknown>
    // A long run without a space has a credential's shape.
    if (field === 'note' && typeof given === 'string') return expect(event[field]).toBe(REDACTED)
    expect(event[field]).toEqual(held)
    expect(field in event).toBe(held !== undefined)
  })

  test('sixteen texts of a record at most, names and values cleaned', () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`n${at}`, 'v']))
    expect(Object.keys(put({ context: many }).context as object)).toHaveLength(16)
    const { context } = put({ context: { 'a\nb': 'c\u0000d', trt_AAAAAAAAAA: 'x', 'Bearer x': 'Bearer abc' } })
    expect(context).toEqual({ 'a\uFFFDb': 'c\uFFFDd', [REDACTED]: REDACTED })
  })

  test('a __proto__ among the texts does not become one', () => {
    const { context } = put({ context: JSON.parse('{"__proto__":"x","a":"b"}') as object })
    expect(Object.getPrototypeOf(context)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })
})

test('an event cannot be changed by one listener for the next', () => {
  const event = put({ context: { a: 'b' } })
  expect([Object.isFrozen(event), Object.isFrozen(event.context)]).toEqual([true, true])
})

test.each(['thing.unknown', 'toString', ''])('a type that the table lacks is a mistake (%s)', (type) => {
  expect(() => enclose(table, { type } as never, now, entropy)).toThrow(TypeError)
})
