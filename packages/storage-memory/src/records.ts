// The record store over a Map: one counter gives every version, so none is ever given twice.
import type { Clock, NumericDate } from '@tallystick/core'
import { secretMistake } from '@tallystick/core/options'
import type { RecordPage, RecordStore, StorageCapabilities, StoredRecord } from '@tallystick/storage'
import { ABSENT, assertIndex, assertKey, assertWrite, copyRecord } from '@tallystick/storage'
import type { EntriesPage } from './ordered-entries.ts'
import type { Cell } from './record-indexes.ts'
import { RecordIndexes } from './record-indexes.ts'
import { createSweep } from './sweep.ts'

/**
 * Builds the record store.
 *
 * No method awaits anything, so each runs to its end before another starts: that is the whole of its atomicity. Each
 * reads the clock once, so that nothing expires between its beginning and its end.
 */
export function memoryRecords(clock: Clock): RecordStore {
  const cells = new Map<string, Cell>()
  const indexes = new RecordIndexes()
  const sweep = createSweep(cells, forgetIfExpired)
  let versions = 0

  return Object.freeze({
    capabilities,

    async read(key) {
      assertKey(key)
      return liveCell(key, clock.now())?.record
    },

    async compareAndSet(key, expectedVersion, given, expiresAt) {
      const input = copyRecord(given)
      assertWrite(key, expectedVersion, input, expiresAt)
      const now = clock.now()
      const cell = liveCell(key, now)
      if ((cell?.record.version ?? ABSENT) !== expectedVersion) return { won: false, current: cell?.record }
      sweep(now)
      const version = String((versions += 1))
      const { text, subject, pending } = input
      put(cell, Object.freeze({ key, version, text, subject, pending: pending === true, expiresAt }))
      return { won: true, version }
    },

    async delete(key, expectedVersion) {
      assertKey(key)
      const now = clock.now()
      const cell = liveCell(key, now)
      if (cell === undefined || cell.record.version !== (expectedVersion ?? cell.record.version)) return false
      forget(cell)
      sweep(now)
      return true
    },

    async list(index, cursor) {
      assertIndex(index)
      const start = parseCursor(cursor)
      const now = clock.now()
      return toPage(indexes.entries(index)?.after(start, PAGE_RECORDS, ({ record }) => record.expiresAt > now))
    },
  } satisfies RecordStore)

  function liveCell(key: string, now: NumericDate): Cell | undefined {
    const cell = cells.get(key)
    return cell === undefined || forgetIfExpired(cell, now) ? undefined : cell
  }

  function put(cell: Cell | undefined, record: StoredRecord): void {
    if (cell !== undefined) return indexes.update(cell, record)
    const added: Cell = { record, subjectPlace: 0, pendingPlace: 0 }
    cells.set(record.key, added)
    indexes.enter(added)
  }

  function forgetIfExpired(cell: Cell, now: NumericDate): boolean {
    if (cell.record.expiresAt > now) return false
    forget(cell)
    return true
  }

  function forget(cell: Cell): void {
    cells.delete(cell.record.key)
    indexes.leave(cell)
  }
}

function toPage(page: EntriesPage<Cell> | undefined): RecordPage {
  const records = (page?.values ?? []).map(({ record }) => record)
  return page?.more === true ? { records, cursor: String(page.last) } : { records }
}

function parseCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  if (typeof cursor === 'string' && CURSOR.test(cursor)) return Number(cursor)
  throw secretMistake('RecordStore', 'cursor', 'must be one that list answered', cursor)
}

const capabilities: StorageCapabilities = Object.freeze({
  compareAndSet: true,
  linearizable: true,
  durable: 'memory',
  expiry: true,
  clock: false,
})

/** A place in an index, as `String` writes it. */
const CURSOR = /^[1-9]\d{0,14}$/
const PAGE_RECORDS = 100
