// Foreign parsers read what we write as we meant it, and we read the Cookie headers that they write.
import { parseCookie, stringifyCookie } from 'cookie'
import { numericDate } from '@tallystick/core'
import * as fc from 'fast-check'
import { CookieJar } from 'tough-cookie'
import { getCookies, Headers as UndiciHeaders } from 'undici'
import { describe, expect, test } from 'vitest'
import {
  clearCookie,
  type Cookie,
  csrfCookie,
  defineCookie,
  loginCookie,
  readCookie,
  sessionCookie,
  setCookie,
  toSetCookie,
} from '../src/index.ts'
import { cookieOptions, values } from './arbitraries.ts'
import { foreignParsers, meant } from './foreign.ts'
import { settings } from './settings.ts'

const now = numericDate(1_800_000_000)

function set(definition: ReturnType<typeof defineCookie>, value: string): readonly Cookie[] {
  const result = setCookie(definition, value, { origin: 'http://localhost' }, now)
  if (!result.ok) throw new Error(result.reason)
  return result.cookies
}

/** Every kind of cookie that the presets write. */
const kinds: ReadonlyArray<readonly [string, readonly Cookie[]]> = [
  ['a session', set(sessionCookie(), 'opaque')],
  ['a session that lasts', set(sessionCookie({ sameSite: 'lax', maxAgeSeconds: 86_400 }), 'opaque')],
  ['a session in development', set(sessionCookie({ development: 'http-localhost' }), 'opaque')],
  ['a session in chunks', set(sessionCookie({ chunksMax: 3, headerBytesMax: 16_000 }), 'v'.repeat(9000))],
  ['a log-in under way', set(loginCookie(), 'state')],
  ['an anti-forgery token', set(csrfCookie(), 'token')],
  ['a partitioned cookie', set(defineCookie({ name: '__Host-p', sameSite: 'none', partitioned: true }), 'v')],
  ['a cookie of a domain', set(defineCookie({ name: 'd', domain: 'example.com', path: '/app' }), 'v')],
  ['a cookie that ends', clearCookie(sessionCookie(), { cookieHeader: null }, now)],
]

describe('foreign parsers read every kind of cookie as it is meant', () => {
  test.each(kinds)('%s', (_, cookies) => {
    for (const cookie of cookies) {
      const text = toSetCookie(cookie)
      for (const [parser, parse] of Object.entries(foreignParsers)) expect(parse(text), parser).toEqual(meant(cookie))
    }
  })
})

test('foreign parsers read any cookie as it is meant', () => {
  const reached = { session: 0, persistent: 0, prefixed: 0, domain: 0, partitioned: 0, cleared: 0 }
  fc.assert(
    fc.property(cookieOptions, values, fc.boolean(), (options, value, isEnd) => {
      const definition = defineCookie(options)
      const cookies = isEnd ? clearCookie(definition, { cookieHeader: null }, now) : set(definition, value)
      for (const cookie of cookies) {
        const text = toSetCookie(cookie)
        for (const [parser, parse] of Object.entries(foreignParsers)) {
          expect(parse(text), `${parser}: ${text}`).toEqual(meant(cookie))
        }
      }
      reached[isEnd ? 'cleared' : options.maxAgeSeconds === undefined ? 'session' : 'persistent'] += 1
      if (options.name.startsWith('__')) reached.prefixed += 1
      if (options.domain !== undefined) reached.domain += 1
      if (options.partitioned === true) reached.partitioned += 1
    }),
    settings(500),
  )
  console.log('read by foreign parsers:', reached)
  for (const [kind, count] of Object.entries(reached)) expect(count, kind).toBeGreaterThan(0)
})

describe('foreign writers', () => {
  const others = fc.array(fc.tuple(fc.stringMatching(/^[a-zA-Z0-9_]{1,8}$/), fc.string({ maxLength: 10 })), {
    maxLength: 4,
  })

  test('`cookie` writes a Cookie header, and we read ours in it', () => {
    const reached = { alone: 0, among: 0 }
    fc.assert(
      fc.property(values, others, (value, rest) => {
        const definition = sessionCookie()
        const pairs = Object.fromEntries(rest.filter(([name]) => name !== '__proto__'))
        const header = [
          stringifyCookie(pairs),
          stringifyCookie({ [definition.name]: value }, { encode: (text) => text }),
        ]
          .filter((text) => text !== '')
          .join('; ')
        expect(readCookie(definition, { cookieHeader: header }, now)).toMatchObject({ ok: true, value })
        expect(parseCookie(header, { decode: (text) => text })[definition.name]).toBe(value)
        reached[rest.length === 0 ? 'alone' : 'among'] += 1
      }),
      settings(300),
    )
    for (const [kind, count] of Object.entries(reached)) expect(count, kind).toBeGreaterThan(0)
  })

  test('undici reads from our header what we read from it', () => {
    fc.assert(
      fc.property(
        values.filter((value) => value !== ''),
        (value) => {
          const header = `a=1; __Host-Http-sid=${value}`
          const read = getCookies(new UndiciHeaders({ cookie: header }))['__Host-Http-sid']
          expect(readCookie(sessionCookie(), { cookieHeader: header }, now)).toMatchObject({ value: read })
          expect(read).toBe(value)
        },
      ),
      settings(300),
    )
  })

  test('a jar of tough-cookie with prefix security keeps our cookies and sends them back to be read', async () => {
    const jar = new CookieJar(undefined, { prefixSecurity: 'strict' })
    const definition = sessionCookie({ chunksMax: 3, headerBytesMax: 16_000 })
    const send = async (cookies: readonly Cookie[]): Promise<string> => {
      for (const cookie of cookies) await jar.setCookie(toSetCookie(cookie), 'https://app.example.com/')
      return jar.getCookieString('https://app.example.com/orders')
    }
    const long = 'v'.repeat(9000)
    const first = await send(set(definition, long))
    expect(readCookie(definition, { cookieHeader: first }, now)).toMatchObject({ value: long })

    const shorter = setCookie(definition, 'w'.repeat(5000), { cookieHeader: first }, now)
    const second = await send(shorter.ok ? shorter.cookies : [])
    expect(readCookie(definition, { cookieHeader: second }, now)).toMatchObject({ value: 'w'.repeat(5000) })
    expect(shorter.ok && shorter.headerBytes).toBe(`Cookie: ${second}`.length)

    const whole = setCookie(definition, 'x', { cookieHeader: second }, now)
    const third = await send(whole.ok ? whole.cookies : [])
    expect(third).toBe('__Host-Http-sid=x')
    expect(await send(clearCookie(definition, { cookieHeader: third }, now))).toBe('')
  })

  test('CK-3 such a jar refuses what we refuse', async () => {
    const jar = new CookieJar(undefined, { prefixSecurity: 'strict' })
    for (const text of [
      '__Host-a=1; Secure; Path=/app',
      '__Host-b=1; Secure; Path=/; Domain=example.com',
      '__Secure-c=1',
    ]) {
      await expect(jar.setCookie(text, 'https://app.example.com/')).rejects.toThrow(/prefix/)
    }
  })
})
