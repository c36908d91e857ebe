// The record store: each write is one transaction that looks, decides, and writes under SQLite's write lock.
import type { NumericDate } from '@tallystick/core'
import { encodeBase64url } from '@tallystick/core/base64url'
import { secretMistake } from '@tallystick/core/options'
import type { RecordIndex, RecordStore, StorageCapabilities, StoredRecord } from '@tallystick/storage'
import { ABSENT, assertIndex, assertKey, assertWrite, copyRecord } from '@tallystick/storage'
import type { Columns, Row, SqliteGround } from './connection.ts'

/**
 * Builds the record store.
 *
 * A version is 128 random bits. A counter would go back when the file is restored from a backup, and give a version a
 * second time to somebody who still holds the first.
 */
export function sqliteRecords(
  { connection, clock, entropy, tablePrefix }: SqliteGround,
  durable: StorageCapabilities['durable'],
): RecordStore {
  const sql = statements(`main.${tablePrefix}records`)

  return Object.freeze({
    // No time of the store's own: SQLite runs in this process and knows no other clock than this machine's.
    capabilities: Object.freeze({ compareAndSet: true, linearizable: true, durable, expiry: true, clock: false }),

    async read(key) {
      assertKey(key)
      return live(key, clock.now())
    },

    async compareAndSet(key, expectedVersion, given, expiresAt) {
      const input = copyRecord(given)
      assertWrite(key, expectedVersion, input, expiresAt)
      const version = encodeBase64url(entropy.bytes(VERSION_BYTES))
      const { text, subject = null, pending = false } = input
      return connection.write(() => {
        const now = clock.now()
        const current = live(key, now)
        if ((current?.version ?? ABSENT) !== expectedVersion) return { won: false, current }
        connection.run(sql.put, key, version, text, subject, pending ? 1 : 0, expiresAt)
        connection.run(sql.sweep, now)
        return { won: true, version }
      })
    },

    async delete(key, expectedVersion) {
      assertKey(key)
      return connection.write(() => {
        const now = clock.now()
        const current = live(key, now)
        if (current === undefined || current.version !== (expectedVersion ?? current.version)) return false
        connection.run(sql.remove, key)
        connection.run(sql.sweep, now)
        return true
      })
    },

    async list(index, cursor) {
      assertIndex(index)
      assertCursor(cursor)
      const rows = listed(index, cursor ?? '', clock.now())
      const records = rows.slice(0, PAGE_RECORDS).map(rowToRecord)
      return rows.length > PAGE_RECORDS ? { records, cursor: records.at(-1)?.key } : { records }
    },
  } satisfies RecordStore)

  function live(key: string, now: NumericDate): StoredRecord | undefined {
    const columns = connection.columns(sql.read, key, now)
    return columns && toRecord(key, columns)
  }

  function listed(index: RecordIndex, after: string, now: NumericDate): readonly Row[] {
    return 'subject' in index
      ? connection.rows(sql.listSubject, index.subject, after, now)
      : connection.rows(sql.listPending, after, now)
  }
}

function rowToRecord({ key, version, text, subject, pending, expires_at: expiresAt }: Row): StoredRecord {
  return toRecord(String(key), [version, text, subject, pending, expiresAt])
}

/** The columns as `read` asks for them. */
function toRecord(key: string, [version, text, subject, pending, expiresAt]: Partial<Columns>): StoredRecord {
  return Object.freeze({
    key,
    version: String(version),
    text: String(text),
    subject: subject === null ? undefined : String(subject),
    pending: Number(pending) === 1,
    // Its bounds were checked when it was written.
    expiresAt: Number(expiresAt) as NumericDate,
  })
}

/** A cursor is the last key of its page; before the first page there is none. */
function assertCursor(cursor: string | undefined): void {
  if (cursor === undefined) return
  try {
    assertKey(cursor)
  } catch {
    throw secretMistake('RecordStore', 'cursor', 'must be one that list answered', cursor)
  }
}

function statements(table: string): Readonly<Record<StatementName, string>> {
  const list = (where: string): string =>
    `SELECT * FROM ${table} WHERE ${where} AND key > ? AND expires_at > ? ORDER BY key LIMIT ${PAGE_RECORDS + 1}`
  return {
    read: `SELECT version, text, subject, pending, expires_at FROM ${table} WHERE key = ? AND expires_at > ?`,
    put: `
      INSERT INTO ${table} (key, version, text, subject, pending, expires_at) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET
        version = excluded.version, text = excluded.text, subject = excluded.subject,
        pending = excluded.pending, expires_at = excluded.expires_at`,
    remove: `DELETE FROM ${table} WHERE key = ?`,
    sweep: `
      DELETE FROM ${table} WHERE rowid IN
        (SELECT rowid FROM ${table} WHERE expires_at <= ? ORDER BY expires_at LIMIT ${SWEPT_PER_WRITE})`,
    listSubject: list('subject = ?'),
    listPending: list('pending = 1'),
  }
}

type StatementName = 'read' | 'put' | 'remove' | 'sweep' | 'listSubject' | 'listPending'

const VERSION_BYTES = 16
const PAGE_RECORDS = 100
/** More than a write can add, so that what expired grows no further; few, so that no write waits for a great sweep. */
const SWEPT_PER_WRITE = 2
