// The storage ports over a SQLite database: one file, any number of processes on one machine.
import type { Clock, Entropy } from '@tallystick/core'
import { mistake } from '@tallystick/core/options'
import { systemClock, systemEntropy } from '@tallystick/core/system'
import type { RevocationLog, Storage } from '@tallystick/storage'
import { strictClock } from '@tallystick/storage'
import type { SqliteDatabase } from './connection.ts'
import { createConnection } from './connection.ts'
import { sqliteRecords } from './records.ts'
import { sqliteRevocations } from './revocations.ts'
import { migrateSchema } from './schema.ts'

/** What {@link sqliteStorage} may be told. */
export interface SqliteStorageOptions {
  /**
   * Says when a record may be forgotten; default: the platform's clock.
   *
   * Hand in the server's own clock where that is not the platform's, or records vanish by another time than they were
   * written by.
   */
  readonly clock?: Clock | undefined
  /** Draws versions and the marks of cursors; default: the platform's generator. */
  readonly entropy?: Entropy | undefined
  /** What the names of tables and indexes begin with: 1 to 32 of `a-z0-9_`; default `tallystick_`. */
  readonly tablePrefix?: string | undefined
  /** How long a call waits, and holds up its process, for another process's write: 0 to 60000; default 5000. */
  readonly busyTimeoutMilliseconds?: number | undefined
  /**
   * Answers a write before it is on the disk (`synchronous = NORMAL`).
   *
   * A power failure may then take back revocations and rotations that were answered; a crash of the process does not.
   *
   * @deprecated Dangerous: a stolen token that was revoked works again after a power failure.
   */
  readonly allowLossOnPowerFailure?: boolean | undefined
}

/** A {@link Storage} in a SQLite database. */
export interface SqliteStorage extends Storage {
  /** The revocation log, in the same database. */
  readonly revocations: RevocationLog
  /**
   * Brings connection and schema to what this release needs; every other method rejects until it was answered.
   *
   * Call it at each start of a process, and after the connection was closed and opened again. It is idempotent and safe while other processes work on the file. It sets WAL,
   * `synchronous` and `busy_timeout`, creates or upgrades the tables, and begins a new epoch of the revocation log, so
   * that followers notice where the file was restored from a backup.
   *
   * @throws RangeError or TypeError where a newer release wrote the schema, where tables of these names are somebody
   * else's, or where the database cannot use WAL. The tables are left as they are then.
   */
  migrate(): Promise<void>
}

/**
 * Stores records and revocations in a SQLite database, through the caller's own client.
 *
 * Linearizable over all processes that share the file, because each write is a transaction of its own that holds
 * SQLite's write lock. An answered write is on the disk. Give it a connection that nothing else uses: a write while
 * another transaction is open on the connection rejects, for it could still be rolled back.
 *
 * @param database - An open `DatabaseSync` of `node:sqlite` or `Database` of `better-sqlite3`; closing it is the caller's.
 * @throws TypeError or RangeError where an option is not allowed, or `database` is neither.
 * @example
 * import { DatabaseSync } from 'node:sqlite'
 *
 * const storage = sqliteStorage(new DatabaseSync(':memory:'))
 * await storage.migrate()
 * await storage.records.compareAndSet('greeting', 'absent', { text: 'hello' }, numericDate(4_102_444_800))
 */
export function sqliteStorage(database: SqliteDatabase, options: SqliteStorageOptions = {}): SqliteStorage {
  if (typeof database?.prepare !== 'function' || typeof database.exec !== 'function') {
    throw wrong('database', "must be node:sqlite's DatabaseSync or better-sqlite3's Database", database)
  }
  const { clock, entropy, tablePrefix, busyTimeoutMilliseconds, allowLossOnPowerFailure } = resolveOptions(options)
  const connection = createConnection(database)
  const ground = { connection, clock: strictClock(clock), entropy, tablePrefix }
  return Object.freeze({
    records: sqliteRecords(ground, connection.isFile && !allowLossOnPowerFailure ? 'disk' : 'memory'),
    revocations: sqliteRevocations(ground),
    async migrate() {
      const synchronous = allowLossOnPowerFailure ? 'NORMAL' : 'FULL'
      connection.migrate(() => migrateSchema(ground, { busyTimeoutMilliseconds, synchronous }))
    },
  } satisfies SqliteStorage)
}

type ResolvedOptions = { readonly [Name in keyof SqliteStorageOptions]-?: NonNullable<SqliteStorageOptions[Name]> }

function resolveOptions(options: SqliteStorageOptions): ResolvedOptions {
  const { clock = systemClock, entropy = systemEntropy, tablePrefix = 'tallystick_' } = options
  const { busyTimeoutMilliseconds = 5000, allowLossOnPowerFailure = false } = options
  if (typeof clock?.now !== 'function') throw wrong('clock', 'must be a Clock', clock)
  if (typeof entropy?.bytes !== 'function') throw wrong('entropy', 'must be an Entropy', entropy)
  if (typeof tablePrefix !== 'string' || !TABLE_PREFIX.test(tablePrefix)) {
    throw wrong('tablePrefix', 'must be 1 to 32 of a-z0-9_, beginning with neither a digit nor sqlite_', tablePrefix)
  }
  if (!Number.isInteger(busyTimeoutMilliseconds) || busyTimeoutMilliseconds < 0 || busyTimeoutMilliseconds > 60_000) {
    throw wrong('busyTimeoutMilliseconds', 'must be 0 to 60000', busyTimeoutMilliseconds)
  }
  if (typeof allowLossOnPowerFailure !== 'boolean') {
    throw wrong('allowLossOnPowerFailure', 'must be a boolean', allowLossOnPowerFailure)
  }
  return { clock, entropy, tablePrefix, busyTimeoutMilliseconds, allowLossOnPowerFailure }
}

function wrong(field: string, allowed: string, given: unknown): TypeError | RangeError {
  return mistake('sqliteStorage', field, allowed, given)
}

/** In one case only: SQLite takes names that differ in case for one, and compares texts, names of tables too, exactly. */
const TABLE_PREFIX = /^(?!sqlite_)[a-z_][a-z0-9_]{0,31}$/
