// Listing: every record of an index, page after page, and every sign-in of a subject.
import { isTokenError, type NumericDate, type TokenError } from '@tallystick/core'
import type { RecordIndex, RecordStore, StoredRecord } from '@tallystick/storage'
import { decodeSignIn, type SignIn, signInIdOf } from './sign-in-cell.ts'

/** The records of an index. A page may be empty and still not be the last: the cursor alone says. */
export async function* recordsIn(records: RecordStore, index: RecordIndex): AsyncGenerator<StoredRecord, void> {
  let cursor: string | undefined
  do {
    const page = await records.list(index, cursor)
    yield* page.records
    cursor = page.cursor
  } while (cursor !== undefined)
}

/** A sign-in as it was listed. */
export interface ListedSignIn extends SignIn {
  readonly id: string
  /** The store's time, where it tells it. */
  readonly storeTime: NumericDate | undefined
}

/**
 * Every sign-in of a subject, and the failure of the first that cannot be read.
 *
 * One unreadable record must not keep the others from what is done to them; whoever asks throws the failure afterwards,
 * so that it is heard of.
 */
export async function signInsOf(
  records: RecordStore,
  subject: string,
): Promise<{ readonly signIns: readonly ListedSignIn[]; readonly failure: TokenError | undefined }> {
  const signIns: ListedSignIn[] = []
  let failure: TokenError | undefined
  for await (const { key, text, storeTime } of recordsIn(records, { subject })) {
    const id = signInIdOf(key)
    if (id === undefined) continue
    try {
      signIns.push({ ...decodeSignIn(text), id, storeTime })
    } catch (unreadable) {
      if (!isTokenError(unreadable)) throw unreadable
      failure ??= unreadable
    }
  }
  return { signIns, failure }
}
