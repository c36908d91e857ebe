// A cookie as a value: name, value and attributes, for headers and for frameworks with a cookie API of their own.
import type { NumericDate } from '@tallystick/core'

/** With which requests of other sites a browser sends a cookie. */
export type SameSite = 'strict' | 'lax' | 'none'

/** What a browser is told beside name and value; what is absent is not written. */
export interface CookieAttributes {
  /** For which paths the cookie is sent. */
  readonly path: string
  /** For which host and its subdomains; absent: for the very host that set it. */
  readonly domain?: string | undefined
  /** Whether it travels over https alone. */
  readonly secure: boolean
  /** Whether scripts cannot see it. */
  readonly httpOnly: boolean
  /** With which requests of other sites it is sent. */
  readonly sameSite: SameSite
  /** Whether it is kept apart for each top-level site (CHIPS). */
  readonly partitioned: boolean
  /** How long the browser keeps it; 0 removes it; absent: until the browser is closed. */
  readonly maxAgeSeconds?: number | undefined
  /** When it ends, for browsers without Max-Age; written only where a cookie is removed. */
  readonly expiresAt?: NumericDate | undefined
}

/** One cookie that an answer sets or removes. Its value may be a credential: never log it. */
export interface Cookie {
  /** The cookie-name, with its prefix. */
  readonly name: string
  /** The cookie-value as it stands in the header: nothing is encoded or decoded. */
  readonly value: string
  /** Everything beside name and value. */
  readonly attributes: CookieAttributes
}

/** What a cookie is written and cleared by: one name, one set of attributes, so many chunks. */
export interface CookieTarget {
  /** The cookie-name, with its prefix. */
  readonly name: string
  /** The attributes with which it is set and cleared. */
  readonly attributes: CookieAttributes
  /** Over how many cookies its value may be split; 1: never. */
  readonly chunksMax: number
}

/** What reading and writing cookies need to know of a request. */
export interface CookieRequest {
  /** The text of the Cookie header; absent or `null` where the request has none. */
  readonly cookieHeader?: string | null | undefined
  /** The origin of the request's own URL; needed in development mode only. */
  readonly origin?: string | undefined
}
