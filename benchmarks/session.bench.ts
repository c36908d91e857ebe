// What a session's look-up costs: beside a naive one on memory, and beside SQLite's own prepared statement.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sha256Base64url } from '@tallystick/core/crypto'
import { generateKey } from '@tallystick/jwt'
import { createTokenServer, type TokenServer } from '@tallystick/server'
import { hashSecret, parseCredential } from '@tallystick/session/credential'
import type { Storage } from '@tallystick/storage'
import { memoryStorage } from '@tallystick/storage-memory'
import { sqliteStorage } from '@tallystick/storage-sqlite'
import type { Gate } from './gate.ts'
import { type Candidate, compare, keep, type Measurement, sequential, sync } from './harness.ts'

/** Measures and judges. */
export async function run(): Promise<{
  readonly measurements: readonly Measurement[]
  readonly gates: readonly Gate[]
}> {
  const lookups = await compare([naiveLookup('hex'), ourLookup(), naiveLookup('base64url'), await credentialCheck()])
  const memory = await compare([await naiveStoreLookup(), await presentations('present, on memory', memoryStorage())])
  const { measurements: sqlite, rate } = await onSqlite()
  const speed = 1 / (lookups[1]?.ratio ?? Number.NaN)
  return {
    measurements: [...lookups, ...memory, ...sqlite],
    gates: [
      { name: 'opaque session look-up ÷ naive createHash look-up', value: speed, must: '≥ 1.5', ok: speed >= 1.5 },
      { name: 'present through SQLite ÷ raw prepared statement', value: rate, must: '≥ 0.7', ok: rate >= 0.7 },
    ],
  }
}

/** What most session middleware does: hash the cookie with createHash, and look the text of the hash up. */
function naiveLookup(encoding: 'hex' | 'base64url') {
  const hashOf = (token: string): string => createHash('sha256').update(token).digest(encoding)
  return lookup(`naive: createHash, ${encoding}, Map`, hashOf)
}

/** Ours: one hash in one call, and one look-up. */
function ourLookup() {
  return lookup('ours: hash in one call, Map', sha256Base64url)
}

function lookup(name: string, hashOf: (token: string) => string) {
  const tokens = Array.from({ length: SESSIONS }, () => randomBytes(32).toString('base64url'))
  const sessions = new Map(tokens.map((token) => [hashOf(token), { token }]))
  return sync(name, (index) => {
    const found = sessions.get(hashOf(tokens[index % SESSIONS] ?? ''))
    if (found === undefined) throw new Error('not found')
    return found
  })
}

/** What the product does beside: the gate, two slices, and the hash compared with that of the record; no gate of its own. */
async function credentialCheck() {
  const { credentials } = await serverWithSessions(memoryStorage())
  const sessions = new Map(
    credentials.map((credential) => {
      const { sessionId, secret } = parseCredential(credential) ?? { sessionId: '' as never, secret: '' }
      return [sessionId, hashSecret(secret)]
    }),
  )
  return sync('ours, the whole check: gate, hash, Map, comparison', (index) => {
    const parsed = parseCredential(credentials[index % SESSIONS] ?? '')
    if (parsed === undefined) throw new Error('malformed')
    const found = sessions.get(parsed.sessionId)
    if (found !== hashSecret(parsed.secret)) throw new Error('not found')
    return found
  })
}

/** A session middleware of few words: hash, read the store, parse, compare the expiry. */
async function naiveStoreLookup() {
  const { records } = memoryStorage()
  const tokens = Array.from({ length: SESSIONS }, () => randomBytes(32).toString('base64url'))
  const keyOf = (token: string): string => createHash('sha256').update(token).digest('hex')
  const text = JSON.stringify({ subject: 'user_42', createdAt: 1_800_000_000, expiresAt: 99_000_000_000 })
  for (const token of tokens) await records.compareAndSet(keyOf(token), 'absent', { text }, 99_000_000_000 as never)
  return sequential('naive, on memory: createHash, read, JSON.parse', async (index) => {
    const found = await records.read(keyOf(tokens[index % SESSIONS] ?? ''))
    const session = JSON.parse(found?.text ?? '') as { readonly expiresAt: number }
    if (session.expiresAt < Date.now() / 1000) throw new Error('expired')
    return session
  })
}

async function onSqlite(): Promise<{ readonly measurements: readonly Measurement[]; readonly rate: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-bench-'))
  const { DatabaseSync } = createRequire(import.meta.url)('node:sqlite') as typeof import('node:sqlite')
  const database = new DatabaseSync(join(folder, 'sessions.db'))
  try {
    const storage = sqliteStorage(database)
    await storage.migrate()
    const ours = await presentations('present, through SQLite', storage)
    const keys = database.prepare('SELECT key FROM tallystick_records').all() as unknown as readonly {
      readonly key: string
    }[]
    const statement = database.prepare('SELECT * FROM tallystick_records WHERE key = ? AND expires_at > ?')
    const signIns = keys.map(({ key }) => key).filter((key) => key.startsWith('sign-in:'))
    const raw = sync('the raw prepared statement', (index) => {
      const row = statement.get(signIns[index % signIns.length] ?? '', Math.floor(Date.now() / 1000))
      if (row === undefined) throw new Error('not found')
      return row
    })
    const measurements = await compare([raw, ours])
    return { measurements, rate: 1 / (measurements[1]?.ratio ?? Number.NaN) }
  } finally {
    database.close()
    rmSync(folder, { recursive: true })
  }
}

/** Awaited in the measuring loop itself: a wrapper around each call would be measured, too. */
async function presentations(name: string, storage: Storage): Promise<Candidate> {
  const { server, credentials } = await serverWithSessions(storage)
  let index = 0
  return {
    name,
    async run(times) {
      for (let count = 0; count < times; count += 1) {
        index = (index + 1) % SESSIONS
        const result = await server.sessions.present(credentials[index] ?? '')
        if (!result.ok) throw new Error(result.reason)
        keep(result)
      }
    },
  }
}

async function serverWithSessions(
  storage: Storage,
): Promise<{ readonly server: TokenServer; readonly credentials: readonly string[] }> {
  const server = createTokenServer({
    issuer: 'https://auth.example.com',
    audience: 'https://api.example.com',
    clientId: 'web',
    keys: [await generateKey('ES256')],
    refreshTokenSecrets: [{ id: 1, secret: randomBytes(32) }],
    storage,
  })
  const credentials: string[] = []
  for (let index = 0; index < SESSIONS; index += 1) {
    const authentication = { methods: ['pwd'] }
    const established = await server.sessions.establish({ subject: `user_${index}`, authentication })
    if (!established.ok) throw new Error(established.reason)
    credentials.push(established.credential)
  }
  return { server, credentials }
}

const SESSIONS = 1000
