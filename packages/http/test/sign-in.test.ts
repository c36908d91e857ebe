// What stands in the way of a sign-in, and what must not: planted cookies, dead sessions, a header that is nearly full.
import { numericDate } from '@tallystick/core'
import { describe, expect, test } from 'vitest'
import { APP, COOKIE, createJar, createWorld, pageRequest, SECRET, signedIn } from './world.ts'

const withTokens = { handlers: { secrets: [{ id: 1, secret: SECRET }], csrf: { token: true } } }
const CSRF = '__Host-csrf'
const LOGIN = '__Host-Http-login'

describe('a cookie that nobody of ours wrote', () => {
  test.each([
    ['malformed', `${LOGIN}=a,b`, 'cookie/malformed'],
    ['sent twice', `${LOGIN}=a; ${LOGIN}=b`, 'cookie/duplicate'],
    ['of another log-in', `${LOGIN}=${'A'.repeat(43)}`, 'csrf/state_invalid'],
    ['not there', '', 'csrf/state_missing'],
  ])('CS-8 A30 a log-in cookie that is %s stands for no log-in of this browser', async (_, cookie, reason) => {
    const { sessions, server } = createWorld(withTokens)
    const begun = sessions.beginSignIn(pageRequest('/login', { method: 'GET' }))
    const state = begun.ok ? begun.state : ''
    const headers = { 'sec-fetch-site': 'cross-site' }
    const back = pageRequest('/callback', { method: 'GET', cookie, headers })
    expect(await sessions.signIn(back, { subject: 'mallory' }, { state })).toMatchObject({ ok: false, reason })
    expect(await server.sessions.list('mallory')).toEqual([])
  })

  test.each([`${CSRF}=a,b`, `${CSRF}=a; ${CSRF}=b`, ''])(
    'CS-5 SE-12 a session in use is replaced with its token alone: not with %s',
    async (planted) => {
      const { sessions, server } = createWorld(withTokens)
      const { credential } = await signedIn({ sessions } as never)
      const cookie = `${COOKIE}=${credential}; ${planted}`
      expect(await sessions.signIn(pageRequest('/sign-in', { cookie }), { subject: 'mallory' })).toMatchObject({
        ok: false,
        status: planted === '' ? 403 : 400,
      })
      expect(await server.sessions.list('mallory')).toEqual([])
      expect(await server.sessions.present(credential)).toMatchObject({ ok: true })
    },
  )

  test('a state is used up also where the session’s cookie is malformed', async () => {
    const { sessions } = createWorld(withTokens)
    const begun = sessions.beginSignIn(pageRequest('/login', { method: 'GET' }))
    const cookie = `${LOGIN}=${begun.cookies[0]?.value ?? ''}; ${COOKIE}=a,b`
    const done = await sessions.signIn(
      pageRequest('/callback', { method: 'GET', cookie }),
      { subject: 'alice' },
      { state: begun.ok ? begun.state : '' },
    )
    expect(done.cookies.map(({ name, attributes }) => [name, attributes.maxAgeSeconds])).toContainEqual([LOGIN, 0])
  })
})

describe('what a browser still holds shuts nobody out', () => {
  const until = numericDate(1_900_000_000)
  const cookie = { chunksMax: 2, migratesFrom: [{ name: 'sid', until }] }

  test.each([
    ['a chunk that is left over', `${COOKIE}.0=abc`],
    ['a chunk beside the whole', `${COOKIE}=x; ${COOKIE}.1=y`],
    ['an old name that was sent twice', 'sid=a; sid=b'],
    ['an old name with what was never written', 'sid=a,b'],
  ])('%s', async (_, held) => {
    const { sessions } = createWorld({ handlers: { cookie } })
    const jar = createJar()
    for (const pair of held.split('; ')) jar.cookies.set(pair.slice(0, pair.indexOf('=')), pair.split('=')[1] ?? '')
    const result = await sessions.signIn(pageRequest('/sign-in', { cookie: held }), { subject: 'alice' })
    expect(result).toMatchObject({ ok: true })
    jar.take(result)
    expect([...jar.cookies.keys()]).toEqual([COOKIE])
    expect(await sessions.authenticate(pageRequest('/', { method: 'GET', jar }))).toMatchObject({ ok: true })
  })

  test('CK-7 A28 the session’s own name, sent twice, stays refused: a new cookie would be the third', async () => {
    const { sessions, server } = createWorld({ handlers: { cookie } })
    const request = pageRequest('/sign-in', { cookie: `${COOKIE}=a; ${COOKIE}=b` })
    expect(await sessions.signIn(request, { subject: 'alice' })).toMatchObject({ reason: 'cookie/duplicate' })
    expect(await server.sessions.list('alice')).toEqual([])
  })

  test.each([3700, 90_000])(
    'the cookie of a session that ended, %i s after its sign-in, asks for no token',
    async (s) => {
      const world = createWorld(withTokens)
      const { jar } = await signedIn(world)
      world.clock.advance(s)
      const page = pageRequest('/login', { method: 'GET', jar })
      expect(await world.sessions.authenticate(page)).toMatchObject({ ok: false, status: 401 })
      expect(await world.sessions.signIn(pageRequest('/sign-in', { jar }), { subject: 'alice' })).toMatchObject({
        ok: true,
      })
    },
  )
})

describe('the budget', () => {
  test('CK-5 no sign-in makes the next Cookie header too long to be read, whichever cookies it sets', async () => {
    const { sessions, server } = createWorld(withTokens)
    const outcomes = { begun: 0, refused: 0 }
    for (let length = 7950; length < 8150; length += 1) {
      const cookie = `other=${'x'.repeat(length)}`
      const before = (await server.sessions.list('alice')).length
      const result = await sessions.signIn(pageRequest('/sign-in', { cookie }), { subject: 'alice' })
      if (result.ok) {
        outcomes.begun += 1
        expect(result.cookies.map(({ name }) => name)).toEqual([COOKIE, CSRF])
        const next = [cookie, ...result.cookies.map(({ name, value }) => `${name}=${value}`)].join('; ')
        expect(await sessions.authenticate(pageRequest('/', { method: 'GET', cookie: next }))).toMatchObject({
          ok: true,
        })
      } else {
        outcomes.refused += 1
        expect(result).toMatchObject({ reason: 'cookie/budget_exceeded', status: 431, cookies: [] })
        expect((await server.sessions.list('alice')).length).toBe(before)
      }
    }
    expect(Math.min(outcomes.begun, outcomes.refused)).toBeGreaterThan(10)
  })
})

test('the log-in cookie lasts as long as its state', () => {
  const { sessions } = createWorld(withTokens)
  for (const lifetimeSeconds of [30, 600, 3600]) {
    const { cookies } = sessions.beginSignIn(pageRequest('/login', { method: 'GET' }), { lifetimeSeconds })
    expect(cookies[0]?.attributes.maxAgeSeconds).toBe(lifetimeSeconds)
  }
  expect(sessions.beginSignIn(pageRequest('/', { method: 'GET' })).cookies[0]?.attributes.maxAgeSeconds).toBe(600)
})

test.each([CSRF, LOGIN, 'login', 'csrf'])('the session’s cookie cannot take the name %s of another one', (name) => {
  const handlers = { ...withTokens.handlers, cookie: { name } }
  const local = { development: 'http-localhost', origin: 'http://localhost' } as const
  const isProduction = name.startsWith('__')
  const make = () => createWorld({ handlers: isProduction ? handlers : { ...handlers, ...local } })
  expect(make).toThrow(/cookie/)
  expect(() => createWorld({ handlers: { ...handlers, cookie: { name: `${name}2` } } })).not.toThrow()
  expect(APP).toMatch(/^https/)
})
