// What a web application mounts, over the runtime's own Request, Response and Headers: from the sign-in to the API behind it.
import {
  clearSiteData,
  createApiProxy,
  createNonce,
  createSessionHandlers,
  failureAnswer,
  securityHeaders,
  type SessionHandlerOptions,
  type SessionHandlers,
} from '@tallystick/http'
import { TokenError } from '@tallystick/core'
import { systemEntropy } from '@tallystick/core/system'
import { holds, same, throws, type Register } from './checks.ts'
import { createWorld, type World } from './world.ts'

/** Registers the checks of `@tallystick/http`. */
export function handlerChecks(check: Register): void {
  sessionChecks(check)
  cookieChecks(check)
  forgeryChecks(check)
  headerChecks(check)
  proxyChecks(check)
}

function sessionChecks(check: Register): void {
  check('http: a browser signs in, is recognised, refreshed, stepped up and signed out', async () => {
    const { handlers, clock, jar, server } = await createApplication()
    const signedOut = await handlers.authenticate(request('/', jar, 'GET'))
    same([signedOut.ok, signedOut.status], [false, 401])
    const signedIn = await handlers.signIn(request('/sign-in', jar), { subject: 'alice' })
    holds(signedIn.ok, signedIn.ok ? '' : signedIn.reason)
    const body = await jar.take(signedIn.toResponse()).json()
    same((body as { subject?: string }).subject, 'alice')
    holds(!JSON.stringify(body).includes(signedIn.credential), 'the page gets no credential')
    const first = jar.cookies.get(SESSION)
    same(first, signedIn.credential)
    const recognised = await handlers.authenticate(request('/', jar, 'GET'))
    holds(recognised.ok, recognised.ok ? '' : recognised.reason)
    same([recognised.session.subject, recognised.cookies.length], ['alice', 0])
    await clock.advance(600)
    const old = jar.copy()
    same(await changed(jar, await handlers.refresh(request('/refresh', jar))), true)
    same(await changed(old, await handlers.refresh(request('/refresh', old))), true)
    same(old.cookies.get(SESSION), jar.cookies.get(SESSION))
    const up = await handlers.elevate(request('/step-up', jar), { methods: ['pwd', 'otp'] })
    same(await changed(jar, up), true)
    const read = await handlers.readOnly.authenticate(request('/', jar, 'GET'))
    same(read.ok && [read.session.isElevated, 'toResponse' in read], [true, false])
    const out = await handlers.signOut(request('/sign-out', jar))
    const response = jar.take(out.toResponse())
    same([response.status, response.headers.get('clear-site-data')], [204, '"cache", "storage"'])
    same([jar.cookies.size, (await server.sessions.list('alice')).length], [0, 0])
  })
  check('http: a log-in that comes back from another site is taken with its state, in its own browser', async () => {
    const { handlers, jar } = await createApplication({ secrets: SECRETS })
    const begun = handlers.beginSignIn(request('/log-in', jar, 'GET'))
    holds(begun.ok, 'it begins')
    jar.take(begun.toResponse())
    const back = (from: Jar): Request => request('/callback', from, 'GET', { 'sec-fetch-site': 'cross-site' })
    const foreign = await handlers.signIn(back(createJar()), { subject: 'alice' }, { state: begun.state })
    same(!foreign.ok && foreign.reason, 'csrf/state_missing')
    const signedIn = await handlers.signIn(back(jar), { subject: 'alice' }, { state: begun.state })
    jar.take(signedIn.toResponse())
    same([signedIn.ok, [...jar.cookies.keys()]], [true, [SESSION]])
  })
  check('http: a store that is down signs nobody out: it is a 503 that clears nothing', async () => {
    const response = failureAnswer(new TokenError('ERR_STORAGE_UNAVAILABLE', 'down')).toResponse()
    same(
      [response.status, response.headers.getSetCookie(), response.headers.get('cache-control')],
      [503, [], 'private, no-store'],
    )
  })
}

function cookieChecks(check: Register): void {
  check('http: Set-Cookie lines stay apart, beside those of the application, each name once', async () => {
    const { handlers, jar } = await createApplication({ secrets: SECRETS, csrf: { token: true } })
    const signedIn = await handlers.signIn(request('/sign-in', jar), { subject: 'alice' })
    same(cookieNames(signedIn.toResponse()), [SESSION, '__Host-csrf'])
    const own = new Response('page', { status: 201, headers: { vary: 'Accept', 'x-own': '1' } })
    own.headers.append('set-cookie', 'theme=dark; Expires=Thu, 01 Jan 2037 00:00:00 GMT')
    own.headers.append('set-cookie', `${SESSION}=stale; Path=/`)
    const applied = signedIn.applyTo(own)
    same(cookieNames(applied), ['theme', SESSION, '__Host-csrf'])
    same(applied.headers.getSetCookie()[0], 'theme=dark; Expires=Thu, 01 Jan 2037 00:00:00 GMT')
    same([applied.status, await applied.text(), applied.headers.get('x-own')], [201, 'page', '1'])
    same(applied.headers.get('vary'), 'Accept, Cookie, Sec-Fetch-Site, Origin')
    const given = signedIn.toResponse('{}', { status: 201, headers: new Headers({ 'content-type': 'text/plain' }) })
    same([given.status, given.headers.get('content-type')], [201, 'text/plain'])
    same(given.headers.get('cache-control'), 'private, no-store')
  })
}

function forgeryChecks(check: Register): void {
  check('http: a forged request changes nothing, and clears no cookie', async () => {
    const { handlers, jar } = await signedInApplication()
    for (const [method, headers, reason] of [
      ['POST', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 'csrf/cross_site'],
      ['POST', { origin: 'https://evil.example' }, 'csrf/origin'],
      ['POST', {}, 'csrf/unknown'],
      ['GET', { 'sec-fetch-site': 'same-origin' }, 'http/method_not_allowed'],
    ] as const) {
      const answer = await handlers.signOut(request('/sign-out', jar, method, headers))
      same(!answer.ok && answer.reason, reason)
      same(answer.toResponse().headers.getSetCookie(), [])
    }
    same((await handlers.authenticate(request('/', jar, 'GET'))).ok, true)
  })
  check('http: a signed double submit is asked for, where the application wants it', async () => {
    const { handlers, jar } = await signedInApplication({ secrets: SECRETS, csrf: { token: true } })
    const without = await handlers.refresh(request('/refresh', jar))
    same(!without.ok && without.reason, 'csrf/token_missing')
    const token = jar.cookies.get('__Host-csrf') ?? ''
    same((await handlers.refresh(request('/refresh', jar, 'POST', { ...OWN, 'x-csrf-token': token }))).ok, true)
    same((await handlers.refresh(request('/refresh', jar), { csrfToken: token })).ok, true)
  })
}

function headerChecks(check: Register): void {
  check('http: security headers are headers of a Response, with a nonce of its own', async () => {
    const nonces = new Set(Array.from({ length: 100 }, () => createNonce(systemEntropy)))
    same(nonces.size, 100)
    const [nonce = ''] = nonces
    const { headers } = new Response('', { headers: { ...securityHeaders({ nonce }), ...clearSiteData('cookies') } })
    holds((headers.get('content-security-policy') ?? '').includes(`'nonce-${nonce}'`), 'the policy has the nonce')
    same([headers.get('x-content-type-options'), headers.get('clear-site-data')], ['nosniff', '"cookies"'])
    same(headers.get('strict-transport-security'), 'max-age=31536000; includeSubDomains')
    await throws(() => securityHeaders({ directives: { 'script-src': ['*'] } }), /^TypeError: /)
  })
}

function proxyChecks(check: Register): void {
  check('http: a call of the page reaches its API with a token of its own, and no cookie', async () => {
    const { jar, call, sent, server } = await createProxied(() =>
      Response.json([7], { headers: { 'set-cookie': 'api=1', etag: '"1"' } }),
    )
    const response = await call(request('/api/orders/7?full=1', jar, 'GET', { ...OWN, accept: 'application/json' }))
    same([response.status, await response.json(), response.headers.getSetCookie()], [200, [7], []])
    const [{ url, headers, method } = new Request(APP)] = sent
    same(
      [url, method, headers.get('cookie'), headers.get('accept')],
      ['https://orders.internal/v1/7?full=1', 'GET', null, 'application/json'],
    )
    const token = headers.get('authorization')?.replace('Bearer ', '') ?? ''
    const found = await server.introspect({ token, resourceServer: 'https://orders.internal' })
    same([found.active, found.active && found['scope']], [true, 'orders:read'])
  })
  check('http: a body streams through the proxy both ways', async () => {
    const { jar, call } = await createProxied(async (sent) => new Response(`got ${await sent.text()}`, { status: 201 }))
    const body = new ReadableStream({
      start(controller) {
        for (const part of ['łó', 'dź']) controller.enqueue(new TextEncoder().encode(part))
        controller.close()
      },
    })
    const streaming = { method: 'POST', body, duplex: 'half', headers: { ...OWN, cookie: jar.header() } }
    const response = await call(new Request(`${APP}/api/orders`, streaming))
    same([response.status, await response.text()], [201, 'got łódź'])
  })
  check('http: what the proxy does not know, may not, or cannot reach, it answers itself', async () => {
    const { jar, call, sent } = await createProxied(({ url }) => {
      if (url.endsWith('/moved')) return new Response(null, { status: 302, headers: { location: '/' } })
      if (url.endsWith('/empty')) return new Response(null, { status: 204 })
      throw new TypeError('connection refused')
    })
    for (const [path, method, headers, status] of [
      ['/elsewhere', 'GET', OWN, 404],
      ['/api/orders', 'DELETE', OWN, 405],
      ['/api/orders/%2fx', 'GET', OWN, 400],
      ['/api/orders', 'POST', { 'sec-fetch-site': 'cross-site' }, 403],
    ] as const)
      same((await call(request(path, jar, method, headers))).status, status, path)
    same((await call(request('/api/orders', createJar(), 'GET'))).status, 401)
    same(sent.length, 0)
    same((await call(request('/api/orders/moved', jar, 'GET'))).status, 502)
    same((await call(request('/api/orders/empty', jar, 'GET'))).status, 204)
    same((await call(request('/api/orders/down', jar, 'GET'))).status, 502)
  })
}

interface Application extends World {
  readonly handlers: SessionHandlers
  readonly jar: Jar
}

async function createApplication(given: Partial<SessionHandlerOptions> = {}): Promise<Application> {
  const world = await createWorld({ sessionPolicy: { renewal: { afterSeconds: 600 } } })
  const handlers = createSessionHandlers(world.server, { origin: APP, clock: world.clock, ...given })
  return { ...world, handlers, jar: createJar() }
}

async function signedInApplication(given: Partial<SessionHandlerOptions> = {}): Promise<Application> {
  const application = await createApplication(given)
  const { handlers, jar } = application
  const grant = { subject: 'alice', scope: 'orders:read orders:write' }
  jar.take((await handlers.signIn(request('/sign-in', jar), grant)).toResponse())
  holds(jar.cookies.has(SESSION), 'somebody is signed in')
  return application
}

/** An application with an API behind it; what it is sent becomes a Request of the runtime, as its fetch would make one. */
async function createProxied(
  answer: (request: Request) => Response | Promise<Response>,
): Promise<
  Application & { readonly call: (request: Request) => Promise<Response>; readonly sent: readonly Request[] }
> {
  const application = await signedInApplication()
  const sent: Request[] = []
  const target = 'https://orders.internal/v1'
  const audience = 'https://orders.internal'
  const proxy = createApiProxy(application.server, {
    sessions: application.handlers,
    routes: [{ path: '/api/orders', methods: ['GET', 'POST'], target, audience, scope: 'orders:read' }],
    fetch: async (url, init) => {
      const received = new Request(url, init)
      sent.push(received)
      return answer(received)
    },
  })
  return { ...application, call: (given) => proxy.handle(given), sent }
}

/** A browser's cookies, as far as Set-Cookie lines of one host change them. */
interface Jar {
  readonly cookies: Map<string, string>
  readonly take: (response: Response) => Response
  readonly header: () => string
  readonly copy: () => Jar
}

function createJar(cookies: Map<string, string> = new Map<string, string>()): Jar {
  return {
    cookies,
    take(response) {
      for (const line of response.headers.getSetCookie()) {
        const [pair = '', ...attributes] = line.split('; ')
        const at = pair.indexOf('=')
        if (attributes.includes('Max-Age=0')) cookies.delete(pair.slice(0, at))
        else cookies.set(pair.slice(0, at), pair.slice(at + 1))
      }
      return response
    },
    header: () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    copy: () => createJar(new Map(cookies)),
  }
}

function request(path: string, jar: Jar, method = 'POST', headers: Readonly<Record<string, string>> = OWN): Request {
  const cookie = jar.header()
  return new Request(`${APP}${path}`, { method, headers: cookie === '' ? headers : { ...headers, cookie } })
}

function cookieNames(response: Response): readonly (string | undefined)[] {
  return response.headers.getSetCookie().map((line) => line.split('=')[0])
}

/** Whether an answer that was served changed the browser's session cookie. */
async function changed(jar: Jar, answer: Awaited<ReturnType<SessionHandlers['refresh']>>): Promise<boolean> {
  holds(answer.ok, answer.ok ? '' : answer.reason)
  const before = jar.cookies.get(SESSION)
  jar.take(answer.toResponse())
  return jar.cookies.get(SESSION) !== before
}

const APP = 'https://app.example.com'
const SESSION = '__Host-Http-sid'
const OWN = { 'sec-fetch-site': 'same-origin', origin: APP }
const SECRETS = [{ id: 1, secret: Uint8Array.from({ length: 32 }, (_, at) => at * 5 + 3) }]
