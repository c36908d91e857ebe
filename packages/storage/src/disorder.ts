// Seeded disorder around a storage, for tests: scattered calls, calls that fail at random, and stale reads.
import { createDraw } from './draw.ts'
import { interceptStorage, wrapStorage } from './intercept.ts'
import type { StoredRecord } from './record-store.ts'
import type { Storage } from './storage.ts'

/**
 * Lets every call wait a random number of turns before its effect and before its answer, so that parallel callers meet in
 * another order for every seed.
 *
 * A turn is a microtask: no timer is set, and over a storage in memory the same seed gives the same order.
 *
 * @param options - `turnsMax`: the longest wait, in turns; default 8.
 */
export function scatterCalls(
  storage: Storage,
  options: { readonly seed: number; readonly turnsMax?: number | undefined },
): Storage {
  const { seed, turnsMax = 8 } = options
  const draw = createDraw(seed)
  const wait = async (): Promise<void> => {
    for (let turns = draw(turnsMax + 1); turns > 0; turns -= 1) await Promise.resolve()
  }
  return interceptStorage(storage, { before: wait, after: wait })
}

/**
 * Fails one call: before its effect, after it with the answer lost, or at once while it is under way.
 *
 * @param options - `index`: the failing call, counted from 0.
 */
export function interruptAt(
  storage: Storage,
  options: { readonly index: number; readonly when: 'before' | 'during' | 'after' },
): {
  readonly storage: Storage
  /** Whether the call was reached. */
  interrupted(): boolean
  /** Fulfilled once the call has ended. */
  settled(): Promise<void>
} {
  let isInterrupted = false
  let givenUp: Promise<unknown> = Promise.resolve()
  const wrapped = wrapStorage(storage, async ({ index }, call) => {
    if (index !== options.index) return call()
    isInterrupted = true
    if (options.when === 'after') await call()
    if (options.when === 'during') givenUp = call().catch(() => undefined)
    throw plantedFault()
  })
  return {
    storage: wrapped,
    interrupted: () => isInterrupted,
    async settled() {
      await givenUp
    },
  }
}

/** The error of a planted fault: it has the code `ECONNRESET`, as those of drivers. */
export function plantedFault(): Error {
  return Object.assign(new Error(PLANTED), { code: 'ECONNRESET' })
}

/** Whether an error is that of a planted fault. */
export function isPlantedFault(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message === PLANTED
}

/** A storage whose calls fail at random. */
export interface RandomFailures {
  /** The storage whose calls fail: hand it to what is tested. */
  readonly storage: Storage
  /** How many calls failed so far. */
  failed(): number
  /** Fulfilled once every call that was given up has ended. */
  settled(): Promise<void>
}

/**
 * Fails calls at random: before the effect, after it with the answer lost, or given up while it is under way, so that the
 * effect comes later.
 *
 * The caller cannot tell them apart: each rejects with an error that has the code `ECONNRESET`.
 *
 * @param options - `failingPercent`: how many of 100 calls fail.
 */
export function failAtRandom(
  storage: Storage,
  options: { readonly seed: number; readonly failingPercent: number },
): RandomFailures {
  const draw = createDraw(options.seed)
  const givenUp: Promise<unknown>[] = []
  let failed = 0
  const wrapped = wrapStorage(storage, async (_, call) => {
    if (draw(100) >= options.failingPercent) return call()
    failed += 1
    const fate = draw(3)
    if (fate === 1) await call()
    if (fate === 2) givenUp.push(call().catch(() => undefined))
    throw plantedFault()
  })
  return {
    storage: wrapped,
    failed: () => failed,
    async settled() {
      await Promise.all(givenUp)
    },
  }
}

/**
 * Answers reads with what stood there a few writes ago, as a replica does that lags behind; declares it too.
 *
 * Writes, and what they tell, are the storage's own.
 *
 * @param options - `lagWritesMax`: how many writes a read may lie behind; default 2.
 */
export function staleReads(
  storage: Storage,
  options: { readonly seed: number; readonly lagWritesMax?: number | undefined },
): {
  readonly storage: Storage
  /** How many reads were answered with what no longer stood there. */
  stale(): number
} {
  const { seed, lagWritesMax = 2 } = options
  const draw = createDraw(seed)
  const { records, revocations } = storage
  const states = new Map<string, (StoredRecord | undefined)[]>()
  let stale = 0
  const look = async (key: string): Promise<(StoredRecord | undefined)[]> => {
    const standing = await records.read(key)
    const seen = states.get(key) ?? [undefined]
    states.set(key, seen)
    if (seen.at(-1)?.version !== standing?.version) seen.push(standing)
    return seen
  }
  return {
    storage: {
      records: {
        capabilities: { ...records.capabilities, linearizable: false },
        async read(key) {
          const seen = await look(key)
          const lag = Math.min(draw(lagWritesMax + 1), seen.length - 1)
          if (lag > 0) stale += 1
          return seen.at(-1 - lag)
        },
        async compareAndSet(key, expectedVersion, record, expiresAt) {
          const answer = await records.compareAndSet(key, expectedVersion, record, expiresAt)
          await look(key)
          return answer
        },
        delete: (key, expectedVersion) => records.delete(key, expectedVersion),
        list: (index, cursor) => records.list(index, cursor),
      },
      revocations,
    },
    stale: () => stale,
  }
}

const PLANTED = 'a planted storage fault'
