// The development mode: what it drops, what it never hides, and where alone it works.
import { numericDate } from '@tallystick/core'
import { describe, expect, test } from 'vitest'
import {
  clearCookie,
  csrfCookie,
  defineCookie,
  isDevelopmentOrigin,
  loginCookie,
  readCookie,
  sessionCookie,
  setCookie,
  toSetCookie,
} from '../src/index.ts'

const now = numericDate(1_800_000_000)
const development = 'http-localhost'
const session = sessionCookie({ development })
const local = { origin: 'http://localhost:3000' }

test('Secure and the prefix are dropped, and nothing else', () => {
  const set = setCookie(session, 'abc', { ...local, cookieHeader: null }, now)
  expect(set.ok && set.cookies.map(toSetCookie)).toEqual(['sid=abc; Path=/; HttpOnly; SameSite=Strict'])
  expect(readCookie(session, { ...local, cookieHeader: 'sid=abc' }, now)).toMatchObject({ ok: true, value: 'abc' })
  expect(csrfCookie({ development })).toMatchObject({ name: 'csrf', attributes: { secure: false, httpOnly: false } })
  expect(loginCookie({ development })).toMatchObject({ name: 'login', attributes: { secure: false, sameSite: 'lax' } })
})

test('it says so by its name', () => {
  expect(session.development).toBe('http-localhost')
  expect(() => sessionCookie({ development: true as unknown as 'http-localhost' })).toThrow(/must be 'http-localhost'/)
})

describe('it works for http on this machine alone', () => {
  test.each([
    'http://localhost',
    'http://localhost:3000',
    'http://127.0.0.1:8080',
    'http://[::1]',
    'http://[::1]:65535',
  ])('%s', (origin) => {
    expect(isDevelopmentOrigin(origin)).toBe(true)
    expect(readCookie(session, { origin, cookieHeader: 'sid=abc' }, now)).toMatchObject({ value: 'abc' })
    expect(setCookie(session, 'abc', { origin }, now).ok).toBe(true)
  })

  test.each([
    undefined,
    '',
    'null',
    'https://localhost',
    'http://app.example.com',
    'http://localhost.example.com',
    'http://app.localhost',
    'http://localhost@evil.example',
    'http://localhost:3000/',
    'http://127.0.0.2',
    'http://127.0.0.1.evil.example',
    'http://0.0.0.0',
    'http://[::]',
    'http://localhost\n',
    'HTTP://LOCALHOST',
  ])('%j is elsewhere', (origin) => {
    expect(isDevelopmentOrigin(origin)).toBe(false)
    const refused = { ok: false, reason: 'cookie/development_origin' }
    expect(readCookie(session, { origin, cookieHeader: 'sid=abc' }, now)).toMatchObject(refused)
    expect(setCookie(session, 'abc', { origin }, now)).toMatchObject(refused)
    expect(clearCookie(session, { origin }, now)).toHaveLength(1)
  })

  test('other cookies do not ask for the origin', () => {
    expect(readCookie(sessionCookie(), { cookieHeader: '__Host-Http-sid=abc' }, now)).toMatchObject({ value: 'abc' })
  })
})

describe('it hides no mistake of the cookie as it is meant', () => {
  test.each([
    [{ name: '__Host-sid', path: '/app' }, /path must be "\/"/],
    [{ name: '__Http-sid', httpOnly: false }, /httpOnly must be true/],
    [{ name: '__Secure-sid', secure: false }, /secure must be true/],
    [{ name: 'sid', sameSite: 'none' }, /\(development\): secure must be true where sameSite is 'none'/],
    [{ name: 'sid', partitioned: true }, /\(development\): secure must be true where partitioned is/],
    // Dropping one prefix leaves another: no browser takes that without Secure.
    [{ name: '__Secure-__Host-sid' }, /\(development\): secure must be true for a name with __Host-/],
  ] as const)('%o', (options, message) => {
    expect(() => defineCookie({ ...options, development })).toThrow(message)
  })
})

test('a migration from one prefix to another is none without prefixes', () => {
  const until = numericDate(now + 1)
  const migratesFrom = [
    { name: '__Host-sid', until },
    { name: '__Secure-old', until },
    { name: 'old', until },
  ]
  expect(sessionCookie({ development, migratesFrom }).migratesFrom.map(({ name }) => name)).toEqual(['old'])
})
