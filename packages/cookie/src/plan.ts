// Which Set-Cookie headers one change of a cookie needs: itself or its chunks, stale chunks, open migrations.
import type { NumericDate, Result } from '@tallystick/core'
import { chunkIndex, chunkName, splitValue } from './chunks.ts'
import type { Cookie, CookieTarget } from './cookie.ts'
import type { CookieDefinition } from './definition.ts'
import { PAIR_BYTES_MAX } from './grammar.ts'
import { nextHeaderBytes, type SentCookies } from './header.ts'
import { refuseCookie } from './refusals.ts'

/** Cookies to send with one answer. */
export interface CookiePlan {
  /** Each name once, in the order to be written. */
  readonly cookies: readonly Cookie[]
  /** How long the browser's next Cookie header line will be, at most. */
  readonly headerBytes: number
}

/** The answer of {@link planCookie}. */
export type PlanResult = Result<CookiePlan, 'cookie/value_too_long' | 'cookie/budget_exceeded'>

/** Plans a value: whole where one cookie holds it, else in chunks; what the request shows to be stale is cleared. */
export function planCookie(
  definition: CookieDefinition,
  value: string,
  sent: SentCookies,
  now: NumericDate,
): PlanResult {
  const parts = partsOf(definition, value)
  if (parts === undefined) return refuseCookie('cookie/value_too_long')
  const names = new Set(parts.map(({ name }) => name))
  const stale = clearTarget(definition, sent).filter(({ name }) => !names.has(name) && sent.has(name))
  const cookies = [...parts, ...stale, ...clearMigrated(definition, sent, now)]
  const headerBytes = nextHeaderBytes(sent, cookies)
  if (headerBytes > definition.headerBytesMax) return refuseCookie('cookie/budget_exceeded')
  return { ok: true, cookies, headerBytes }
}

/** Plans the removal of a cookie: its name and all chunks that were sent, or that may exist where that is not known. */
export function clearTarget(
  { name, attributes, chunksMax }: CookieTarget,
  sent: SentCookies | undefined,
): readonly Cookie[] {
  const names = [name]
  if (chunksMax > 1 && sent === undefined) {
    for (let index = 0; index < chunksMax; index += 1) names.push(chunkName(name, index))
  } else if (chunksMax > 1) {
    for (const sentName of sent?.keys() ?? []) if (chunkIndex(name, sentName) !== undefined) names.push(sentName)
  }
  const ended = Object.freeze({ ...attributes, maxAgeSeconds: 0, expiresAt: EPOCH })
  return names.map((each) => Object.freeze({ name: each, value: '', attributes: ended }))
}

/** Plans the removal of the cookies of open migrations. */
export function clearMigrated(
  { migratesFrom }: CookieDefinition,
  sent: SentCookies | undefined,
  now: NumericDate,
): readonly Cookie[] {
  return migratesFrom.filter(({ until }) => now < until).flatMap((migration) => clearTarget(migration, sent))
}

function partsOf({ name, attributes, chunksMax }: CookieTarget, value: string): readonly Cookie[] | undefined {
  if (name.length + value.length <= PAIR_BYTES_MAX) return [Object.freeze({ name, value, attributes })]
  return splitValue(name, value, chunksMax)?.map((part, index) =>
    Object.freeze({ name: chunkName(name, index), value: part, attributes }),
  )
}

const EPOCH = 0 as NumericDate
