// What stands before every session handler: method, origin, cookie and token of a request, judged before anything acts.
import type { NumericDate, Refusal } from '@tallystick/core'
import { clearCookie, type Cookie, type CookieReading, type CookieRequest, readCookie } from '@tallystick/cookie'
import { judgeRequest, verifyCsrfToken, verifyLoginState } from '@tallystick/cookie/csrf'
import type { CookieRefusal, CsrfRefusal } from '@tallystick/cookie/refusals'
import type { RequestContext } from '@tallystick/server'
import { parseCredential } from '@tallystick/session/credential'
import { type HttpRefusal, refuseHttp } from './refusals.ts'
import type { HandlerContext } from './session-options.ts'

/** A web Request, or as much of one. */
export interface RequestLike {
  /** As sent; no header or parameter overrides it. */
  readonly method: string
  /** The request's URL, or a path: of the application's first origin then. */
  readonly url: string
  /** A `Headers`, or whatever gives a header by its name. */
  readonly headers: RequestHeaders
}

/** Reads headers by their lower-case names. */
export interface RequestHeaders {
  /** A header, or nothing. */
  get(name: string): string | null | undefined
}

/** What may come with any request. */
export interface HandlerOptions {
  /** The anti-forgery token, where it comes in a form and not in the header `x-csrf-token`. */
  readonly csrfToken?: string | null | undefined
  /** Where the request came from, for events. */
  readonly context?: RequestContext | undefined
}

/** What speaks for a request that changes something, beside where it comes from. */
export interface RequestProof extends HandlerOptions {
  /** The `state` that came back from another site's log-in page: it was made by `beginSignIn` in this browser. */
  readonly state?: string | null | undefined
  /** What `beginSignIn` bound the state to. */
  readonly stateContext?: string | undefined
  /** You have verified a `state` of your own against this browser: method and origin are not looked at. */
  readonly stateVerified?: true | undefined
}

/** A request that may be served. */
export interface Admitted {
  /** What cookies are read from and written for. */
  readonly cookieRequest: CookieRequest
  /** The session's cookie. */
  readonly reading: CookieReading
  /** Cookies that the answer carries where it serves the request: the log-in's, cleared. */
  readonly cookies: readonly Cookie[]
  readonly now: NumericDate
}

/** Why a request is not served, before its session is looked at. */
export type AdmissionRefusal = HttpRefusal | CsrfRefusal | CookieRefusal

/**
 * Judges a request that changes something: POST, from the application itself or with a log-in's state, with its cookie
 * in order and with its token where one is asked for.
 */
export function admitChange(
  context: HandlerContext,
  request: RequestLike,
  proof: RequestProof = {},
): ({ readonly ok: true } & Admitted) | Refusal<AdmissionRefusal> {
  const source = judgeChange(context, request, proof)
  const admitted = source.ok ? read(context, source) : source
  if (!source.ok || !admitted.ok || source.isReturn) return admitted
  return withToken(context, request, admitted, proof)
}

/** A sign-in that may be served, if the session whose token it lacks is over. */
export interface AdmittedSignIn extends Admitted {
  /** Why it would be refused as a request of the session that it replaces. */
  readonly tokenRefusal?: Refusal<AdmissionRefusal> | undefined
}

/**
 * Judges a sign-in as {@link admitChange} does, but for what the new cookie is written over: that stands in nobody's way.
 */
export function admitSignIn(
  context: HandlerContext,
  request: RequestLike,
  proof: RequestProof = {},
): ({ readonly ok: true } & AdmittedSignIn) | Refusal<AdmissionRefusal> {
  const source = judgeChange(context, request, proof)
  if (!source.ok) return source
  const found = read(context, source)
  if (!found.ok && !isOverwritten(context, source, found.reason)) return found
  const admitted = found.ok ? found : { ...source, reading: { source: 'absent', cookies: [] } as const }
  if (source.isReturn) return admitted
  const checked = withToken(context, request, admitted, proof)
  return checked.ok ? checked : { ...admitted, tokenRefusal: checked }
}

/** Judges any request: one with a safe method passes from everywhere, and nobody may change anything on it. */
export function admitAny(
  context: HandlerContext,
  request: RequestLike,
  proof: RequestProof = {},
): ({ readonly ok: true } & Admitted) | Refusal<AdmissionRefusal> {
  const admitted = admit(context, request)
  const isSafe = SAFE_METHODS.has(request.method)
  return admitted.ok && !isSafe ? withToken(context, request, admitted, proof) : admitted
}

/** Reads the session's cookie from text or headers of which nothing else is known. */
export function admitReading(
  context: HandlerContext,
  cookieHeader: string | null | undefined,
): ReturnType<typeof admitAny> {
  const cookieRequest = { cookieHeader, origin: context.baseOrigin }
  return read(context, { cookieRequest, cookies: [], now: context.clock() })
}

/** The cookie header and the origin of a request. */
export function cookieRequestOf({ baseOrigin }: HandlerContext, request: RequestLike): CookieRequest {
  const url = URL.canParse(request.url, baseOrigin) ? new URL(request.url, baseOrigin) : undefined
  return { cookieHeader: request.headers.get('cookie'), origin: url?.origin }
}

function admit(context: HandlerContext, request: RequestLike): ReturnType<typeof admitAny> {
  const judgement = judge(context, request)
  if (!judgement.ok) return judgement
  return read(context, { cookieRequest: cookieRequestOf(context, request), cookies: [], now: context.clock() })
}

function judge({ csrf }: HandlerContext, { method, headers }: RequestLike): ReturnType<typeof judgeRequest> {
  return judgeRequest({ method, header: (name) => headers.get(name) }, csrf)
}

/** A request before the session's cookie is read. */
type Source = Omit<Admitted, 'reading'>

/** POST from the application itself, or a browser that comes back from another site's log-in page with its state. */
function judgeChange(
  context: HandlerContext,
  request: RequestLike,
  { state, stateContext, stateVerified }: RequestProof,
): ({ readonly ok: true; readonly isReturn: boolean } & Source) | Refusal<AdmissionRefusal> {
  const now = context.clock()
  const source = { ok: true, cookieRequest: cookieRequestOf(context, request), cookies: [], now } as const
  if (stateVerified === true) return { ...source, isReturn: true }
  if (state === undefined) {
    // A safe method changes nothing (RFC 9110 §9.2.1): what does is POST alone.
    if (request.method !== 'POST') return refuseHttp('http/method_not_allowed')
    const judgement = judge(context, request)
    return judgement.ok ? { ...source, isReturn: false } : judgement
  }
  if (context.ring === undefined) throw new TypeError('state: the handlers were made without `secrets`')
  const login = readCookie(context.loginDefinition, source.cookieRequest, now)
  if (!login.ok) return login
  const verified = verifyLoginState(context.ring, { state, held: login.value, context: stateContext }, now)
  if (!verified.ok) return verified
  // A state serves once.
  return { ...source, isReturn: true, cookies: clearCookie(context.loginDefinition, source.cookieRequest, now) }
}

function read({ definition }: HandlerContext, source: Source): ReturnType<typeof admitAny> {
  const { cookieRequest, cookies, now } = source
  const reading = readCookie(definition, cookieRequest, now)
  return reading.ok ? { ok: true, cookieRequest, reading, cookies, now } : reading
}

/** Whether a new cookie is the end of it: text that is no value, odd chunks, an old name that was sent twice. */
function isOverwritten(
  { definition }: HandlerContext,
  { cookieRequest, now }: Source,
  reason: AdmissionRefusal,
): boolean {
  if (reason !== 'cookie/duplicate') return OVERWRITTEN.has(reason)
  const own = readCookie({ ...definition, migratesFrom: [] }, cookieRequest, now)
  return own.ok || own.reason !== 'cookie/duplicate'
}

/** A session's own token, where one is asked for; a request without a session has nothing to forge. */
function withToken(
  { csrfDefinition, ring }: HandlerContext,
  request: RequestLike,
  admitted: { readonly ok: true } & Admitted,
  { csrfToken }: RequestProof,
): ReturnType<typeof admitAny> {
  const sessionId = parseCredential(admitted.reading.value ?? '')?.sessionId
  if (csrfDefinition === undefined || ring === undefined || sessionId === undefined) return admitted
  const cookie = readCookie(csrfDefinition, admitted.cookieRequest, admitted.now)
  if (!cookie.ok) return cookie
  const submitted = csrfToken ?? request.headers.get('x-csrf-token')
  const verified = verifyCsrfToken(ring, { sessionId, submitted, cookie: cookie.value })
  return verified.ok ? admitted : verified
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
const OVERWRITTEN: ReadonlySet<AdmissionRefusal> = new Set<CookieRefusal>([
  'cookie/malformed',
  'cookie/chunks_incomplete',
  'cookie/chunks_mixed',
  'cookie/chunks_stale',
])
