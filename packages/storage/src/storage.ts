// What a server is handed to store in.
import type { RecordStore } from './record-store.ts'
import type { RevocationLog } from './revocation-log.ts'

/** The caller's store: records, and the revocation log where there is one. */
export interface Storage {
  /** Everything that lives. */
  readonly records: RecordStore
  /** What must be known to be dead; without it, a restored backup can revive what was revoked. */
  readonly revocations?: RevocationLog | undefined
}
