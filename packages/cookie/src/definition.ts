// What a cookie is, checked once when it is defined: name, attributes, chunks, budget, migrations (RFC 6265bis §4.1).
import { type NumericDate, numericDate } from '@tallystick/core'
import { mistake, readOptions } from '@tallystick/core/options'
import * as z from 'zod/mini'
import type { CookieAttributes, CookieTarget, SameSite } from './cookie.ts'
import { cookieDefaults } from './defaults.ts'
import { type DevelopmentMode, developmentName } from './development.ts'
import { checkCookie, prefixOf } from './grammar.ts'

/**
 * A cookie of an earlier release that is still read, and cleared by answers to who sends it: until a date.
 *
 * What a sibling host can plant under the old name is moved under the new one: keep the date near.
 */
export interface CookieMigration {
  /** Its name; another than the new one, because a Cookie header tells neither path nor domain. */
  readonly name: string
  /** Its path; default `/`. */
  readonly path?: string | undefined
  /** Its domain; absent: the very host. */
  readonly domain?: string | undefined
  /** Whether it was partitioned; default false. */
  readonly partitioned?: boolean | undefined
  /** Over how many cookies its value was split; default 1. */
  readonly chunksMax?: number | undefined
  /** From this moment on it is neither read nor cleared. */
  readonly until: NumericDate
}

/** What may be said of a cookie; only its name must be. Defaults: {@link cookieDefaults}. */
export interface CookieOptions {
  /** The cookie-name, with its prefix. */
  readonly name: string
  /** For which paths it is sent; default `/`. */
  readonly path?: string | undefined
  /** For which host and its subdomains; absent: for the very host that set it. */
  readonly domain?: string | undefined
  /** Whether it travels over https alone; default true. */
  readonly secure?: boolean | undefined
  /** Whether scripts cannot see it; default true. */
  readonly httpOnly?: boolean | undefined
  /** With which requests of other sites it is sent; default `strict`. */
  readonly sameSite?: SameSite | undefined
  /** Whether it is kept apart for each top-level site; default false. */
  readonly partitioned?: boolean | undefined
  /** How long the browser keeps it: 1 to 34560000 (400 days); absent: until the browser is closed. */
  readonly maxAgeSeconds?: number | undefined
  /** Over how many cookies a long value may be split: 1 to 16; default 1, never. */
  readonly chunksMax?: number | undefined
  /** The longest Cookie header that is read, and that a browser is made to send: 256 to 65536; default 8190. */
  readonly headerBytesMax?: number | undefined
  /** Cookies of earlier releases. */
  readonly migratesFrom?: readonly CookieMigration[] | undefined
  /** Drops Secure and the prefix, for http on this machine only. */
  readonly development?: DevelopmentMode | undefined
}

/** A migration, checked. */
export interface ResolvedCookieMigration extends CookieTarget {
  /** From this moment on it is neither read nor cleared. */
  readonly until: NumericDate
}

/** A cookie, checked; made by {@link defineCookie} and frozen. */
export interface CookieDefinition extends CookieTarget {
  /** The longest Cookie header that is read, and that a browser is made to send. */
  readonly headerBytesMax: number
  /** Cookies of earlier releases. */
  readonly migratesFrom: readonly ResolvedCookieMigration[]
  /** Where this is there, the cookie is for http on this machine only. */
  readonly development?: DevelopmentMode | undefined
}

/**
 * Defines a cookie, and refuses what a browser would refuse or what contradicts itself.
 *
 * @throws TypeError or RangeError naming the field, the given value and what is allowed: a prefix without what it
 *   promises, `SameSite=None` or `Partitioned` without Secure, a name, path or domain outside the grammar, an age above
 *   400 days, a migration without an end.
 * @example
 * defineCookie({ name: '__Host-theme', httpOnly: false, sameSite: 'lax' }).attributes.path // => '/'
 * @see {@link https://www.rfc-editor.org/rfc/rfc6265.html#section-4.1 RFC 6265 §4.1}
 */
export function defineCookie(options: CookieOptions): CookieDefinition {
  const given = readOptions(optionsSchema, options, OWNER)
  const attributes: CookieAttributes = {
    path: given.path ?? cookieDefaults.path,
    domain: given.domain,
    secure: given.secure ?? cookieDefaults.secure,
    httpOnly: given.httpOnly ?? cookieDefaults.httpOnly,
    sameSite: given.sameSite ?? cookieDefaults.sameSite,
    partitioned: given.partitioned ?? cookieDefaults.partitioned,
    maxAgeSeconds: given.maxAgeSeconds,
  }
  const target = resolveTarget(given.name, attributes, given, OWNER)
  return Object.freeze({
    ...target,
    headerBytesMax: given.headerBytesMax ?? cookieDefaults.headerBytesMax,
    migratesFrom: resolveMigrations(given, target),
    development: given.development,
  })
}

type Given = z.output<typeof optionsSchema>

/** Checks a cookie as it is meant, and once more as it is in development mode. */
function resolveTarget(
  name: string,
  attributes: CookieAttributes,
  { chunksMax = cookieDefaults.chunksMax, development }: Pick<Given, 'chunksMax' | 'development'>,
  owner: string,
): CookieTarget {
  checkCookie(owner, name, attributes)
  if (development === undefined) return Object.freeze({ name, attributes: Object.freeze({ ...attributes }), chunksMax })
  const local = { ...attributes, secure: false }
  checkCookie(`${owner} (development)`, developmentName(name), local)
  return Object.freeze({ name: developmentName(name), attributes: Object.freeze(local), chunksMax })
}

function resolveMigrations(given: Given, target: CookieTarget): readonly ResolvedCookieMigration[] {
  const names = new Set([given.name])
  const resolved: ResolvedCookieMigration[] = []
  for (const [index, migration] of (given.migratesFrom ?? []).entries()) {
    const field = `migratesFrom.${index}`
    if (names.has(migration.name))
      throw mistake(
        OWNER,
        `${field}.name`,
        'must be another name: a Cookie header tells neither path nor domain',
        migration.name,
      )
    names.add(migration.name)
    const attributes: CookieAttributes = {
      path: migration.path ?? cookieDefaults.path,
      domain: migration.domain,
      secure: target.attributes.secure || prefixOf(migration.name) !== undefined || given.development !== undefined,
      httpOnly: true,
      sameSite: target.attributes.sameSite,
      partitioned: migration.partitioned ?? cookieDefaults.partitioned,
    }
    const { chunksMax } = migration
    const old = resolveTarget(
      migration.name,
      attributes,
      { chunksMax, development: given.development },
      `${OWNER}: ${field}`,
    )
    // Without their prefixes two names may be one: then there is nothing to move.
    if ([target, ...resolved].some(({ name }) => name === old.name)) continue
    resolved.push(Object.freeze({ ...old, until: numericDate(migration.until) }))
  }
  return Object.freeze(resolved)
}

const OWNER = 'defineCookie'

function text() {
  return z.string('must be text')
}

function flag() {
  return z.optional(z.boolean('must be true or false'))
}

function whole(min: number, max: number) {
  const message = `must be ${min} to ${max}`
  return z.optional(z.int(message).check(z.gte(min, message), z.lte(max, message)))
}

const chunks = whole(1, 16)

const migrationSchema = z.strictObject(
  {
    name: text(),
    path: z.optional(text()),
    domain: z.optional(text()),
    partitioned: flag(),
    chunksMax: chunks,
    until: z.number('must be the NumericDate at which the migration ends'),
  },
  'must be an object with fields of CookieMigration only',
)

const optionsSchema = z.strictObject(
  {
    name: text(),
    path: z.optional(text()),
    domain: z.optional(text()),
    secure: flag(),
    httpOnly: flag(),
    sameSite: z.optional(z.enum(['strict', 'lax', 'none'], "must be 'strict', 'lax' or 'none'")),
    partitioned: flag(),
    maxAgeSeconds: whole(1, 34_560_000),
    chunksMax: chunks,
    headerBytesMax: whole(256, 65_536),
    migratesFrom: z.optional(z.array(migrationSchema, 'must be an array of migrations')),
    development: z.optional(z.literal('http-localhost', "must be 'http-localhost'")),
  },
  'must be an object with fields of CookieOptions only',
)
