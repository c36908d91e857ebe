// The tables, their upgrades, and the settings of a connection.
import { encodeBase64url } from '@tallystick/core/base64url'
import { mistake } from '@tallystick/core/options'
import type { Row, SqliteDatabase, SqliteGround } from './connection.ts'
import { inWriteTransaction } from './connection.ts'

/** How a connection is set. */
export interface ConnectionSettings {
  readonly busyTimeoutMilliseconds: number
  readonly synchronous: 'FULL' | 'NORMAL'
}

/**
 * Sets the connection, creates or upgrades the tables in one transaction, and begins an epoch of the revocation log.
 *
 * @throws RangeError or TypeError where a newer release or somebody else made the tables, or WAL cannot be used.
 */
export function migrateSchema(
  { connection, entropy, tablePrefix: prefix }: SqliteGround,
  { busyTimeoutMilliseconds, synchronous }: ConnectionSettings,
): void {
  const { database, isFile } = connection
  database.exec(`PRAGMA busy_timeout = ${busyTimeoutMilliseconds}`)
  if (isFile) enterWal(database)
  // Drivers differ in their default, and some set another one once WAL is on.
  database.exec(`PRAGMA synchronous = ${synchronous}`)
  inWriteTransaction(database, () => {
    for (const upgrade of upgrades.slice(readVersion(database, prefix))) database.exec(upgrade(prefix))
    database.exec(`DELETE FROM main.${prefix}schema; INSERT INTO main.${prefix}schema VALUES (${upgrades.length})`)
    beginEpoch(database, prefix, encodeBase64url(entropy.bytes(EPOCH_BYTES)))
  })
}

/** The version that the tables have, 0 before there are any; throws where they are not of this adapter's making. */
function readVersion(database: SqliteDatabase, prefix: string): number {
  const table = `${prefix}schema`
  const found = database.prepare('SELECT sql FROM main.sqlite_schema WHERE name = ?').get(table) as Row | undefined
  if ((found ?? undefined) === undefined) {
    database.exec(`CREATE TABLE main.${schemaTable(table)}`)
    return 0
  }
  if (found?.['sql'] !== `CREATE TABLE ${schemaTable(table)}`) throw foreign(table, 'another shape')
  const rows = database.prepare(`SELECT version FROM main.${table}`).all() as Row[]
  const version = Number(rows[0]?.['version'])
  if (rows.length !== 1) throw foreign(table, `${rows.length} rows`)
  if (version < 1) throw foreign(table, `version ${version}`)
  assertKnown(version)
  for (const name of TABLES) {
    const exists = database.prepare("SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ?")
    if (!exists.get(`${prefix}${name}`)) throw foreign(table, `version ${version} without the table ${prefix}${name}`)
  }
  return version
}

function foreign(table: string, given: string): TypeError | RangeError {
  const allowed = "must be as migrate() leaves it; where it is somebody else's, choose another tablePrefix"
  return mistake('sqliteStorage', `the table ${table}`, allowed, given)
}

/** As SQLite writes it down; the same for every version, so that it tells whose table it is. */
function schemaTable(table: string): string {
  return `${table} (version INTEGER NOT NULL) STRICT`
}

/**
 * SQLite does not wait for the lock that the change of mode needs, so that processes which start together fail each
 * other here: whoever fails waits for the write lock, which it does wait for, and tries again.
 */
function enterWal(database: SqliteDatabase, attemptsLeft: number = WAL_ATTEMPTS_MAX): void {
  if (journalMode(database) === 'wal') return
  try {
    database.exec('PRAGMA journal_mode = WAL')
  } catch (error) {
    if (attemptsLeft === 1) throw error
    inWriteTransaction(database, () => {})
    return enterWal(database, attemptsLeft - 1)
  }
  const mode = journalMode(database)
  if (mode === 'wal') return
  throw mistake('sqliteStorage', 'database', 'must be able to use write-ahead logging (WAL)', mode)
}

function journalMode(database: SqliteDatabase): unknown {
  return (database.prepare('PRAGMA journal_mode').get() as Row | undefined)?.['journal_mode']
}

function assertKnown(version: number): void {
  if (version <= upgrades.length) return
  const allowed = `must be ${upgrades.length} or earlier: a newer release wrote it`
  throw mistake('sqliteStorage', 'the version of the schema', allowed, version)
}

/**
 * An epoch is a stretch of the log between two starts.
 *
 * A cursor names the epoch in which it was answered. After a restore from a backup the log goes on in a new epoch from
 * an earlier place, so that a cursor behind that place is known to be of entries that are gone.
 */
function beginEpoch(database: SqliteDatabase, prefix: string, mark: string): void {
  database.exec(`
    INSERT INTO main.${prefix}epochs (mark, starts_after)
    VALUES ('${mark}', coalesce((SELECT seq FROM main.sqlite_sequence WHERE name = '${prefix}revocations'), 0));
    DELETE FROM main.${prefix}epochs
    WHERE epoch <= (SELECT max(epoch) FROM main.${prefix}epochs) - ${EPOCHS_KEPT};
  `)
}

/**
 * Each brings the schema from one version to the next; one that was released is never changed.
 *
 * `records` has row ids, because its texts are too long for the inner pages of a table without; nobody is ever told a
 * row id. The sequence of `revocations` is a cursor, and AUTOINCREMENT keeps it from being given twice.
 */
const upgrades: readonly ((prefix: string) => string)[] = [
  (prefix) => `
    CREATE TABLE main.${prefix}records (
      key TEXT NOT NULL UNIQUE,
      version TEXT NOT NULL,
      text TEXT NOT NULL,
      subject TEXT,
      pending INTEGER NOT NULL,
      expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX main.${prefix}records_by_subject ON ${prefix}records (subject, key) WHERE subject IS NOT NULL;
    CREATE INDEX main.${prefix}records_by_pending ON ${prefix}records (key) WHERE pending = 1;
    CREATE INDEX main.${prefix}records_by_expiry ON ${prefix}records (expires_at);
    CREATE TABLE main.${prefix}revocations (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      entry TEXT NOT NULL,
      expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX main.${prefix}revocations_by_expiry ON ${prefix}revocations (expires_at);
    CREATE TABLE main.${prefix}epochs (
      epoch INTEGER PRIMARY KEY AUTOINCREMENT,
      mark TEXT NOT NULL UNIQUE,
      starts_after INTEGER NOT NULL
    ) STRICT;
  `,
]

/** Those of the last version, beside the one that holds it. */
const TABLES = ['records', 'revocations', 'epochs']
const WAL_ATTEMPTS_MAX = 16
const EPOCH_BYTES = 9
/** A cursor from before so many starts is answered from the start of the log. */
const EPOCHS_KEPT = 256
