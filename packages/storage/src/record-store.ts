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
  /**
   * Whether expired records leave by themselves: no longer answered, and their space freed without anybody's doing.
   *
   * Housekeeping only: machines re-check time. A store that deletes late filters what it answers, or declares `false`.
   */
  readonly expiry: boolean
  /** Whether `read`, `list` and a lost `compareAndSet` tell the store's own time as `storeTime`; absent elsewhere. */
  readonly clock: boolean
}

/** A record as the caller hands it in: versioned text, and the few columns that indexes need. */
export interface RecordInput {
  /** The record itself, up to 64 KiB of UTF-8; the store never looks inside. */
  readonly text: string
  /** The subject to list it under, 1 to 512 characters, compared exactly (case, accents and spaces count). */
  readonly subject?: string | undefined
  /** Marks a record that waits for a follow-up (a revocation to announce), so that a sweep finds it. */
  readonly pending?: boolean | undefined
}

/** A record as the store answers it. */
export interface StoredRecord extends RecordInput {
  /** The key it stands under. */
  readonly key: string
  /**
   * Changes with every write of this key, also of the same text, and is never used again for it, not even after a
   * delete or an expiry. Never `'absent'`.
   */
  readonly version: string
  /** When the store may forget it, in seconds since the epoch; it is kept until then. */
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
  /** The records of this page, in the order of the listing. */
  readonly records: readonly StoredRecord[]
  /** Hand it back for the next page; absent on the last. A page may be short, even empty, and still have one. */
  readonly cursor?: string | undefined
}

/**
 * A store of small versioned records.
 *
 * Every method answers with a promise that rejects only where the store failed or the arguments break the bounds
 * (TypeError, RangeError): a lost race is a value. After a failure the effect of a write is unknown: it happened once or
 * not at all. Keys are 1 to 256 characters of `A-Za-z0-9:._-` and compared exactly; texts and subjects are well-formed
 * Unicode without U+0000 and come back as they were given, neither trimmed nor normalized.
 * A record whose `expiresAt` has passed may be answered or not; callers check time themselves. Once it was not answered
 * it never is again, and its key is free for a write on `'absent'`. Only where the store's clock is turned back may an
 * expired record that nothing replaced come back: as it was, with the version it had.
 */
export interface RecordStore {
  /** What this store promises; the same for its whole life. */
  readonly capabilities: StorageCapabilities
  /** The record under a key, or `undefined`. */
  read(key: string): Promise<StoredRecord | undefined>
  /**
   * Writes a record if the key's version is still `expectedVersion`, or if nothing stands there (`'absent'`).
   *
   * Of any number of writers that expect the same version exactly one wins. The loser is told what stands there now, so
   * that it can decide again without another read. A version that never was loses like an old one. Columns and expiry
   * are those of the new record alone; a lost write changes nothing, in no index either. Each field of the record is read
   * once: what was checked is what is stored.
   *
   * @param expiresAt - Seconds since the epoch, as `numericDate` takes them.
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
   * A record that stands in the index from the first page to the last is listed exactly once, also if it is overwritten
   * meanwhile and stays in the index; one that enters or leaves meanwhile may be listed or not. Where `linearizable`, a
   * page shows what was answered before it was asked for. What is no cursor, the empty text too, rejects with a TypeError.
   */
  list(index: RecordIndex, cursor?: string): Promise<RecordPage>
}

/** The expected version of a key under which nothing stands. */
export const ABSENT = 'absent'
