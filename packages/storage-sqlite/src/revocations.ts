// The revocation log: a table with a sequence that SQLite never gives twice, and epochs that tell a restored file.
import type { NumericDate } from '@tallystick/core'
import { secretMistake } from '@tallystick/core/options'
import { readRecord } from '@tallystick/core/records'
import type { RevocationEntry, RevocationLog } from '@tallystick/storage'
import { assertEntry, copyEntry } from '@tallystick/storage'
import type { Row, SqliteGround } from './connection.ts'

/** Builds the revocation log. Writes come one after another, so a sequence number is never seen after a later one. */
export function sqliteRevocations({ connection, clock, tablePrefix }: SqliteGround): RevocationLog {
  const sql = statements(tablePrefix)

  return Object.freeze({
    async append(given) {
      const entry = copyEntry(given)
      assertEntry(entry)
      const { id, target, cause, revokedAt, expiresAt } = entry
      const text = JSON.stringify({ target, cause, revokedAt } satisfies EntryText)
      connection.write(() => {
        const now = clock.now()
        connection.run(sql.sweep, now)
        const known = connection.row(sql.known, id, now)
        if (known !== undefined && Number(known['expires_at']) >= expiresAt) return
        connection.run(sql.forget, id)
        connection.run(sql.append, id, String(known?.['entry'] ?? text), expiresAt)
      })
    },

    async since(cursor) {
      const { sequence, mark } = parseCursor(cursor)
      const latest = String(connection.row(sql.latestEpoch)?.['mark'])
      const isPlaced = mark !== undefined && connection.row(sql.place, mark, sequence) !== undefined
      const rows = connection.rows(sql.since, isPlaced ? sequence : 0, clock.now())
      const page = rows.slice(0, PAGE_ENTRIES)
      const last = page.at(-1)?.['sequence'] ?? (isPlaced ? sequence : 0)
      return { entries: page.map(toEntry), cursor: `${Number(last)}.${latest}`, more: rows.length > PAGE_ENTRIES }
    },
  } satisfies RevocationLog)
}

/** What stands in the column `entry`. */
type EntryText = Pick<RevocationEntry, 'target' | 'cause' | 'revokedAt'>

function toEntry({ id, entry, expires_at: expiresAt }: Row): RevocationEntry {
  const { target, cause, revokedAt } = readRecord(entrySchema, String(entry), 'revocation')
  return Object.freeze({ id: String(id), target, cause, revokedAt, expiresAt: Number(expiresAt) as NumericDate })
}

const entrySchema = {
  '~standard': {
    validate: (value: unknown) => (isEntryText(value) ? { value } : { issues: [{ message: 'must be an entry' }] }),
  },
}

function isEntryText(value: unknown): value is EntryText {
  const { target, cause, revokedAt } = (value ?? {}) as Partial<EntryText>
  return typeof target?.kind === 'string' && typeof cause === 'string' && Number.isSafeInteger(revokedAt)
}

/** A cursor is the sequence number of the last entry of its page, and the mark of the epoch that answered it. */
function parseCursor(cursor: string | undefined): { readonly sequence: number; readonly mark: string | undefined } {
  if (cursor === undefined) return { sequence: 0, mark: undefined }
  const [, sequence, mark] = (typeof cursor === 'string' && CURSOR.exec(cursor)) || []
  if (mark !== undefined) return { sequence: Number(sequence), mark }
  throw secretMistake('RevocationLog', 'cursor', 'must be one that since answered', cursor)
}

function statements(prefix: string): Readonly<Record<StatementName, string>> {
  const [log, epochs] = [`main.${prefix}revocations`, `main.${prefix}epochs`]
  return {
    known: `SELECT entry, expires_at FROM ${log} WHERE id = ? AND expires_at > ?`,
    forget: `DELETE FROM ${log} WHERE id = ?`,
    append: `INSERT INTO ${log} (id, entry, expires_at) VALUES (?, ?, ?)`,
    sweep: `
      DELETE FROM ${log} WHERE sequence IN
        (SELECT sequence FROM ${log} WHERE expires_at <= ? ORDER BY expires_at LIMIT ${SWEPT_PER_WRITE})`,
    latestEpoch: `SELECT mark FROM ${epochs} ORDER BY epoch DESC LIMIT 1`,
    // A cursor is of this log if its epoch is, and if none that followed began before its place.
    place: `
      SELECT 1 FROM ${epochs} AS own WHERE own.mark = ? AND NOT EXISTS
        (SELECT 1 FROM ${epochs} AS later WHERE later.epoch > own.epoch AND later.starts_after < ?)`,
    since: `
      SELECT * FROM ${log} WHERE sequence > ? AND expires_at > ? ORDER BY sequence LIMIT ${PAGE_ENTRIES + 1}`,
  }
}

type StatementName = 'known' | 'forget' | 'append' | 'sweep' | 'latestEpoch' | 'place' | 'since'

const CURSOR = /^(0|[1-9]\d{0,14})\.([\w-]{1,32})$/
const PAGE_ENTRIES = 100
/** More than a write can add, so that what expired grows no further. */
const SWEPT_PER_WRITE = 2
