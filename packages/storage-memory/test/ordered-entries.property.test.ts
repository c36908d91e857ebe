// Ordered entries against a plain list, over random histories.
import { expect, test } from 'vitest'
import { OrderedEntries } from '../src/ordered-entries.ts'

test('what comes, leaves and is read on equals a plain list', () => {
  const reached = { appended: 0, removed: 0, gone: 0, page: 0, full: 0, end: 0, closedUp: 0 }
  let state = 1
  const draw = (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
  for (let run = 0; run < 60; run += 1) {
    const entries = new OrderedEntries<number>()
    let plain: number[] = []
    let sequence = 0
    for (let step = 0; step < 400; step += 1) {
      const choice = draw(10)
      if (choice < 4 + (run % 3)) {
        entries.append((sequence += 1 + draw(3)), sequence)
        plain.push(sequence)
        reached.appended += 1
      } else if (choice < 9) {
        const goes = draw(sequence + 2)
        reached[plain.includes(goes) ? 'removed' : 'gone'] += 1
        if (plain.includes(goes) && plain.length < sequence / 4) reached.closedUp += 1
        entries.remove(goes)
        plain = plain.filter((value) => value !== goes)
      } else {
        const after = draw(sequence + 2)
        const isWanted = (value: number): boolean => value % 5 !== 0
        const expected = plain.filter((value) => value > after && isWanted(value))
        const page = entries.after(after, 7, isWanted)
        expect(page.values).toEqual(expected.slice(0, 7))
        expect(page.last).toBe(page.values.at(-1) ?? after)
        if (expected.length > 7) expect(page.more).toBe(true)
        if (page.values.length < 7) expect(page.more).toBe(false)
        reached.page += 1
        reached[page.more ? 'full' : 'end'] += 1
      }
      expect(entries.size).toBe(plain.length)
    }
  }
  for (const [outcome, count] of Object.entries(reached)) expect(count, outcome).toBeGreaterThan(0)
})
