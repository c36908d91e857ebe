// The page calls an API through the server: with the session's own token, to fixed targets, and nothing else passes.
import { describe, expect, test } from 'vitest'
import { type ApiProxyOptions, createApiProxy } from '../src/index.ts'
import { APP, createWorld, type Jar, signedIn, type World } from './world.ts'

interface Sent {
  readonly url: string
  readonly init: RequestInit
  readonly headers: Headers
}

const routes = [
  {
    path: '/api/orders',
    methods: ['GET', 'POST'],
    target: 'https://orders.internal/v1',
    audience: 'https://orders.internal',
    scope: 'orders:read',
  },
  {
    path: '/api/pay',
    methods: ['POST'],
    target: 'https://pay.internal',
    audience: 'https://pay.internal',
    scope: 'pay',
    requirement: { acr: 'mfa' },
  },
]

function createProxy(
  world: World,
  answer: () => Response | Promise<Response> = () => Response.json([7]),
  more: Partial<ApiProxyOptions> = {},
) {
  const sent: Sent[] = []
  const reasons: string[] = []
  const proxy = createApiProxy(world.server, {
    sessions: world.sessions,
    routes,
    fetch: (url, init) => {
      sent.push({ url, init, headers: init.headers as Headers })
      return Promise.resolve(answer())
    },
    onEvent: ({ reason }) => void reasons.push(reason),
    clock: world.clock,
    ...more,
  })
  return { ...proxy, sent, reasons }
}

async function signedInWithScope(world: World): Promise<Jar> {
  const { jar } = await signedIn(world)
  const request = new Request(`${APP}/sign-in`, {
    method: 'POST',
    headers: { 'sec-fetch-site': 'same-origin', cookie: jar.header() ?? '' },
  })
  const grant = { subject: 'alice', scope: 'orders:read orders:write pay', authentication: { methods: ['pwd'] } }
  jar.take(await world.sessions.signIn(request, grant))
  return jar
}

function call(path: string, jar: Jar | undefined, init: RequestInit & { readonly duplex?: 'half' } = {}): Request {
  const headers = new Headers({
    'sec-fetch-site': 'same-origin',
    origin: APP,
    ...(init.headers as Record<string, string>),
  })
  const cookie = jar?.header()
  if (cookie) headers.set('cookie', cookie)
  return new Request(`${APP}${path}`, { ...init, headers })
}

test('BF-1 BF-2 a request goes to the route’s target with a token of exactly its audience and scope, made for it alone', async () => {
  const world = createWorld()
  const jar = await signedInWithScope(world)
  const proxy = createProxy(world)
  const response = await proxy.handle(call('/api/orders/7?full=1', jar))
  expect([response.status, await response.json()]).toEqual([200, [7]])
  await proxy.handle(call('/api/orders', jar))
  expect(proxy.sent.map(({ url }) => url)).toEqual([
    'https://orders.internal/v1/7?full=1',
    'https://orders.internal/v1',
  ])
  const tokens = proxy.sent.map(({ headers }) => headers.get('authorization')?.replace('Bearer ', '') ?? '')
  expect(new Set(tokens).size).toBe(2)
  const [introspected, elsewhere] = await Promise.all([
    world.server.introspect({ token: tokens[0]!, resourceServer: 'https://orders.internal' }),
    world.server.introspect({ token: tokens[0]!, resourceServer: 'https://api.example.com' }),
  ])
  expect(introspected).toMatchObject({ active: true, sub: 'alice', scope: 'orders:read' })
  expect(elsewhere).toEqual({ active: false })
  expect(proxy.sent[0]?.init).toMatchObject({ redirect: 'manual', credentials: 'omit', method: 'GET' })
})

test('BF-3 neither the page’s cookie nor a header of its choosing reaches the API, and no token or cookie the page', async () => {
  const world = createWorld()
  const jar = await signedInWithScope(world)
  const leaking = () =>
    new Response('{"ok":true}', {
      headers: {
        'content-type': 'text/html',
        'set-cookie': 'api=1',
        'x-internal': 'host-7',
        'cache-control': 'public',
        'access-control-allow-origin': '*',
        server: 'x',
        location: 'https://orders.internal/',
        etag: '"7"',
        'content-encoding': 'identity',
      },
    })
  const proxy = createProxy(world, leaking, { requestHeaders: ['x-request-id'] })
  const response = await proxy.handle(
    call('/api/orders', jar, {
      headers: {
        authorization: 'Bearer of-the-page',
        accept: 'application/json',
        'x-request-id': 'r1',
        'x-forwarded-for': '1.2.3.4',
        'x-http-method-override': 'DELETE',
        'x-own': '1',
        dpop: 'proof',
      },
    }),
  )
  const { headers } = proxy.sent[0]!
  expect([...headers.keys()].toSorted()).toEqual(['accept', 'authorization', 'x-request-id'])
  expect(headers.get('authorization')).toMatch(/^Bearer eyJ/)
  expect([...response.headers.keys()].toSorted()).toEqual([
    'cache-control',
    'content-security-policy',
    'content-type',
    'etag',
    'vary',
    'x-content-type-options',
  ])
  expect(response.headers.get('cache-control')).toBe('private, no-store')
  expect(response.headers.get('content-security-policy')).toContain('sandbox')
  expect(await response.text()).not.toContain('eyJ')
})

test('a body is streamed to the API, and its answer back', async () => {
  const world = createWorld()
  const jar = await signedInWithScope(world)
  let received = ''
  const proxy = createProxy(world, () => Response.json({}), {
    fetch: async (_url, init) => {
      received = await new Response(init.body).text()
      return new Response(received.toUpperCase(), { status: 201 })
    },
  })
  const body = new Blob(['{"a":1}']).stream()
  const response = await proxy.handle(
    call('/api/orders', jar, { method: 'POST', body, duplex: 'half', headers: { 'content-type': 'application/json' } }),
  )
  expect([received, response.status, await response.text()]).toEqual(['{"a":1}', 201, '{"A":1}'])
})

describe('what is turned away reaches no API', () => {
  test.each([
    ['a stranger', call('/api/orders', undefined), 401, 'login_required'],
    ['no route', call('/elsewhere', undefined), 404, 'invalid_request'],
    [
      'another site’s link',
      call('/api/orders', undefined, { headers: { 'sec-fetch-site': 'cross-site' } }),
      403,
      'access_denied',
    ],
    [
      'a sibling’s image',
      call('/api/orders', undefined, { headers: { 'sec-fetch-site': 'same-site' } }),
      403,
      'access_denied',
    ],
    [
      'another site’s form',
      call('/api/orders', undefined, { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } }),
      403,
      'access_denied',
    ],
    ['a path in disguise', call('/api/orders/%2e%2e%2fadmin', undefined), 400, 'invalid_request'],
  ])('BF-1 A29 %s', async (_name, request, status, error) => {
    const proxy = createProxy(createWorld())
    const response = await proxy.handle(request)
    expect([response.status, await response.json()]).toMatchObject([status, { error }])
    expect(response.headers.get('cache-control')).toBe('private, no-store')
    expect(proxy.sent).toEqual([])
  })

  test('a method that the route does not have, in whatever way it is said', async () => {
    const world = createWorld()
    const jar = await signedInWithScope(world)
    const proxy = createProxy(world)
    const response = await proxy.handle(call('/api/orders', jar, { method: 'DELETE' }))
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST'])
    await proxy.handle(call('/api/orders', jar, { headers: { 'x-http-method-override': 'DELETE' } }))
    expect(proxy.sent.map(({ init }) => init.method)).toEqual(['GET'])
    expect(proxy.reasons).toEqual(['http/method_not_allowed'])
  })

  test('an authentication that is too weak for the route is a challenge', async () => {
    const world = createWorld()
    const proxy = createProxy(world)
    const response = await proxy.handle(call('/api/pay', await signedInWithScope(world), { method: 'POST' }))
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('acr_values="mfa"'),
    ])
    expect(proxy.sent).toEqual([])
  })

  test('BF-2 a scope that the session does not have', async () => {
    const world = createWorld()
    const { jar } = await signedIn(world)
    const proxy = createProxy(world)
    const response = await proxy.handle(call('/api/orders', jar))
    expect([response.status, proxy.sent, proxy.reasons]).toEqual([
      expect.any(Number),
      [],
      ['access_token/scope_exceeded'],
    ])
    expect(response.status).toBeGreaterThanOrEqual(400)
  })

  test('a session that was ended meanwhile', async () => {
    const world = createWorld()
    const jar = await signedInWithScope(world)
    await world.server.revokeSubject('alice', 'locked')
    const proxy = createProxy(world)
    expect((await proxy.handle(call('/api/orders', jar))).status).toBe(401)
    expect(proxy.sent).toEqual([])
  })
})

describe('what an API may answer', () => {
  const answerOf = async (answer: () => Response | Promise<Response>) => {
    const world = createWorld()
    const proxy = createProxy(world, answer)
    return { response: await proxy.handle(call('/api/orders', await signedInWithScope(world))), ...proxy }
  }
  test.each([301, 302, 303, 307, 308, 300])('BF-1 a redirect (%i) is not followed and not shown', async (status) => {
    const { response, reasons, sent } = await answerOf(
      () => new Response(null, { status, headers: { location: 'http://169.254.169.254/latest' } }),
    )
    expect([response.status, response.headers.get('location'), reasons, sent.length]).toEqual([
      502,
      null,
      ['http/redirect_refused'],
      1,
    ])
  })
  test('one that a runtime has made opaque neither', async () => {
    const opaque = Object.defineProperties(new Response(null), {
      type: { value: 'opaqueredirect' },
      status: { value: 0 },
    })
    expect((await answerOf(() => opaque)).response.status).toBe(502)
  })
  test.each([200, 204, 304, 400, 404, 409, 500])('the status %i passes', async (status) => {
    expect((await answerOf(() => new Response(null, { status }))).response.status).toBe(status)
  })
  test('a body beside a status that has none does not come through', async () => {
    const odd = Object.defineProperty(new Response('body'), 'status', { value: 204 })
    const { response } = await answerOf(() => odd)
    expect([response.status, await response.text()]).toEqual([204, ''])
  })
  test('an API that cannot be reached is a 502 without its reason', async () => {
    const { response, reasons } = await answerOf(() => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7')))
    expect([response.status, reasons]).toEqual([502, ['http/api_unavailable']])
    expect(await response.text()).not.toContain('10.0.0.7')
  })
  test('a challenge for a token passes, one that opens the browser’s password dialogue does not', async () => {
    const challenge = (value: string) =>
      answerOf(() => new Response(null, { status: 401, headers: { 'www-authenticate': value } }))
    const bearer = 'Bearer error="insufficient_user_authentication"'
    expect((await challenge(bearer)).response.headers.get('www-authenticate')).toBe(bearer)
    const several = 'Bearer realm="a, Basic \\"b\\"", error=invalid_token, DPoP algs="ES256"'
    expect((await challenge(several)).response.headers.get('www-authenticate')).toBe(several)
    const besides = [`${bearer}, Basic realm="x"`, `${bearer},Negotiate`, 'DPoP algs="ES256", NTLM', 'Bearer realm="a']
    for (const scheme of ['Basic realm="x"', 'Negotiate', 'Digest realm="x"', 'Bearerish x', ...besides])
      expect((await challenge(scheme)).response.headers.get('www-authenticate')).toBeNull()
  })
  test('a new credential reaches the browser with the answer', async () => {
    const world = createWorld({ server: { sessionPolicy: { renewal: { afterSeconds: 61 } } } })
    const jar = await signedInWithScope(world)
    const late = call('/api/orders', jar)
    world.clock.advance(62)
    await world.sessions.refresh(call('/refresh', jar, { method: 'POST' }))
    expect((await createProxy(world).handle(late)).headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-Http-sid=tsn_/),
    ])
  })
})

test.each([
  'cookie',
  'Set-Cookie',
  'authorization',
  'host',
  'x-forwarded-host',
  'x-http-method-override',
  'content-length',
  'transfer-encoding',
  'connection',
  'origin',
  'a b',
  'x\r\n',
])('BF-1 the header %j can be let through in neither direction', (name) => {
  const { server, sessions } = createWorld()
  const options = { sessions, routes, fetch: () => Promise.resolve(new Response()) }
  expect(() => createApiProxy(server, { ...options, requestHeaders: [name] })).toThrow(
    /requestHeaders must list headers that may pass/,
  )
  expect(() => createApiProxy(server, { ...options, responseHeaders: [name] })).toThrow(
    /responseHeaders must list headers that may pass/,
  )
})

test('a proxy is checked when it is made', () => {
  const { server, sessions } = createWorld()
  const good = { sessions, routes, fetch: () => Promise.resolve(new Response()) }
  for (const wrong of [
    { routes: [] },
    { routes: undefined },
    { fetch: undefined },
    { sessions: {} },
    { cache: true },
    { routes: [{ ...routes[0], target: 'http://x' }] },
  ])
    expect(() => createApiProxy(server, { ...good, ...wrong } as unknown as ApiProxyOptions)).toThrow(TypeError)
})
