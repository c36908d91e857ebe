// A storage whose every call a test can stand before and behind: the ground of all planted faults.
import type { RecordStore } from './record-store.ts'
import type { RevocationLog } from './revocation-log.ts'
import type { Storage } from './storage.ts'

/** One call that reached a wrapped storage. */
export interface StorageOperation {
  /** Counts the calls of this wrapper, the first is 0. */
  readonly index: number
  /** Which of the two ports was called. */
  readonly port: 'records' | 'revocations'
  /** Which of its methods. */
  readonly method: 'read' | 'compareAndSet' | 'delete' | 'list' | 'append' | 'since'
  /** Whether the call may change what is stored. */
  readonly effect: 'read' | 'write'
  /** The record's key or the entry's id, where the call names one. */
  readonly key?: string | undefined
}

/** What a test does around each call. */
export interface StorageHooks {
  /** Runs before the effect. Throwing fails the call without effect; a promise holds it back. */
  readonly before?: ((operation: StorageOperation) => void | Promise<void>) | undefined
  /** Runs after the effect. Throwing loses the answer of a call that took effect; a promise holds the answer back. */
  readonly after?: ((operation: StorageOperation, answer: unknown) => void | Promise<void>) | undefined
}

/** Runs one call, or something else in its place. */
export type Around = <Answer>(operation: StorageOperation, call: () => Promise<Answer>) => Promise<Answer>

/**
 * Wraps a storage so that a test acts before and after the effect of every call.
 *
 * @example
 * const storage = interceptStorage(memoryStorage(), {
 *   before({ method }) {
 *     if (method === 'delete') throw new Error('the connection was lost')
 *   },
 * })
 */
export function interceptStorage(storage: Storage, { before, after }: StorageHooks): Storage {
  return wrapStorage(storage, async (operation, call) => {
    await before?.(operation)
    const answer = await call()
    await after?.(operation, answer)
    return answer
  })
}

/** Wraps a storage so that `around` runs in the place of every call, and decides whether and how often it happens. */
export function wrapStorage(storage: Storage, around: Around): Storage {
  let calls = 0
  const next = (operation: Omit<StorageOperation, 'index'>): StorageOperation => ({ index: calls++, ...operation })
  const { records, revocations } = storage
  return {
    records: wrapRecords(records, next, around),
    revocations: revocations && wrapRevocations(revocations, next, around),
  }
}

type Next = (operation: Omit<StorageOperation, 'index'>) => StorageOperation

function wrapRecords(records: RecordStore, next: Next, around: Around): RecordStore {
  const port = 'records'
  return {
    capabilities: records.capabilities,
    read: (key) => around(next({ port, method: 'read', effect: 'read', key }), () => records.read(key)),
    compareAndSet: (key, expectedVersion, record, expiresAt) =>
      around(next({ port, method: 'compareAndSet', effect: 'write', key }), () =>
        records.compareAndSet(key, expectedVersion, record, expiresAt),
      ),
    delete: (key, expectedVersion) =>
      around(next({ port, method: 'delete', effect: 'write', key }), () => records.delete(key, expectedVersion)),
    list: (index, cursor) => around(next({ port, method: 'list', effect: 'read' }), () => records.list(index, cursor)),
  }
}

function wrapRevocations(revocations: RevocationLog, next: Next, around: Around): RevocationLog {
  const port = 'revocations'
  return {
    append(given) {
      // Its fields are read once, here as in an adapter.
      const entry = { ...given }
      return around(next({ port, method: 'append', effect: 'write', key: entry.id }), () => revocations.append(entry))
    },
    since: (cursor) => around(next({ port, method: 'since', effect: 'read' }), () => revocations.since(cursor)),
  }
}
