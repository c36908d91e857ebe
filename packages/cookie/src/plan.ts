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

/** Plans a value: whole where one cookie holds it, else in chunks; chunks and old names that may be there are cleared. */
export function planCookie(
  definition: CookieDefinition,
  value: string,
  sent: SentCookies,
  now: NumericDate,
): PlanResult {
  const parts = partsOf(definition, value)
  if (parts === undefined) return refuseCookie('cookie/value_too_long')
  const written = new Set(parts.map(({ name }) => name))
  const stale = [...namesThere(definition, sent)].filter((name) => !written.has(name))
  const cookies = [...parts, ...ended(definition, stale), ...clearMigrated(definition, sent, now)]
  const headerBytes = nextHeaderBytes(sent, cookies)
  if (headerBytes > definition.headerBytesMax) return refuseCookie('cookie/budget_exceeded')
  return { ok: true, cookies, headerBytes }
}

/** Plans the removal of a cookie: its name, and all chunks that may be there. */
export function clearTarget(target: CookieTarget, sent: SentCookies | undefined): readonly Cookie[] {
  return ended(target, [...new Set([target.name, ...namesThere(target, sent)])])
}

/** Plans the removal of the cookies of open migrations that may be there. */
export function clearMigrated(
  { migratesFrom }: CookieDefinition,
  sent: SentCookies | undefined,
  now: NumericDate,
): readonly Cookie[] {
  return migratesFrom
    .filter(({ until }) => now < until)
    .flatMap((migration) => ended(migration, [...namesThere(migration, sent)]))
}

/**
 * The names under which the browser may hold a cookie: those that it sent, and all that are possible where it would not
 * send them with every request or where it is not known what it sent.
 */
function namesThere({ name, attributes, chunksMax }: CookieTarget, sent: SentCookies | undefined): ReadonlySet<string> {
  const names = new Set<string>()
  if (sent === undefined || attributes.path !== '/') {
    names.add(name)
    if (chunksMax > 1) for (let index = 0; index < chunksMax; index += 1) names.add(chunkName(name, index))
  }
  for (const sentName of sent?.keys() ?? []) {
    const isChunk = chunksMax > 1 && chunkIndex(name, sentName) !== undefined
    if (sentName === name || isChunk) names.add(sentName)
  }
  return names
}

function ended({ attributes }: CookieTarget, names: readonly string[]): readonly Cookie[] {
  const none = Object.freeze({ ...attributes, maxAgeSeconds: 0, expiresAt: EPOCH })
  return names.map((name) => Object.freeze({ name, value: '', attributes: none }))
}

function partsOf({ name, attributes, chunksMax }: CookieTarget, value: string): readonly Cookie[] | undefined {
  if (name.length + value.length <= PAIR_BYTES_MAX) return [Object.freeze({ name, value, attributes })]
  return splitValue(name, value, chunksMax)?.map((part, index) =>
    Object.freeze({ name: chunkName(name, index), value: part, attributes }),
  )
}

const EPOCH = 0 as NumericDate
