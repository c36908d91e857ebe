// The search for an order that explains a history, on histories whose answer is known.
import { expect, test } from 'vitest'
import type { HistoryCall, HistoryEffect } from '../src/conformance/history.ts'
import { isLinearizable } from '../src/conformance/history.ts'

const at = (begin: number, end: number, effect: HistoryEffect): HistoryCall => ({ begin, end, ...effect })
const read = (version: string): HistoryEffect => ({ method: 'read', read: version })
const won = (expected: string, written: string): HistoryEffect => ({ method: 'won', expected, written })
const lost = (expected: string, told: string): HistoryEffect => ({ method: 'lost', expected, told })
const removed = (expected?: string): HistoryEffect => ({ method: 'delete', expected, removed: true })
const kept = (expected?: string): HistoryEffect => ({ method: 'delete', expected, removed: false })

const explained: Record<string, HistoryCall[]> = {
  'nothing happened': [],
  'one after the other': [
    at(1, 2, won('absent', 'a')),
    at(3, 4, read('a')),
    at(5, 6, won('a', 'b')),
    at(7, 8, read('b')),
  ],
  'a read during a write sees the old': [at(1, 4, won('absent', 'a')), at(2, 3, read('absent'))],
  'a read during a write sees the new': [at(1, 4, won('absent', 'a')), at(2, 3, read('a'))],
  'the later answered was the earlier': [
    at(1, 6, won('a', 'b')),
    at(2, 5, won('absent', 'a')),
    at(3, 4, lost('absent', 'a')),
  ],
  'a delete between two writes': [
    at(1, 2, won('absent', 'a')),
    at(3, 8, removed()),
    at(4, 7, won('absent', 'b')),
    at(9, 10, read('b')),
  ],
  'a delete of what is gone': [
    at(1, 2, kept()),
    at(3, 4, kept('a')),
    at(5, 6, won('absent', 'b')),
    at(7, 8, kept('a')),
  ],
}

const unexplained: Record<string, HistoryCall[]> = {
  'a stale read': [at(1, 2, won('absent', 'a')), at(3, 4, won('a', 'b')), at(5, 6, read('a'))],
  'a read of what was not yet asked for': [at(1, 2, read('a')), at(3, 4, won('absent', 'a'))],
  'two winners of one version': [at(1, 4, won('absent', 'a')), at(2, 3, won('absent', 'b'))],
  'a loser whose version stood': [at(1, 2, won('absent', 'a')), at(3, 4, lost('a', 'a'))],
  'a loser who is told what was long replaced': [
    at(1, 2, won('absent', 'a')),
    at(3, 4, won('a', 'b')),
    at(5, 6, lost('absent', 'a')),
  ],
  'a delete and a write of one version': [
    at(1, 2, won('absent', 'a')),
    at(3, 6, removed('a')),
    at(4, 5, won('a', 'b')),
  ],
  'two deletes of one record': [at(1, 2, won('absent', 'a')), at(3, 6, removed()), at(4, 5, removed())],
  'a delete that denies what stood': [at(1, 2, won('absent', 'a')), at(3, 4, kept('a'))],
  'reads that see a write come and go': [at(1, 8, won('absent', 'a')), at(2, 3, read('a')), at(4, 5, read('absent'))],
}

test.each(Object.entries(explained))('a history is explained: %s', (_, calls) => {
  expect(isLinearizable(calls)).toBe(true)
  expect(isLinearizable(calls.toReversed())).toBe(true)
})

test.each(Object.entries(unexplained))('a history is not explained: %s', (_, calls) => {
  expect(isLinearizable(calls)).toBe(false)
  expect(isLinearizable(calls.toReversed())).toBe(false)
})

test('a history of thirty calls that all overlap and cannot be explained is refused in bounded work', () => {
  const reads = Array.from({ length: 28 }, (_, index) =>
    at(2 + index, 100 + index, read(index % 2 === 0 ? 'a' : 'absent')),
  )
  expect(isLinearizable([at(1, 200, won('absent', 'a')), ...reads])).toBe(true)
  expect(isLinearizable([at(1, 200, won('absent', 'a')), ...reads, at(201, 202, read('b'))])).toBe(false)
})
