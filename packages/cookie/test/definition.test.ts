// Defining a cookie: what it is by default, and every contradiction that is refused before a browser refuses it.
import { numericDate } from '@tallystick/core'
import { describe, expect, test } from 'vitest'
import { type CookieOptions, csrfCookie, defineCookie, loginCookie, sessionCookie } from '../src/index.ts'

const YEAR_2100 = numericDate(4_102_444_800)

test('CK-1 CK-2 SE-6 the cookie of a session is as closed as a cookie can be, and gone with the browser', () => {
  expect(sessionCookie()).toEqual({
    name: '__Host-Http-sid',
    attributes: {
      path: '/',
      domain: undefined,
      secure: true,
      httpOnly: true,
      sameSite: 'strict',
      partitioned: false,
      maxAgeSeconds: undefined,
    },
    chunksMax: 1,
    headerBytesMax: 8190,
    migratesFrom: [],
    development: undefined,
  })
})

test.each<object>([
  { secure: false },
  { httpOnly: false },
  { sameSite: 'none' },
  { path: '/app' },
  { domain: 'example.com' },
  { name: 'sid', path: '/app' },
])('CK-1 no option of a session cookie opens it: %o', (opening) => {
  expect(() => sessionCookie(opening)).toThrow(
    /^sessionCookie: \w+ (is no option of a session cookie|must be 'strict' or 'lax')/,
  )
})

test('R8 the session cookie of a site whose users log in elsewhere is Lax and otherwise the same', () => {
  const { attributes, ...rest } = sessionCookie({ sameSite: 'lax' })
  const { attributes: strict, ...others } = sessionCookie()
  expect(attributes).toEqual({ ...strict, sameSite: 'lax' })
  expect(rest).toEqual(others)
})

test('R7 R8 the token against forgery is readable under __Host-; the log-in under way is Lax and short', () => {
  expect(csrfCookie()).toMatchObject({ name: '__Host-csrf', attributes: { httpOnly: false, secure: true } })
  expect(loginCookie()).toMatchObject({
    name: '__Host-Http-login',
    attributes: { sameSite: 'lax', secure: true, httpOnly: true, maxAgeSeconds: 600 },
  })
})

test('a definition cannot be changed', () => {
  const definition = sessionCookie({ migratesFrom: [{ name: 'sid', until: YEAR_2100 }] })
  const parts = [definition, definition.attributes, definition.migratesFrom, definition.migratesFrom[0]]
  expect(parts.every((part) => Object.isFrozen(part))).toBe(true)
  expect(Object.isFrozen(definition.migratesFrom[0]?.attributes)).toBe(true)
})

describe('CK-4 what browsers tie to Secure is tied here', () => {
  test.each<Omit<CookieOptions, 'name'>>([
    { sameSite: 'none', secure: false },
    { partitioned: true, secure: false },
  ])('%o is refused', (options) => {
    expect(() => defineCookie({ name: 'a', ...options })).toThrow(/secure must be true where/)
    expect(defineCookie({ name: 'a', ...options, secure: true }).attributes.secure).toBe(true)
  })
})

describe('CK-5 browsers keep nothing beyond these limits', () => {
  test('an age is 1 second to 400 days', () => {
    for (const maxAgeSeconds of [1, 34_560_000]) {
      expect(defineCookie({ name: 'a', maxAgeSeconds }).attributes.maxAgeSeconds).toBe(maxAgeSeconds)
    }
    for (const maxAgeSeconds of [0, -1, 34_560_001, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => defineCookie({ name: 'a', maxAgeSeconds })).toThrow(RangeError)
    }
  })

  test('a path is 1024 bytes at most', () => {
    expect(defineCookie({ name: 'a', path: `/${'p'.repeat(1023)}` }).attributes.path).toHaveLength(1024)
    expect(() => defineCookie({ name: 'a', path: `/${'p'.repeat(1024)}` })).toThrow(RangeError)
  })

  test('a name is 4096 bytes at most', () => {
    expect(defineCookie({ name: 'n'.repeat(4096) }).name).toHaveLength(4096)
    expect(() => defineCookie({ name: 'n'.repeat(4097) })).toThrow(RangeError)
  })
})

describe('F95 nothing outside the grammar enters a name, a path or a domain', () => {
  const evil = ['a;b', 'a,b', 'a\r\nb', 'a\0b', 'a\u00e9b', 'a\u2028b', 'a\tb', 'a b', 'a\u007fb']
  test.each(evil)('%j', (text) => {
    expect(() => defineCookie({ name: text })).toThrow(/name must be a token/)
    expect(() => defineCookie({ name: 'a', path: `/${text}` })).toThrow(/path must begin with/)
    expect(() => defineCookie({ name: 'a', domain: `${text}.example.com` })).toThrow(/domain must be a host name/)
    const until = YEAR_2100
    expect(() => defineCookie({ name: 'a', migratesFrom: [{ name: text, until }] })).toThrow(TypeError)
    expect(() => defineCookie({ name: 'a', migratesFrom: [{ name: 'b', path: `/${text}`, until }] })).toThrow(TypeError)
    expect(() => defineCookie({ name: 'a', migratesFrom: [{ name: 'b', domain: text, until }] })).toThrow(TypeError)
  })

  test.each(['', 'a=b', 'a"b', 'a(b', '[a]', '{a}', 'a/b', 'a@b', 'a\\b'])('CK-6 %j is no name', (name) => {
    expect(() => defineCookie({ name })).toThrow(/name must be a token/)
  })

  test.each(['', 'app', 'https://app.example.com/', '?'])('%j is no path', (path) => {
    expect(() => defineCookie({ name: 'a', path })).toThrow(/path must begin with/)
  })

  test.each([
    '',
    'localhost',
    'com',
    '.example.com',
    'example.com.',
    'Example.com',
    '127.0.0.1',
    '[::1]',
    'a..b',
    '-a.example',
    'a-.example',
    'example.com:8080',
    'https://example.com',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(126)}example`,
  ])('%j is no domain', (domain) => {
    expect(() => defineCookie({ name: 'a', domain })).toThrow(/domain must be a host name/)
  })

  test.each(['example.com', 'app.example.com', 'xn--bcher-kva.example', 'a-b.c1.example', '1.2.3.4a'])(
    '%j is a domain',
    (domain) => {
      expect(defineCookie({ name: 'a', domain }).attributes.domain).toBe(domain)
    },
  )
})

test('a mistake names field, what was given and what is allowed', () => {
  expect(() => defineCookie({ name: 'a', sameSite: 'Lax' as 'lax' })).toThrow(
    new TypeError(`defineCookie: sameSite must be 'strict', 'lax' or 'none' (given "Lax")`),
  )
  expect(() => defineCookie({ name: 'a', expires: 1 } as CookieOptions)).toThrow(/fields of CookieOptions only/)
  expect(() => defineCookie({ name: 'a', secure: 'yes' as unknown as boolean })).toThrow(/secure must be true or false/)
  expect(() => defineCookie({ name: 'a', chunksMax: 17 })).toThrow(
    new RangeError('defineCookie: chunksMax must be 1 to 16 (given 17)'),
  )
  expect(() => defineCookie({ name: 'a', headerBytesMax: 255 })).toThrow(/headerBytesMax must be 256 to 65536/)
  expect(() => defineCookie({} as CookieOptions)).toThrow(/name must be text/)
})
