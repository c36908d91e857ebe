// SQLite files for the demo, in a folder that goes with the process.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@tallystick/core'
import type { Storage } from '@tallystick/storage'
import type { SqliteDatabase } from '@tallystick/storage-sqlite'
import { sqliteStorage } from '@tallystick/storage-sqlite'

/**
 * Opens a storage in a new file.
 *
 * A run opens hundreds and throws them away, so nothing is synced: a server's writes are, each before it is answered.
 *
 * @throws Error where this Node.js has no `node:sqlite` (before 22.13).
 */
export async function openSqlite(clock: Clock): Promise<Storage> {
  const database = openFile()
  const storage = sqliteStorage(database, { clock })
  database.exec(WITHOUT_SYNC)
  await storage.migrate()
  database.exec(WITHOUT_SYNC)
  return storage
}

function openFile(): SqliteDatabase {
  // Not imported, so that the demo runs on the other storages where it is missing.
  const sqlite = quietly(() => process.getBuiltinModule('node:sqlite') as typeof import('node:sqlite') | undefined)
  if (sqlite === undefined) throw new Error(`Node.js ${process.versions.node} has no node:sqlite: use 22.13 or later`)
  folder ??= makeFolder()
  const database = new sqlite.DatabaseSync(join(folder, `world-${opened.length}.db`))
  opened.push(database)
  return database
}

function makeFolder(): string {
  const made = mkdtempSync(join(tmpdir(), 'tallystick-demo-'))
  process.once('exit', () => {
    for (const database of opened) database.close()
    rmSync(made, { recursive: true, force: true })
  })
  return made
}

/** Node.js 22 calls its SQLite experimental, once, on the standard error. */
function quietly<Loaded>(load: () => Loaded): Loaded {
  const emitWarning = Reflect.get(process, 'emitWarning')
  process.emitWarning = () => {}
  try {
    return load()
  } finally {
    process.emitWarning = emitWarning
  }
}

let folder: string | undefined
const WITHOUT_SYNC = 'PRAGMA synchronous = OFF'
const opened: { close(): void }[] = []
