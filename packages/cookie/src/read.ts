// Reading a cookie of ours from a request: one value or a reason, never a guess between two (RFC 6265bis §8.6).
import type { NumericDate, Refusal, Result } from '@tallystick/core'
import { chunkIndex, joinChunks } from './chunks.ts'
import type { Cookie, CookieRequest, CookieTarget } from './cookie.ts'
import type { CookieDefinition } from './definition.ts'
import { isDevelopmentOrigin } from './development.ts'
import { isCookieValue } from './grammar.ts'
import { parseCookieHeader, type SentCookies } from './header.ts'
import { clearMigrated, planCookie } from './plan.ts'
import { type CookieRefusal, refuseCookie } from './refusals.ts'

/** What {@link readCookie} found. */
export interface CookieReading {
  /** The value; absent where the request has none. */
  readonly value?: string | undefined
  /** Under which name: the cookie's own, one of its migrations', or none. */
  readonly source: 'current' | 'migrated' | 'absent'
  /**
   * What the answer must carry for migrations: the value under its new name, and the old one cleared. Leave these out
   * where the answer sets or clears the cookie itself; `setCookie` and `clearCookie` give them, too.
   */
  readonly cookies: readonly Cookie[]
}

/** The answer of {@link readCookie}. */
export type ReadCookieResult = Result<CookieReading, CookieRefusal>

/**
 * Reads a cookie.
 *
 * A name that was sent twice is refused: somebody with another subdomain or path may have planted the second. Other
 * applications' cookies are never looked at. A cookie that is not there is no refusal.
 *
 * @param now - Decides which migrations are still open.
 * @returns The value and what the answer must carry, or a refusal: `cookie/header_too_large`, `cookie/too_many`,
 *   `cookie/malformed`, `cookie/duplicate`, `cookie/chunks_mixed`, `cookie/chunks_incomplete`, `cookie/chunks_stale`,
 *   `cookie/development_origin`.
 * @throws Never.
 * @example
 * const reading = readCookie(sessionCookie(), { cookieHeader: '__Host-Http-sid=abc; theme=dark' }, now)
 * reading.ok && reading.value // => 'abc'
 * @see {@link https://www.rfc-editor.org/rfc/rfc6265.html#section-8.6 RFC 6265 §8.6}
 */
export function readCookie(definition: CookieDefinition, request: CookieRequest, now: NumericDate): ReadCookieResult {
  if (definition.development !== undefined && !isDevelopmentOrigin(request.origin))
    return refuseCookie('cookie/development_origin')
  const parsed = parseCookieHeader(request.cookieHeader, definition.headerBytesMax)
  if (!parsed.ok) return parsed
  const current = readNamed(definition, parsed.cookies)
  if (!current.ok) return current
  if (current.value !== undefined) {
    return {
      ok: true,
      value: current.value,
      source: 'current',
      cookies: clearMigrated(definition, parsed.cookies, now),
    }
  }
  for (const migration of definition.migratesFrom) {
    if (now >= migration.until) continue
    const old = readNamed(migration, parsed.cookies)
    if (!old.ok) return old
    if (old.value !== undefined) return readMigrated(definition, old.value, parsed.cookies, now)
  }
  return { ok: true, source: 'absent', cookies: clearMigrated(definition, parsed.cookies, now) }
}

/** The old cookie is cleared only together with the new one: where that does not fit, both stay as they are. */
function readMigrated(
  definition: CookieDefinition,
  value: string,
  sent: SentCookies,
  now: NumericDate,
): ReadCookieResult {
  const moved = planCookie(definition, value, sent, now)
  return { ok: true, value, source: 'migrated', cookies: moved.ok ? moved.cookies : [] }
}

type Named = { readonly ok: true; readonly value: string | undefined } | Refusal<CookieRefusal>

function readNamed({ name, chunksMax }: CookieTarget, sent: SentCookies): Named {
  const whole = sent.get(name)
  if (chunksMax > 1) {
    const chunks = new Map<number, readonly string[]>()
    for (const [sentName, values] of sent) {
      const index = chunkIndex(name, sentName)
      if (index !== undefined) chunks.set(index, values)
    }
    if (chunks.size > 0) {
      if (whole !== undefined) return refuseCookie('cookie/chunks_mixed')
      const joined = joinChunks(chunks)
      return joined.ok ? unquote(joined.value) : joined
    }
  }
  if (whole === undefined) return { ok: true, value: undefined }
  if (whole.length > 1) return refuseCookie('cookie/duplicate')
  return unquote(whole[0] ?? '')
}

// cookie-value = *cookie-octet / ( DQUOTE *cookie-octet DQUOTE )
function unquote(text: string): Named {
  const isQuoted = text.length >= 2 && text.startsWith('"') && text.endsWith('"')
  const value = isQuoted ? text.slice(1, -1) : text
  return isCookieValue(value) ? { ok: true, value } : refuseCookie('cookie/malformed')
}
