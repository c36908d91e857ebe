// Whether an authentication is good enough for what is asked (RFC 9470 §6): "otp within five minutes" as data.
import type { NumericDate } from '@tallystick/core'
import { mistake } from '@tallystick/core/options'
import { type Authenticated, isElevated } from './expiry.ts'
import type { Authentication } from './state.ts'

/** What must be known of the user's authentication; each field that is given must hold. */
export interface AuthenticationRequirement {
  /** One of these authentication context classes, in order of preference; compared exactly. */
  readonly acr?: string | readonly string[] | undefined
  /** Each of these authentication methods (`amr`, RFC 8176); case counts. */
  readonly methods?: readonly string[] | undefined
  /** How long ago it may be at most. */
  readonly authenticationAgeSecondsMax?: number | undefined
}

/**
 * Whether an authentication meets a requirement. What is not known is not met.
 *
 * @param now - Seconds since 1970-01-01T00:00:00Z.
 * @param clockToleranceSeconds - By how much an authentication may seem to lie ahead; default 5.
 * @throws TypeError or RangeError where the requirement is none, or has a field of another name: it would ask for nothing.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9470.html#section-6 RFC 9470 §6}
 */
export function meets(
  authentication: Authentication | undefined,
  requirement: AuthenticationRequirement,
  now: NumericDate,
  clockToleranceSeconds: number = CLOCK_TOLERANCE_SECONDS,
): boolean {
  requireRequirement(requirement)
  const { acr, methods, authenticationAgeSecondsMax } = requirement
  if (acr !== undefined && !isOneOf(acr, authentication?.acr)) return false
  if (methods !== undefined && !hasAll(methods, authentication?.methods)) return false
  if (authenticationAgeSecondsMax === undefined) return true
  const authenticatedAt: unknown = authentication?.authenticatedAt
  if (typeof authenticatedAt !== 'number') return false
  // Written so that what is no number meets nothing.
  const age = now - authenticatedAt
  return age >= -clockToleranceSeconds && age <= authenticationAgeSecondsMax
}

/**
 * Whether the claims `acr`, `amr` and `auth_time` of a verified token meet a requirement; a claim that is missing or has
 * another type does not.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068.html#section-2.2.1 RFC 9068 §2.2.1}
 */
export function claimsMeet(
  claims: Readonly<Record<string, unknown>>,
  requirement: AuthenticationRequirement,
  now: NumericDate,
  clockToleranceSeconds: number = CLOCK_TOLERANCE_SECONDS,
): boolean {
  const { acr, amr, auth_time: authTime } = claims
  const authentication = {
    acr: typeof acr === 'string' ? acr : undefined,
    methods: Array.isArray(amr) ? (amr as readonly string[]) : [],
    authenticatedAt: authTime as NumericDate,
  }
  return meets(authentication, requirement, now, clockToleranceSeconds)
}

/** Whether the session's first authentication, or its step-up while that lasts, meets a requirement: one of them, alone. */
export function sessionMeets(
  session: Authenticated,
  requirement: AuthenticationRequirement,
  now: NumericDate,
  clockToleranceSeconds: number = CLOCK_TOLERANCE_SECONDS,
): boolean {
  if (meets(session.authentication, requirement, now, clockToleranceSeconds)) return true
  return isElevated(session, now) && meets(session.elevation, requirement, now, clockToleranceSeconds)
}

/** What is asked for often comes from a configuration, and a word that nobody knows must not open the door. */
function requireRequirement(given: AuthenticationRequirement): void {
  if (typeof given !== 'object' || given === null) throw mistake(OWNER, '', ALLOWED, given)
  for (const [field, value] of Object.entries(given)) {
    const isValid = FIELDS[field]
    if (isValid === undefined) throw mistake(OWNER, '', ALLOWED, given)
    if (value !== undefined && !isValid(value)) throw mistake(OWNER, field, 'must be what its type says', value)
  }
}

function isOneOf(wanted: string | readonly string[], held: string | undefined): boolean {
  if (held === undefined) return false
  return typeof wanted === 'string' ? wanted === held : wanted.includes(held)
}

function hasAll(wanted: readonly string[], held: readonly string[] | undefined): boolean {
  return held !== undefined && wanted.every((method) => held.includes(method))
}

const OWNER = 'requirement'
const ALLOWED = 'must be an object with fields of AuthenticationRequirement only'
const CLOCK_TOLERANCE_SECONDS = 5
const isText = (value: unknown): boolean => typeof value === 'string'
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
const FIELDS: Readonly<Record<string, ((value: unknown) => boolean) | undefined>> = Object.assign(Object.create(null), {
  acr: (value: unknown) => isText(value) || isTexts(value),
  methods: isTexts,
  authenticationAgeSecondsMax: (value: unknown) => typeof value === 'number' && value >= 0,
})
