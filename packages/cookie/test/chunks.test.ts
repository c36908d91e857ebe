// A value over several cookies: how it is split, what is cleared, and every way in which chunks do not belong together.
import { numericDate } from '@tallystick/core'
import { encodeBase64url } from '@tallystick/core/base64url'
import { sha256 } from '@tallystick/core/crypto'
import { describe, expect, test } from 'vitest'
import { clearCookie, type Cookie, defineCookie, readCookie, sessionCookie, setCookie } from '../src/index.ts'

const now = numericDate(1_800_000_000)
const chunked = sessionCookie({ chunksMax: 4, headerBytesMax: 40_000 })
const NAME = '__Host-Http-sid'
const long = 'abcdefghij'.repeat(1000)

function set(value: string, cookieHeader = '', definition = chunked): readonly Cookie[] {
  const result = setCookie(definition, value, { cookieHeader }, now)
  if (!result.ok) throw new Error(result.reason)
  return result.cookies
}

const isCleared = (cookie: Cookie): boolean => cookie.attributes.maxAgeSeconds === 0
const pairsOf = (cookies: readonly Cookie[]): readonly string[] =>
  cookies.filter((cookie) => !isCleared(cookie)).map(({ name, value }) => `${name}=${value}`)
const clearedBy = (cookies: readonly Cookie[]): readonly string[] => cookies.filter(isCleared).map(({ name }) => name)

function read(pairs: readonly string[], definition = chunked): string | undefined {
  const reading = readCookie(definition, { cookieHeader: pairs.join('; ') }, now)
  return reading.ok ? reading.value : reading.reason
}

test('a value that one cookie holds is not split', () => {
  const value = 'v'.repeat(4096 - NAME.length)
  expect(set(value)).toEqual([{ name: NAME, value, attributes: chunked.attributes }])
})

test('CK-5 one byte more is split, and no chunk is longer than a cookie may be', () => {
  const value = 'v'.repeat(4097 - NAME.length)
  const cookies = set(value)
  expect(cookies.map(({ name }) => name)).toEqual([`${NAME}.0`, `${NAME}.1`])
  for (const cookie of set('v'.repeat(16_000)))
    expect(cookie.name.length + cookie.value.length).toBeLessThanOrEqual(4096)
  expect(read(pairsOf(cookies))).toBe(value)
})

test('CK-1 CK-3 each chunk has the attributes and the prefix of its cookie', () => {
  for (const { name, attributes } of set(long)) {
    expect(attributes).toEqual(chunked.attributes)
    expect(name.startsWith('__Host-Http-')).toBe(true)
  }
})

test('a value that its chunks do not hold is refused', () => {
  const room = 4 * (4096 - `${NAME}.4`.length - '4.AAAAAAAAAAAA.'.length)
  expect(read(pairsOf(set('v'.repeat(room))))).toHaveLength(room)
  const result = setCookie(chunked, 'v'.repeat(room + 1), { cookieHeader: null }, now)
  expect(result).toMatchObject({ ok: false, reason: 'cookie/value_too_long' })
})

test('chunks count for the budget', () => {
  const narrow = sessionCookie({ chunksMax: 4 })
  expect(setCookie(narrow, long, { cookieHeader: null }, now)).toMatchObject({ reason: 'cookie/budget_exceeded' })
  expect(read(pairsOf(set('v'.repeat(8000), '', narrow)), narrow)).toHaveLength(8000)
})

test('a name that leaves no room for chunks is refused, not split without end', () => {
  const definition = defineCookie({ name: 'n'.repeat(4090), chunksMax: 16, headerBytesMax: 65_536 })
  const result = setCookie(definition, 'v'.repeat(7), { cookieHeader: null }, now)
  expect(result).toMatchObject({ reason: 'cookie/value_too_long' })
})

describe('what is stale is cleared', () => {
  const four = pairsOf(set('v'.repeat(13_000)))

  test('fewer chunks clear the rest', () => {
    expect(four).toHaveLength(4)
    const cookies = set(long, four.join('; '))
    expect(pairsOf(cookies)).toHaveLength(3)
    expect(clearedBy(cookies)).toEqual([`${NAME}.3`])
  })

  test('a whole value clears all chunks, and chunks a whole value', () => {
    expect(clearedBy(set('short', four.join('; ')))).toEqual([0, 1, 2, 3].map((at) => `${NAME}.${at}`))
    expect(clearedBy(set(long, `${NAME}=short`))).toEqual([NAME])
  })

  test('chunks that no definition of today writes are cleared as well', () => {
    expect(clearedBy(set('short', `${NAME}.4=a; ${NAME}.99=b; ${NAME}.100=c; ${NAME}.007=d; ${NAME}.x=e`))).toEqual([
      `${NAME}.4`,
      `${NAME}.99`,
    ])
  })

  test('a browser without chunks is told nothing of them', () => {
    expect(clearedBy(set('short', 'a=b'))).toEqual([])
  })

  test('chunks of a path that this request is not under may be there unseen', () => {
    const definition = defineCookie({ name: 'sid', path: '/auth', chunksMax: 3, headerBytesMax: 40_000 })
    expect(clearedBy(set('short', '', definition))).toEqual(['sid.0', 'sid.1', 'sid.2'])
    expect(clearedBy(set('v'.repeat(5000), '', definition))).toEqual(['sid', 'sid.2'])
  })

  test('clearing clears the name and every chunk that was sent, or that there may be', () => {
    const cleared = (cookieHeader: string): readonly string[] =>
      clearCookie(chunked, { cookieHeader }, now).map(({ name }) => name)
    expect(cleared('')).toEqual([NAME])
    expect(cleared(four.join('; '))).toEqual([NAME, ...[0, 1, 2, 3].map((at) => `${NAME}.${at}`)])
    expect(cleared('x'.repeat(50_000))).toEqual([NAME, ...[0, 1, 2, 3].map((at) => `${NAME}.${at}`)])
  })

  test('what was cleared is not counted for the next header', () => {
    const result = setCookie(chunked, 'short', { cookieHeader: four.join('; ') }, now)
    expect(result.ok && result.headerBytes).toBe(`Cookie: ${NAME}=short`.length)
  })
})

describe('CK-7 chunks that do not belong together are refused', () => {
  const [zero = '', one = '', two = ''] = pairsOf(set(long))
  const others = pairsOf(set(long.replace('a', 'b')))

  test('in any order they are one value', () => {
    expect(read([two, zero, one])).toBe(long)
    expect(read(['a=1', two, 'b=2', zero, one])).toBe(long)
  })

  test.each<[string, readonly string[], string]>([
    ['a gap', [zero, two], 'cookie/chunks_incomplete'],
    ['the last one missing', [zero, one], 'cookie/chunks_incomplete'],
    ['the first one missing', [one, two], 'cookie/chunks_incomplete'],
    ['one twice', [zero, one, two, one], 'cookie/duplicate'],
    ['one twice in two values', [zero, one, two, `${NAME}.1=x`], 'cookie/duplicate'],
    ['one too many', [zero, one, two, `${NAME}.3=${others[2]?.split('=')[1]}`], 'cookie/chunks_stale'],
    ['one far too many', [zero, one, two, `${NAME}.99=x`], 'cookie/chunks_stale'],
    ['one of another value', [zero, others[1] ?? '', two], 'cookie/chunks_stale'],
    ['the first of another value', [others[0] ?? '', one, two], 'cookie/chunks_stale'],
    ['one edited', [zero, `${one}x`, two], 'cookie/chunks_stale'],
    ['two swapped', [zero, one.replace('.1=', '.2='), two.replace('.2=', '.1=')], 'cookie/chunks_stale'],
    ['one without its head', [zero, `${NAME}.1=abc`, two], 'cookie/chunks_stale'],
    ['the first without its head', [`${NAME}.0=abc`, one, two], 'cookie/chunks_stale'],
    ['one alone that says it is one', [`${NAME}.0=1.AAAAAAAAAAAA.abc`], 'cookie/chunks_stale'],
    ['none that says so', [`${NAME}.0=0.AAAAAAAAAAAA.abc`], 'cookie/chunks_stale'],
    ['a whole value beside them', [zero, one, two, `${NAME}=abc`], 'cookie/chunks_mixed'],
    ['a whole value beside one of them', [one, `${NAME}=abc`], 'cookie/chunks_mixed'],
  ])('%s', (_, pairs, reason) => {
    expect(read(pairs)).toBe(reason)
  })

  test('one chunk that says, with the right hash, that it is alone was never written', () => {
    const text = new TextEncoder().encode('tallystick chunks\0abc')
    const hash = encodeBase64url(sha256(text).subarray(0, 9))
    expect(read([`${NAME}.0=1.${hash}.abc`])).toBe('cookie/chunks_stale')
    expect(read([`${NAME}.0=2.${hash}.ab`, `${NAME}.1=2.${hash}.c`])).toBe('abc')
  })

  test('names that are no chunks are other cookies', () => {
    expect(read([`${NAME}=abc`, `${NAME}.=1`, `${NAME}.01=1`, `${NAME}.-1=1`, `${NAME}.1x=1`, `${NAME}x.1=1`])).toBe(
      'abc',
    )
  })

  test('without chunking a chunk is another cookie', () => {
    expect(read([`${NAME}=abc`, `${NAME}.0=1`], sessionCookie())).toBe('abc')
    expect(read([zero, one, two], sessionCookie({ headerBytesMax: 40_000 }))).toBeUndefined()
    const request = { cookieHeader: `${NAME}=abc; ${NAME}.0=1` }
    expect(clearCookie(sessionCookie(), request, now).map(({ name }) => name)).toEqual([NAME])
    expect(clearedBy(set('abc', request.cookieHeader, sessionCookie()))).toEqual([])
  })
})
