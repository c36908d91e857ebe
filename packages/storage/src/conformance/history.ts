// Recorded histories of one key, and the search for an order that explains them (Wing and Gong, with memo).
import type { CompareAndSetResult, StoredRecord } from '../record-store.ts'
import { ABSENT } from '../record-store.ts'

/** One call of a history; begin and end count every event of the history. */
export type HistoryCall = {
  readonly begin: number
  readonly end: number
} & HistoryEffect

/** What was asked and what was answered. Versions stand for records: each is written once. */
export type HistoryEffect =
  | { readonly method: 'read'; readonly read: string }
  | { readonly method: 'won'; readonly expected: string; readonly written: string }
  | { readonly method: 'lost'; readonly expected: string; readonly told: string }
  | { readonly method: 'delete'; readonly expected: string | undefined; readonly removed: boolean }

/** The effect of an answered compare-and-set. */
export function effectOfWrite(expected: string, answer: CompareAndSetResult): HistoryEffect {
  if (answer.won) return { method: 'won', expected, written: answer.version }
  return { method: 'lost', expected, told: versionOf(answer.current) }
}

/** The version that stands, or `'absent'`. */
export function versionOf(record: StoredRecord | undefined): string {
  return record?.version ?? ABSENT
}

/**
 * Says whether some order of the calls, each between its begin and its end, gives exactly the answers they got.
 *
 * @param calls - All calls on one key, at most 1000, that begins with nothing under it.
 */
export function isLinearizable(calls: readonly HistoryCall[]): boolean {
  const dead = new Set<string>()
  return search(
    calls.map((_, index) => index),
    ABSENT,
  )

  function search(open: readonly number[], state: string): boolean {
    if (open.length === 0) return true
    const memo = `${state} ${open.join()}`
    if (dead.has(memo)) return false
    const firstEnd = Math.min(...open.map((index) => calls[index]?.end ?? Infinity))
    for (const index of open) {
      const call = calls[index]
      // Only a call that began before every open one ended can be the next.
      if (call === undefined || call.begin > firstEnd) continue
      const next = step(state, call)
      if (next === undefined) continue
      const rest = open.filter((other) => other !== index)
      if (search(rest, next)) return true
      // A call that changes nothing may as well be next: no order is lost by trying no other in its place.
      if (next === state) break
    }
    dead.add(memo)
    return false
  }
}

/** The sequential specification of one key: the version after the call, or `undefined` where it cannot be answered so. */
function step(state: string, call: HistoryEffect): string | undefined {
  switch (call.method) {
    case 'read':
      return call.read === state ? state : undefined
    case 'won':
      return call.expected === state ? call.written : undefined
    case 'lost':
      return call.expected !== state && call.told === state ? state : undefined
    case 'delete':
      return stepDelete(state, call.expected ?? state, call.removed)
  }
  return call satisfies never
}

function stepDelete(state: string, expected: string, removed: boolean): string | undefined {
  const removes = state !== ABSENT && expected === state
  if (removes !== removed) return undefined
  return removes ? ABSENT : state
}
