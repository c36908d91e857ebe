// Chance from a seed: the same again, evenly spread, and apart for every purpose.
import { numericDate } from '@tallystick/core'
import { describe, expect, it } from 'vitest'
import { createChance } from '../src/chance.ts'
import { createSimulatedClock } from '../src/clock.ts'

describe('seeded chance', () => {
  it('gives the same draws for the same seed, others for another', () => {
    const draw = (seed: number): readonly unknown[] => {
      const chance = createChance(seed)
      return [[...chance.bytes(8)], chance.below(1000), chance.shuffle([1, 2, 3, 4, 5]), chance.pick(['a', 'b', 'c'])]
    }
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
  })

  it('gives a fork that does not depend on what was drawn before', () => {
    const early = createChance(1).fork(5)
    const used = createChance(1)
    used.bytes(100)
    expect([...used.fork(5).bytes(16)]).toEqual([...early.bytes(16)])
    expect([...createChance(1).fork(6).bytes(16)]).not.toEqual([...createChance(1).fork(5).bytes(16)])
  })

  it('spreads evenly enough for schedules', () => {
    const chance = createChance(3)
    const counts = Array.from({ length: 10 }, () => 0)
    for (let draw = 0; draw < 10_000; draw += 1) {
      const value = chance.below(10)
      counts[value] = (counts[value] ?? 0) + 1
    }
    expect(Math.min(...counts)).toBeGreaterThan(850)
    expect(Math.max(...counts)).toBeLessThan(1150)
  })

  it('shuffles without losing or doubling anything', () => {
    const values = Array.from({ length: 50 }, (_, index) => index)
    const mixed = createChance(9).shuffle(values)
    expect(mixed).not.toEqual(values)
    expect(mixed.toSorted((left, right) => left - right)).toEqual(values)
  })

  it('has nothing to pick from an empty list', () => {
    expect(() => createChance(1).pick([])).toThrow(RangeError)
  })
})

describe('the simulated clock', () => {
  it('stands still until it is moved', () => {
    const clock = createSimulatedClock(numericDate(1000))
    expect([clock.now(), clock.now()]).toEqual([1000, 1000])
    clock.advance(5)
    expect(clock.now()).toBe(1005)
    clock.set(numericDate(10))
    clock.advance(-10)
    expect(clock.now()).toBe(0)
  })
})
