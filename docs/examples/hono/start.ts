// Starts the Hono example on http://localhost:3000, with everything in memory and an API of orders behind it.
import { serve } from '@hono/node-server'
import { createTokenServer, generateKey, memoryStorage } from 'tallystick'
import { createOrders } from './orders.ts'
import { createApp } from './server.ts'

const port = Number(process.env['PORT'] ?? 3000)
const ordersPort = Number(process.env['ORDERS_PORT'] ?? 3001)
const tokens = createTokenServer({
  issuer: 'https://auth.example.com',
  audience: 'https://api.example.com',
  clientId: 'web',
  keys: [await generateKey('ES256')],
  refreshTokenSecrets: [{ id: 1, secret: crypto.getRandomValues(new Uint8Array(32)) }],
  storage: memoryStorage(),
})
const origin = `http://localhost:${port}`
const ordersUrl = `http://localhost:${ordersPort}/orders`

export const orders = serve({ fetch: createOrders(tokens).fetch, port: ordersPort, hostname: 'localhost' })
/** In production: `origin: 'https://app.example.com'` and no development mode; TLS ends wherever you like. */
export const server = serve({
  fetch: createApp({ tokens, origin, development: 'http-localhost', ordersUrl }).fetch,
  port,
  hostname: 'localhost',
})
