// The way from the page to an API: a session's cookie in, a fresh access token out, to fixed targets only (RFC 10017 §6.1).
import type { Clock, OAuthError, Refusal } from '@tallystick/core'
import { refuseCsrf } from '@tallystick/cookie/refusals'
import { readOptions } from '@tallystick/core/options'
import { systemClock, systemEntropy } from '@tallystick/core/system'
import { createEventBus, type EventBus } from '@tallystick/events'
import * as z from 'zod/mini'
import { type Answer, refusalAnswer } from './answer.ts'
import { pass, resolvePassed } from './api-headers.ts'
import { type ApiRoute, type ResolvedApiRoute, resolveRoutes, routeOf, targetUrl } from './api-route.ts'
import { type HttpEvent, httpEvents, type HttpFact, refusedEvent } from './event.ts'
import { type HttpRefusal, refuseHttp } from './refusals.ts'
import type { SessionHandlers } from './session-handlers.ts'
import type { SessionServer } from './session-server.ts'

/** Sends a request; the platform's `fetch`, or one with a time-out and an agent of yours. */
export type ApiFetch = (url: string, init: RequestInit) => Promise<Response>

/** What an API proxy is made from. */
export interface ApiProxyOptions {
  /** Recognise the user; of `createSessionHandlers` over the same server. */
  readonly sessions: Pick<SessionHandlers, 'authenticate'>
  /** Which paths go where; nothing else goes anywhere. */
  readonly routes: readonly ApiRoute[]
  /** Sends the requests. Give it a time-out: a proxy has none of its own. */
  readonly fetch: ApiFetch
  /** Further request headers that pass to the API; credentials, hosts and methods never do. */
  readonly requestHeaders?: readonly string[] | undefined
  /** Further response headers that pass to the page; cookies never do. */
  readonly responseHeaders?: readonly string[] | undefined
  /** Hears what was turned away; what `sessions` turns away, its own listener hears. */
  readonly onEvent?: ((event: HttpEvent) => void | Promise<void>) | undefined
  /** Keeps the runtime alive for an asynchronous `onEvent` (edge runtimes). */
  readonly waitUntil?: ((promise: Promise<void>) => void) | undefined
  /** Tells the time of events; default: the platform's. */
  readonly clock?: Clock | undefined
}

/** Answers requests of the page under the paths of its routes. */
export interface ApiProxy {
  /**
   * Sends a request on with an access token for exactly the route's audience and scope, issued for it alone.
   *
   * @throws TokenError where the world failed: `failureAnswer` makes a 503 of it.
   */
  handle(request: Request): Promise<Response>
}

/**
 * Makes a proxy from the page to APIs, so that no token reaches the page.
 *
 * @throws TypeError naming the field and what is allowed: a target that is no https URL of plain path, a header that
 * never passes.
 * @see {@link https://www.rfc-editor.org/rfc/rfc10017.html#section-6.1 RFC 10017 §6.1}
 */
export function createApiProxy(server: Pick<SessionServer, 'sessions'>, options: ApiProxyOptions): ApiProxy {
  readOptions(optionsSchema, options, OWNER)
  const bus = createEventBus<HttpFact>(httpEvents, options.waitUntil)
  if (options.onEvent !== undefined) bus.subscribe(options.onEvent)
  const proxy: Proxy = {
    ...options,
    clock: options.clock ?? systemClock,
    bus,
    server,
    routes: resolveRoutes(OWNER, options.routes),
    requestHeaders: resolvePassed(OWNER, 'requestHeaders', options.requestHeaders),
    responseHeaders: resolvePassed(OWNER, 'responseHeaders', options.responseHeaders),
  }
  return Object.freeze({ handle: (request: Request) => handle(proxy, request) })
}

interface Proxy extends ApiProxyOptions {
  readonly bus: EventBus<HttpFact>
  readonly clock: Clock
  readonly server: Pick<SessionServer, 'sessions'>
  readonly routes: readonly ResolvedApiRoute[]
  readonly requestHeaders: readonly string[]
  readonly responseHeaders: readonly string[]
}

async function handle(proxy: Proxy, request: Request): Promise<Response> {
  const aimed = aim(proxy, request)
  if (!aimed.ok) return refuse(proxy, aimed)
  const { route, url } = aimed
  const user = await proxy.sessions.authenticate(request, { requirement: route.requirement })
  if (!user.ok) return user.toResponse()
  const { audience, scope } = route
  const access = await proxy.server.sessions.issueAccessToken(user.credential, { audience, scope })
  if (!access.ok) return user.applyTo(refuse(proxy, access))
  const headers = pass(request.headers, proxy.requestHeaders)
  headers.set('authorization', `${access.tokenType} ${access.accessToken}`)
  const response = await send(proxy, request, url, headers)
  if (response === undefined) return user.applyTo(refuse(proxy, refuseHttp('http/api_unavailable')))
  if (isRedirect(response)) {
    await response.body?.cancel()
    return user.applyTo(refuse(proxy, refuseHttp('http/redirect_refused')))
  }
  return user.applyTo(received(proxy, response))
}

/** Where a request goes, or why it goes nowhere; decided from its method and path alone. */
function aim(
  { routes }: Proxy,
  request: Request,
): { readonly ok: true; readonly route: ResolvedApiRoute; readonly url: string } | Refusal<string> {
  const { pathname, search } = new URL(request.url)
  const route = routeOf(routes, pathname)
  if (route === undefined) return refuseHttp('http/route_unknown')
  if (!route.methods.includes(request.method)) return withAllow(refuseHttp('http/method_not_allowed'), route.methods)
  // An API is never navigated to from another site, so its safe methods are served to the application's pages alone.
  const site = request.headers.get('sec-fetch-site')
  if (SAFE_METHODS.has(request.method) && (site === 'cross-site' || site === 'same-site'))
    return refuseCsrf(site === 'cross-site' ? 'csrf/cross_site' : 'csrf/same_site')
  const url = targetUrl(routes, route, pathname, search)
  return url === undefined ? refuseHttp('http/path_refused') : { ok: true, route, url }
}

async function send(proxy: Proxy, request: Request, url: string, headers: Headers): Promise<Response | undefined> {
  const { method, body, signal } = request
  // "manual": a redirect would carry the token to wherever the API, or who fooled it, says.
  const init = { method, headers, signal, redirect: 'manual', credentials: 'omit', cache: 'no-store' } as const
  try {
    return await proxy.fetch(url, body === null ? init : { ...init, body, ...HALF_DUPLEX })
  } catch {
    return undefined
  }
}

/** What the page is given of an API's response: never a cookie, and nothing that a browser would run as a page. */
function received(proxy: Proxy, response: Response): Response {
  const headers = pass(response.headers, proxy.responseHeaders)
  const challenge = response.headers.get('www-authenticate') ?? ''
  // A challenge of another scheme would open the browser's own dialogue for a password.
  if (isForToken(challenge)) headers.set('www-authenticate', challenge)
  headers.set('x-content-type-options', 'nosniff')
  headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'; sandbox")
  const { status } = response
  return new Response(BODILESS.has(status) ? null : response.body, { status, headers })
}

/** Whether challenges, and their parameters, are of token schemes alone (RFC 9110 §11.6.1). */
function isForToken(challenges: string): boolean {
  const parts = challenges.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').split(',')
  return /^(?:bearer|dpop)\s/i.test(challenges) && parts.every((part) => TOKEN_CHALLENGE.test(part.trim()))
}

function isRedirect({ status, type }: Response): boolean {
  return type === 'opaqueredirect' || status === 0 || (status >= 300 && status < 400 && status !== 304)
}

function refuse({ bus, clock }: Proxy, { reason, error }: Refusal<string>): Response {
  bus.emit([refusedEvent('api', reason)], clock.now(), systemEntropy)
  const answer: Answer = refusalAnswer(error)
  return answer.toResponse()
}

function withAllow(refusal: Refusal<HttpRefusal>, methods: readonly string[]): Refusal<HttpRefusal> {
  const error: OAuthError = { ...refusal.error, headers: { allow: methods.join(', ') } }
  return { ...refusal, error }
}

const OWNER = 'createApiProxy'
/** auth-param, or the first one of a challenge with its scheme in front. */
const TOKEN_CHALLENGE = /^(?:(?:bearer|dpop)[ \t]+)?[\w!#$%&'*+.^`|~-]+[ \t]*=[ \t]*(?:""|[\w!#$%&'*+.^`|~-]+)$/i
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD'])
/** RFC 9110 §15.3.5, §15.3.6, §15.4.5: no content. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304])
/** A streamed body needs it said; the type of RequestInit does not know it. */
const HALF_DUPLEX: Readonly<Record<string, string>> = { duplex: 'half' }

const isFunction = (value: unknown): boolean => typeof value === 'function'
const optionsSchema = z.strictObject(
  {
    sessions: z.custom(
      (value) => isFunction((value as Readonly<Record<string, unknown>> | undefined)?.['authenticate']),
      'must be the handlers of createSessionHandlers',
    ),
    routes: z.custom(Array.isArray, 'must be a list of routes'),
    fetch: z.custom(isFunction, 'must be a function like fetch'),
    requestHeaders: z.optional(z.array(z.string('must be the name of a header'), 'must be a list of header names')),
    responseHeaders: z.optional(z.array(z.string('must be the name of a header'), 'must be a list of header names')),
    onEvent: z.optional(z.custom(isFunction, 'must be a function')),
    waitUntil: z.optional(z.custom(isFunction, 'must be a function')),
    clock: z.optional(z.custom((value) => typeof value === 'object' && value !== null, 'must be a Clock')),
  },
  'must be an object with fields of ApiProxyOptions only',
)
