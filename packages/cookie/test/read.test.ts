// Reading a cookie: one value or a reason, whatever else a browser, a neighbour or an attacker sent.
import { numericDate } from '@tallystick/core'
import { describe, expect, test } from 'vitest'
import { defineCookie, readCookie, sessionCookie } from '../src/index.ts'
import { nextHeaderBytes, parseCookieHeader } from '../src/header.ts'

const now = numericDate(1_800_000_000)
const session = sessionCookie()
const plain = defineCookie({ name: 'sid' })

/** What is read: the value, the reason, or undefined where there is none. */
function read(cookieHeader: string | null | undefined, definition = plain): string | undefined {
  const reading = readCookie(definition, { cookieHeader }, now)
  return reading.ok ? reading.value : reading.reason
}

test('a cookie is found among others', () => {
  expect(readCookie(session, { cookieHeader: 'a=1; __Host-Http-sid=abc; b=2' }, now)).toEqual({
    ok: true,
    value: 'abc',
    source: 'current',
    cookies: [],
  })
})

test.each([undefined, null, '', ' ', ';', ' ; ;', 'sidd=1', 'SID=1', 'a=sid=1', 'sid'])(
  'a cookie that is not there is no refusal: %j',
  (header) => {
    expect(readCookie(plain, { cookieHeader: header }, now)).toEqual({ ok: true, source: 'absent', cookies: [] })
  },
)

describe('CK-7 A28 tossed cookies', () => {
  test.each([
    'sid=1; sid=2',
    'sid=1; sid=1',
    'sid=; sid=2',
    'sid=1;sid=2;sid=3',
    'sid=1; a=b; sid="1"',
    'sid =1; sid=2',
  ])('%j is refused', (header) => {
    expect(read(header)).toBe('cookie/duplicate')
  })

  test("a neighbour's duplicates break nothing", () => {
    expect(read('a=1; a=2; sid=mine; a=3')).toBe('mine')
  })

  test('A28 a prefix in another spelling is another cookie', () => {
    for (const name of ['__host-http-sid', '__HOST-HTTP-sid', '__hOsT-HtTp-sid', '__Host-Http-SID']) {
      expect(read(`${name}=planted`, session)).toBeUndefined()
      expect(read(`${name}=planted; __Host-Http-sid=mine`, session)).toBe('mine')
    }
  })

  test('white space that no browser sends does not hide a name', () => {
    expect(read('\u00a0sid=planted; sid=mine')).toBe('mine')
    expect(read('\u000bsid=planted')).toBeUndefined()
    expect(read('\tsid\t=\tmine\t')).toBe('mine')
  })
})

describe('the value as it stands', () => {
  test.each([
    ['sid=a=b==', 'a=b=='],
    ['sid=', ''],
    ['sid="abc"', 'abc'],
    ['sid=""', ''],
    ['sid=%41%3B', '%41%3B'],
    ['sid=+', '+'],
    ["sid=!#$%&'()*+-./:<=>?@[]^_`{|}~", "!#$%&'()*+-./:<=>?@[]^_`{|}~"],
  ])('%s', (header, value) => {
    expect(read(header)).toBe(value)
  })

  test.each([
    'sid="',
    'sid="a',
    'sid=a"',
    'sid="a"b"',
    'sid=a b',
    'sid=a,b',
    'sid=a\\b',
    'sid=\u00e9',
    'sid=a\0b',
    'sid=a\r\nb',
    'sid=\u2028',
    'sid=a, sid=b',
  ])('%j was never written by us', (header) => {
    expect(read(header)).toBe('cookie/malformed')
  })

  test('what is odd about other cookies is not looked at', () => {
    expect(read('a="; b=\u00e9\0; =x; y; c=a,b; sid=mine; d=\\')).toBe('mine')
  })
})

describe('F96 names of every object', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])(
    '%s is a name as any other',
    (name) => {
      expect(read(undefined, defineCookie({ name }))).toBeUndefined()
      expect(read('a=1', defineCookie({ name }))).toBeUndefined()
      expect(read(`${name}=1`, defineCookie({ name }))).toBe('1')
      expect(({} as Record<string, unknown>)['1']).toBeUndefined()
    },
  )

  test('a cookie __proto__ changes no object', () => {
    const parsed = parseCookieHeader('__proto__=polluted; sid=1')
    expect(parsed.ok && parsed.cookies.get('__proto__')).toEqual(['polluted'])
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})

describe('limits', () => {
  test('a header line of 8190 bytes is read, one of 8191 refused unread', () => {
    const fill = (bytes: number): string => {
      const start = 'sid=mine; a='
      return start + 'x'.repeat(bytes - 'Cookie: '.length - start.length)
    }
    expect(read(fill(8190))).toBe('mine')
    expect(read(fill(8191))).toBe('cookie/header_too_large')
    expect(read(fill(300), defineCookie({ name: 'sid', headerBytesMax: 300 }))).toBe('mine')
    expect(read(fill(301), defineCookie({ name: 'sid', headerBytesMax: 300 }))).toBe('cookie/header_too_large')
  })

  test('the refusal is 431 and says so in no words of the request', () => {
    const reading = readCookie(plain, { cookieHeader: 'x'.repeat(9000) }, now)
    expect(reading).toMatchObject({ ok: false, error: { status: 431 } })
    expect(JSON.stringify(reading)).not.toContain('xxx')
  })

  test('a thousand cookies are read, and one more is refused', () => {
    const definition = defineCookie({ name: 'sid', headerBytesMax: 65_536 })
    const others = Array.from({ length: 999 }, (_, at) => `c${at}=`).join('; ')
    expect(read(`${others}; sid=mine`, definition)).toBe('mine')
    expect(read(`${others}; one=; sid=mine`, definition)).toBe('cookie/too_many')
  })

  test('characters that a runtime decoded count as the three bytes that they were', () => {
    const header = `sid=mine; a=${'\u20ac'.repeat(2720)}`
    expect(read(header)).toBe('mine')
    expect(read(`${header}\u20ac\u20ac\u20ac\u20ac`)).toBe('cookie/header_too_large')
  })

  test('what is no text is refused', () => {
    expect(read(['sid=1'] as unknown as string)).toBe('cookie/malformed')
    expect(read(7 as unknown as string)).toBe('cookie/malformed')
  })
})

test('the length of a header that is sent back unchanged is its own', () => {
  for (const header of ['a=1', 'a=1; b=2', 'nameless; a=', 'a=1; a=2']) {
    const parsed = parseCookieHeader(header)
    expect(parsed.ok && nextHeaderBytes(parsed.cookies, [])).toBe(`Cookie: ${header}`.length)
  }
  expect(nextHeaderBytes(new Map(), [])).toBe(0)
})
