// The sequential specification of one key, and recorded histories that are held against it.
import type { RecordedCall, SequentialSpecification } from '../linearizability.ts'
import { isLinearizable } from '../linearizability.ts'
import type { CompareAndSetResult, StoredRecord } from '../record-store.ts'
import { ABSENT } from '../record-store.ts'

/** One call of a history of one key. */
export type HistoryCall = RecordedCall<HistoryEffect>

/** What was asked and what was answered. Records stand here by their texts: each text is written by one call. */
export type HistoryEffect =
  | { readonly method: 'read'; readonly read: string }
  | { readonly method: 'won'; readonly expected: string; readonly written: string }
  | { readonly method: 'lost'; readonly expected: string; readonly told: string }
  /** A write that nobody was answered for. */
  | { readonly method: 'write'; readonly expected: string; readonly written: string }
  /** Without `removed` where nobody was answered. */
  | { readonly method: 'delete'; readonly expected: string | undefined; readonly removed?: boolean | undefined }

/** The effect of an answered compare-and-set. */
export function effectOfWrite(expected: string, written: string, answer: CompareAndSetResult): HistoryEffect {
  return answer.won ? { method: 'won', expected, written } : { method: 'lost', expected, told: markOf(answer.current) }
}

/** What stands for a record in a history: its text, or `'absent'`. */
export function markOf(record: StoredRecord | undefined): string {
  return record?.text ?? ABSENT
}

/**
 * Says whether the answers of a history could have been given one call after the other.
 *
 * @param calls - All calls on one key, at most 1000, that begins with nothing under it.
 */
export function isExplained(calls: readonly HistoryCall[]): boolean {
  return isLinearizable(oneKey, calls)
}

/** One key: the state is the text that stands there, or `'absent'`. */
const oneKey: SequentialSpecification<string, HistoryEffect> = {
  start: ABSENT,
  keyOf: (state) => state,
  step(state, call) {
    switch (call.method) {
      case 'read':
        return call.read === state ? state : undefined
      case 'won':
      case 'write':
        return call.expected === state ? call.written : undefined
      case 'lost':
        return call.expected !== state && call.told === state ? state : undefined
      case 'delete':
        return stepDelete(state, call.expected ?? state, call.removed)
    }
    return call satisfies never
  },
}

function stepDelete(state: string, expected: string, removed: boolean | undefined): string | undefined {
  const removes = state !== ABSENT && expected === state
  if (removes !== (removed ?? true)) return undefined
  return removes ? ABSENT : state
}
