// Starts the node:http example on http://localhost:3000, with everything in memory.
import { createTokenServer, generateKey, memoryStorage } from 'tallystick'
import { createApp } from './server.ts'

const port = Number(process.env['PORT'] ?? 3000)
const origin = `http://localhost:${port}`
const tokens = createTokenServer({
  issuer: 'https://auth.example.com',
  audience: 'https://api.example.com',
  clientId: 'web',
  keys: [await generateKey('ES256')],
  refreshTokenSecrets: [{ id: 1, secret: crypto.getRandomValues(new Uint8Array(32)) }],
  storage: memoryStorage(),
})

/** In production: `origin: 'https://app.example.com'` and no development mode; TLS ends wherever you like. */
export const server = createApp({ tokens, origin, development: 'http-localhost' }).listen(port, 'localhost')
