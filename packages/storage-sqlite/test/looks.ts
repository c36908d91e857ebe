// What tests look at behind the adapter's back, and the entries they append.
import type { RevocationEntry } from '@tallystick/storage'
import type { SqliteDatabase, SqliteStatement, SqliteStorage } from '../src/index.ts'
import { sqliteStorage } from '../src/index.ts'
import { LATER, START } from './sqlite-under-test.ts'

type Row = Readonly<Record<string, unknown>>

export function revocation(id: string, expiresAt: RevocationEntry['expiresAt'] = LATER): RevocationEntry {
  return { id, target: { kind: 'family', familyId: id }, cause: 'replay', revokedAt: START, expiresAt }
}

/** How a connection is set. */
export function settingsOf(database: SqliteDatabase): Row {
  const names = ['journal_mode', 'synchronous', 'busy_timeout']
  return Object.assign({}, ...names.map((name) => database.prepare(`PRAGMA ${name}`).get()))
}

export function countRows(database: SqliteDatabase, table: string): number {
  return numberOf(database, `SELECT count(*) AS n FROM tallystick_${table}`)
}

/** The one number that a query answers. */
export function numberOf(database: SqliteDatabase, sql: string): number {
  return Number(Object.values(database.prepare(sql).get() as Row)[0])
}

/** How SQLite would go about a query. */
export function planOf(database: SqliteDatabase, sql: string): readonly unknown[] {
  return database
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map((step) => (step as Row)['detail'])
}

/** Whether SQLite finds the file whole. */
export function integrityOf(database: SqliteDatabase): unknown {
  return (database.prepare('PRAGMA integrity_check').get() as Row)['integrity_check']
}

/** A storage over a driver that was told to answer integers as bigints. */
export async function bigintStorage(database: SqliteDatabase): Promise<SqliteStorage> {
  const asBigint = (row: unknown): unknown =>
    row === undefined || row === null
      ? row
      : Object.fromEntries(
          Object.entries(row).map(([name, value]) => [name, typeof value === 'number' ? BigInt(value) : value]),
        )
  const storage = sqliteStorage({
    exec: (sql) => database.exec(sql),
    prepare(sql): SqliteStatement {
      const statement = database.prepare(sql)
      return {
        run: (...values) => statement.run(...values),
        get: (...values) => asBigint(statement.get(...values)),
        all: (...values) => statement.all(...values).map(asBigint),
      }
    },
  })
  await storage.migrate()
  return storage
}

/** Every table and index, as it was written. */
export function schemaOf(database: SqliteDatabase): readonly unknown[] {
  return database.prepare("SELECT name, sql FROM sqlite_schema WHERE name LIKE 'tallystick%' ORDER BY name").all()
}
