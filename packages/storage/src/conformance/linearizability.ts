// Checks of the record store: what parallel clients were answered can be told as one call after the other.
import type { RecordStore, StoredRecord } from '../record-store.ts'
import { ABSENT } from '../record-store.ts'
import { ensure, ensureEqual } from './assertions.ts'
import type { Check, RecordsUnderTest } from './check.ts'
import { range } from './check.ts'
import type { HistoryCall, HistoryEffect } from './history.ts'
import { effectOfWrite, isLinearizable, versionOf } from './history.ts'

/** Recorded histories. */
export const linearizabilityChecks: readonly Check<RecordsUnderTest>[] = [
  {
    name: 'the histories of five parallel clients can be told one call after the other',
    async run(store) {
      if (!store.records.capabilities.linearizable) return
      const reached = new Map<string, number>()
      for (const seed of range(HISTORIES)) {
        const calls = await recordHistory(store, `history:${seed}`, seed)
        for (const { method } of calls) reached.set(method, (reached.get(method) ?? 0) + 1)
        ensure(isLinearizable(calls), `history ${seed} has no order that explains it: ${JSON.stringify(calls)}`)
      }
      for (const method of ['read', 'won', 'lost', 'delete']) ensure(reached.has(method), `a history has a ${method}`)
    },
  },
]

/** Lets the clients loose on one key, and records what each asked and was answered. */
async function recordHistory(
  { records, later }: RecordsUnderTest,
  key: string,
  seed: number,
): Promise<readonly HistoryCall[]> {
  const calls: HistoryCall[] = []
  const texts = new Map<string, string>()
  let events = 0
  const client = async (number: number): Promise<void> => {
    const draw = createDraw(seed * CLIENTS + number + 1)
    let known = ABSENT
    const see = (record: StoredRecord | undefined): void => {
      known = versionOf(record)
      if (record !== undefined) ensureEqual(record.text, texts.get(record.version) ?? record.text, 'text of a version')
    }
    for (const round of range(CALLS_PER_CLIENT)) {
      const begin = (events += 1)
      const effect = await call(draw(8), `${number}:${round}`)
      calls.push({ begin, end: (events += 1), ...effect })
    }

    async function call(choice: number, text: string): Promise<HistoryEffect> {
      if (choice < 2) {
        const record = await records.read(key)
        see(record)
        return { method: 'read', read: known }
      }
      if (choice === 2) return remove(records, key, draw(3) === 0 ? undefined : known)
      const expected = known
      const answer = await records.compareAndSet(key, expected, { text }, later)
      if (answer.won) texts.set((known = answer.version), text)
      else see(answer.current)
      return effectOfWrite(expected, answer)
    }
  }
  await Promise.all(range(CLIENTS).map(client))
  return calls
}

async function remove(records: RecordStore, key: string, expected: string | undefined): Promise<HistoryEffect> {
  return { method: 'delete', expected, removed: await records.delete(key, expected) }
}

/** Numbers from 0 below a bound, the same for the same seed, so that a failing history comes again. */
function createDraw(seed: number): (bound: number) => number {
  let state = seed >>> 0
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

const CLIENTS = 5
const CALLS_PER_CLIENT = 8
const HISTORIES = 40
