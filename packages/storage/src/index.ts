// The storage ports. Their executable contract: storage/conformance. Fault injection for tests: storage/faults.
export { assertEntry, assertIndex, assertKey, assertWrite } from './bounds.ts'
export { copyEntry, copyRecord } from './copies.ts'
export { KEY_LENGTH_MAX, REVOCATION_ID_LENGTH_MAX, SUBJECT_LENGTH_MAX, TEXT_BYTES_MAX } from './limits.ts'
export type {
  CompareAndSetResult,
  RecordIndex,
  RecordInput,
  RecordPage,
  RecordStore,
  StorageCapabilities,
  StoredRecord,
} from './record-store.ts'
export { ABSENT } from './record-store.ts'
export type { RevocationEntry, RevocationLog, RevocationPage, RevocationTarget } from './revocation-log.ts'
export type { Storage } from './storage.ts'
export { strictClock } from './strict-clock.ts'
