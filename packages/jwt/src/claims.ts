// The claims of an access token and the rules they obey (RFC 7519 §4.1, RFC 9068 §2.2 and §4), written once for
// issuing and verifying.
import type { NumericDate } from '@tallystick/core'
import type { JsonObject } from './json.ts'
import { readOwn } from './json.ts'
import type { JwtRefusal } from './refusals.ts'

/** The claims that RFC 9068 requires and the optional ones whose form it fixes; times are seconds since the epoch. */
export interface RegisteredClaims {
  /** Who issued it (RFC 7519 §4.1.1). */
  readonly iss: string
  /** Whom it is for, one or several (RFC 7519 §4.1.3). */
  readonly aud: string | readonly string[]
  /** Whom it speaks of (RFC 7519 §4.1.2). */
  readonly sub: string
  /** The client it was issued to (RFC 8693 §4.3). */
  readonly client_id: string
  /** When it was issued, in seconds since the epoch (RFC 7519 §4.1.6). */
  readonly iat: number
  /** From when on it is refused, in seconds since the epoch (RFC 7519 §4.1.4). */
  readonly exp: number
  /** Its own id (RFC 7519 §4.1.7). */
  readonly jti: string
  /** Before when it is refused, in seconds since the epoch (RFC 7519 §4.1.5). */
  readonly nbf?: number | undefined
  /** What it allows, space-separated (RFC 8693 §4.2). */
  readonly scope?: string | undefined
  /** The class of the authentication (RFC 9068 §2.2.1). */
  readonly acr?: string | undefined
  /** The methods of the authentication (RFC 8176). */
  readonly amr?: readonly string[] | undefined
  /** When the user was authenticated, in seconds since the epoch (RFC 9068 §2.2.1). */
  readonly auth_time?: number | undefined
  /** The key it is bound to: `jkt` (RFC 9449 §6) or `x5t#S256` (RFC 8705 §3.1). */
  readonly cnf?: Readonly<Record<string, unknown>> | undefined
}

/** An access token's claims with whatever else it carries. */
export type AccessTokenClaims = RegisteredClaims & { readonly [claim: string]: unknown }

/** What a verifier asks of the claims. */
export interface ClaimsRules {
  readonly issuer: string
  readonly audiences: ReadonlySet<string>
  /** How long after `exp` a token is still accepted. */
  readonly expiryToleranceSeconds: number
  /** How far `iat` and `nbf` may lie ahead. */
  readonly futureToleranceSeconds: number
}

/** What is wrong with a claims set. */
export interface ClaimProblem {
  readonly claim: string
  readonly reason: JwtRefusal
  /** What is allowed, as the end of a sentence. */
  readonly allowed: string
}

/**
 * Finds the first claim that is missing or has the wrong form. A wrong type is never taken for absence.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068.html#section-2.2 RFC 9068 §2.2}
 */
export function findProblem(claims: JsonObject): ClaimProblem | undefined {
  for (const rule of RULES) {
    const value = readOwn(claims, rule.claim)
    if (value === undefined) {
      if (rule.missing !== undefined) return rule.missing
    } else if (!rule.isValid(value)) return rule.invalid
  }
  return undefined
}

/**
 * Decides whether claims of good form are meant for us and for now.
 *
 * @returns The reason why not, or `undefined`.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068.html#section-4 RFC 9068 §4}
 */
export function findRefusal(claims: RegisteredClaims, rules: ClaimsRules, now: NumericDate): JwtRefusal | undefined {
  const { iss, aud, exp, iat } = claims
  if (iss !== rules.issuer) return 'jwt/wrong_issuer'
  const isForUs = typeof aud === 'string' ? rules.audiences.has(aud) : aud.some((one) => rules.audiences.has(one))
  if (!isForUs) return 'jwt/wrong_audience'
  // RFC 7519 §4.1.4: "on or after which the JWT MUST NOT be accepted". Written so that a NaN refuses.
  if (!(exp > now - rules.expiryToleranceSeconds)) return 'jwt/expired'
  if (!(iat <= now + rules.futureToleranceSeconds)) return 'jwt/issued_in_future'
  const nbf = Object.hasOwn(claims, 'nbf') ? claims.nbf : undefined
  if (nbf !== undefined && !(nbf <= now + rules.futureToleranceSeconds)) return 'jwt/not_yet_valid'
  return undefined
}

interface ClaimRule {
  readonly claim: string
  readonly isValid: (value: unknown) => boolean
  readonly missing: ClaimProblem | undefined
  readonly invalid: ClaimProblem
}

function required(claim: string, allowed: string, isValid: ClaimRule['isValid']): ClaimRule {
  return { ...optional(claim, allowed, isValid), missing: { claim, reason: 'jwt/missing_claim', allowed } }
}

function optional(claim: string, allowed: string, isValid: ClaimRule['isValid']): ClaimRule {
  return { claim, isValid, missing: undefined, invalid: { claim, reason: 'jwt/invalid_claim', allowed } }
}

/** Whether a value is text of 1 to 1024 whole characters. */
export function isText(value: unknown): boolean {
  return isTextUpTo(value, TEXT_LENGTH_MAX)
}

/** Whether a value is text of 1 to 256 characters, as a `jti` is. */
export function isTokenId(value: unknown): boolean {
  return isTextUpTo(value, TOKEN_ID_LENGTH_MAX)
}

// Half a character becomes another one wherever text is written as UTF-8, and U+0000 ends text in C: two subjects would
// become one.
function isTextUpTo(value: unknown, lengthMax: number): boolean {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= lengthMax &&
    !value.includes('\u0000') &&
    !HALF_CHARACTER.test(value)
  )
}

/** Whether a value is text, or a list of 1 to 64 texts. */
export function isAudience(value: unknown): boolean {
  return isText(value) || (isTexts(value) && value.length > 0)
}

/** Whether a value is a list of at most 64 texts. */
export function isTexts(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length <= LIST_LENGTH_MAX && value.every(isText)
}

/** Whether a value is a time: seconds from 0 to 10¹¹. */
export function isTime(value: unknown): boolean {
  // RFC 7519 §2: a NumericDate is a JSON number, whole or not. 1e999 parses as Infinity, which would never expire.
  return typeof value === 'number' && value >= 0 && value <= TIME_MAX
}

/** Whether a value is an object and no list. */
export function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The longest text of a claim that is looked at, in characters. */
const TEXT_LENGTH_MAX = 1024
/** The longest `jti`, in characters: it becomes a key in revocation lists. */
const TOKEN_ID_LENGTH_MAX = 256
const LIST_LENGTH_MAX = 64
/** A surrogate that is alone: a pair is one character to a pattern with the flag `u`. */
const HALF_CHARACTER = /\p{Surrogate}/u
/** Seconds; the year 5138. */
const TIME_MAX = 100_000_000_000
const TEXT = `must be text of 1 to ${TEXT_LENGTH_MAX} characters`
const TIME = `must be a number of seconds from 0 to ${TIME_MAX}`

const RULES: readonly ClaimRule[] = [
  required('iss', TEXT, isText),
  required('aud', `must be text or a list of 1 to ${LIST_LENGTH_MAX} texts`, isAudience),
  required('exp', TIME, isTime),
  required('iat', TIME, isTime),
  required('sub', TEXT, isText),
  required('client_id', TEXT, isText),
  required('jti', `must be text of 1 to ${TOKEN_ID_LENGTH_MAX} characters`, isTokenId),
  optional('nbf', TIME, isTime),
  optional('scope', 'must be text', (value) => typeof value === 'string'),
  optional('acr', TEXT, isText),
  optional('amr', `must be a list of at most ${LIST_LENGTH_MAX} texts`, isTexts),
  optional('auth_time', TIME, isTime),
  optional('cnf', 'must be an object', isObject),
]

/** The names of the claims that have rules. */
export const REGISTERED: ReadonlySet<string> = new Set(RULES.map(({ claim }) => claim))
