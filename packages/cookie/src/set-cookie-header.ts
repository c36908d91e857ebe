// The text of a Set-Cookie header (RFC 6265bis §4.1.1), from checked parts only.
import type { Cookie, SameSite } from './cookie.ts'
import { checkCookie, checkValue, PAIR_BYTES_MAX } from './grammar.ts'

/**
 * Writes the value of one Set-Cookie header. Everything is checked again, so that a hand-made cookie injects nothing.
 *
 * @throws TypeError or RangeError where a part is outside its grammar or name and value exceed 4096 bytes.
 * @example
 * const cookie = { name: '__Host-Http-sid', value: 'abc', attributes: sessionCookie().attributes }
 * toSetCookie(cookie) // => '__Host-Http-sid=abc; Path=/; Secure; HttpOnly; SameSite=Strict'
 * @see {@link https://www.rfc-editor.org/rfc/rfc6265.html#section-4.1.1 RFC 6265 §4.1.1}
 */
export function toSetCookie(cookie: Cookie): string {
  const { name, value } = cookie
  // Read once: what is checked is what is written.
  const attributes = { ...cookie.attributes }
  checkCookie(OWNER, name, attributes)
  checkValue(OWNER, value)
  // "If the sum of the lengths of the name string and the value string is more than 4096 octets, abort" (§5.6).
  if (name.length + value.length > PAIR_BYTES_MAX)
    throw new RangeError(
      `${OWNER}: name and value must be at most ${PAIR_BYTES_MAX} bytes (given ${name.length + value.length})`,
    )
  const { path, domain, maxAgeSeconds, expiresAt, secure, httpOnly, sameSite, partitioned } = attributes
  const parts = [`${name}=${value}`, `Path=${path}`]
  if (domain !== undefined) parts.push(`Domain=${domain}`)
  if (maxAgeSeconds !== undefined) parts.push(`Max-Age=${maxAgeSeconds}`)
  if (expiresAt !== undefined) parts.push(`Expires=${new Date(expiresAt * 1000).toUTCString()}`)
  if (secure) parts.push('Secure')
  if (httpOnly) parts.push('HttpOnly')
  parts.push(`SameSite=${SAME_SITE_WORDS[sameSite]}`)
  if (partitioned) parts.push('Partitioned')
  return parts.join('; ')
}

const OWNER = 'toSetCookie'
const SAME_SITE_WORDS: Readonly<Record<SameSite, string>> = { strict: 'Strict', lax: 'Lax', none: 'None' }
