// Starts the express-session example on http://localhost:3000, with its sessions in a SQLite database.
import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { sqliteStorage } from '@tallystick/storage-sqlite'
import { createApp } from './server.ts'

const port = Number(process.env['PORT'] ?? 3000)
const { records, migrate } = sqliteStorage(new DatabaseSync(process.env['DATABASE'] ?? ':memory:'))
await migrate()

export const server = createApp({
  records,
  secrets: [randomBytes(32).toString('hex')],
  origin: `http://localhost:${port}`,
  authenticate: (name, password) =>
    Promise.resolve(name === 'ada' && password === 'correct horse battery staple' ? name : undefined),
}).listen(port, 'localhost')
