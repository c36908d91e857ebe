// The grammar of cookie names, values, paths and domains (RFC 6265bis §4.1.1), and of prefixes (§4.1.3; layered cookies §4).
import { mistake, secretMistake } from '@tallystick/core/options'
import type { CookieAttributes } from './cookie.ts'

/**
 * Whether text may stand as a cookie-value.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6265.html#section-4.1.1 RFC 6265 §4.1.1}
 */
export function isCookieValue(text: string): boolean {
  return VALUE.test(text)
}

/**
 * Checks name and attributes of a cookie against the grammar, the prefixes and each other: the one place of these rules.
 *
 * @param owner - The function whose caller is told.
 * @throws TypeError or RangeError naming the field and what is allowed.
 */
export function checkCookie(owner: string, name: string, attributes: CookieAttributes): void {
  if (typeof name !== 'string' || !NAME.test(name))
    throw mistake(owner, 'name', "must be a token: letters, digits and !#$%&'*+-.^_`|~", name)
  if (name.length > PAIR_BYTES_MAX)
    throw new RangeError(`${owner}: name must be at most ${PAIR_BYTES_MAX} bytes (given ${name.length})`)
  checkPath(owner, attributes.path)
  if (attributes.domain !== undefined) checkDomain(owner, attributes.domain)
  checkTimes(owner, attributes)
  if (!SAME_SITES.has(attributes.sameSite))
    throw mistake(owner, 'sameSite', "must be 'strict', 'lax' or 'none'", attributes.sameSite)
  // "If the cookie's same-site-flag is None and its secure-only-flag is false, abort" (RFC 6265bis §5.7).
  if (attributes.sameSite === 'none' && !attributes.secure)
    throw mistake(owner, 'secure', "must be true where sameSite is 'none'", attributes.secure)
  if (attributes.partitioned && !attributes.secure)
    throw mistake(owner, 'secure', 'must be true where partitioned is', attributes.secure)
  checkPrefix(owner, name, attributes)
}

/**
 * Checks that text may be a cookie's value.
 *
 * @throws TypeError that does not show the value.
 */
export function checkValue(owner: string, value: string): void {
  if (typeof value !== 'string' || !isCookieValue(value))
    throw secretMistake(owner, 'value', 'must be visible ASCII without " , ; and \\', value)
}

/** The prefix of a name in its usual spelling, matched as browsers do, whatever the case; or `undefined`. */
export function prefixOf(name: string): CookiePrefix | undefined {
  const lower = name.toLowerCase()
  return COOKIE_PREFIXES.find((prefix) => lower.startsWith(prefix.toLowerCase()))
}

/** A name prefix that browsers enforce. */
export type CookiePrefix = '__Host-Http-' | '__Http-' | '__Host-' | '__Secure-'

// "a case-insensitive match for the string `__Secure-`": browsers refuse `__SeCuRe-` alike (RFC 6265bis §5.4).
function checkPrefix(owner: string, name: string, attributes: CookieAttributes): void {
  const prefix = prefixOf(name)
  if (prefix === undefined) return
  if (name.length === prefix.length) throw mistake(owner, 'name', `must go on after the prefix ${prefix}`, name)
  if (!attributes.secure) throw mistake(owner, 'secure', `must be true for a name with ${prefix}`, attributes.secure)
  if ((prefix === '__Http-' || prefix === '__Host-Http-') && !attributes.httpOnly)
    throw mistake(owner, 'httpOnly', `must be true for a name with ${prefix}`, attributes.httpOnly)
  if (prefix === '__Host-' || prefix === '__Host-Http-') {
    if (attributes.path !== '/') throw mistake(owner, 'path', `must be "/" for a name with ${prefix}`, attributes.path)
    if (attributes.domain !== undefined)
      throw mistake(owner, 'domain', `must be absent for a name with ${prefix}`, attributes.domain)
  }
}

function checkPath(owner: string, path: string): void {
  if (typeof path !== 'string' || !PATH.test(path))
    throw mistake(owner, 'path', 'must begin with "/" and be visible ASCII without ; and ,', path)
  if (path.length > ATTRIBUTE_BYTES_MAX)
    throw new RangeError(`${owner}: path must be at most ${ATTRIBUTE_BYTES_MAX} bytes (given ${path.length})`)
}

function checkDomain(owner: string, domain: string): void {
  if (typeof domain !== 'string' || domain.length > DOMAIN_BYTES_MAX || !DOMAIN.test(domain))
    throw mistake(owner, 'domain', 'must be a host name in lower case with at least one dot, none in front', domain)
}

function checkTimes(owner: string, { maxAgeSeconds, expiresAt }: CookieAttributes): void {
  const isAge = (age: number): boolean => Number.isInteger(age) && age >= 0 && age <= MAX_AGE_SECONDS_MAX
  if (maxAgeSeconds !== undefined && !isAge(maxAgeSeconds))
    throw mistake(owner, 'maxAgeSeconds', `must be 0 to ${MAX_AGE_SECONDS_MAX} (400 days)`, maxAgeSeconds)
  if (expiresAt !== undefined && !(Number.isInteger(expiresAt) && expiresAt >= 0 && expiresAt <= DATE_SECONDS_MAX))
    throw mistake(owner, 'expiresAt', 'must be seconds of a four-digit year', expiresAt)
}

/** Name and value together, as browsers count them (RFC 6265bis §5.7). */
export const PAIR_BYTES_MAX = 4096
/** The value of one attribute (RFC 6265bis §5.6). */
export const ATTRIBUTE_BYTES_MAX = 1024
/** 400 days: browsers keep nothing longer (RFC 6265bis §5.5). */
export const MAX_AGE_SECONDS_MAX: number = 400 * 86_400
/** The prefixes that browsers enforce, longest first. */
export const COOKIE_PREFIXES: readonly CookiePrefix[] = ['__Host-Http-', '__Http-', '__Host-', '__Secure-']

const DOMAIN_BYTES_MAX = 253
/** The end of the year 9999. */
const DATE_SECONDS_MAX = 253_402_300_799
const SAME_SITES: ReadonlySet<string> = new Set(['strict', 'lax', 'none'])
// cookie-name = token
// token = 1*tchar (RFC 9110 §5.6.2)
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// cookie-octet = %x21 / %x23-2B / %x2D-3A / %x3C-5B / %x5D-7E. Quotes around a value are never written.
const VALUE = /^[\x21\x23-\x2B\x2D-\x3A\x3C-\x5B\x5D-\x7E]*$/
// path-value = *av-octet; av-octet = %x20-3A / %x3C-7E. Spaces and commas are left out: proxies split at them.
const PATH = /^\/[\x21-\x2B\x2D-\x3A\x3C-\x7E]*$/
// domain-value = <subdomain> (RFC 1034 §3.5 as RFC 1123 §2.1 widens it); the last label is no number, so no IP address.
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
