// The express-session example, over a real socket: behind a proxy that ends TLS, and where the storage is away.
import { interceptStorage } from '@tallystick/storage/faults'
import { memoryStorage } from '@tallystick/storage-memory'
import { expect, test } from 'vitest'
import { type Browser, openBrowser } from '../test/browser.ts'
import { listening } from '../test/listening.ts'
import { createApp } from './server.ts'

const origin = 'https://app.example.com'
const proxied = { headers: { 'x-forwarded-proto': 'https' } }
const body = { name: 'ada' }

async function running(use: (browser: Browser, world: { isAway: boolean }) => Promise<void>): Promise<void> {
  const world = { isAway: false }
  const { records } = interceptStorage(memoryStorage(), {
    before() {
      if (world.isAway) throw Object.assign(new Error('no such socket'), { code: 'ENOENT' })
    },
  })
  const authenticate = (name: unknown) => Promise.resolve(name === 'ada' ? name : undefined)
  const app = createApp({ records, secrets: ['a secret of the tests'], origin, authenticate })
  const { port, close } = await listening(app.listen(0, 'localhost'))
  try {
    await use(openBrowser(port, origin), world)
  } finally {
    await close()
  }
}

test('CK-1 CK-2 SE-8 sign-in, who am I, sign-out; the cookie finds nothing from then on', () =>
  running(async (browser) => {
    expect((await browser.post('/sign-in', { ...proxied, body: { name: 'eve' } })).status).toBe(401)
    expect(browser.cookie()).toBe('')
    const answer = await browser.post('/sign-in', { ...proxied, body })
    const [line = ''] = answer.headers.getSetCookie()
    expect(line.replace(/=[^;]+/, '=…')).toBe('__Host-Http-sid=…; Path=/; HttpOnly; Secure; SameSite=Strict')
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
    const cookie = browser.cookie()
    expect((await browser.get('/me', proxied)).text).toBe('{"user":"ada"}')
    expect((await browser.post('/sign-out', proxied)).status).toBe(204)
    expect((await browser.get('/me', { ...proxied, cookie })).status).toBe(401)
  }))

test('A29 A31 what another site sends is refused, before a session is looked at', () =>
  running(async (browser) => {
    await browser.post('/sign-in', { ...proxied, body })
    for (const path of ['/sign-in', '/sign-out']) {
      const forged = { ...proxied, body, from: 'cross-site', isOld: true } as const
      expect((await browser.post(path, forged)).status).toBe(403)
    }
    expect((await browser.get('/me', proxied)).status).toBe(200)
  }))

test('where the storage is away the answer is 503, and nobody is signed out', () =>
  running(async (browser, world) => {
    await browser.post('/sign-in', { ...proxied, body })
    const cookie = browser.cookie()
    world.isAway = true
    for (const answer of [
      await browser.get('/me', proxied),
      await browser.post('/sign-out', proxied),
      await browser.post('/sign-in', { ...proxied, body, cookie: 'none=1' }),
    ]) {
      expect([answer.status, answer.headers.get('retry-after'), answer.headers.getSetCookie()]).toEqual([503, '1', []])
    }
    world.isAway = false
    expect((await browser.get('/me', proxied)).text).toBe('{"user":"ada"}')
    expect(browser.cookie()).toBe(cookie)
  }))
