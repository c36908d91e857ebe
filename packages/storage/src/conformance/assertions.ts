// The few assertions that the conformance checks need, so that they run under any test runner.
import type { CompareAndSetResult, RecordInput, StoredRecord } from '../record-store.ts'

/** Fails the check: the adapter breaks the contract. */
export function fail(message: string): never {
  throw Object.assign(new Error(message), { name: BREACH })
}

/** Whether an error says that the adapter breaks the contract. */
export function isBreach(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === BREACH
}

/** Fails unless something holds. */
export function ensure(holds: boolean, message: string): asserts holds {
  if (!holds) fail(message)
}

/** Fails unless two plain values (primitives, arrays, plain objects) are the same. */
export function ensureEqual(actual: unknown, expected: unknown, what: string): void {
  const [shown, wanted] = [show(actual), show(expected)]
  if (shown !== wanted) fail(`${what}: expected ${shorten(wanted)}, got ${shorten(shown)}`)
}

/** Fails unless a record stands there with this text and these columns. */
export function ensureRecord(
  actual: StoredRecord | undefined,
  expected: RecordInput & { key: string },
  what: string,
): void {
  if (actual === undefined) return fail(`${what}: expected the record, got undefined`)
  ensureEqual(actual.key, expected.key, `${what}, key`)
  ensureEqual(actual.text, expected.text, `${what}, text`)
  ensureEqual(actual.subject ?? null, expected.subject ?? null, `${what}, subject`)
  ensureEqual(actual.pending ?? false, expected.pending ?? false, `${what}, pending`)
}

/** The version of a write that must have won. */
export function ensureWon(answer: CompareAndSetResult, what: string): string {
  if (!answer.won) return fail(`${what}: the write should have won`)
  ensure(typeof answer.version === 'string' && answer.version !== '', `${what}: a won write answers its version`)
  ensure(answer.version !== 'absent', `${what}: 'absent' is no version`)
  return answer.version
}

/** What a write that must have lost was told. */
export function ensureLost(answer: CompareAndSetResult, what: string): StoredRecord | undefined {
  return answer.won ? fail(`${what}: the write should have lost`) : answer.current
}

/** Fails unless a call answers with a promise that rejects with a TypeError or RangeError. */
export async function ensureMistake(call: () => Promise<unknown>, what: string): Promise<void> {
  let promise: Promise<unknown>
  try {
    promise = call()
  } catch {
    return fail(`${what}: threw at once instead of rejecting`)
  }
  const thrown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  ensure(thrown instanceof Error, `${what}: was not refused`)
  ensure(
    /^(?:Type|Range)Error$/.test(thrown.name),
    `${what}: a mistake is a TypeError or RangeError, not ${thrown.name}`,
  )
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined'
}

function shorten(text: string): string {
  return text.length > 160 ? `${text.slice(0, 160)}… (${text.length} characters)` : text
}

const BREACH = 'ConformanceError'
