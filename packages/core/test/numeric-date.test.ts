// NumericDate: whole seconds in a range that milliseconds fall out of.
import { expect, test } from 'vitest'
import { numericDate, plusSeconds } from '../src/index.ts'

test.each([0, 1, 1_790_000_000, 100_000_000_000])('%s is a point in time', (seconds) => {
  expect(numericDate(seconds)).toBe(seconds)
})

test.each([-1, 0.5, Number.NaN, Infinity, -Infinity, 100_000_000_001, 1_790_000_000_000, 2 ** 53])(
  '%s is none',
  (seconds) => {
    expect(() => numericDate(seconds)).toThrow(RangeError)
    expect(() => numericDate(seconds)).toThrow(
      `NumericDate must be whole seconds from 0 to 100000000000 (given ${seconds})`,
    )
  },
)

test.each(['5', null, undefined, {}, [], 5n, true])('what is no number is none (%s)', (given) => {
  expect(() => numericDate(given as never)).toThrow(RangeError)
})

test('seconds are added and taken away, within the range', () => {
  const start = numericDate(100)
  expect([plusSeconds(start, 5), plusSeconds(start, -100), plusSeconds(start, 0)]).toEqual([105, 0, 100])
  for (const seconds of [-101, 0.5, 1e12, Number.NaN]) expect(() => plusSeconds(start, seconds)).toThrow(RangeError)
})
