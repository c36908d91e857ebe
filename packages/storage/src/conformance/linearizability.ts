// Checks of the record store: what parallel clients were answered can be told as one call after the other.
import { failAtRandom, scatterCalls } from '../disorder.ts'
import type { RecordStore } from '../record-store.ts'
import { ensure } from './assertions.ts'
import type { Check, RecordsUnderTest } from './check.ts'
import { range } from './check.ts'
import type { HistoryCall } from './history.ts'
import { isExplained, markOf } from './history.ts'
import { recordHistory } from './recorder.ts'

/** Recorded histories. */
export const linearizabilityChecks: readonly Check<RecordsUnderTest>[] = [
  {
    name: 'the histories of five parallel clients can be told one call after the other',
    async run({ records, later }) {
      const reached = new Set<string>()
      for (const seed of range(HISTORIES)) {
        const scattered = scatterCalls({ records }, { seed }).records
        const calls = await recordHistory({ records: scattered, later, key: `history:${seed}`, seed })
        ensureExplained(calls, records, seed)
        for (const { action } of calls) reached.add(action.method)
      }
      for (const method of ['read', 'won', 'lost', 'delete']) ensure(reached.has(method), `a history has a ${method}`)
    },
  },
  {
    name: 'a call that nobody was answered for took effect once, some time since, or never',
    async run({ records, later }) {
      const unanswered = new Set<string>()
      for (const seed of range(HISTORIES)) {
        const failing = failAtRandom(scatterCalls({ records }, { seed }), { seed, failingPercent: FAILING_PERCENT })
        const calls = await recordHistory({ records: failing.storage.records, later, key: `lossy:${seed}`, seed })
        await failing.settled()
        const read = markOf(await records.read(`lossy:${seed}`))
        ensureExplained(
          [...calls, { begin: AFTERWARDS, end: AFTERWARDS + 1, action: { method: 'read', read } }],
          records,
          seed,
        )
        for (const { action, end: answered } of calls) if (answered === undefined) unanswered.add(action.method)
      }
      for (const method of ['write', 'delete']) ensure(unanswered.has(method), `a ${method} was not answered`)
    },
  },
]

/** Where reads may be stale, the writes alone must have an order. */
function ensureExplained(calls: readonly HistoryCall[], { capabilities }: RecordStore, seed: number): void {
  const held = capabilities.linearizable ? calls : calls.filter(({ action }) => action.method !== 'read')
  ensure(isExplained(held), `history ${seed} has no order that explains it: ${JSON.stringify(held)}`)
}

const HISTORIES = 40
/** Later than any event of a history. */
const AFTERWARDS = 1000
const FAILING_PERCENT = 20
