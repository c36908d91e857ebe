// Records and the revocation log in one SQLite file.
export type { SqliteDatabase, SqliteStatement, SqliteValue } from './connection.ts'
export type { SqliteStorage, SqliteStorageOptions } from './sqlite-storage.ts'
export { sqliteStorage } from './sqlite-storage.ts'
