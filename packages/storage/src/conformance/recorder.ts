// Lets parallel clients loose on one key, and records what each asked and was answered.
import { isPlantedFault } from '../disorder.ts'
import type { Draw } from '../draw.ts'
import { createDraw } from '../draw.ts'
import type { StoredRecord } from '../record-store.ts'
import { ABSENT } from '../record-store.ts'
import { ensureEqual } from './assertions.ts'
import type { RecordsUnderTest } from './check.ts'
import { range } from './check.ts'
import type { HistoryCall, HistoryEffect } from './history.ts'
import { effectOfWrite, markOf } from './history.ts'

/** Where the clients meet: a store, and a key of it under which nothing stands. */
export interface Meeting extends Pick<RecordsUnderTest, 'records' | 'later'> {
  readonly key: string
  readonly seed: number
}

/** The history of five clients, eight calls each. A call with a planted fault is one that nobody was answered for. */
export async function recordHistory(meeting: Meeting): Promise<readonly HistoryCall[]> {
  const calls: HistoryCall[] = []
  const texts = new Map<string, string>()
  let events = 0
  const client = async (number: number): Promise<void> => {
    const draw = createDraw(meeting.seed * CLIENTS + number)
    let known: StoredRecord | undefined
    for (const round of range(CALLS_PER_CLIENT)) {
      const { ask, unanswered } = drawCall(meeting, draw, known, `${number}:${round}`)
      const begin = (events += 1)
      try {
        const { effect, seen } = await ask()
        calls.push({ begin, end: (events += 1), action: effect })
        known = seen
        if (seen !== undefined) ensureEqual(seen.text, texts.get(seen.version) ?? seen.text, 'the text of a version')
        if (seen !== undefined) texts.set(seen.version, seen.text)
      } catch (thrown) {
        if (!isPlantedFault(thrown)) throw thrown
        if (unanswered !== undefined) calls.push({ begin, action: unanswered })
      }
    }
  }
  await Promise.all(range(CLIENTS).map(client))
  return calls
}

/** A call that a client is about to make. */
interface OpenCall {
  readonly ask: () => Promise<{ readonly effect: HistoryEffect; readonly seen: StoredRecord | undefined }>
  /** What stands in the history where it fails; absent where it has no effect. */
  readonly unanswered?: HistoryEffect | undefined
}

function drawCall(meeting: Meeting, draw: Draw, known: StoredRecord | undefined, text: string): OpenCall {
  const choice = draw(8)
  if (choice < 2) return callRead(meeting)
  if (choice === 2) return callDelete(meeting, known, draw(3) === 0)
  return callWrite(meeting, known, text)
}

function callRead({ records, key }: Meeting): OpenCall {
  return {
    async ask() {
      const seen = await records.read(key)
      return { effect: { method: 'read', read: markOf(seen) }, seen }
    },
  }
}

function callDelete({ records, key }: Meeting, known: StoredRecord | undefined, isBlind: boolean): OpenCall {
  const expected = isBlind ? undefined : markOf(known)
  return {
    async ask() {
      const removed = await records.delete(key, isBlind ? undefined : (known?.version ?? ABSENT))
      return { effect: { method: 'delete', expected, removed }, seen: removed ? undefined : known }
    },
    unanswered: { method: 'delete', expected },
  }
}

function callWrite({ records, key, later }: Meeting, known: StoredRecord | undefined, text: string): OpenCall {
  const expected = markOf(known)
  return {
    async ask() {
      const answer = await records.compareAndSet(key, known?.version ?? ABSENT, { text }, later)
      const seen = answer.won ? { key, text, version: answer.version, expiresAt: later } : answer.current
      return { effect: effectOfWrite(expected, text, answer), seen }
    },
    unanswered: { method: 'write', expected, written: text },
  }
}

const CLIENTS = 5
const CALLS_PER_CLIENT = 8
