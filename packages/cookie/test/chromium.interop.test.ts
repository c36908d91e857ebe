// A real Chromium stores every cookie that we write as we meant it, refuses what we refuse, and tells where requests come from.
import type { IncomingMessage } from 'node:http'
import { numericDate } from '@tallystick/core'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { judgeRequest, resolveCsrfPolicy } from '../src/csrf.ts'
import {
  clearCookie,
  type Cookie,
  type CookieDefinition,
  csrfCookie,
  defineCookie,
  loginCookie,
  readCookie,
  sessionCookie,
  setCookie,
  toSetCookie,
} from '../src/index.ts'
import { type Answer, describeChromium, startWorld, type World } from './chromium.ts'

const now = numericDate(1_800_000_000)
const HOST = 'app.example.test'
const UNTIL = numericDate(1_900_000_000)

describeChromium('a real Chromium', () => {
  let world: World
  let context: BrowserContext
  let page: Page
  /** The Cookie header and the other headers of the last request for a page. */
  let last: IncomingMessage['headers'] = {}

  beforeAll(async () => {
    world = await startWorld()
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    context = await world.browser.newContext({ ignoreHTTPSErrors: true })
    page = await context.newPage()
  })
  afterEach(() => context.close())

  /** Visits a page that answers so, and gives what Chromium holds afterwards. */
  async function visit(origin: string, answer: Answer, path = '/') {
    world.answer((request) => {
      last = request.headers
      return answer
    })
    await page.goto(origin + path)
    return context.cookies()
  }

  function set(definition: CookieDefinition, value: string, cookieHeader?: string): readonly Cookie[] {
    const result = setCookie(definition, value, { cookieHeader, origin: 'http://localhost' }, now)
    if (!result.ok) throw new Error(result.reason)
    return result.cookies
  }

  test.each<readonly [string, CookieDefinition]>([
    ['a session', sessionCookie()],
    ['a session that is Lax and lasts', sessionCookie({ sameSite: 'lax', maxAgeSeconds: 86_400 })],
    ['a session for 400 days', sessionCookie({ maxAgeSeconds: 34_560_000 })],
    ['a log-in under way', loginCookie()],
    ['an anti-forgery token', csrfCookie()],
    ['a cookie of a path', defineCookie({ name: '__Http-path', path: '/app' })],
    ['a cookie of a domain', defineCookie({ name: '__Secure-domain', domain: 'example.test', sameSite: 'none' })],
    ['a partitioned cookie', defineCookie({ name: '__Host-part', sameSite: 'none', partitioned: true })],
    [
      'a cookie without any protection',
      defineCookie({ name: 'bare', secure: false, httpOnly: false, sameSite: 'lax' }),
    ],
  ])(
    'CK-1 CK-2 %s is stored with the attributes that are meant, and scripts see it only where they may',
    async (_, definition) => {
      const { name, attributes } = definition
      const value = "!#$%&'()*+-./:<=>?@[]^_`{|}~0aZ"
      const cookies = set(definition, value)
      const before = Date.now() / 1000
      const stored = await visit(world.secure(HOST), { setCookies: cookies.map(toSetCookie) }, '/app')
      expect(stored).toHaveLength(1)
      expect(stored[0]).toMatchObject({
        name,
        value,
        path: attributes.path,
        domain: attributes.domain === undefined ? HOST : `.${attributes.domain}`,
        secure: attributes.secure,
        httpOnly: attributes.httpOnly,
        sameSite: { strict: 'Strict', lax: 'Lax', none: 'None' }[attributes.sameSite],
      })
      expect(stored[0]?.partitionKey !== undefined).toBe(attributes.partitioned)
      const age = attributes.maxAgeSeconds
      if (age === undefined) expect(stored[0]?.expires).toBe(-1)
      else expect(Math.abs((stored[0]?.expires ?? 0) - before - age)).toBeLessThan(60)
      const seen = await page.evaluate(
        () => (globalThis as unknown as { document: { cookie: string } }).document.cookie,
      )
      expect(seen.includes(`${name}=`)).toBe(!attributes.httpOnly)

      await visit(world.secure(HOST), {}, '/app')
      expect(readCookie(definition, { cookieHeader: last.cookie }, now)).toMatchObject({ ok: true, value })
      const cleared = clearCookie(definition, { cookieHeader: last.cookie }, now)
      expect(await visit(world.secure(HOST), { setCookies: cleared.map(toSetCookie) }, '/app')).toEqual([])
    },
  )

  test('CK-3 A28 Chromium takes exactly the prefixed cookies that can be defined', async () => {
    const prefixes = ['Secure', 'Host', 'Http', 'Host-Http'].flatMap((core) => [
      `__${core}-`,
      `__${core.toLowerCase()}-`,
      `__${core.toUpperCase()}-`,
      `__${core.replace('H', 'h').replace('S', 's').replace('t', 'T')}-`,
    ])
    const reached = { taken: 0, refused: 0 }
    for (const prefix of prefixes) {
      const texts: string[] = []
      const definable: string[] = []
      for (let bits = 0; bits < 16; bits += 1) {
        const name = `${prefix}${bits}`
        const secure = (bits & 1) > 0
        const httpOnly = (bits & 2) > 0
        const path = (bits & 4) > 0 ? '/app' : '/'
        const domain = (bits & 8) > 0 ? 'example.test' : undefined
        const parts = [`${name}=v; Path=${path}; SameSite=Lax`]
        if (domain !== undefined) parts.push(`Domain=${domain}`)
        if (secure) parts.push('Secure')
        if (httpOnly) parts.push('HttpOnly')
        texts.push(parts.join('; '))
        try {
          defineCookie({ name, secure, httpOnly, path, domain, sameSite: 'lax' })
          definable.push(name)
        } catch {
          reached.refused += 1
        }
      }
      const stored = await visit(world.secure(HOST), { setCookies: texts })
      expect(stored.map(({ name }) => name).toSorted(), prefix).toEqual(definable.toSorted())
      reached.taken += stored.length
      await context.clearCookies()
    }
    console.log('prefixed cookies in Chromium:', reached)
    expect(reached).toEqual({ taken: 60, refused: 196 })
  })

  test('CK-4 CK-5 CK-6 Chromium refuses what is a mistake here: None without Secure, 4097 bytes, no name', async () => {
    const bytes = (count: number): string => `long=${'v'.repeat(count - 'long'.length)}`
    const rest = '; Path=/; Secure; SameSite=Strict'
    const refused = ['a=1; Path=/; SameSite=None', 'b=1; Path=/; Partitioned', `${bytes(4097)}${rest}`]
    for (const text of refused)
      expect(await visit(world.secure(HOST), { setCookies: [text] }), text.slice(0, 40)).toEqual([])
    expect(await visit(world.secure(HOST), { setCookies: [`${bytes(4096)}${rest}`] })).toHaveLength(1)
    await context.clearCookies()
    expect(await visit(world.secure(HOST), { setCookies: [`=__Host-Http-sid=planted${rest}`] })).toEqual([])
  })

  test('CK-5 a value in chunks comes back whole, shrinks without stale chunks, and is cleared', async () => {
    const definition = sessionCookie({ chunksMax: 4, headerBytesMax: 16_000 })
    const origin = world.secure(HOST)
    let predictedBytes = 0
    for (const lengthBytes of [10_000, 5000, 10, 9000]) {
      const value = 'abcdefghij'.repeat(lengthBytes / 10)
      const result = setCookie(definition, value, { cookieHeader: last.cookie }, now)
      if (!result.ok) throw new Error(result.reason)
      predictedBytes = result.headerBytes
      await visit(origin, { setCookies: result.cookies.map(toSetCookie) })
      await visit(origin, {})
      expect(readCookie(definition, { cookieHeader: last.cookie }, now)).toMatchObject({ ok: true, value })
      expect(`Cookie: ${last.cookie}`).toHaveLength(predictedBytes)
    }
    const cleared = clearCookie(definition, { cookieHeader: last.cookie }, now).map(toSetCookie)
    expect(await visit(origin, { setCookies: cleared })).toEqual([])
  })

  test('a declared migration moves the cookie and leaves nothing behind', async () => {
    const old = defineCookie({ name: 'sid', domain: 'example.test', path: '/app', sameSite: 'lax' })
    const definition = sessionCookie({
      migratesFrom: [{ name: 'sid', domain: 'example.test', path: '/app', until: UNTIL }],
    })
    const origin = world.secure(HOST)
    await visit(origin, { setCookies: set(old, 'abc').map(toSetCookie) }, '/app')
    await visit(origin, {}, '/app')
    const reading = readCookie(definition, { cookieHeader: last.cookie }, now)
    expect(reading).toMatchObject({ ok: true, value: 'abc', source: 'migrated' })
    const carried = reading.ok ? reading.cookies.map(toSetCookie) : []
    const stored = await visit(origin, { setCookies: carried }, '/app')
    expect(stored.map(({ name, value }) => `${name}=${value}`)).toEqual(['__Host-Http-sid=abc'])
  })

  test('the development mode works on http://localhost, where the cookie of production does not get there by http', async () => {
    const definition = sessionCookie({ development: 'http-localhost' })
    const origin = world.plain('localhost')
    const stored = await visit(origin, { setCookies: set(definition, 'abc').map(toSetCookie) })
    expect(stored).toMatchObject([{ name: 'sid', value: 'abc', secure: false, httpOnly: true, sameSite: 'Strict' }])
    await visit(origin, {})
    expect(readCookie(definition, { cookieHeader: last.cookie, origin }, now)).toMatchObject({ value: 'abc' })
    const elsewhere = await visit(world.plain(HOST), { setCookies: set(sessionCookie(), 'abc').map(toSetCookie) })
    expect(elsewhere.filter(({ name }) => name.startsWith('__'))).toEqual([])
  })

  test('CK-7 A28 a cookie that a sibling tossed is a duplicate, and under the default name it gets nowhere', async () => {
    const plain = defineCookie({ name: 'sid' })
    await visit(world.secure(HOST), { setCookies: set(plain, 'mine').map(toSetCookie) })
    await visit(world.secure('evil.example.test'), {
      setCookies: [
        'sid=planted; Domain=example.test; Path=/; Secure',
        '__Host-Http-sid=planted; Domain=example.test; Path=/; Secure; HttpOnly',
        '__hOsT-hTtP-sid=planted; Domain=example.test; Path=/; Secure; HttpOnly',
      ],
    })
    await page.evaluate(() => {
      const { document } = globalThis as unknown as { document: { cookie: string } }
      document.cookie = '__Host-Http-sid=planted; Path=/; Secure'
      document.cookie = '__Http-sid=planted; Path=/; Secure; Domain=example.test'
    })
    await visit(world.secure(HOST), {})
    expect(readCookie(plain, { cookieHeader: last.cookie }, now)).toMatchObject({ reason: 'cookie/duplicate' })
    expect(readCookie(sessionCookie(), { cookieHeader: last.cookie }, now)).toMatchObject({ source: 'absent' })
    expect(last.cookie).not.toContain('__')
  })

  test('R8 CS-8 back from a log-in elsewhere the Lax cookie is there, the Strict one only after a page of our own', async () => {
    const [own, elsewhere] = [world.secure(HOST), world.secure('idp.test')]
    const login = loginCookie()
    const session = sessionCookie()
    const got = new Map<string, string | undefined>()
    world.answer((request) => {
      const url = request.url ?? ''
      if (request.headers.host?.startsWith('idp') === true) {
        return { body: `<script>location = '${own}/callback${url.slice(1)}'</script>` }
      }
      got.set(url, request.headers.cookie)
      if (url === '/begin') return { setCookies: set(login, 'state').map(toSetCookie) }
      const signedIn = { setCookies: set(session, url.slice('/callback-by-'.length)).map(toSetCookie) }
      if (url === '/callback-by-redirect')
        return { ...signedIn, status: 303, headers: { location: '/home-by-redirect' } }
      if (url === '/callback-by-page')
        return { ...signedIn, body: '<meta http-equiv="refresh" content="0; url=/home-by-page">' }
      return {}
    })
    await page.goto(`${own}/begin`)
    for (const by of ['redirect', 'page']) {
      await page.goto(`${elsewhere}/-by-${by}`)
      await page.waitForURL(`${own}/home-by-${by}`)
    }
    const read = (definition: CookieDefinition, path: string) =>
      readCookie(definition, { cookieHeader: got.get(path) }, now)
    for (const by of ['redirect', 'page']) {
      expect(read(login, `/callback-by-${by}`)).toMatchObject({ ok: true, value: 'state' })
      expect(read(session, `/callback-by-${by}`)).toMatchObject({ ok: true, source: 'absent' })
    }
    expect(read(session, '/home-by-redirect')).toMatchObject({ ok: true, source: 'absent' })
    expect(read(session, '/home-by-page')).toMatchObject({ ok: true, value: 'page' })
  })

  test('CS-1 CS-2 CS-6 A29 A31 requests of Chromium are judged as they are meant', async () => {
    const own = world.secure(HOST)
    const sibling = world.secure('blog.example.test')
    const policy = resolveCsrfPolicy({ targetOrigins: [own] })
    const trusting = resolveCsrfPolicy({ targetOrigins: [own], trustedOrigins: [sibling] })
    const form = `<form method="post" action="${own}/act" enctype="text/plain"><input name="a" value="b"></form>`
    const isAct = (request: IncomingMessage): boolean => request.url === '/act'

    /** The verdict on the request that a page at `from` makes. */
    const judge = async (from: string, body: string, headers = {}, rules = policy): Promise<string> => {
      const verdict = new Promise<string>((resolve) => {
        world.answer((request) => {
          if (!isAct(request)) return { body, headers }
          const header = (name: string): string | undefined => request.headers[name]?.toString()
          const judged = judgeRequest({ method: request.method ?? '', header }, rules)
          resolve(judged.ok ? judged.by : judged.reason)
          return { body: 'done' }
        })
      })
      const visitor = await context.newPage()
      // Going there is interrupted where the page goes on at once.
      const visited = visitor.goto(from).catch(() => null)
      const result = await verdict
      await visited
      await visitor.close()
      return result
    }

    const submit = `${form}<script>document.forms[0].submit()</script>`
    const framed = `<iframe sandbox="allow-scripts allow-forms" srcdoc='${submit.replaceAll("'", '')}'></iframe>`
    const image = `<img src="${own}/act">`
    const noReferrer = { 'referrer-policy': 'no-referrer' }
    expect(await judge(own, submit)).toBe('fetch_metadata')
    expect(await judge(own, submit, noReferrer)).toBe('fetch_metadata')
    expect(await judge(sibling, submit)).toBe('csrf/same_site')
    expect(await judge(sibling, submit, {}, trusting)).toBe('fetch_metadata')
    expect(await judge(sibling, submit, noReferrer, trusting)).toBe('csrf/same_site')
    expect(await judge(world.secure('evil.test'), submit)).toBe('csrf/cross_site')
    expect(await judge(world.secure('evil.test'), submit, noReferrer, trusting)).toBe('csrf/cross_site')
    expect(await judge(own, framed)).toBe('csrf/cross_site')
    expect(await judge(world.secure('evil.test'), image)).toBe('safe_method')
    // The page over http: no metadata to be trusted is sent, its Origin tells.
    expect(await judge(world.plain(HOST), submit)).toMatch(/^csrf\/(cross_site|same_site|origin)$/)
  })
})
