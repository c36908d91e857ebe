// The storage ports. Their executable contract: storage/conformance. Fault injection for tests: storage/faults.
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
