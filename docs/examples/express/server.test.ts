// The Express example, over a real socket.
import { expect, test } from 'vitest'
import { openBrowser } from '../test/browser.ts'
import { listening } from '../test/listening.ts'
import { ADA, APP, createTokens, testSessionApp } from '../test/session-app.ts'
import { createApp } from './server.ts'

const start = (options: Parameters<typeof createApp>[0]) => listening(createApp(options).listen(0, 'localhost'))

testSessionApp({ start, runStart: async () => listening((await import('./start.ts')).server) })

test('every answer has the security headers, refusals and what Express answers too', async () => {
  const app = await start({ tokens: createTokens(), origin: APP })
  const browser = openBrowser(app.port, APP)
  try {
    for (const answer of [
      await browser.get('/me'),
      await browser.post('/sign-in', { body: ADA }),
      await browser.get('/me'),
      await browser.get('/nowhere'),
    ]) {
      // Express's own page of an error brings a policy that allows nothing at all.
      expect(answer.headers.get('content-security-policy')).toMatch(/default-src '(?:self|none)'/)
      expect(answer.headers.get('strict-transport-security')).toContain('max-age=')
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    }
  } finally {
    await app.close()
  }
})
