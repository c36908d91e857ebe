// The Hono example, over a real socket, and the API behind it.
import { serve } from '@hono/node-server'
import type { Server } from 'node:http'
import { expect, test } from 'vitest'
import { openBrowser } from '../test/browser.ts'
import { listening } from '../test/listening.ts'
import { ADA, APP, COOKIE, createTokens, testSessionApp } from '../test/session-app.ts'
import { createOrders } from './orders.ts'
import { type AppOptions, createApp } from './server.ts'

const NOBODY = 'http://localhost:9'
const start = ({ ordersUrl = NOBODY, ...options }: Omit<AppOptions, 'ordersUrl'> & { readonly ordersUrl?: string }) =>
  listening(serve({ fetch: createApp({ ...options, ordersUrl }).fetch, port: 0, hostname: 'localhost' }) as Server)

testSessionApp({
  start,
  async runStart() {
    const { server, orders } = await import('./start.ts')
    const [app, api] = [await listening(server as Server), await listening(orders as Server)]
    return { close: async () => [await app.close(), await api.close()] }
  },
})

test('BF-1 the page calls its own origin; the API gets a token of the session, and neither gets what is the other’s', async () => {
  const tokens = createTokens()
  const seen: Headers[] = []
  const orders = createOrders(tokens)
  const api = await listening(
    serve({
      fetch: (request) => {
        seen.push(request.headers)
        return orders.fetch(request)
      },
      port: 0,
      hostname: 'localhost',
    }) as Server,
  )
  const app = await start({ tokens, origin: APP, ordersUrl: `http://localhost:${api.port}/orders` })
  const browser = openBrowser(app.port, APP)
  try {
    expect((await browser.get('/api/orders')).status).toBe(401)
    await browser.post('/sign-in', { body: ADA })
    expect((await browser.post('/api/orders', { body: 'an apple' })).status).toBe(200)
    const list = await browser.get('/api/orders')
    expect([list.status, JSON.parse(list.text)]).toEqual([200, ['an apple']])
    const credential = browser.cookie().slice(COOKIE.length + 1)
    expect(seen.length).toBe(2)
    for (const headers of seen) {
      expect(headers.get('cookie')).toBe(null)
      const token = (headers.get('authorization') ?? '').replace('Bearer ', '')
      expect(await tokens.verify(token)).toMatchObject({ ok: true, claims: { sub: 'user_42', scope: 'orders' } })
      expect(JSON.stringify([...list.headers]) + list.text).not.toContain(token)
      expect(JSON.stringify([...headers])).not.toContain(credential)
    }
    for (const path of ['/api/orders', '/api/orders/']) {
      expect((await browser.post(path, { body: 'x', from: 'cross-site', isOld: true })).status).toBe(403)
    }
    expect((await browser.get('/api/users')).status).toBe(404)
    expect((await browser.get('/api/orders/%2e%2e/admin')).status).toBeGreaterThanOrEqual(400)
    const held = browser.cookie()
    await browser.post('/sign-out')
    expect((await browser.get('/api/orders', { cookie: held })).status).toBe(401)
    expect(seen.length).toBe(2)
    await browser.post('/sign-in', { body: ADA })
    await api.close()
    expect((await browser.get('/api/orders')).status).toBe(502)
    expect((await browser.get('/me')).status).toBe(200)
  } finally {
    await app.close()
  }
})
