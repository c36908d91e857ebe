// The caller's connection: the part of a driver that is used, prepared statements, and write transactions.
import type { Clock, Entropy } from '@tallystick/core'
import { mistake } from '@tallystick/core/options'

/** A value that is bound to a statement. */
export type SqliteValue = string | number | null

/** The part of a prepared statement that is used. */
export interface SqliteStatement {
  /** Runs it, for its effect. */
  run(...values: SqliteValue[]): unknown
  /** Its first row, or `undefined`. */
  get(...values: SqliteValue[]): unknown
  /** All of its rows. */
  all(...values: SqliteValue[]): unknown[]
  /** `node:sqlite` since Node.js 22.16: rows become arrays. */
  setReturnArrays?(enabled: boolean): unknown
  /** `better-sqlite3`: the same. */
  raw?(enabled: boolean): unknown
}

/** The part of a driver that is used: `DatabaseSync` of `node:sqlite` and `Database` of `better-sqlite3` have it. */
export interface SqliteDatabase {
  /** Runs statements that take no values and answer no rows. */
  exec(sql: string): unknown
  /** Prepares one statement, to be run with values. */
  prepare(sql: string): SqliteStatement
}

/** A row as a driver answers it; integers are bigints where the caller told the driver so. */
export type Row = Readonly<Record<string, SqliteValue | bigint>>

/** The columns of a row, in the order of the query. */
export type Columns = readonly Row[string][]

/** A connection that the adapter works on. */
export interface Connection {
  readonly database: SqliteDatabase
  /** Whether the database is a file, and not the memory of this process. */
  readonly isFile: boolean
  /** Sets the connection up; nothing else works before, nor where this throws. */
  migrate(setUp: () => void): void
  /** The columns of a query's only row in their order, if there is one: arrays are made in less time than objects. */
  columns(sql: string, ...values: SqliteValue[]): Columns | undefined
  /** The only row of a query, if there is one. */
  row(sql: string, ...values: SqliteValue[]): Row | undefined
  /** The rows of a query. */
  rows(sql: string, ...values: SqliteValue[]): readonly Row[]
  /** Runs a statement that answers no rows. */
  run(sql: string, ...values: SqliteValue[]): void
  /** Runs something in a write transaction. */
  write<Answer>(work: () => Answer): Answer
}

/** What both ports stand on. */
export interface SqliteGround {
  readonly connection: Connection
  readonly clock: Clock
  readonly entropy: Entropy
  readonly tablePrefix: string
}

/**
 * Wraps a driver's connection.
 *
 * @throws TypeError where the driver was told to answer rows as arrays; what the driver throws where it is closed.
 */
export function createConnection(database: SqliteDatabase): Connection {
  const prepared = new Map<string, SqliteStatement>()
  const main = database.prepare('PRAGMA database_list').get() as Row | undefined
  // The name of the file: empty for a database in memory, and for one that SQLite drops when it is closed.
  const file = main?.['file']
  if (typeof file !== 'string') throw mistake('sqliteStorage', 'database', 'must answer rows as objects', main)
  let isMigrated = false
  return {
    database,
    isFile: file !== '',
    migrate(setUp) {
      isMigrated = false
      // Those of a connection that was closed and opened again are of no use any more.
      prepared.clear()
      setUp()
      isMigrated = true
    },
    columns: (sql, ...values) => columnsOf(statement(sql, asArrays).get(...values)),
    row: (sql, ...values) => (statement(sql).get(...values) ?? undefined) as Row | undefined,
    rows: (sql, ...values) => statement(sql).all(...values) as Row[],
    run: (sql, ...values) => void statement(sql).run(...values),
    write(work) {
      assertMigrated()
      return inWriteTransaction(database, work)
    },
  }

  function assertMigrated(): void {
    if (!isMigrated) throw new TypeError('sqliteStorage: migrate() must have been answered before')
  }

  /** A text is always asked for in the same way, so that one statement for it is enough. */
  function statement(sql: string, setUp?: (made: SqliteStatement) => void): SqliteStatement {
    assertMigrated()
    let found = prepared.get(sql)
    if (found === undefined) {
      found = database.prepare(sql)
      setUp?.(found)
      prepared.set(sql, found)
    }
    return found
  }
}

/** Where the driver cannot, its rows are objects all the same. */
function asArrays(made: SqliteStatement): void {
  if (typeof made.setReturnArrays === 'function') made.setReturnArrays(true)
  else if (typeof made.raw === 'function') made.raw(true)
}

/** What a driver answers as an object has its members in the order of the query, too: none has an integer for a name. */
function columnsOf(row: unknown): Columns | undefined {
  if (row === undefined || row === null) return undefined
  return Array.isArray(row) ? (row as Columns) : Object.values(row as Row)
}

/** Runs something while no other process writes; keeps all of it or, where it throws, nothing. */
export function inWriteTransaction<Answer>(database: SqliteDatabase, work: () => Answer): Answer {
  // Outside of `try`: where the caller has a transaction open this throws, and that one is not ours to roll back.
  database.exec('BEGIN IMMEDIATE')
  try {
    const answer = work()
    database.exec('COMMIT')
    return answer
  } catch (error) {
    rollBack(database)
    throw error
  }
}

/** Some errors (a full disk, a lost file) have ended the transaction already; then this one has nothing to say. */
function rollBack(database: SqliteDatabase): void {
  try {
    database.exec('ROLLBACK')
  } catch {
    // The error that led here is the one to tell.
  }
}
