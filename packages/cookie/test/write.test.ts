// Setting, clearing and merging cookies: what the answer carries, and what the browser will send next.
import { numericDate } from '@tallystick/core'
import { describe, expect, test } from 'vitest'
import {
  clearCookie,
  type Cookie,
  csrfCookie,
  defineCookie,
  mergeCookies,
  sessionCookie,
  setCookie,
  toSetCookie,
} from '../src/index.ts'
import { nextHeaderBytes, parseCookieHeader } from '../src/header.ts'

const now = numericDate(1_800_000_000)
const none = { cookieHeader: null }
const session = sessionCookie()

/** The headers that an answer carries, or the reason why there are none. */
function headers(result: ReturnType<typeof setCookie>): readonly string[] | string {
  return result.ok ? result.cookies.map(toSetCookie) : result.reason
}

test('CK-1 CK-2 a session is set with everything that closes it', () => {
  expect(headers(setCookie(session, 'abc', none, now))).toEqual([
    '__Host-Http-sid=abc; Path=/; Secure; HttpOnly; SameSite=Strict',
  ])
})

test('every attribute is written as browsers read it', () => {
  const all = defineCookie({
    name: '__Secure-a',
    path: '/app',
    domain: 'example.com',
    sameSite: 'none',
    partitioned: true,
    maxAgeSeconds: 60,
  })
  expect(headers(setCookie(all, 'v', none, now))).toEqual([
    '__Secure-a=v; Path=/app; Domain=example.com; Max-Age=60; Secure; HttpOnly; SameSite=None; Partitioned',
  ])
  const bare = defineCookie({ name: 'b', secure: false, httpOnly: false, sameSite: 'lax' })
  expect(headers(setCookie(bare, '', none, now))).toEqual(['b=; Path=/; SameSite=Lax'])
})

test('a cookie is cleared with the attributes that it was set with', () => {
  const all = defineCookie({
    name: 'a',
    path: '/app',
    domain: 'example.com',
    sameSite: 'none',
    partitioned: true,
    maxAgeSeconds: 60,
  })
  expect(clearCookie(all, none, now).map(toSetCookie)).toEqual([
    'a=; Path=/app; Domain=example.com; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=None; Partitioned',
  ])
  expect(clearCookie(session, { cookieHeader: 'x'.repeat(9000) }, now)).toHaveLength(1)
})

describe('CK-5 name and value are 4096 bytes at most', () => {
  test('4096 are set, 4097 are a mistake that does not show the value', () => {
    const value = 'v'.repeat(4096 - session.name.length)
    expect(headers(setCookie(session, value, none, now))).toHaveLength(1)
    expect(() => setCookie(session, `${value}v`, none, now)).toThrow(
      new RangeError('setCookie: name and value must be at most 4096 bytes (given 4097)'),
    )
  })

  test('a cookie made by hand is held to the same', () => {
    const attributes = session.attributes
    const value = 'v'.repeat(4096 - 'a'.length)
    expect(toSetCookie({ name: 'a', value, attributes })).toContain('Path=/')
    expect(() => toSetCookie({ name: 'a', value: `${value}v`, attributes })).toThrow(RangeError)
    const lasting = (maxAgeSeconds: number): Cookie => ({
      name: 'a',
      value,
      attributes: { ...attributes, maxAgeSeconds },
    })
    expect(toSetCookie(lasting(34_560_000))).toContain('Max-Age=34560000')
    for (const age of [34_560_001, -1, 0.5]) expect(() => toSetCookie(lasting(age))).toThrow(RangeError)
    const ending = (expiresAt: number) => ({ ...attributes, expiresAt: expiresAt as typeof now })
    expect(toSetCookie({ name: 'a', value, attributes: ending(253_402_300_799) })).toContain('31 Dec 9999 23:59:59 GMT')
    for (const at of [253_402_300_800, -1, 0.5])
      expect(() => toSetCookie({ name: 'a', value, attributes: ending(at) })).toThrow(RangeError)
  })
})

describe('F95 CK-6 nothing outside the grammar enters a header', () => {
  const evil = [
    'a;b',
    'a,b',
    'a\r\nSet-Cookie: x=y',
    'a\nb',
    'a\rb',
    'a\0b',
    'a b',
    'a"b',
    '"a"',
    'a\\b',
    '\u00e9',
    '\ud83d\ude00',
    'a\u007f',
    '\t',
  ]
  test.each(evil)('%j is no value', (value) => {
    const attempt = (): unknown => setCookie(session, value, none, now)
    expect(attempt).toThrow(TypeError)
    expect(attempt).toThrow(/^setCookie: value must be visible ASCII/)
    expect(() => toSetCookie({ name: 'a', value, attributes: session.attributes })).toThrow(TypeError)
  })

  test.each(evil)('%j enters no header by a cookie made by hand', (text) => {
    const { attributes } = session
    const made: readonly Cookie[] = [
      { name: text, value: 'v', attributes },
      { name: 'a', value: 'v', attributes: { ...attributes, path: text } },
      { name: 'a', value: 'v', attributes: { ...attributes, path: `/${text}` } },
      { name: 'a', value: 'v', attributes: { ...attributes, domain: text } },
      { name: 'a', value: 'v', attributes: { ...attributes, sameSite: text as 'lax' } },
      { name: 'a', value: 'v', attributes: { ...attributes, maxAgeSeconds: text as unknown as number } },
      { name: 'a', value: 'v', attributes: { ...attributes, expiresAt: text as unknown as typeof now } },
    ]
    // `"` and `\` may stand in a path.
    const refused = made.filter(
      (cookie) => cookie.attributes.path !== `/${text}` || !/^a?["\\][ab]"?$|^"a"$/.test(text),
    )
    for (const cookie of refused) expect(() => toSetCookie(cookie), JSON.stringify(cookie)).toThrow(TypeError)
  })

  test('A37 what is checked is what is written, whatever is read the second time', () => {
    const texts = ['/', '/', '/\r\nSet-Cookie: x=y']
    let reads = 0
    const attributes = {
      ...session.attributes,
      get path() {
        reads += 1
        return texts[Math.min(reads, texts.length) - 1] ?? ''
      },
    }
    for (const from of [1, 2, 3]) {
      reads = 3 - from
      expect(`${reads}: ${written(() => toSetCookie({ name: 'a', value: 'v', attributes }))}`).not.toContain('\n')
    }
  })

  test('a mistake about a value does not show it', () => {
    expect(() => setCookie(session, 'secret;', none, now)).toThrow(/given a string of 7 characters/)
  })

  test('CK-6 a nameless cookie is a mistake', () => {
    expect(() => toSetCookie({ name: '', value: 'v', attributes: session.attributes })).toThrow(TypeError)
  })
})

test('CK-3 a cookie made by hand keeps what its prefix promises', () => {
  const made = { name: '__hOsT-a', value: 'v', attributes: { ...session.attributes, domain: 'example.com' } }
  expect(() => toSetCookie(made)).toThrow(/domain must be absent/)
})

describe('CK-6 one answer names a cookie once', () => {
  const set = (value: string): readonly Cookie[] => {
    const result = setCookie(session, value, none, now)
    return result.ok ? result.cookies : []
  }

  test('two values of one cookie are a mistake, and so are a value and its removal', () => {
    expect(() => mergeCookies([set('1'), set('2')], none)).toThrow(/__Host-Http-sid is set twice/)
    expect(() => mergeCookies([set('1'), clearCookie(session, none, now)], none)).toThrow(TypeError)
  })

  test('the very same cookie is sent once', () => {
    expect(headers(mergeCookies([set('1'), set('1')], none))).toHaveLength(1)
  })

  test('different cookies go together', () => {
    const token = setCookie(csrfCookie(), 't', none, now)
    const merged = mergeCookies([set('1'), token.ok ? token.cookies : []], none)
    expect(headers(merged)).toEqual([
      '__Host-Http-sid=1; Path=/; Secure; HttpOnly; SameSite=Strict',
      '__Host-csrf=t; Path=/; Secure; SameSite=Strict',
    ])
    expect(merged.ok && merged.headerBytes).toBe('Cookie: __Host-Http-sid=1; __Host-csrf=t'.length)
  })
})

describe('the browser is never made to send more than the server reads', () => {
  const definition = defineCookie({ name: 'sid', headerBytesMax: 300 })
  const others = (bytes: number): string => `a=${'x'.repeat(bytes - 'Cookie: a='.length)}`

  test('a cookie that just fits is set, one byte more is refused', () => {
    const room = 300 - '; sid='.length
    const set = (line: number): ReturnType<typeof setCookie> =>
      setCookie(definition, 'vvvv', { cookieHeader: others(line) }, now)
    const fits = set(room - 4)
    expect(fits.ok && fits.headerBytes).toBe(300)
    expect(headers(set(room - 3))).toBe('cookie/budget_exceeded')
    expect(set(room - 3)).toMatchObject({ error: { status: 431 } })
  })

  test('a header that is too long already is refused unread', () => {
    expect(headers(setCookie(definition, 'v', { cookieHeader: others(301) }, now))).toBe('cookie/header_too_large')
  })

  test('a cookie that is replaced is not counted twice', () => {
    const held = `sid=${'x'.repeat(300 - 'Cookie: sid='.length)}`
    const result = setCookie(definition, 'y'.repeat(288), { cookieHeader: held }, now)
    expect(result.ok && result.headerBytes).toBe(300)
  })

  test('cookies that fit alone are refused together', () => {
    const of = (name: string): readonly Cookie[] => {
      const result = setCookie(defineCookie({ name, headerBytesMax: 300 }), 'v'.repeat(200), none, now)
      return result.ok ? result.cookies : []
    }
    expect(headers(mergeCookies([of('a')], none, 300))).toHaveLength(1)
    expect(headers(mergeCookies([of('a'), of('b')], none, 300))).toBe('cookie/budget_exceeded')
  })

  test('clearing is always possible', () => {
    const tooLong = { cookieHeader: others(301) }
    const merged = mergeCookies([clearCookie(definition, tooLong, now)], tooLong, 300)
    expect(headers(merged)).toHaveLength(1)
    expect(headers(mergeCookies([clearCookie(definition, none, now)], tooLong, 300))).toHaveLength(1)
    const set = setCookie(definition, 'v', none, now)
    expect(headers(mergeCookies([set.ok ? set.cookies : []], tooLong, 300))).toBe('cookie/header_too_large')
    // Written without spaces it fits, and with them, as browsers write it, it would not.
    const dense = { cookieHeader: `a=1;b=2;${'x'.repeat(300 - 'Cookie: a=1;b=2;'.length)}` }
    expect(headers(mergeCookies([clearCookie(definition, dense, now)], dense, 300))).toHaveLength(1)
    expect(headers(mergeCookies([[]], dense, 300))).toEqual([])
  })

  test('of several cookies with one name the shortest is taken for the one that is replaced', () => {
    const parsed = parseCookieHeader('sid=1; sid=22222')
    const set = setCookie(definition, '333', none, now)
    if (!parsed.ok || !set.ok) throw new Error('both are fine')
    expect(nextHeaderBytes(parsed.cookies, set.cookies)).toBe('Cookie: sid=22222; sid=333'.length)
  })
})

function written(write: () => string): string {
  try {
    return write()
  } catch {
    return 'refused'
  }
}
