// What every example of a session application does, over a real socket: the same tests for each framework.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { generateKey } from '@tallystick/jwt'
import { createTokenServer, type TokenServer } from '@tallystick/server'
import type { Storage } from '@tallystick/storage'
import { interceptStorage, pauseAt } from '@tallystick/storage/faults'
import { memoryStorage } from '@tallystick/storage-memory'
import { describe, expect, test } from 'vitest'
import { type Browser, openBrowser } from './browser.ts'

/** A running example. */
export interface RunningApp {
  readonly port: number
  close(): unknown
}

/** What an example is started with. */
export interface StartOptions {
  readonly tokens: TokenServer
  readonly origin: string
}

export interface SessionAppExample {
  /** Listens on a free port of `localhost`. */
  start(options: StartOptions): Promise<RunningApp>
  /** Runs `start.ts`, which listens on the port of the environment variable PORT. */
  runStart(): Promise<{ close(): unknown }>
}

/** What the browser's address bar says; between it and the application a proxy ends TLS. */
export const APP = 'https://app.example.com'
export const COOKIE = '__Host-Http-sid'
export const ADA = { name: 'ada', password: 'correct horse battery staple' }

const signingKey = await generateKey('ES256')
const secret = crypto.getRandomValues(new Uint8Array(32))

export function createTokens(storage: Storage = memoryStorage()): TokenServer {
  return createTokenServer({
    issuer: 'https://auth.example.com',
    audience: 'https://api.example.com',
    clientId: 'web',
    keys: [signingKey],
    refreshTokenSecrets: [{ id: 1, secret }],
    storage,
  })
}

/** The tests that every example passes. */
export function testSessionApp({ start, runStart }: SessionAppExample): void {
  async function running(
    use: (browser: Browser, app: { readonly port: number; readonly tokens: TokenServer }) => Promise<void>,
    storage?: Storage,
  ): Promise<void> {
    const tokens = createTokens(storage)
    const app = await start({ tokens, origin: APP })
    try {
      await use(openBrowser(app.port, APP), { port: app.port, tokens })
    } finally {
      await app.close()
    }
  }

  test('CK-1 CK-2 F89 a sign-in sets one cookie that no script, no other host and no cache gets', () =>
    running(async (browser) => {
      const answer = await browser.post('/sign-in', { body: ADA })
      expect(answer.status).toBe(200)
      const [line = '', ...others] = answer.headers.getSetCookie()
      expect(others).toEqual([])
      expect(line.replace(/=[^;]+/, '=…')).toBe(`${COOKIE}=…; Path=/; Secure; HttpOnly; SameSite=Strict`)
      expect(answer.headers.get('cache-control')).toBe('private, no-store')
      const credential = browser.cookie().slice(COOKIE.length + 1)
      expect(credential).toMatch(/^tsn_/)
      expect(answer.text).not.toContain(credential)
      const me = await browser.get('/me')
      expect([me.status, JSON.parse(me.text)]).toEqual([200, { subject: 'user_42' }])
      expect(me.headers.get('cache-control')).toBe('private, no-store')
    }))

  test.each([
    ['a wrong password', { ...ADA, password: 'guess' }],
    ['a name that nobody has', { ...ADA, name: 'eve' }],
    ['no name', {}],
    ['no JSON', 'name=ada'],
  ])('%s signs nobody in', (_, body) =>
    running(async (browser) => {
      const answer = await browser.post('/sign-in', { body })
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.status).toBeLessThan(500)
      expect(answer.headers.getSetCookie()).toEqual([])
      expect((await browser.get('/me')).status).toBe(401)
    }),
  )

  test('F92 SE-2 a sign-in gives an id of its own, and ends the session that the browser came with', () =>
    running(async (browser) => {
      await browser.post('/sign-in', { body: ADA })
      const first = browser.cookie()
      await browser.post('/sign-in', { body: ADA })
      expect(browser.cookie()).not.toBe(first)
      expect((await browser.get('/me', { cookie: first })).status).toBe(401)
      expect((await browser.get('/me')).status).toBe(200)
    }))

  test.each([
    ['/sign-in', { body: ADA }],
    ['/sign-in', { body: ADA, headers: { 'x-http-method-override': 'GET' } }],
    ['/refresh', {}],
    ['/refresh', { body: '{}' }],
    ['/sign-out', {}],
    ['/sign-out', { headers: { origin: 'null' } }],
  ])('A29 A31 a POST to %s from another site is refused, in every browser: %j', (path, sending) =>
    running(async (browser) => {
      await browser.post('/sign-in', { body: ADA })
      const before = browser.cookie()
      for (const isOld of [false, true]) {
        const answer = await browser.post(path, { ...sending, from: 'cross-site', isOld })
        expect([path, isOld, answer.status]).toEqual([path, isOld, 403])
        // Also where the cookie came along with a browser that tells the truth.
        const held = await browser.post(path, { ...sending, from: 'cross-site', cookie: before })
        expect([held.status, held.headers.getSetCookie()]).toEqual([403, []])
      }
      expect(browser.cookie()).toBe(before)
      expect((await browser.get('/me')).status).toBe(200)
    }),
  )

  test('a refresh counts as use and sets no cookie where the browser has the right one', () =>
    running(async (browser) => {
      await browser.post('/sign-in', { body: ADA })
      const answer = await browser.post('/refresh')
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([200, []])
      expect(JSON.parse(answer.text)).toMatchObject({ subject: 'user_42' })
      expect((await browser.get('/refresh')).status).toBeGreaterThanOrEqual(404)
    }))

  test('SE-8 F90 a sign-out ends the session everywhere, and whoever comes late gets 401 and no cookie', () =>
    running(async (browser, { tokens }) => {
      await browser.post('/sign-in', { body: ADA })
      const held = browser.cookie()
      const access = await tokens.sessions.issueAccessToken(held.slice(COOKIE.length + 1))
      const token = access.ok ? access.accessToken : ''
      expect(await tokens.verify(token)).toMatchObject({ ok: true })
      const answer = await browser.post('/sign-out')
      expect(answer.status).toBe(204)
      expect(answer.headers.get('clear-site-data')).toBe('"cache", "storage"')
      expect(browser.cookie()).toBe('')
      for (const late of [browser.get('/me', { cookie: held }), browser.post('/refresh', { cookie: held })]) {
        const refused = await late
        expect([refused.status, refused.headers.getSetCookie()]).toEqual([401, []])
      }
      expect(await tokens.verify(token)).toMatchObject({ ok: false, reason: 'access_token/revoked' })
      // A second sign-out is no error, and clears nothing: the cookie may be that of a new session by now.
      const again = await browser.post('/sign-out', { cookie: held })
      expect([again.status, again.headers.getSetCookie()]).toEqual([204, []])
    }))

  test('F85 A33 a request that was under way while the user signed out does not revive the session', async () => {
    const storage = memoryStorage()
    const [sound, slow] = [createTokens(storage), pauseAt(storage, 0, 'after')]
    const [app, other] = [
      await start({ tokens: sound, origin: APP }),
      await start({ tokens: createTokens(slow.storage), origin: APP }),
    ]
    try {
      const browser = openBrowser(app.port, APP)
      await browser.post('/sign-in', { body: ADA })
      const held = browser.cookie()
      const late = openBrowser(other.port, APP).post('/refresh', { cookie: held })
      await slow.paused
      expect((await browser.post('/sign-out')).status).toBe(204)
      slow.resume()
      expect((await late).headers.getSetCookie()).toEqual([])
      for (const port of [app.port, other.port]) {
        expect((await openBrowser(port, APP).get('/me', { cookie: held })).status).toBe(401)
      }
    } finally {
      await app.close()
      await other.close()
    }
  })

  test('where the store is away the answer is 503, and nobody is signed out', async () => {
    let isAway = false
    const storage = interceptStorage(memoryStorage(), {
      before() {
        if (isAway) throw Object.assign(new Error('connection lost'), { code: 'ECONNRESET' })
      },
    })
    await running(async (browser) => {
      await browser.post('/sign-in', { body: ADA })
      isAway = true
      for (const answer of [
        await browser.get('/me'),
        await browser.post('/refresh'),
        await browser.post('/sign-out'),
        await browser.post('/sign-in', { body: ADA }),
      ]) {
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
        expect(answer.headers.getSetCookie()).toEqual([])
      }
      isAway = false
      expect((await browser.get('/me')).status).toBe(200)
    }, storage)
  })

  describe('CK-1 the configured origin decides what the cookie is like, and no header of the request does', () => {
    test.each<Readonly<Record<string, string>>>([
      {},
      { 'x-forwarded-proto': 'http' },
      { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example' },
      { host: 'evil.example' },
      { host: 'localhost', forwarded: 'proto=http;host=localhost' },
    ])('behind a proxy that ends TLS, with %j', (headers) =>
      running(async (browser) => {
        const answer = await browser.post('/sign-in', { body: ADA, headers })
        expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-Http-sid=[^;]+; Path=\/; Secure; HttpOnly;/)
        expect((await browser.get('/me', { headers })).status).toBe(200)
        const forged = { ...headers, 'x-forwarded-host': 'evil.example', host: 'evil.example' }
        const refused = await browser.post('/refresh', { from: 'cross-site', isOld: true, headers: forged })
        expect(refused.status).toBe(403)
      }),
    )
  })

  test('for http://localhost the development mode is named: `start.ts` runs as it stands', async () => {
    const port = await freePort()
    process.env['PORT'] = String(port)
    process.env['ORDERS_PORT'] = String(await freePort())
    const { close } = await runStart()
    try {
      const browser = openBrowser(port, `http://localhost:${port}`)
      const answer = await browser.post('/sign-in', { body: ADA })
      expect(answer.headers.getSetCookie()[0]).toMatch(/^sid=[^;]+; Path=\/; HttpOnly; SameSite=Strict$/)
      expect((await browser.get('/me')).status).toBe(200)
      expect((await browser.post('/sign-out', { from: 'cross-site' })).status).toBe(403)
      expect((await browser.post('/sign-out')).status).toBe(204)
      expect(browser.cookie()).toBe('')
    } finally {
      await close()
    }
  })

  test('without the development mode nothing runs on http', async () => {
    const started = (async () => start({ tokens: createTokens(), origin: 'http://localhost:3000' }))()
    await expect(started).rejects.toThrow(/must be https/)
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
