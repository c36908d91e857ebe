// Listing: every record of an index, page after page.
import type { RecordIndex, RecordStore, StoredRecord } from '@tallystick/storage'

/** The records of an index. A page may be empty and still not be the last: the cursor alone says. */
export async function* recordsIn(records: RecordStore, index: RecordIndex): AsyncGenerator<StoredRecord, void> {
  let cursor: string | undefined
  do {
    const page = await records.list(index, cursor)
    yield* page.records
    cursor = page.cursor
  } while (cursor !== undefined)
}
