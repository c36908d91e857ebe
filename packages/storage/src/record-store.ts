// The one atomic primitive everything rests on: compare-and-set on a versioned record.
import type { NumericDate } from '@tallystick/core'

/** What an adapter promises; declared once, read by the shells and by the conformance suite. */
export interface StorageCapabilities {
  /** Whether `compareAndSet` is atomic against every other writer. Rotation is refused on a store without it. */
  readonly compareAndSet: boolean
  /** Whether a read that starts after a write was answered sees that write, from everywhere. */
  readonly linearizable: boolean
  /** What an answered write survives. */
  readonly durable: 'memory' | 'disk' | 'replicated'
  /** Whether the store removes expired records by itself (housekeeping only: machines re-check time). */
  readonly expiry: boolean
  /** Whether `read` and a lost `compareAndSet` tell the store's own time as `storeTime`. */
  readonly clock: boolean
}

/** A record as the caller hands it in: versioned text, and the few columns that indexes need. */
export interface RecordInput {
  /** The record itself; the store never looks inside. */
  readonly text: string
  /** The subject to list it under. */
  readonly subject?: string | undefined
  /** Marks a record that waits for a follow-up (a revocation to announce), so that a sweep finds it. */
  readonly pending?: boolean | undefined
}

/** A record as the store answers it. */
export interface StoredRecord extends RecordInput {
  readonly key: string
  /** Changes with every write of this key and is never used again for it, not even after a delete. */
  readonly version: string
  readonly expiresAt: NumericDate
  /** The store's time of day when it answered, where `capabilities.clock`. */
  readonly storeTime?: NumericDate | undefined
}

/** The answer of a compare-and-set: won, or lost with what stands there now (`undefined`: nothing). */
export type CompareAndSetResult =
  | { readonly won: true; readonly version: string }
  | { readonly won: false; readonly current: StoredRecord | undefined }

/** Which records to list. */
export type RecordIndex = { readonly subject: string } | { readonly pending: true }

/** One page of a listing. */
export interface RecordPage {
  readonly records: readonly StoredRecord[]
  /** Hand it back for the next page; absent on the last. */
  readonly cursor?: string | undefined
}

/**
 * A store of small versioned records.
 *
 * Every method answers with a promise that rejects only where the store failed: a lost race is a value.
 * Keys are 1 to 256 characters of `A-Za-z0-9:._-`, texts up to 64 KiB.
 * A record whose `expiresAt` has passed may be answered or not; callers check time themselves.
 */
export interface RecordStore {
  readonly capabilities: StorageCapabilities
  /** The record under a key, or `undefined`. */
  read(key: string): Promise<StoredRecord | undefined>
  /**
   * Writes a record if the key's version is still `expectedVersion`, or if nothing stands there (`'absent'`).
   *
   * The loser is told what stands there now, so that it can decide again without another read.
   */
  compareAndSet(
    key: string,
    expectedVersion: string,
    record: RecordInput,
    expiresAt: NumericDate,
  ): Promise<CompareAndSetResult>
  /**
   * Removes a record, if its version is still `expectedVersion` where one is given.
   *
   * @returns Whether a record was removed by this call.
   */
  delete(key: string, expectedVersion?: string): Promise<boolean>
  /**
   * Lists records of an index in an order that stays the same while paging.
   *
   * A record that stands in the index from the first page to the last is listed exactly once; one written or removed
   * meanwhile may be listed or not.
   */
  list(index: RecordIndex, cursor?: string): Promise<RecordPage>
}

/** The expected version of a key under which nothing stands. */
export const ABSENT = 'absent'
