// What leaves: no token and no credential in any body, event or print; no cache keeps an answer; refusals in RFC words.
import { TokenError } from '@tallystick/core'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type Answer, failureAnswer } from '../src/index.ts'
import { APP, COOKIE, createJar, createWorld, pageRequest, SECRET, signedIn } from './world.ts'

/** Every endpoint, served and refused. */
async function everyAnswer() {
  const world = createWorld({
    handlers: { secrets: [{ id: 1, secret: SECRET }], csrf: { token: true } },
    server: { sessionPolicy: { renewal: { afterSeconds: 61 } } },
  })
  const { sessions } = world
  const jar = createJar()
  const answers: Array<Answer & { readonly ok: boolean }> = []
  const secrets: string[] = []
  const keep = <Given extends Answer & { readonly ok: boolean }>(answer: Given): Given => {
    answers.push(answer)
    jar.take(answer)
    secrets.push((answer as { credential?: string }).credential ?? '')
    return answer
  }
  const send = (path: string, method = 'POST') => {
    const token = jar.cookies.get('__Host-csrf') ?? ''
    return pageRequest(path, { jar, method, headers: { 'sec-fetch-site': 'same-origin', 'x-csrf-token': token } })
  }
  const forged = () => pageRequest('/', { jar, headers: { 'sec-fetch-site': 'cross-site' } })
  keep(sessions.beginSignIn(send('/login', 'GET')))
  const grant = { subject: 'alice', scope: 'orders', refreshToken: true, data: { note: 'mine' } } as const
  const signIn = keep(await sessions.signIn(send('/sign-in'), grant))
  const tokens = signIn.ok ? signIn.tokens : undefined
  secrets.push(tokens?.accessToken ?? '', tokens?.refreshToken ?? '')
  if (signIn.ok) keep(sessions.csrfToken(send('/', 'GET'), signIn.session))
  keep(await sessions.authenticate(send('/', 'GET')))
  keep(await sessions.authenticate(send('/'), { requirement: { acr: 'mfa' } }))
  world.clock.advance(100)
  keep(await sessions.refresh(send('/refresh')))
  keep(await sessions.elevate(send('/step-up'), { methods: ['otp'], acr: 'mfa' }))
  keep(await sessions.reauthenticate(send('/again'), { methods: ['pwd'] }))
  for (const endpoint of ['refresh', 'authenticate', 'signOut'] as const) keep(await sessions[endpoint](forged()))
  keep(await sessions.signIn(forged(), { subject: 'alice' }))
  keep(await sessions.refresh(send('/refresh', 'GET')))
  keep(await sessions.signOut(send('/sign-out')))
  keep(await sessions.signOut(send('/sign-out')))
  keep(await sessions.authenticate(send('/', 'GET')))
  keep(await sessions.authenticate(pageRequest('/', { method: 'GET', cookie: `${COOKIE}=${secrets.at(1)}` })))
  keep(await sessions.authenticate(pageRequest('/', { method: 'GET', cookie: `${COOKIE}=not a credential` })))
  return { world, answers, secrets: secrets.filter((secret) => secret !== '') }
}

test('F89 AT-11 CS-7 no answer is kept by a cache, and each says what it varies by', async () => {
  const { answers } = await everyAnswer()
  expect(answers.filter(({ ok }) => ok).length).toBeGreaterThan(8)
  expect(answers.filter(({ ok }) => !ok).length).toBeGreaterThan(6)
  expect(answers.filter(({ cookies }) => cookies.length > 0).length).toBeGreaterThan(4)
  const loose = { headers: { 'cache-control': 'public, max-age=60', vary: 'Accept, cookie' } }
  for (const answer of answers) {
    const own = answer.toResponse()
    const mixed = [
      answer.toResponse('a page', { status: 200, ...loose }),
      answer.applyTo(new Response('a page', loose)),
    ]
    expect(own.headers.get('vary')).toBe('Cookie, Sec-Fetch-Site, Origin')
    for (const { headers } of mixed) expect(headers.get('vary')).toBe('Accept, Cookie, Sec-Fetch-Site, Origin')
    for (const { headers } of [own, ...mixed]) {
      expect(headers.get('cache-control')).toBe('private, no-store')
      expect(headers.getSetCookie()).toHaveLength(answer.cookies.length)
    }
  }
})

test('BF-3 CK-8 no token ever stands in a cookie, and no credential in one that scripts can read', async () => {
  const { answers, secrets } = await everyAnswer()
  const cookies = answers.flatMap((answer) => answer.cookies)
  expect(new Set(cookies.map(({ name }) => name))).toEqual(new Set([COOKIE, '__Host-Http-login', '__Host-csrf']))
  for (const { name, value, attributes } of cookies) {
    expect(value).not.toMatch(/^(ey|trt_|tat_)/)
    expect(attributes.secure).toBe(true)
    expect(attributes.httpOnly).toBe(name !== '__Host-csrf')
    if (!attributes.httpOnly) for (const secret of secrets) expect(value).not.toContain(secret)
  }
})

test('BF-3 F97 no token and no credential stands in a body, an event, JSON, or what a logger prints of a result', async () => {
  const { world, answers, secrets } = await everyAnswer()
  expect(secrets.length).toBeGreaterThan(6)
  expect(world.events.length).toBeGreaterThan(6)
  const bodies = await Promise.all(answers.map((answer) => answer.toResponse().text()))
  const printed = answers.flatMap((answer) => [inspect(answer, { depth: 9 }), inspect({ answer })])
  const json = answers.flatMap((answer) => [JSON.stringify(answer), JSON.stringify({ ...answer, page: 1 })])
  const all = [...bodies, ...printed, ...json, JSON.stringify(world.events), JSON.stringify(world.serverEvents)].join(
    '\n',
  )
  for (const secret of secrets) expect(all.includes(secret)).toBe(false)
  expect(all).not.toMatch(/tsn_|trt_|eyJ/)
  expect(all).not.toContain(JSON.stringify(SECRET))
})

test('MO-2 what is turned away is told with its endpoint and its reason', async () => {
  const { world } = await everyAnswer()
  const told = world.events.map(({ type, endpoint, reason }) => `${type} ${endpoint} ${reason}`)
  expect(told).toEqual(
    expect.arrayContaining([
      'http.session_refused authenticate session/step_up_required',
      'http.csrf_refused refresh csrf/cross_site',
      'http.csrf_refused sign_in csrf/cross_site',
      'http.csrf_refused sign_out csrf/cross_site',
      'http.request_refused refresh http/method_not_allowed',
      'http.cookie_refused authenticate cookie/malformed',
      'http.session_refused authenticate session/revoked',
    ]),
  )
})

test('the page is told of its session, and of a refusal in the words of RFC 6749', async () => {
  const world = createWorld()
  const signIn = await world.sessions.signIn(pageRequest('/'), { subject: 'alice', data: 'private' })
  const response = signIn.toResponse()
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
  expect(Object.keys((await response.json()) as object)).toEqual([
    'subject',
    'expiresAt',
    'idleExpiresAt',
    'isElevated',
  ])
  const refusal = (await world.sessions.refresh(pageRequest('/'))).toResponse()
  expect([refusal.status, await refusal.json()]).toEqual([
    401,
    { error: 'login_required', error_description: 'the request carries no session' },
  ])
})

describe('an answer goes onto whatever is sent', () => {
  test('CK-6 a response of the application’s own keeps what it has, and no cookie is set twice', async () => {
    const world = createWorld()
    const signIn = await world.sessions.signIn(pageRequest('/'), { subject: 'alice' })
    const page = new Response('<p>hello', { status: 201, headers: { 'content-type': 'text/html', 'x-own': '1' } })
    page.headers.append('set-cookie', 'theme=dark; Path=/')
    page.headers.append('set-cookie', `${COOKIE}=old; Path=/`)
    const sent = signIn.applyTo(page)
    expect([sent.status, sent.headers.get('x-own'), await sent.text()]).toEqual([201, '1', '<p>hello'])
    expect(sent.headers.getSetCookie()).toEqual([
      'theme=dark; Path=/',
      expect.stringContaining(`${COOKIE}=${signIn.ok && signIn.credential}`),
    ])
    const redirect = signIn.toResponse(null, { status: 303, headers: { location: '/home' } })
    expect([redirect.status, redirect.headers.get('location')]).toEqual([303, '/home'])
    expect(redirect.headers.getSetCookie()).toHaveLength(1)
  })

  test('with a body of your own a sign-out has a status that may have one', async () => {
    const world = createWorld()
    const { jar } = await signedIn(world)
    const signOut = await world.sessions.signOut(pageRequest('/', { jar }))
    const response = signOut.toResponse('goodbye')
    expect([response.status, await response.text(), response.headers.getSetCookie().length]).toEqual([
      200,
      'goodbye',
      1,
    ])
    expect([signOut.toResponse().status, signOut.toResponse(null).status]).toEqual([204, 204])
    expect(signOut.toResponse('<p>bye', { status: 410 }).status).toBe(410)
  })

  test('its parts need not be called as methods, and cannot be changed', async () => {
    const world = createWorld()
    const { toResponse, cookies, headers } = await world.sessions.signIn(pageRequest('/'), { subject: 'alice' })
    expect(toResponse().headers.getSetCookie()).toHaveLength(1)
    expect([Object.isFrozen(cookies), Object.isFrozen(headers)]).toEqual([true, true])
  })
})

describe('where the world failed', () => {
  const broken = { read: () => Promise.reject(new Error('the disk is away')) }
  test('F82 a store that fails signs nobody out: 503 and try again', async () => {
    let isBroken = false
    const world = createWorld({
      around: ({ records, ...rest }) => ({
        ...rest,
        records: new Proxy(records, {
          get: (target, name) => (isBroken && name === 'read' ? broken.read : Reflect.get(target, name)),
        }),
      }),
    })
    const { jar } = await signedIn(world)
    isBroken = true
    for (const call of [
      () => world.sessions.authenticate(pageRequest('/', { jar })),
      () => world.sessions.refresh(pageRequest('/', { jar })),
      () => world.sessions.signOut(pageRequest('/', { jar })),
      () => world.sessions.signIn(pageRequest('/', { jar }), { subject: 'alice' }),
    ]) {
      const failure = await call().then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      const response = failureAnswer(failure).toResponse()
      expect([response.status, response.headers.get('retry-after'), response.headers.getSetCookie()]).toEqual([
        503,
        '1',
        [],
      ])
      expect(response.headers.get('cache-control')).toBe('private, no-store')
    }
    isBroken = false
    expect(await world.sessions.authenticate(pageRequest('/', { jar }))).toMatchObject({ ok: true })
  })

  test('what will not pass by itself is a 500, an ended sign-in a 403, and a bug stays a bug', () => {
    expect(failureAnswer(new TokenError('ERR_STORAGE_CORRUPT', 'a')).status).toBe(500)
    expect(failureAnswer(new TokenError('ERR_SUBJECT_REVOKED', 'a')).status).toBe(403)
    expect(failureAnswer(new TokenError('ERR_SESSION_REVOKED', 'a')).status).toBe(403)
    expect(() => failureAnswer(new TypeError('a bug'))).toThrow('a bug')
    expect(() => failureAnswer('a bug')).toThrow('a bug')
  })

  test('F55 no header that anybody can send makes a handler throw', async () => {
    const world = createWorld()
    const { credential } = await signedIn(world)
    const junk = [
      '',
      ' ',
      '\u00FF',
      'a=b; =; ;;',
      `${COOKIE}=`,
      `${COOKIE}=${credential}x`,
      `${COOKIE}="${credential}"`,
      ';'.repeat(3000),
      'é\u{1F36A}',
      '%',
      '\0',
      `${COOKIE}=${credential};`.repeat(99),
    ]
    let answered = 0
    for (const cookie of junk)
      for (const name of [
        'cookie',
        'origin',
        'sec-fetch-site',
        'referer',
        'x-csrf-token',
        'content-type',
        'authorization',
      ])
        for (const method of ['GET', 'POST', 'NONSENSE', '']) {
          const get = (asked: string) =>
            asked === name ? cookie : asked === 'cookie' ? `${COOKIE}=${credential}` : null
          for (const url of [`${APP}/`, '//', 'http://', '\\', '']) {
            const answer = await world.sessions.authenticate({ method, url, headers: { get } })
            expect([200, 400, 401, 403, 431]).toContain(answer.status)
            answered += 1
          }
        }
    expect(answered).toBe(junk.length * 7 * 4 * 5)
  })
})
