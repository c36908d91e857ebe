// Records and the revocation log in memory, for tests, demos and single processes.
export type { MemoryStorageOptions } from './memory-storage.ts'
export { memoryStorage } from './memory-storage.ts'
