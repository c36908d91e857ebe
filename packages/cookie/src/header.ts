// The Cookie header of a request, parsed within limits (RFC 6265bis §4.2.1), and how long the next one will be.
import type { Result } from '@tallystick/core'
import type { Cookie } from './cookie.ts'
import { cookieDefaults } from './defaults.ts'
import { refuseCookie } from './refusals.ts'

/**
 * All values of each name, in the order sent. What stands without `=` is under the empty name.
 *
 * Values are as sent: neither unquoted nor decoded, nor checked.
 */
export type SentCookies = ReadonlyMap<string, readonly string[]>

/** The answer of {@link parseCookieHeader}. */
export type ParseCookieHeaderResult = Result<
  { readonly cookies: SentCookies },
  'cookie/header_too_large' | 'cookie/too_many' | 'cookie/malformed'
>

/**
 * Parses a Cookie header; names are case-sensitive, and what other applications sent is kept, however odd.
 *
 * @param header - Absent or `null` where the request has none. HTTP/2 may send several: join them with `; `.
 * @param headerBytesMax - A longer header line is refused unread; default 8190.
 * @returns The cookies, or the refusal `cookie/header_too_large`, `cookie/too_many` or, where it is no text,
 *   `cookie/malformed`.
 * @throws Never.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6265.html#section-5.4 RFC 6265 §5.4}
 */
export function parseCookieHeader(
  header: string | null | undefined,
  headerBytesMax: number = cookieDefaults.headerBytesMax,
): ParseCookieHeaderResult {
  const cookies = new Map<string, string[]>()
  if (header === undefined || header === null) return { ok: true, cookies }
  if (typeof header !== 'string') return MALFORMED
  if (headerLineBytes(header) > headerBytesMax) return HEADER_TOO_LARGE
  let pairs = 0
  for (const piece of header.split(';')) {
    const pair = trim(piece)
    if (pair === '') continue
    pairs += 1
    if (pairs > PAIRS_MAX) return TOO_MANY
    const equals = pair.indexOf('=')
    const name = equals < 0 ? '' : trim(pair.slice(0, equals))
    const value = trim(pair.slice(equals + 1))
    const values = cookies.get(name)
    if (values === undefined) cookies.set(name, [value])
    else values.push(value)
  }
  return { ok: true, cookies }
}

/**
 * How long the browser's next Cookie header line will be, at most: `Cookie: ` and all pairs.
 *
 * @param sent - What it sent with this request.
 * @param set - What the answer sets or, with `maxAgeSeconds` 0, removes.
 * @returns Bytes. Cookies of other paths and hosts are not in `sent`, so they are not counted.
 */
export function nextHeaderBytes(sent: SentCookies, set: readonly Cookie[]): number {
  const pairs: number[] = []
  const changed = new Set(set.map(({ name }) => name))
  for (const [name, values] of sent) {
    // Of several with one name (other paths, other domains) one is replaced, the shortest is assumed.
    const lengths = values.map((value) => pairBytes(name, value)).toSorted((left, right) => left - right)
    pairs.push(...(changed.has(name) ? lengths.slice(1) : lengths))
  }
  for (const { name, value, attributes } of set) {
    if (attributes.maxAgeSeconds !== 0) pairs.push(pairBytes(name, value))
  }
  if (pairs.length === 0) return 0
  return FIELD_NAME_BYTES + pairs.reduce((sum, bytes) => sum + bytes + SEPARATOR_BYTES, -SEPARATOR_BYTES)
}

/** The length of a Cookie header line with this value, in bytes: servers limit the line, `Cookie: ` included. */
export function headerLineBytes(header: string): number {
  return FIELD_NAME_BYTES + bytesOf(header)
}

function pairBytes(name: string, value: string): number {
  return name === '' ? bytesOf(value) : bytesOf(name) + 1 + bytesOf(value)
}

/** Header text holds one character a byte; where a runtime decoded it, three bytes a character is the most it was. */
function bytesOf(text: string): number {
  let bytes = text.length
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0xff) bytes += 2
  return bytes
}

// OWS = *( SP / HTAB ): no other white space, which is part of a name.
function trim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isBlank(text.charCodeAt(start))) start += 1
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

const FIELD_NAME_BYTES = 'Cookie: '.length
const SEPARATOR_BYTES = '; '.length
/** Browsers keep about 180 cookies for a site. */
const PAIRS_MAX = 1000
const MALFORMED = refuseCookie('cookie/malformed')
const HEADER_TOO_LARGE = refuseCookie('cookie/header_too_large')
const TOO_MANY = refuseCookie('cookie/too_many')
