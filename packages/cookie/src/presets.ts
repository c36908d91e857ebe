// The three cookies of a session: its credential, the readable token against forgery, and a log-in under way (RFC 10017 §6.1.3.2).
import { mistake } from '@tallystick/core/options'
import type { CookieDefinition, CookieMigration } from './definition.ts'
import { defineCookie } from './definition.ts'
import type { DevelopmentMode } from './development.ts'

/** What may differ from the preset of a session's cookie. */
export interface SessionCookieOptions {
  /** Default `__Host-Http-sid`: any browser that knows the prefix takes it from a server alone. */
  readonly name?: string | undefined
  /** `lax` where users come back from another site's log-in page and must be known at once; default `strict`. */
  readonly sameSite?: 'strict' | 'lax' | undefined
  /** How long the browser keeps it: 1 to 34560000; absent: until the browser is closed. */
  readonly maxAgeSeconds?: number | undefined
  /** Over how many cookies a long value may be split: 1 to 16; default 1, never. */
  readonly chunksMax?: number | undefined
  /** The longest Cookie header: 256 to 65536; default 8190. */
  readonly headerBytesMax?: number | undefined
  /** Cookies of earlier releases. */
  readonly migratesFrom?: readonly CookieMigration[] | undefined
  /** Drops Secure and the prefix, for http on this machine only. */
  readonly development?: DevelopmentMode | undefined
}

/**
 * The cookie of a session: Secure, HttpOnly, SameSite=Strict, Path=/, no Domain, and gone when the browser is closed.
 *
 * @throws TypeError or RangeError as {@link defineCookie}.
 * @example
 * sessionCookie().name // => '__Host-Http-sid'
 */
export function sessionCookie(options: SessionCookieOptions = {}): CookieDefinition {
  for (const [field, given] of Object.entries(options)) {
    if (!SESSION_FIELDS.has(field)) throw mistake('sessionCookie', field, 'is no option of a session cookie', given)
  }
  const { name = '__Host-Http-sid', sameSite = 'strict', ...rest } = options
  if (!['strict', 'lax'].includes(sameSite))
    throw mistake('sessionCookie', 'sameSite', "must be 'strict' or 'lax'", sameSite)
  return defineCookie({ ...rest, name, sameSite })
}

/** What may differ from the preset of an anti-forgery cookie. */
export interface CsrfCookieOptions {
  /** Default `__Host-csrf`. */
  readonly name?: string | undefined
  /** Drops Secure and the prefix, for http on this machine only. */
  readonly development?: DevelopmentMode | undefined
}

/**
 * The cookie of a signed double submit. Scripts read it, so it is `__Host-` and not HttpOnly.
 *
 * Prefer the judgement of Fetch Metadata, which needs no such cookie.
 *
 * @throws TypeError or RangeError as {@link defineCookie}.
 */
export function csrfCookie({ name = '__Host-csrf', development }: CsrfCookieOptions = {}): CookieDefinition {
  return defineCookie({ name, httpOnly: false, sameSite: 'strict', development })
}

/** What may differ from the preset of a log-in's cookie. */
export interface LoginCookieOptions {
  /** Default `__Host-Http-login`. */
  readonly name?: string | undefined
  /** How long the browser keeps it: 1 to 34560000; default 600, as long as a log-in state. */
  readonly maxAgeSeconds?: number | undefined
  /** Drops Secure and the prefix, for http on this machine only. */
  readonly development?: DevelopmentMode | undefined
}

/**
 * The cookie of a log-in under way: Lax, because the answer comes from another site, and short-lived.
 *
 * @throws TypeError or RangeError as {@link defineCookie}.
 */
export function loginCookie(options: LoginCookieOptions = {}): CookieDefinition {
  const { name = '__Host-Http-login', maxAgeSeconds = 600, development } = options
  return defineCookie({ name, sameSite: 'lax', maxAgeSeconds, development })
}

/** What a session cookie may differ in; what closes it is not among them. */
const SESSION_FIELDS: ReadonlySet<string> = new Set([
  'name',
  'sameSite',
  'maxAgeSeconds',
  'chunksMax',
  'headerBytesMax',
  'migratesFrom',
  'development',
])
