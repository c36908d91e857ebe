// Moving a cookie to another name, path or domain, with an end: who wins, what is carried, what is cleared, and until when.
import { numericDate } from '@tallystick/core'
import { describe, expect, test } from 'vitest'
import {
  clearCookie,
  type CookieMigration,
  defineCookie,
  readCookie,
  sessionCookie,
  setCookie,
  toSetCookie,
} from '../src/index.ts'

const until = numericDate(1_800_000_000)
const before = numericDate(1_799_999_999)
const session = sessionCookie({ migratesFrom: [{ name: 'sid', domain: 'example.com', until }] })
const OLD_CLEARED =
  'sid=; Path=/; Domain=example.com; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Strict'
const NEW = '__Host-Http-sid=abc; Path=/; Secure; HttpOnly; SameSite=Strict'

function read(cookieHeader: string, now = before, definition = session) {
  const reading = readCookie(definition, { cookieHeader }, now)
  return reading.ok
    ? { value: reading.value, source: reading.source, carried: reading.cookies.map(toSetCookie) }
    : reading.reason
}

test('the old cookie is read, and the answer moves it', () => {
  expect(read('sid=abc')).toEqual({ value: 'abc', source: 'migrated', carried: [NEW, OLD_CLEARED] })
})

test('the new cookie wins, and every answer clears the old one', () => {
  expect(read('sid=old; __Host-Http-sid=abc')).toEqual({ value: 'abc', source: 'current', carried: [OLD_CLEARED] })
  const set = setCookie(session, 'abc', { cookieHeader: 'sid=old' }, before)
  expect(set.ok && set.cookies.map(toSetCookie)).toEqual([NEW, OLD_CLEARED])
  expect(clearCookie(session, { cookieHeader: 'sid=old' }, before).map(toSetCookie)).toContain(OLD_CLEARED)
  expect(clearCookie(session, { cookieHeader: 'x'.repeat(9000) }, before).map(toSetCookie)).toContain(OLD_CLEARED)
})

test('a browser that holds neither is told nothing, so that its answer can be cached', () => {
  expect(read('a=b')).toEqual({ value: undefined, source: 'absent', carried: [] })
})

test('an old cookie of a path is cleared unseen, because not every request shows it', () => {
  const definition = sessionCookie({ migratesFrom: [{ name: 'sid', path: '/auth', until }] })
  expect(read('a=b', before, definition)).toMatchObject({
    source: 'absent',
    carried: ['sid=; Path=/auth; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Strict'],
  })
})

test('from its end on the old cookie is neither read nor cleared', () => {
  expect(read('sid=abc', until)).toEqual({ value: undefined, source: 'absent', carried: [] })
  expect(read('sid=old; __Host-Http-sid=abc', until)).toEqual({ value: 'abc', source: 'current', carried: [] })
  expect(clearCookie(session, { cookieHeader: 'sid=old' }, until)).toHaveLength(1)
  const set = setCookie(session, 'abc', { cookieHeader: 'sid=old' }, until)
  expect(set.ok && set.cookies).toHaveLength(1)
})

test('A28 the old cookie is read as strictly as the new one', () => {
  expect(read('sid=1; sid=2')).toBe('cookie/duplicate')
  expect(read('sid=a"b')).toBe('cookie/malformed')
  // Where the new one is there nobody looks at the old ones.
  expect(read('sid=1; sid=2; __Host-Http-sid=abc')).toEqual({ value: 'abc', source: 'current', carried: [OLD_CLEARED] })
})

test('the first migration that holds a value gives it, and all are cleared', () => {
  const definition = sessionCookie({
    migratesFrom: [
      { name: 'second', until },
      { name: 'first', until },
      { name: 'over', until: numericDate(before - 5) },
    ],
  })
  const reading = readCookie(definition, { cookieHeader: 'over=0; first=1; second=2' }, before)
  expect(reading).toMatchObject({ ok: true, value: '2', source: 'migrated' })
  expect(reading.ok && reading.cookies.map(({ name }) => name)).toEqual(['__Host-Http-sid', 'second', 'first'])
})

test('an old cookie in chunks is read and cleared whole', () => {
  const old = sessionCookie({ name: 'sid', chunksMax: 3, headerBytesMax: 20_000 })
  const value = 'v'.repeat(5000)
  const set = setCookie(old, value, { cookieHeader: null }, before)
  const header = (set.ok ? set.cookies : []).map((cookie) => `${cookie.name}=${cookie.value}`).join('; ')
  const definition = sessionCookie({
    chunksMax: 3,
    headerBytesMax: 20_000,
    migratesFrom: [{ name: 'sid', chunksMax: 3, until }],
  })
  const reading = readCookie(definition, { cookieHeader: header }, before)
  expect(reading).toMatchObject({ ok: true, value, source: 'migrated' })
  const names = reading.ok ? reading.cookies.map(({ name }) => name) : []
  expect(names).toEqual(['__Host-Http-sid.0', '__Host-Http-sid.1', 'sid.0', 'sid.1'])
})

test('a value that does not fit under its new name stays where it is, and is read', () => {
  const value = 'v'.repeat(4090)
  expect(read(`sid=${value}`)).toEqual({ value, source: 'migrated', carried: [] })
})

describe('a migration that cannot work is a mistake', () => {
  test.each<[string, unknown, RegExp]>([
    ['without an end', { name: 'sid' }, /migratesFrom\.0\.until must be the NumericDate/],
    ['with an end in milliseconds', { name: 'sid', until: 1_800_000_000_000 }, /NumericDate must be whole seconds/],
    ['with no date as its end', { name: 'sid', until: Number.NaN }, /migratesFrom\.0\.until must be the NumericDate/],
    ['with a date of text', { name: 'sid', until: '2030-01-01' }, /migratesFrom\.0\.until must be the NumericDate/],
    ['from its own name', { name: '__Host-Http-sid', domain: 'example.com', until }, /must be another name/],
    ['from a name that cannot have been', { name: '__Host-sid', path: '/app', until }, /path must be "\/"/],
    ['from a domain of a __Host- name', { name: '__host-sid', domain: 'example.com', until }, /domain must be absent/],
    ['with an unknown field', { name: 'sid', until, secure: false }, /fields of CookieMigration only/],
  ])('%s', (_, migration, message) => {
    expect(() => sessionCookie({ migratesFrom: [migration as CookieMigration] })).toThrow(message)
  })

  test('two from one name', () => {
    const migratesFrom = [
      { name: 'sid', until },
      { name: 'sid', path: '/app', until },
    ]
    expect(() => sessionCookie({ migratesFrom })).toThrow(/migratesFrom\.1\.name must be another name/)
  })
})

test('an old partitioned cookie is cleared in its partition', () => {
  const definition = sessionCookie({ migratesFrom: [{ name: 'sid', partitioned: true, until }] })
  expect(read('sid=abc', before, definition)).toMatchObject({ carried: [NEW, expect.stringMatching(/; Partitioned$/)] })
})

test('an old cookie with a prefix is cleared by Secure, or no browser would listen', () => {
  const definition = defineCookie({ name: 'sid', secure: false, migratesFrom: [{ name: '__Host-old', until }] })
  const reading = readCookie(definition, { cookieHeader: '__Host-old=abc' }, before)
  expect(reading.ok && reading.cookies.map(toSetCookie)).toEqual([
    'sid=abc; Path=/; HttpOnly; SameSite=Strict',
    '__Host-old=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Strict',
  ])
  const plain = defineCookie({ name: 'sid', secure: false, migratesFrom: [{ name: 'old', until }] })
  expect(plain.migratesFrom[0]?.attributes.secure).toBe(false)
})
