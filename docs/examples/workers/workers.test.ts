// The Workers example, in the real workerd: sessions for a browser, access tokens for an API, both bundled as deployed.
import { brotliCompressSync } from 'node:zlib'
import { numericDate } from '@tallystick/core'
import { systemClock, systemEntropy } from '@tallystick/core/system'
import { createIssuer, generateKey, signCompact, toJwks } from '@tallystick/jwt'
import { exportKey } from '@tallystick/jwt/keys'
import { memoryStorage } from '@tallystick/storage-memory'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBrowser } from '../test/browser.ts'
import { createWorker } from './session-worker.ts'
import { bundle, findWorkerd, type Running, serveWorkers } from './workerd.ts'

const APP = 'https://app.example.com'
const ISSUER = 'https://auth.example.com'
const AUDIENCE = 'https://api.example.com'
const ADA = { name: 'ada', password: 'correct horse battery staple' }

const program = findWorkerd()
const key = await generateKey('ES256', { extractable: true })
const otherKey = await generateKey('ES256')
const bundles = { 'session-worker': await bundle('session-worker'), 'api-worker': await bundle('api-worker') }

const sessionBindings = {
  ORIGIN: APP,
  ISSUER,
  AUDIENCE,
  SIGNING_KEY: JSON.stringify(exportKey(key)),
  REFRESH_TOKEN_SECRET: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url'),
  DEMO_PASSWORD: ADA.password,
}

test('several first requests at once build one application: who signs in by one is known to all', async () => {
  const worker = createWorker(() => memoryStorage())
  const env = { ...sessionBindings, API: { fetch: async () => Response.error() } }
  const signIn = { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' }, body: JSON.stringify(ADA) }
  const answers = await Promise.all([1, 2, 3].map(() => worker.fetch(new Request(`${APP}/sign-in`, signIn), env)))
  for (const answer of answers) {
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect((await worker.fetch(new Request(`${APP}/me`, { headers: { cookie } }), env)).status).toBe(200)
  }
})

/** Bytes after brotli, minified: what a deployment weighs. */
test.each([
  ['session-worker', 75_000],
  ['api-worker', 35_000],
] as const)('the bundle of %s holds no node: import and has at most %i bytes after brotli', (name, bytesMax) => {
  const text = bundles[name]
  const bytes = brotliCompressSync(text).length
  console.log(`${name}: ${text.length} bytes minified, ${bytes} after brotli`)
  expect(text).not.toMatch(/(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'](?:node:)?(?:crypto|buffer|util|stream|fs)["']/)
  expect(text.match(/\bimport\s*[{*"'(]/g) ?? []).toEqual([])
  expect(bytes).toBeGreaterThan(1000)
  expect(bytes).toBeLessThan(bytesMax)
})

if (program === undefined && process.env['CI'] !== undefined) {
  test('workerd must be there in CI', () => {
    expect(program, 'it could not be fetched').toBeDefined()
  })
} else {
  const isHere = program !== undefined
  if (!isHere)
    console.warn('SKIPPED, no workerd: the Workers example. `npm run test:runtimes -- --only workerd` fetches it.')
  const title = isHere ? 'in workerd' : 'in workerd (not here: `npm run test:runtimes -- --only workerd` fetches it)'
  describe.skipIf(!isHere).each(['no_nodejs_compat', 'nodejs_compat'] as const)(`${title} with %s`, (compatibility) => {
    let running: Running

    beforeAll(async () => {
      running = await serveWorkers(program ?? '', {
        bundles,
        compatibility,
        bindings: {
          'session-worker': sessionBindings,
          'api-worker': { ISSUER, AUDIENCE, JWKS: JSON.stringify(toJwks([key])) },
        },
      })
    })

    afterAll(() => running.close())

    test('CK-2 SE-8 sign-in, session, refresh and sign-out by one HttpOnly cookie', async () => {
      const browser = openBrowser(running.ports['session-worker'], APP)
      expect((await browser.get('/me')).status).toBe(401)
      expect((await browser.post('/sign-in', { body: { ...ADA, password: 'guess' } })).status).toBe(401)
      expect((await browser.post('/sign-in', { body: 'no JSON' })).status).toBe(401)
      const signedIn = await browser.post('/sign-in', { body: ADA })
      const [line = ''] = signedIn.headers.getSetCookie()
      expect(line.replace(/=tsn_[\w-]{65};/, '=…;')).toBe(
        '__Host-Http-sid=…; Path=/; Secure; HttpOnly; SameSite=Strict',
      )
      const me = await browser.get('/me')
      expect([me.status, me.text]).toEqual([200, '{"subject":"user_42"}'])
      expect((await browser.post('/refresh')).status).toBe(200)
      const held = browser.cookie()
      expect((await browser.post('/sign-out')).status).toBe(204)
      expect(browser.cookie()).toBe('')
      expect((await browser.get('/me', { cookie: held })).status).toBe(401)
      expect((await browser.get('/api/orders', { cookie: held })).status).toBe(401)
    })

    test('CS-2 another site changes nothing', async () => {
      const browser = openBrowser(running.ports['session-worker'], APP)
      await browser.post('/sign-in', { body: ADA })
      const cookie = browser.cookie()
      for (const path of ['/sign-in', '/refresh', '/sign-out']) {
        for (const isOld of [false, true]) {
          const forged = await browser.post(path, { body: ADA, from: 'cross-site', isOld, cookie })
          expect([path, forged.status]).toEqual([path, 403])
        }
      }
      expect((await browser.get('/me')).status).toBe(200)
    })

    test('BF-2 the page reaches the API by its cookie; the token has the scope of the route and no more', async () => {
      const browser = openBrowser(running.ports['session-worker'], APP)
      expect((await browser.get('/api/orders')).status).toBe(401)
      await browser.post('/sign-in', { body: ADA })
      const orders = await browser.get('/api/orders')
      expect([orders.status, JSON.parse(orders.text)]).toEqual([200, { sub: 'user_42', scope: 'orders:read' }])
      expect((await browser.post('/api/orders')).status).toBe(405)
      expect((await browser.get('/elsewhere')).status).toBe(404)
    })

    const good = {
      issuer: ISSUER,
      audience: AUDIENCE,
      type: 'at+jwt',
      keys: [key],
      scope: 'orders:read',
      age: 0,
    } as const
    test.each([
      ['the scope for what is asked', {}, 200, undefined],
      ['several scopes', { scope: 'profile orders:read' }, 200, undefined],
      ['another scope', { scope: 'orders:write' }, 403, /insufficient_scope.*scope="orders:read"/],
      ['a scope that begins alike', { scope: 'orders:reader' }, 403, /insufficient_scope/],
      ['no scope', { scope: undefined }, 403, /insufficient_scope/],
      ['another issuer', { issuer: 'https://evil.example' }, 401, /invalid_token/],
      ['another audience', { audience: 'https://other.example' }, 401, /invalid_token/],
      ['another key', { keys: [otherKey] }, 401, /invalid_token/],
      ['an age beyond its lifetime', { age: 1000 }, 401, /invalid_token/],
    ])('the API takes an at+jwt by its scope: with %s', async (_, differing, status, challenge) => {
      const { scope, age, ...parties } = { ...good, ...differing } as typeof good
      const issuer = createIssuer({ ...parties, lifetimeSeconds: 300 })
      const claims = { sub: 'user_42', client_id: 'web', ...(scope === undefined ? {} : { scope }) }
      const token = await issuer.issue(claims, numericDate(systemClock.now() - age), systemEntropy)
      const answer = await askApi(running, { authorization: `Bearer ${token}` })
      expect(answer.status).toBe(status)
      if (challenge !== undefined) expect(answer.headers.get('www-authenticate')).toMatch(challenge)
      else expect(await answer.json()).toMatchObject({ sub: 'user_42' })
    })

    test.each([
      ['at+jwt', 200],
      ['JWT', 401],
      ['logout+jwt', 401],
    ])('the API takes a token of no other type: %s', async (typ, status) => {
      const now = systemClock.now()
      const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'user_42', client_id: 'web', scope: 'orders:read', jti: 'j1' }
      const payload = JSON.stringify({ ...claims, iat: now, exp: now + 60 })
      const token = await signCompact(payload, { key, header: { typ } })
      expect((await askApi(running, { authorization: `Bearer ${token}` })).status).toBe(status)
    })

    test('the API tells no error to who sends no token', async () => {
      const answer = await askApi(running, {})
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    })
  })
}

function askApi({ ports }: Running, headers: Readonly<Record<string, string>>): Promise<Response> {
  return fetch(`http://127.0.0.1:${ports['api-worker']}/orders`, { headers })
}
