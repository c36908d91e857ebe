// The options of the handlers: what is a mistake, development on this machine, migrations, anti-forgery tokens.
import { defineCookie } from '@tallystick/cookie'
import { describe, expect, test } from 'vitest'
import { createSessionHandlers, type SessionHandlerOptions } from '../src/index.ts'
import { APP, COOKIE, createJar, createWorld, pageRequest, SECRET, signedIn, START } from './world.ts'

describe('a mistake is told when the handlers are made', () => {
  const { server } = createWorld()
  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['no origin', { origin: undefined }, /origin must be an origin/],
    ['no origins', { origin: [] }, /origin must be an origin/],
    ['a path', { origin: `${APP}/x` }, /targetOrigins\.0 must be an https origin/],
    ['http elsewhere', { origin: 'http://app.example.com' }, /targetOrigins\.0 must be an https origin/],
    ['http here without saying so', { origin: 'http://localhost:3000' }, /say development: 'http-localhost'/],
    ['development elsewhere', { development: 'http-localhost' }, /must be http on this machine in development mode/],
    ['another mode', { development: true }, /development must be 'http-localhost'/],
    ['a prefix without its promise', { cookie: { name: '__Host-' } }, /name must go on after the prefix/],
    ['no SameSite', { cookie: { sameSite: 'none' } }, /sameSite must be/],
    ['a readable cookie', { cookie: defineCookie({ name: 'sid', httpOnly: false }) }, /must be Secure and HttpOnly/],
    ['a clear cookie', { cookie: defineCookie({ name: 'sid', secure: false }) }, /must be Secure and HttpOnly/],
    [
      'a cookie of another mode',
      { cookie: defineCookie({ name: 'sid', development: 'http-localhost' }) },
      /same development mode/,
    ],
    ['a trusted path', { csrf: { trustedOrigins: ['https://a.example/x'] } }, /trustedOrigins\.0/],
    ['a header of anybody’s', { csrf: { requiredHeader: 'accept' } }, /requiredHeader must be/],
    ['a rule that nobody knows', { csrf: { off: true } }, /csrf/],
    ['tokens without a secret', { csrf: { token: true } }, /secrets must be given/],
    ['a short secret', { secrets: [{ id: 1, secret: new Uint8Array(16) }] }, /must be 32 random bytes/],
    ['a kind of data', { clearSiteData: ['everything'] }, /kinds must be cache/],
    ['an option that nobody knows', { cookies: {} }, /cookies|known|SessionHandlerOptions/],
    ['a listener that is none', { onEvent: 'x' }, /onEvent must be a function/],
  ])('F99 %s', (_name, wrong, message) => {
    const make = () => createSessionHandlers(server, { origin: APP, ...wrong } as SessionHandlerOptions)
    expect(make).toThrow(message)
    expect(make).toThrow(/^(?!.*\d{1,3}(,\d{1,3}){15})/)
  })
})

test('development on this machine: no prefix, no Secure, and nowhere else', async () => {
  const origin = 'http://localhost:3000'
  const world = createWorld({ handlers: { origin, development: 'http-localhost' } })
  const headers = { 'sec-fetch-site': 'same-origin' }
  const signIn = await world.sessions.signIn(pageRequest('/', { origin, headers }), { subject: 'alice' })
  expect(signIn.toResponse().headers.getSetCookie()).toEqual([
    expect.stringMatching(/^sid=tsn_[\w-]{65}; Path=\/; HttpOnly; SameSite=Strict$/),
  ])
  const cookie = `sid=${signIn.ok && signIn.credential}`
  expect(await world.sessions.authenticate(pageRequest('/', { origin, method: 'GET', cookie }))).toMatchObject({
    ok: true,
  })
  for (const other of [APP, 'http://app.example.com', 'http://localhost.evil.example']) {
    const answer = await world.sessions.authenticate(pageRequest('/', { origin: other, method: 'GET', cookie }))
    expect(answer).toMatchObject({ ok: false, reason: 'cookie/development_origin' })
  }
})

test('the cookie can be Lax, kept for days, named otherwise, or partitioned for a page within another', async () => {
  const world = createWorld()
  const line = async (cookie: SessionHandlerOptions['cookie']) =>
    (await world.otherHandlers({ cookie }).signIn(pageRequest('/'), { subject: 'alice' }))
      .toResponse()
      .headers.getSetCookie()
  expect(await line({ name: '__Host-app', sameSite: 'lax', maxAgeSeconds: 86_400 })).toEqual([
    expect.stringMatching(/^__Host-app=tsn_[\w-]{65}; Path=\/; Max-Age=86400; Secure; HttpOnly; SameSite=Lax$/),
  ])
  const embedded = defineCookie({ name: '__Host-Http-sid', sameSite: 'none', partitioned: true })
  expect(await line(embedded)).toEqual([expect.stringMatching(/; Secure; HttpOnly; SameSite=None; Partitioned$/)])
})

test('a cookie of an earlier release is read, moved to its new name, and no more once its time is over', async () => {
  const until = (START + 1000) as typeof START
  const world = createWorld({ handlers: { cookie: { migratesFrom: [{ name: 'sid', until }] } } })
  const { credential } = await signedIn(world)
  const jar = createJar()
  jar.cookies.set('sid', credential)
  const read = await world.sessions.readOnly.authenticate(jar.header())
  expect(read).toMatchObject({ ok: true })
  const answer = await world.sessions.authenticate(pageRequest('/', { method: 'GET', jar }))
  jar.take(answer)
  expect([...jar.cookies]).toEqual([[COOKIE, credential]])
  jar.cookies.set('sid', credential)
  const signOut = await world.sessions.signOut(pageRequest('/', { jar }))
  jar.take(signOut)
  expect(jar.cookies.size).toBe(0)
  const { credential: later } = await signedIn(world)
  world.clock.advance(1000)
  expect(await world.sessions.authenticate(pageRequest('/', { method: 'GET', cookie: `sid=${later}` }))).toMatchObject({
    reason: 'http/signed_out',
  })
})

describe('CS-5 SE-12 anti-forgery tokens, where they are asked for', () => {
  const handlers = { secrets: [{ id: 1, secret: SECRET }], csrf: { token: true } }
  const own = { 'sec-fetch-site': 'same-origin' }

  test('every request that changes something carries the token of its own session', async () => {
    const world = createWorld({ handlers })
    const { sessions } = world
    const { jar } = await signedIn(world)
    const token = jar.cookies.get('__Host-csrf') ?? ''
    const other = await signedIn(world, 'bob')
    const send = (submitted: string | undefined, from = jar) =>
      pageRequest('/', { jar: from, headers: submitted === undefined ? own : { ...own, 'x-csrf-token': submitted } })
    for (const act of [
      (request: Request) => sessions.authenticate(request),
      (request: Request) => sessions.refresh(request),
      (request: Request) => sessions.elevate(request, { methods: ['otp'] }),
      (request: Request) => sessions.reauthenticate(request, { methods: ['otp'] }),
      (request: Request) => sessions.signOut(request),
    ]) {
      expect(await act(send(undefined))).toMatchObject({ reason: 'csrf/token_missing', status: 403, cookies: [] })
      expect(await act(send('x'))).toMatchObject({ reason: 'csrf/token_invalid' })
      expect(await act(send(other.jar.cookies.get('__Host-csrf')))).toMatchObject({ reason: 'csrf/token_invalid' })
    }
    // Another session's token in both places, as a sibling that can set cookies would.
    const tossed = createJar()
    for (const [name, value] of jar.cookies) tossed.cookies.set(name, value)
    tossed.cookies.set('__Host-csrf', other.jar.cookies.get('__Host-csrf') ?? '')
    expect(await sessions.refresh(send(tossed.cookies.get('__Host-csrf'), tossed))).toMatchObject({
      reason: 'csrf/token_invalid',
    })
    expect(await sessions.refresh(send(token))).toMatchObject({ ok: true })
    expect(await sessions.refresh(send(undefined), { csrfToken: token })).toMatchObject({ ok: true })
    expect(await sessions.authenticate(pageRequest('/', { method: 'GET', jar }))).toMatchObject({ ok: true })
    const signOut = await sessions.signOut(send(token))
    jar.take(signOut)
    expect([signOut.ok, jar.cookies.size]).toEqual([true, 0])
  })

  test('within another site’s page every cookie of the handlers is sent, not the session’s alone', async () => {
    const cookie = defineCookie({ name: '__Host-Http-sid', sameSite: 'none', partitioned: true })
    const { sessions } = createWorld({ handlers: { ...handlers, cookie } })
    const signIn = await sessions.signIn(pageRequest('/'), { subject: 'alice' })
    const begun = sessions.beginSignIn(pageRequest('/', { method: 'GET' }))
    const set = [...signIn.cookies, ...begun.cookies]
    expect(set).toHaveLength(3)
    for (const { attributes } of set) expect(attributes).toMatchObject({ sameSite: 'none', partitioned: true })
  })

  test('a longer Cookie header is read for the token as well', async () => {
    const { sessions } = createWorld({ handlers: { ...handlers, cookie: { headerBytesMax: 16_000 } } })
    const jar = createJar()
    jar.cookies.set('other', 'x'.repeat(10_000))
    jar.take(await sessions.signIn(pageRequest('/', { jar }), { subject: 'alice' }))
    const headers = { 'sec-fetch-site': 'same-origin', 'x-csrf-token': jar.cookies.get('__Host-csrf') ?? '' }
    expect(await sessions.refresh(pageRequest('/', { jar, headers }))).toMatchObject({ ok: true })
  })

  test('a token that a script broke is written anew, and one that was sent twice is refused', async () => {
    const world = createWorld({ handlers })
    const { jar } = await signedIn(world)
    const user = await world.sessions.authenticate(pageRequest('/', { method: 'GET', jar }))
    if (!user.ok) throw new Error('nobody is signed in')
    const ask = (cookie: string) => world.sessions.csrfToken(pageRequest('/', { method: 'GET', cookie }), user.session)
    const made = ask('__Host-csrf=a,b')
    expect(made.cookies.map(({ value }) => value)).toEqual([made.ok && made.token])
    expect(ask('__Host-csrf=a; __Host-csrf=b')).toMatchObject({ reason: 'cookie/duplicate', cookies: [] })
  })

  test('a page asks for the token of its session, and gets the one that the browser holds', async () => {
    const world = createWorld({ handlers })
    const { jar } = await signedIn(world)
    const user = await world.sessions.authenticate(pageRequest('/', { method: 'GET', jar }))
    if (!user.ok) throw new Error('nobody is signed in')
    const held = world.sessions.csrfToken(pageRequest('/', { method: 'GET', jar }), user.session)
    expect(held).toMatchObject({ ok: true, token: jar.cookies.get('__Host-csrf'), cookies: [] })
    jar.cookies.delete('__Host-csrf')
    const made = world.sessions.csrfToken(pageRequest('/', { method: 'GET', jar }), user.session)
    jar.take(made)
    expect(made.ok && made.token).toBe(jar.cookies.get('__Host-csrf'))
    // What was made for another session is not handed on.
    const other = await signedIn(world, 'bob')
    jar.cookies.set('__Host-csrf', other.jar.cookies.get('__Host-csrf') ?? '')
    const again = world.sessions.csrfToken(pageRequest('/', { method: 'GET', jar }), user.session)
    expect(again.ok && again.token).not.toBe(jar.cookies.get('__Host-csrf'))
    expect(again.cookies).toHaveLength(1)
    expect(() => createWorld().sessions.csrfToken(pageRequest('/'), user.session)).toThrow(/without `csrf.token`/)
  })
})
