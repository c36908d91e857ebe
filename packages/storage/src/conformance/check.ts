// What a check of the storage contract is, and the store it is run on.
import type { NumericDate } from '@tallystick/core'
import { numericDate, plusSeconds } from '@tallystick/core'
import type { RecordIndex, RecordStore, StoredRecord } from '../record-store.ts'
import type { RevocationEntry, RevocationLog } from '../revocation-log.ts'
import type { Storage } from '../storage.ts'
import { ensure, fail } from './assertions.ts'

/** The time that an adapter goes by, where a test can move it. */
export interface ConformanceClock {
  /** The time that the adapter goes by. */
  now(): NumericDate
  /** Moves the time by whole seconds; negative ones turn it back, where it can be: `now` tells. */
  advance(seconds: number): void | Promise<void>
}

/** A store to check: empty, and nobody else's. */
export interface StoreUnderTest {
  /** What is checked; without `revocations`, only the record store is. */
  readonly storage: Storage
  /** Without one, the checks of expiry see only what needs no time to pass. */
  readonly clock?: ConformanceClock | undefined
  /** Ends it: connections, files, tables. */
  close?(): void | Promise<void>
}

/** One sentence of the contract, and how to see it broken. */
export interface Check<Subject> {
  readonly name: string
  /** Rejects where the sentence does not hold. */
  run(subject: Subject): Promise<void>
}

/** What a check of the record store works with. */
export interface RecordsUnderTest {
  readonly records: RecordStore
  readonly clock: ConformanceClock | undefined
  /** When the records of a check expire that is not about expiry: an hour ahead, or in the year 2100. */
  readonly later: NumericDate
}

/** What a check of the revocation log works with. */
export interface RevocationsUnderTest {
  readonly log: RevocationLog
  readonly clock: ConformanceClock | undefined
  readonly later: NumericDate
}

/** When the records and entries of a check expire that is not about expiry. */
export function laterThan(clock: ConformanceClock | undefined): NumericDate {
  return clock === undefined ? YEAR_2100 : plusSeconds(clock.now(), 3600)
}

/** Every record of an index, page by page; `between` runs after each page but the last. */
export async function listAll(
  records: RecordStore,
  index: RecordIndex,
  between: (page: number) => Promise<void> = () => Promise.resolve(),
): Promise<StoredRecord[]> {
  const listed: StoredRecord[] = []
  let cursor: string | undefined
  for (let pages = 1; pages <= PAGES_MAX; pages += 1) {
    const page = await records.list(index, cursor)
    listed.push(...page.records)
    if (page.cursor === undefined) return listed
    ensure(page.cursor !== cursor, 'a page answers a new cursor')
    cursor = page.cursor
    await between(pages)
  }
  return fail(`a listing ends (it did not within ${PAGES_MAX} pages)`)
}

/** Every entry of a log after a cursor, and where it ends. */
export async function followAll(
  log: RevocationLog,
  start?: string,
): Promise<{ readonly entries: RevocationEntry[]; readonly cursor: string }> {
  const entries: RevocationEntry[] = []
  let cursor = start
  for (let pages = 1; pages <= PAGES_MAX; pages += 1) {
    const page = await log.since(cursor)
    entries.push(...page.entries)
    cursor = page.cursor
    ensure(typeof cursor === 'string' && cursor !== '', 'a page answers its cursor')
    if (!page.more) return { entries, cursor }
  }
  return fail(`a log ends (it did not within ${PAGES_MAX} pages)`)
}

/** Numbers from 0, to build many of something. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

const YEAR_2100 = numericDate(4_102_444_800)
const PAGES_MAX = 2000
