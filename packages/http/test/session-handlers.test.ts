// The life of a session in a browser: sign-in, use, refresh, step-up, sign-out, with real requests and a cookie jar.
import { describe, expect, test } from 'vitest'
import { COOKIE, createJar, createWorld, pageRequest, SECRET, signedIn, START } from './world.ts'

test('CK-1 CK-2 SE-6 the session’s cookie is __Host-Http-, Secure, HttpOnly, Strict, of this host and until the browser closes', async () => {
  const world = createWorld()
  const result = await world.sessions.signIn(pageRequest('/sign-in'), { subject: 'alice' })
  expect(result.toResponse().headers.getSetCookie()).toEqual([
    expect.stringMatching(/^__Host-Http-sid=tsn_[\w-]{65}; Path=\/; Secure; HttpOnly; SameSite=Strict$/),
  ])
})

test('a user signs in, is recognised, and signs out; from then on the cookie is worth nothing', async () => {
  const world = createWorld()
  const jar = createJar()
  expect(await world.sessions.authenticate(pageRequest('/', { method: 'GET', jar }))).toMatchObject({
    ok: false,
    reason: 'http/signed_out',
    status: 401,
  })
  const signIn = await world.sessions.signIn(pageRequest('/sign-in', { jar }), { subject: 'alice' })
  expect(signIn).toMatchObject({ ok: true, session: { subject: 'alice' }, status: 200 })
  jar.take(signIn)
  const cookie = jar.header() ?? ''
  const user = await world.sessions.authenticate(pageRequest('/', { method: 'GET', jar }))
  expect(user).toMatchObject({ ok: true, session: { subject: 'alice' }, renewalDue: false, cookies: [] })
  const signOut = await world.sessions.signOut(pageRequest('/sign-out', { jar }))
  expect(signOut).toMatchObject({ ok: true, revoked: 1, status: 204 })
  jar.take(signOut)
  expect(jar.cookies.size).toBe(0)
  expect(await world.sessions.authenticate(pageRequest('/', { method: 'GET', cookie }))).toMatchObject({
    ok: false,
    reason: 'session/revoked',
    cookies: [],
  })
})

describe('signing in', () => {
  test('SE-2 F92 A28 the credential is always a new one, and the session that the browser came with ends', async () => {
    const world = createWorld()
    const { jar, credential: planted } = await signedIn(world, 'mallory')
    const before = jar.header() ?? ''
    const result = await world.sessions.signIn(pageRequest('/sign-in', { jar }), { subject: 'alice' })
    expect(result.ok && result.credential).not.toBe(planted)
    jar.take(result)
    expect(jar.cookies.get(COOKIE)).toBe(result.ok && result.credential)
    const old = await world.sessions.authenticate(pageRequest('/', { method: 'GET', cookie: before }))
    expect(old).toMatchObject({ ok: false, reason: 'session/revoked' })
  })

  test('SE-2 A28 a credential that nobody made is never adopted', async () => {
    const world = createWorld()
    const cookie = `${COOKIE}=tsn_${'A'.repeat(65)}`
    const result = await world.sessions.signIn(pageRequest('/sign-in', { cookie }), { subject: 'alice' })
    expect(result.ok && `${COOKIE}=${result.credential}`).not.toBe(cookie)
    expect(await world.sessions.authenticate(pageRequest('/', { method: 'GET', cookie }))).toMatchObject({
      reason: 'session/unknown',
    })
  })

  test('what is no credential of ours, under our name, does not stand in the way', async () => {
    const world = createWorld()
    const result = await world.sessions.signIn(pageRequest('/sign-in', { cookie: `${COOKIE}=a,b` }), {
      subject: 'alice',
    })
    expect(result).toMatchObject({ ok: true })
  })

  test('CK-7 A28 a cookie that was sent twice is refused by every handler, and nothing happens', async () => {
    const world = createWorld()
    const { credential } = await signedIn(world)
    const cookie = `${COOKIE}=${credential}; ${COOKIE}=tsn_${'A'.repeat(65)}`
    const { sessions } = world
    const told = world.serverEvents.length
    const answers = [
      await sessions.signIn(pageRequest('/', { cookie }), { subject: 'alice' }),
      await sessions.refresh(pageRequest('/', { cookie })),
      await sessions.authenticate(pageRequest('/', { cookie })),
      await sessions.elevate(pageRequest('/', { cookie }), { methods: ['otp'] }),
      await sessions.signOut(pageRequest('/', { cookie })),
    ]
    for (const answer of answers)
      expect(answer).toMatchObject({ ok: false, reason: 'cookie/duplicate', status: 400, cookies: [] })
    expect(await sessions.readOnly.authenticate(cookie)).toMatchObject({ ok: false, reason: 'cookie/duplicate' })
    expect(world.serverEvents).toHaveLength(told)
  })

  test('CK-7 A28 a name in other letters is another cookie', async () => {
    const world = createWorld()
    const { credential } = await signedIn(world)
    for (const name of [
      '__hOsT-hTTp-sid',
      '__host-http-sid',
      '__Host-Http-SID',
      ' __Host-Http-sid2',
      'sid',
      '__Host-sid',
    ]) {
      const cookie = `${name}=${credential}`
      expect(await world.sessions.authenticate(pageRequest('/', { method: 'GET', cookie })), name).toMatchObject({
        reason: 'http/signed_out',
      })
    }
  })

  test('where the browser’s cookies would grow too long, no session begins', async () => {
    const world = createWorld()
    const cookie = `other=${'x'.repeat(8120)}`
    const result = await world.sessions.signIn(pageRequest('/', { cookie }), { subject: 'alice' })
    expect(result).toMatchObject({ ok: false, reason: 'cookie/budget_exceeded', status: 431 })
    expect(await world.server.sessions.list('alice')).toEqual([])
    const longer = await world.sessions.authenticate(
      pageRequest('/', { method: 'GET', cookie: `other=${'x'.repeat(9000)}` }),
    )
    expect(longer).toMatchObject({ reason: 'cookie/header_too_large', status: 431 })
  })

  test('a limit of sessions that refuses is a refusal of the sign-in', async () => {
    const world = createWorld({ server: { sessionPolicy: { limit: { sessionsMax: 1, atLimit: 'refuse' } } } })
    await signedIn(world)
    const result = await world.sessions.signIn(pageRequest('/'), { subject: 'alice' })
    expect(result).toMatchObject({ ok: false, reason: 'session/limit_reached', status: 403, cookies: [] })
  })

  test('CS-8 A30 a log-in that another site finishes needs the state of the same browser, and serves once', async () => {
    const world = createWorld({ handlers: { secrets: [{ id: 1, secret: SECRET }] } })
    const jar = createJar()
    const begun = world.sessions.beginSignIn(pageRequest('/login', { method: 'GET', jar }), {
      stateContext: 'https://idp.example',
    })
    expect(begun).toMatchObject({
      ok: true,
      cookies: [{ name: '__Host-Http-login', attributes: { httpOnly: true, sameSite: 'lax' } }],
    })
    jar.take(begun)
    const state = begun.ok ? begun.state : ''
    const headers = { 'sec-fetch-site': 'cross-site' }
    const back = (given: object, from = jar) =>
      world.sessions.signIn(
        pageRequest('/callback', { method: 'GET', jar: from, headers }),
        { subject: 'alice' },
        given,
      )
    const stateContext = 'https://idp.example'
    // The attacker's own state, sent to a victim's browser.
    expect(await back({ state, stateContext }, createJar())).toMatchObject({
      reason: 'csrf/state_missing',
      status: 400,
    })
    expect(await back({ state: `${state}A`, stateContext })).toMatchObject({ reason: 'csrf/state_invalid' })
    expect(await back({ state, stateContext: 'https://other.example' })).toMatchObject({ reason: 'csrf/state_invalid' })
    expect(await back({ state: '', stateContext })).toMatchObject({ reason: 'csrf/state_missing' })
    expect(await back({ state: null, stateContext })).toMatchObject({ reason: 'csrf/state_missing' })
    expect(await back({})).toMatchObject({ reason: 'http/method_not_allowed', status: 405 })
    expect(await world.server.sessions.list('alice')).toEqual([])
    const done = await back({ state, stateContext })
    expect(done).toMatchObject({ ok: true })
    jar.take(done)
    expect([...jar.cookies.keys()]).toEqual([COOKIE])
    expect(await back({ state, stateContext })).toMatchObject({ reason: 'csrf/state_missing' })
    world.clock.advance(601)
    const second = createJar()
    second.cookies.set('__Host-Http-login', begun.cookies[0]?.value ?? '')
    expect(await back({ state, stateContext }, second)).toMatchObject({ reason: 'csrf/state_expired' })
  })

  test('CS-8 an application that has verified a state of its own says so', async () => {
    const { sessions } = createWorld()
    const request = pageRequest('/callback', { method: 'GET', headers: { 'sec-fetch-site': 'cross-site' } })
    expect(await sessions.signIn(request, { subject: 'alice' }, { stateVerified: true })).toMatchObject({ ok: true })
    await expect(sessions.signIn(request, { subject: 'alice' }, { state: 'x' })).rejects.toThrow(/without `secrets`/)
    expect(() => sessions.beginSignIn(request)).toThrow(/without `secrets`/)
  })

  test('a wrong grant is a mistake, not a refusal', async () => {
    await expect(createWorld().sessions.signIn(pageRequest('/'), { subject: '' })).rejects.toThrow(TypeError)
  })
})

describe('using a session', () => {
  const policy = { sessionPolicy: { renewal: { afterSeconds: 300 } } }

  test('a page that is told so refreshes, and the browser has a new credential', async () => {
    const world = createWorld({ server: policy })
    const { jar, credential } = await signedIn(world)
    world.clock.advance(301)
    const due = await world.sessions.authenticate(pageRequest('/', { method: 'GET', jar }))
    expect(due).toMatchObject({ ok: true, renewalDue: true, cookies: [] })
    const refreshed = await world.sessions.refresh(pageRequest('/refresh', { jar }))
    expect(refreshed.ok && refreshed.credential).not.toBe(credential)
    jar.take(refreshed)
    const next = await world.sessions.authenticate(pageRequest('/', { method: 'GET', jar }))
    expect(next).toMatchObject({ ok: true, renewalDue: false, cookies: [] })
    expect(await refreshed.toResponse().json()).toEqual({
      subject: 'alice',
      expiresAt: START + 86_400,
      idleExpiresAt: START + 301 + 3600,
      isElevated: false,
    })
  })

  test('a refresh that is not due sets no cookie and counts as use', async () => {
    const world = createWorld({ server: policy })
    const { jar } = await signedIn(world)
    world.clock.advance(200)
    expect(await world.sessions.refresh(pageRequest('/refresh', { jar }))).toMatchObject({
      ok: true,
      cookies: [],
      session: { lastPresentedAt: START + 200 },
    })
  })

  test('a tab that has not seen the new credential is given it again, by any handler', async () => {
    const world = createWorld({ server: policy })
    const { jar } = await signedIn(world)
    const old = jar.header() ?? ''
    world.clock.advance(301)
    const first = await world.sessions.refresh(pageRequest('/refresh', { jar }))
    const late = await world.sessions.authenticate(pageRequest('/', { method: 'GET', cookie: old }))
    expect(late.cookies.map(({ value }) => value)).toEqual([first.ok && first.credential])
    const again = await world.sessions.refresh(pageRequest('/refresh', { cookie: old }))
    expect(again.ok && again.credential).toBe(first.ok && first.credential)
  })

  test('SU-1 a requirement that is not met is a challenge, and the session stays', async () => {
    const world = createWorld()
    const { jar } = await signedIn(world)
    const requirement = { acr: 'mfa', authenticationAgeSecondsMax: 300 }
    const request = () => pageRequest('/pay', { jar })
    const refusal = await world.sessions.authenticate(request(), { requirement })
    expect(refusal).toMatchObject({ ok: false, reason: 'session/step_up_required', status: 401, cookies: [] })
    expect(refusal.toResponse().headers.get('www-authenticate')).toMatch(
      /insufficient_user_authentication.*acr_values="mfa".*max_age/s,
    )
    const elevated = await world.sessions.elevate(request(), { methods: ['otp'], acr: 'mfa' })
    expect(elevated).toMatchObject({ ok: true, session: { isElevated: true } })
    const old = jar.header() ?? ''
    jar.take(elevated)
    expect(jar.header()).not.toBe(old)
    expect(await world.sessions.authenticate(request(), { requirement })).toMatchObject({ ok: true })
    const superseded = await world.sessions.authenticate(pageRequest('/pay', { cookie: old }), { requirement })
    expect(superseded).toMatchObject({ ok: false, reason: 'session/superseded', status: 409, cookies: [] })
  })

  test('SE-2 a session that rested too long goes on with a new credential once the user has proved himself', async () => {
    const world = createWorld()
    const { jar, credential } = await signedIn(world)
    world.clock.advance(3700)
    expect(await world.sessions.refresh(pageRequest('/', { jar }))).toMatchObject({
      reason: 'session/idle',
      status: 401,
      cookies: [],
    })
    const again = await world.sessions.reauthenticate(pageRequest('/', { jar }), { methods: ['pwd'] })
    expect(again).toMatchObject({ ok: true, session: { lastPresentedAt: START + 3700 } })
    expect(again.ok && again.credential).not.toBe(credential)
  })

  test('who reads alone is told who it is, and renews nothing', async () => {
    const world = createWorld({ server: policy })
    const { jar } = await signedIn(world)
    world.clock.advance(301)
    const { authenticate } = world.sessions.readOnly
    const request = pageRequest('/', { method: 'GET', jar })
    for (const given of [request, { headers: request.headers }, jar.header()]) {
      const result = await authenticate(given)
      expect(result).toMatchObject({ ok: true, session: { subject: 'alice' }, renewalDue: true })
      expect(Object.keys(result).toSorted()).toEqual(['ok', 'renewalDue', 'session'])
    }
    expect(world.serverEvents.map(({ type }) => type)).not.toContain('session.renewed')
    expect(await authenticate(null)).toMatchObject({ ok: false, reason: 'http/signed_out' })
    expect(await authenticate(request, { requirement: { acr: 'mfa' } })).toMatchObject({
      reason: 'session/step_up_required',
    })
    const forged = pageRequest('/', { jar, headers: { 'sec-fetch-site': 'cross-site' } })
    expect(await authenticate(forged)).toMatchObject({ ok: false, reason: 'csrf/cross_site' })
  })
})

test('where a request came from stands in the server’s events, whatever it asked for', async () => {
  const world = createWorld({ server: { sessionPolicy: { touchSeconds: 0, renewal: { afterSeconds: 61 } } } })
  const jar = createJar()
  const { sessions } = world
  const context = { place: 'Utrecht' }
  jar.take(await sessions.signIn(pageRequest('/', { jar }), { subject: 'alice', context }))
  world.clock.advance(62)
  await sessions.authenticate(pageRequest('/', { jar }), { context })
  world.clock.advance(1)
  await sessions.readOnly.authenticate(jar.header(), { context })
  jar.take(await sessions.refresh(pageRequest('/', { jar }), { context }))
  jar.take(await sessions.elevate(pageRequest('/', { jar }), { methods: ['otp'] }, { context }))
  jar.take(await sessions.reauthenticate(pageRequest('/', { jar }), { methods: ['pwd'] }, { context }))
  jar.take(await sessions.signOut(pageRequest('/', { jar }), { context }))
  const told = world.serverEvents.filter(({ type }) => type.startsWith('session.'))
  const types = new Set(told.map(({ type }) => type))
  for (const type of ['established', 'presented', 'renewed', 'elevated', 'reauthenticated', 'revoked'])
    expect(types, type).toContain(`session.${type}`)
  for (const event of told) expect(event, event.type).toMatchObject({ context })
})

describe('signing out', () => {
  test('SE-8 the session ends, its cookie is cleared, and the browser forgets cache and storage', async () => {
    const world = createWorld()
    const { jar } = await signedIn(world)
    const response = (await world.sessions.signOut(pageRequest('/sign-out', { jar }))).toResponse()
    expect(response.status).toBe(204)
    expect(response.headers.get('clear-site-data')).toBe('"cache", "storage"')
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-Http-sid=; .*Max-Age=0; Expires=Thu, 01 Jan 1970/),
    ])
    const { sessions } = world
    const all = world.otherHandlers({ clearSiteData: ['cookies', 'storage'] })
    expect((await all.signOut(pageRequest('/'))).headers['clear-site-data']).toBe('"cookies", "storage"')
    expect(
      (await world.otherHandlers({ clearSiteData: [] }).signOut(pageRequest('/'))).headers['clear-site-data'],
    ).toBeUndefined()
    expect(await sessions.signOut(pageRequest('/'))).toMatchObject({ ok: true, revoked: 0, cookies: [] })
  })

  test('F90 F98 after sign-out neither session, refresh token nor access token is worth anything', async () => {
    const world = createWorld()
    const jar = createJar()
    const grant = { subject: 'alice', refreshToken: true } as const
    const signIn = await world.sessions.signIn(pageRequest('/sign-in', { jar }), grant)
    jar.take(signIn)
    const credential = signIn.ok ? signIn.credential : ''
    const issued = await world.server.sessions.issueAccessToken(credential)
    const tokens = signIn.ok ? signIn.tokens : undefined
    expect([issued.ok, tokens?.refreshToken !== undefined]).toEqual([true, true])
    await world.sessions.signOut(pageRequest('/sign-out', { jar }))
    const verdicts = [
      await world.server.verify(issued.ok ? issued.accessToken : ''),
      await world.server.verify(tokens?.accessToken ?? ''),
      await world.server.refresh({ refreshToken: tokens?.refreshToken ?? '' }),
      await world.server.sessions.read(credential),
    ]
    expect(verdicts.map(({ ok }) => ok)).toEqual([false, false, false, false])
  })

  test('everywhere: every session and token of the user ends, and nobody else’s', async () => {
    const world = createWorld()
    const here = await signedIn(world)
    const there = await signedIn(world)
    const bob = await signedIn(world, 'bob')
    const tokens = await world.server.issue({ subject: 'alice' })
    const result = await world.sessions.signOut(pageRequest('/', { jar: here.jar }), { everywhere: true })
    expect(result).toMatchObject({ ok: true, revoked: 3 })
    here.jar.take(result)
    expect(here.jar.cookies.size).toBe(0)
    expect(await world.sessions.authenticate(pageRequest('/', { jar: there.jar }))).toMatchObject({
      reason: 'session/revoked',
    })
    expect(await world.sessions.authenticate(pageRequest('/', { jar: bob.jar }))).toMatchObject({ ok: true })
    expect((await world.server.refresh({ refreshToken: tokens.refreshToken })).ok).toBe(false)
    const dead = await world.sessions.signOut(pageRequest('/', { jar: there.jar }), { everywhere: true })
    expect(dead).toMatchObject({ ok: false, reason: 'session/revoked', cookies: [] })
    const nobody = await world.sessions.signOut(pageRequest('/'), { everywhere: true })
    expect(nobody).toMatchObject({ ok: false, reason: 'http/signed_out', cookies: [] })
  })

  test('A31 CS-6 nobody is signed out by another site, a sibling, an image or a link', async () => {
    const world = createWorld()
    const { jar } = await signedIn(world)
    const attempts = [
      pageRequest('/sign-out', { jar, headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } }),
      pageRequest('/sign-out', { jar, headers: { 'sec-fetch-site': 'same-site', origin: 'https://blog.example.com' } }),
      pageRequest('/sign-out', { jar, headers: { origin: 'null' } }),
      pageRequest('/sign-out', { jar, headers: {} }),
      pageRequest('/sign-out', { jar, method: 'GET' }),
      pageRequest('/sign-out', { jar, method: 'HEAD' }),
      pageRequest('/sign-out', { jar, method: 'GET', headers: { 'x-http-method-override': 'POST' } }),
    ]
    for (const request of attempts) {
      const answer = await world.sessions.signOut(request)
      expect(answer).toMatchObject({ ok: false, cookies: [] })
      expect(answer.headers['clear-site-data']).toBeUndefined()
    }
    expect(await world.sessions.authenticate(pageRequest('/', { jar }))).toMatchObject({ ok: true })
  })
})
