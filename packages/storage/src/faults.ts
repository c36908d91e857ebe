// Planted storage faults for tests: counted, failing, paused, resent and scattered calls, stale reads, and a failover.
import { plantedFault } from './disorder.ts'
import type { StorageOperation } from './intercept.ts'
import { interceptStorage, wrapStorage } from './intercept.ts'
import type { Storage } from './storage.ts'

export type { RandomFailures } from './disorder.ts'
export { failAtRandom, scatterCalls, staleReads } from './disorder.ts'
export type { Failover } from './failover.ts'
export { createFailover } from './failover.ts'
export type { StorageHooks, StorageOperation } from './intercept.ts'
export { interceptStorage } from './intercept.ts'

/** Records every call, so that a test can say how many there may be. */
export function countOperations(storage: Storage): {
  readonly storage: Storage
  /** The calls so far, in the order they began. */
  operations(): readonly StorageOperation[]
  /** How many calls there were so far. */
  count(): number
} {
  const seen: StorageOperation[] = []
  const counted = interceptStorage(storage, { before: (operation) => void seen.push(operation) })
  return { storage: counted, operations: () => [...seen], count: () => seen.length }
}

/** Which call fails, on which side of its effect, and with what. */
export interface FailAtOptions {
  /** The failing call, counted from 0. */
  readonly index: number
  /** `before`: nothing happened. `after`: it happened, and the answer is lost. The caller cannot tell them apart. */
  readonly when: 'before' | 'after'
  /** What the call rejects with; default: an error with code `ECONNRESET`, as drivers throw. */
  readonly error?: unknown
}

/**
 * Fails one call, before or after its effect.
 *
 * Count `index` up until `failed()` stays false, and a failure was planted at every I/O.
 */
export function failAt(
  storage: Storage,
  options: FailAtOptions,
): {
  readonly storage: Storage
  /** Whether the call was reached. */
  failed(): boolean
} {
  const error = options.error ?? plantedFault()
  let hasFailed = false
  const fail = ({ index }: StorageOperation): void => {
    if (index !== options.index) return
    hasFailed = true
    throw error
  }
  return { storage: interceptStorage(storage, { [options.when]: fail }), failed: () => hasFailed }
}

/**
 * Holds one call, before its effect or before its answer, until it is told to go on.
 *
 * @param index - The call to hold, counted from 0.
 * @param when - `before` its effect (default), or `after` it, with the answer under way.
 */
export function pauseAt(
  storage: Storage,
  index: number,
  when: 'before' | 'after' = 'before',
): {
  readonly storage: Storage
  /** Fulfilled once the call is held; race it against the caller's own promise, which may end without that call. */
  readonly paused: Promise<void>
  /** Lets the call go on. */
  readonly resume: () => void
} {
  const reached = createGate()
  const released = createGate()
  const hold = (operation: StorageOperation): void | Promise<void> => {
    if (operation.index !== index) return
    reached.open()
    return released.passed
  }
  return { storage: interceptStorage(storage, { [when]: hold }), paused: reached.passed, resume: released.open }
}

/**
 * Sends writes twice, as a driver does that retries after a time-out, and answers the second answer alone.
 *
 * A won compare-and-set is so answered as lost, with the caller's own record as the winner's.
 *
 * @param options - `every`: resend only each n-th `compareAndSet` or `append`; default 1, each.
 */
export function resendWrites(
  storage: Storage,
  options: { readonly every?: number | undefined } = {},
): {
  readonly storage: Storage
  /** How many writes were sent twice so far. */
  resent(): number
} {
  const { every = 1 } = options
  let writes = 0
  let resent = 0
  const wrapped = wrapStorage(storage, async ({ method }, call) => {
    if (method !== 'compareAndSet' && method !== 'append') return call()
    writes += 1
    if (writes % every !== 0) return call()
    resent += 1
    await call()
    return call()
  })
  return { storage: wrapped, resent: () => resent }
}

function createGate(): { readonly passed: Promise<void>; readonly open: () => void } {
  const opened: (() => void)[] = []
  const passed = new Promise<void>((resolve) => void opened.push(resolve))
  return { passed, open: () => opened[0]?.() }
}
