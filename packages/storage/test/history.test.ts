// The search for an order that explains a history, on histories whose answer is known.
import { expect, test } from 'vitest'
import type { HistoryCall, HistoryEffect } from '../src/conformance/history.ts'
import { isExplained } from '../src/conformance/history.ts'

const at = (begin: number, end: number, effect: HistoryEffect): HistoryCall => ({ begin, end, action: effect })
const unanswered = (begin: number, effect: HistoryEffect): HistoryCall => ({ begin, action: effect })
const read = (version: string): HistoryEffect => ({ method: 'read', read: version })
const won = (expected: string, written: string): HistoryEffect => ({ method: 'won', expected, written })
const write = (expected: string, written: string): HistoryEffect => ({ method: 'write', expected, written })
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
  'an unanswered write that took effect': [unanswered(1, write('absent', 'a')), at(2, 3, read('a'))],
  'an unanswered write that took effect late': [
    unanswered(1, write('absent', 'a')),
    at(2, 3, read('absent')),
    at(4, 5, read('a')),
  ],
  'an unanswered write that never took effect': [unanswered(1, write('absent', 'a')), at(2, 3, won('absent', 'b'))],
  'an unanswered write that is seen only by who lost to it': [
    at(1, 2, won('absent', 'a')),
    unanswered(3, write('a', 'b')),
    at(4, 5, lost('a', 'b')),
  ],
  'an unanswered delete that took effect late': [
    at(1, 2, won('absent', 'a')),
    unanswered(3, { method: 'delete', expected: undefined }),
    at(4, 5, read('a')),
    at(6, 7, won('absent', 'b')),
  ],
  'unanswered writes alone': [unanswered(1, write('absent', 'a')), unanswered(2, write('b', 'c'))],
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
  'an unanswered write that took effect before it was asked for': [
    at(1, 2, read('a')),
    unanswered(3, write('absent', 'a')),
  ],
  'an unanswered write that took effect twice': [
    unanswered(1, write('absent', 'a')),
    at(2, 3, won('a', 'b')),
    at(4, 5, removed('b')),
    at(6, 7, read('a')),
  ],
  'an unanswered write that wins where its version does not stand': [
    at(1, 2, won('absent', 'a')),
    unanswered(3, write('absent', 'b')),
    at(4, 5, read('b')),
  ],
  'an unanswered delete of another version': [
    at(1, 2, won('absent', 'a')),
    unanswered(3, { method: 'delete', expected: 'z' }),
    at(4, 5, read('absent')),
  ],
  'reads that see a write come and go': [at(1, 8, won('absent', 'a')), at(2, 3, read('a')), at(4, 5, read('absent'))],
}

test.each(Object.entries(explained))('a history is explained: %s', (_, calls) => {
  expect(isExplained(calls)).toBe(true)
  expect(isExplained(calls.toReversed())).toBe(true)
})

test.each(Object.entries(unexplained))('a history is not explained: %s', (_, calls) => {
  expect(isExplained(calls)).toBe(false)
  expect(isExplained(calls.toReversed())).toBe(false)
})

test('a history of thirty calls that all overlap and cannot be explained is refused in bounded work', () => {
  const reads = Array.from({ length: 28 }, (_, index) =>
    at(2 + index, 100 + index, read(index % 2 === 0 ? 'a' : 'absent')),
  )
  expect(isExplained([at(1, 200, won('absent', 'a')), ...reads])).toBe(true)
  expect(isExplained([at(1, 200, won('absent', 'a')), ...reads, at(201, 202, read('b'))])).toBe(false)
})
