// What a server is handed to store in.
import type { RecordStore } from './record-store.ts'
import type { RevocationLog } from './revocation-log.ts'

/** The caller's store: records, and the revocation log where there is one. */
export interface Storage {
  readonly records: RecordStore
  readonly revocations?: RevocationLog | undefined
}
