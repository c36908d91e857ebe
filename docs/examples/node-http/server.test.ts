// The plain node:http example, over a real socket.
import { expect, test } from 'vitest'
import { openBrowser } from '../test/browser.ts'
import { listening } from '../test/listening.ts'
import { ADA, APP, createTokens, testSessionApp } from '../test/session-app.ts'
import { createApp } from './server.ts'

const start = (options: Parameters<typeof createApp>[0]) => listening(createApp(options).listen(0, 'localhost'))

testSessionApp({ start, runStart: async () => listening((await import('./start.ts')).server) })

test('a page for everybody greets who is signed in, and carries the security headers', async () => {
  const app = await start({ tokens: createTokens(), origin: APP })
  const browser = openBrowser(app.port, APP)
  try {
    const stranger = await browser.get('/', { from: 'none' })
    expect([stranger.status, stranger.text]).toEqual([200, 'Nobody is signed in'])
    await browser.post('/sign-in', { body: ADA })
    const home = await browser.get('/', { from: 'none' })
    expect([home.status, home.text]).toEqual([200, 'Hello user_42'])
    expect(home.headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(home.headers.get('cache-control')).toBe('private, no-store')
    expect((await browser.get('/nowhere')).status).toBe(404)
  } finally {
    await app.close()
  }
})
