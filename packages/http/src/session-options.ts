// The options of the session handlers: their shape, checked once at construction, and what the handlers work with.
import { type Clock, type Entropy, type NumericDate, numericDate } from '@tallystick/core'
import {
  type CookieDefinition,
  csrfCookie,
  type DevelopmentMode,
  isDevelopmentOrigin,
  loginCookie,
  sessionCookie,
  type SessionCookieOptions,
} from '@tallystick/cookie'
import { type CsrfPolicy, resolveCsrfPolicy, type ResolvedCsrfPolicy } from '@tallystick/cookie/csrf'
import { mistake, readOptions } from '@tallystick/core/options'
import { resolveSecretRing, type RingSecret, type SecretRing } from '@tallystick/core/secret-ring'
import { systemClock, systemEntropy } from '@tallystick/core/system'
import { createEventBus, type EventBus } from '@tallystick/events'
import * as z from 'zod/mini'
import { clearSiteData, type ClearSiteDataKind } from './clear-site-data.ts'
import { type HttpEvent, httpEvents, type HttpFact } from './event.ts'
import type { SessionServer } from './session-server.ts'

/** What session handlers are made from. */
export interface SessionHandlerOptions {
  /** The origins under which browsers reach the application: `https://app.example.com`. */
  readonly origin: string | readonly string[]
  /** What differs from the preset of the session's cookie, or a cookie of your own that scripts cannot see. */
  readonly cookie?: Omit<SessionCookieOptions, 'development'> | CookieDefinition | undefined
  /** Which requests that change something are taken; the application's own origins alone by default. */
  readonly csrf?: SessionCsrfOptions | undefined
  /** The first signs log-in states and anti-forgery tokens, all verify: 32 random bytes each, used for nothing else. */
  readonly secrets?: readonly RingSecret[] | undefined
  /**
   * What a sign-out makes the browser forget beside the session's cookie; default cache and storage. `cookies` takes
   * those of the whole registrable domain with it, also of its other hosts.
   */
  readonly clearSiteData?: readonly ClearSiteDataKind[] | undefined
  /** Cookies without Secure and prefix, for http on this machine only. */
  readonly development?: DevelopmentMode | undefined
  /** Hears what was turned away. What it throws is counted, not passed on. */
  readonly onEvent?: ((event: HttpEvent) => void | Promise<void>) | undefined
  /** Keeps the runtime alive for an asynchronous `onEvent` (edge runtimes). */
  readonly waitUntil?: ((promise: Promise<void>) => void) | undefined
  /** Tells the time; default: the platform's. */
  readonly clock?: Clock | undefined
  /** Draws random bytes; default: the platform's generator. */
  readonly entropy?: Entropy | undefined
}

/** Which requests that change something are taken. */
export interface SessionCsrfOptions extends Omit<CsrfPolicy, 'targetOrigins'> {
  /**
   * Asks for a signed double submit, too: the token of `csrfToken` in the header `x-csrf-token`, or handed in as
   * `csrfToken`. Needs `secrets`; default false.
   */
  readonly token?: boolean | undefined
}

/** What every handler works with. */
export interface HandlerContext {
  readonly server: SessionServer
  readonly definition: CookieDefinition
  /** The cookie of the double submit, where that is asked for. */
  readonly csrfDefinition: CookieDefinition | undefined
  readonly loginDefinition: CookieDefinition
  readonly csrf: ResolvedCsrfPolicy
  readonly ring: SecretRing | undefined
  /** What relative addresses are relative to. */
  readonly baseOrigin: string
  readonly signOutHeaders: Readonly<Record<string, string>>
  readonly bus: EventBus<HttpFact>
  readonly clock: () => NumericDate
  readonly entropy: Entropy
}

/**
 * Checks the options and prepares what the handlers work with.
 *
 * @throws TypeError or RangeError naming the field, what was given (never a secret) and what is allowed.
 */
export function resolveHandlerOptions(server: SessionServer, options: SessionHandlerOptions): HandlerContext {
  readOptions(optionsSchema, options, OWNER, ['secrets'])
  const { development, secrets, clock = systemClock, entropy = systemEntropy } = options
  const { token = false, ...policy } = options.csrf ?? {}
  const origins = typeof options.origin === 'string' ? [options.origin] : options.origin
  const [baseOrigin = ''] = origins
  for (const origin of origins) checkScheme(origin, development)
  if (token && secrets === undefined) throw mistake(OWNER, 'secrets', 'must be given for anti-forgery tokens', secrets)
  const bus = createEventBus<HttpFact>(httpEvents, options.waitUntil)
  if (options.onEvent !== undefined) bus.subscribe(options.onEvent)
  const definition = resolveCookie(options.cookie, development)
  return {
    server,
    definition,
    csrfDefinition: token ? beside(definition, csrfCookie({ development })) : undefined,
    loginDefinition: beside(definition, loginCookie({ development })),
    csrf: resolveCsrfPolicy({ ...policy, targetOrigins: origins }),
    ring: secrets === undefined ? undefined : resolveSecretRing(secrets, `${OWNER}: secrets`),
    baseOrigin,
    signOutHeaders: options.clearSiteData?.length === 0 ? {} : clearSiteData(...(options.clearSiteData ?? SIGN_OUT)),
    bus,
    clock: () => numericDate(clock.now()),
    entropy,
  }
}

function resolveCookie(
  given: SessionHandlerOptions['cookie'] = {},
  development: DevelopmentMode | undefined,
): CookieDefinition {
  if (!('attributes' in given)) return sessionCookie({ ...given, development })
  // RFC 10017 §6.1.3.2: the cookie of a session is Secure and HttpOnly.
  const { attributes } = given
  if (!attributes.httpOnly || !(attributes.secure || given.development !== undefined))
    throw mistake(OWNER, 'cookie', 'must be Secure and HttpOnly: it holds the session', false)
  if (given.development !== development)
    throw mistake(OWNER, 'cookie', 'must be defined in the same development mode as the handlers', given.development)
  return given
}

/** Another cookie of the same requests: under another name, sent as far, and in a Cookie header of the same length. */
function beside(session: CookieDefinition, other: CookieDefinition): CookieDefinition {
  const { name, migratesFrom, headerBytesMax } = session
  if ([name, ...migratesFrom.map((old) => old.name)].includes(other.name))
    throw mistake(OWNER, 'cookie', 'must have a name that no other cookie of the handlers has', other.name)
  const { sameSite, partitioned } = session.attributes
  // Within another site's page neither Strict nor Lax is sent.
  const attributes = sameSite === 'none' ? { ...other.attributes, sameSite, partitioned } : other.attributes
  return { ...other, attributes, headerBytesMax }
}

/** A Secure cookie is lost over http, and a development cookie has no place anywhere else. */
function checkScheme(origin: string, development: DevelopmentMode | undefined): void {
  const isLocal = isDevelopmentOrigin(origin)
  if (development !== undefined && !isLocal)
    throw mistake(OWNER, 'origin', 'must be http on this machine in development mode', origin)
  if (development === undefined && isLocal)
    throw mistake(OWNER, 'origin', "must be https; for http on this machine say development: 'http-localhost'", origin)
}

const OWNER = 'createSessionHandlers'
const SIGN_OUT: readonly ClearSiteDataKind[] = ['cache', 'storage']

const object = (allowed: string) => z.custom((value) => typeof value === 'object' && value !== null, allowed)
const optionalFunction = z.optional(z.custom((value) => typeof value === 'function', 'must be a function'))
const ORIGIN = 'must be an origin, or a list of at least one'

const optionsSchema = z.strictObject(
  {
    origin: z.union([z.string(ORIGIN), z.array(z.string(ORIGIN)).check(z.minLength(1, ORIGIN))], ORIGIN),
    cookie: z.optional(object('must be options of the cookie, or a cookie of defineCookie')),
    csrf: z.optional(object('must be an object with fields of SessionCsrfOptions only')),
    secrets: z.optional(z.custom(Array.isArray, 'must be a list of { id, secret }')),
    clearSiteData: z.optional(z.array(z.string('must be a kind of data'), 'must be a list of kinds of data')),
    development: z.optional(z.literal('http-localhost', "must be 'http-localhost'")),
    onEvent: optionalFunction,
    waitUntil: optionalFunction,
    clock: z.optional(object('must be a Clock')),
    entropy: z.optional(object('must be an Entropy')),
  },
  'must be an object with fields of SessionHandlerOptions only',
)
