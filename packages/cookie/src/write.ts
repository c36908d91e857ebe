// Setting and clearing a cookie of ours, and putting the cookies of one answer together (RFC 6265bis §4.1.1, §5.6).
import type { NumericDate, Result } from '@tallystick/core'
import type { Cookie, CookieRequest } from './cookie.ts'
import { cookieDefaults } from './defaults.ts'
import type { CookieDefinition } from './definition.ts'
import { isDevelopmentOrigin } from './development.ts'
import { checkValue, PAIR_BYTES_MAX } from './grammar.ts'
import { headerLineBytes, nextHeaderBytes, parseCookieHeader } from './header.ts'
import { clearMigrated, clearTarget, type CookiePlan, planCookie } from './plan.ts'
import { type CookieRefusal, refuseCookie } from './refusals.ts'
import { toSetCookie } from './set-cookie-header.ts'

/** The answer of {@link setCookie} and {@link mergeCookies}. */
export type SetCookieResult = Result<CookiePlan, CookieRefusal>

/**
 * Sets a cookie: gives everything that the answer must carry for it.
 *
 * That is the cookie, or its chunks; stale chunks that the request shows, cleared; and the old names of open migrations,
 * cleared.
 *
 * @param value - Visible ASCII without `"`, `,`, `;` and `\`: encode what is not (base64url, say).
 * @returns The cookies, or a refusal: `cookie/budget_exceeded` where the browser's next Cookie header would be longer
 *   than `headerBytesMax`, `cookie/value_too_long` where the chunks do not hold the value, `cookie/development_origin`,
 *   and those of parsing the request's header.
 * @throws TypeError for a value outside the grammar; RangeError where name and value exceed 4096 bytes and the cookie is
 *   not defined with chunks.
 */
export function setCookie(
  definition: CookieDefinition,
  value: string,
  request: CookieRequest,
  now: NumericDate,
): SetCookieResult {
  checkValue('setCookie', value)
  const bytes = definition.name.length + value.length
  if (bytes > PAIR_BYTES_MAX && definition.chunksMax === 1)
    throw new RangeError(`setCookie: name and value must be at most ${PAIR_BYTES_MAX} bytes (given ${bytes})`)
  if (definition.development !== undefined && !isDevelopmentOrigin(request.origin))
    return refuseCookie('cookie/development_origin')
  const parsed = parseCookieHeader(request.cookieHeader, definition.headerBytesMax)
  return parsed.ok ? planCookie(definition, value, parsed.cookies, now) : parsed
}

/**
 * Clears a cookie: the same attributes, no value, Max-Age=0 and an Expires in the past; its chunks and the old names of
 * open migrations with it.
 *
 * Always possible: where the request's header cannot be read, everything is cleared that may be there.
 *
 * @throws Never.
 */
export function clearCookie(definition: CookieDefinition, request: CookieRequest, now: NumericDate): readonly Cookie[] {
  const parsed = parseCookieHeader(request.cookieHeader, definition.headerBytesMax)
  const sent = parsed.ok ? parsed.cookies : undefined
  return [...clearTarget(definition, sent), ...clearMigrated(definition, sent, now)]
}

/**
 * Puts the cookies of one answer together: no name twice, and all of them within the budget.
 *
 * @param lists - What was read, set and cleared for each cookie; the same cookie given twice is sent once.
 * @param headerBytesMax - The longest Cookie header that the browser is made to send; default 8190.
 * @returns The cookies, or a refusal: `cookie/budget_exceeded`, and those of parsing the request's header.
 * @throws TypeError where two different cookies have one name: browsers do not agree on which of them stays.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6265.html#section-4.1.1 RFC 6265 §4.1.1}
 */
export function mergeCookies(
  lists: ReadonlyArray<readonly Cookie[]>,
  request: CookieRequest,
  headerBytesMax: number = cookieDefaults.headerBytesMax,
): SetCookieResult {
  const byName = new Map<string, { readonly cookie: Cookie; readonly text: string }>()
  for (const cookie of lists.flat()) {
    const text = toSetCookie(cookie)
    const known = byName.get(cookie.name)
    // "Servers SHOULD NOT include more than one Set-Cookie header field in the same response with the same cookie-name."
    if (known !== undefined && known.text !== text)
      throw new TypeError(`mergeCookies: ${cookie.name} is set twice in one answer`)
    byName.set(cookie.name, { cookie, text })
  }
  const cookies = [...byName.values()].map(({ cookie }) => cookie)
  const isShrinking = cookies.every(({ attributes }) => attributes.maxAgeSeconds === 0)
  const parsed = parseCookieHeader(request.cookieHeader, headerBytesMax)
  if (!parsed.ok)
    return isShrinking ? { ok: true, cookies, headerBytes: headerLineBytes(request.cookieHeader ?? '') } : parsed
  const headerBytes = nextHeaderBytes(parsed.cookies, cookies)
  if (headerBytes > headerBytesMax && !isShrinking) return refuseCookie('cookie/budget_exceeded')
  return { ok: true, cookies, headerBytes }
}
