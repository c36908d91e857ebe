// Completes the claims that a caller gives, and checks what became of them as JSON (RFC 9068 §2.2): that is what is signed.
import type { Entropy, NumericDate } from '@tallystick/core'
import { mistake } from '@tallystick/core/options'
import type { RegisteredClaims } from './claims.ts'
import { findProblem, REGISTERED } from './claims.ts'
import type { JsonObject } from './json.ts'
import { readOwn } from './json.ts'
import { encodeBytes } from './node-crypto.ts'

/** The claims that a caller gives; `iss`, `iat`, and by default `aud`, `exp` and `jti`, are the issuer's to add. */
export type GivenClaims = Pick<RegisteredClaims, 'sub' | 'client_id'> &
  Partial<Omit<RegisteredClaims, 'sub' | 'client_id'>>

/** What an issuer adds and asks. */
export interface IssueRules {
  readonly issuer: string
  readonly audience: string | readonly string[]
  /** From `iat` to the latest `exp`. */
  readonly lifetimeSeconds: number
}

/**
 * Adds the issuer's claims to the caller's. Each claim is read once, and only where it is the object's own.
 *
 * @throws TypeError where the claims are no object, or would write themselves as JSON.
 */
export function completeClaims(
  given: GivenClaims,
  rules: IssueRules,
  now: NumericDate,
  entropy: Entropy,
): Readonly<Record<string, unknown>> {
  if (typeof given !== 'object' || given === null) throw mistake(OWNER, 'claims', 'must be an object', given)
  const claims: Record<string, unknown> = { ...given }
  fill(claims, 'iss', rules.issuer)
  fill(claims, 'aud', rules.audience)
  fill(claims, 'iat', now)
  fill(claims, 'exp', now + rules.lifetimeSeconds)
  if (!has(claims, 'jti')) claims['jti'] = encodeBytes(entropy.bytes(16))
  if (typeof claims['toJSON'] === 'function' || typeof given['toJSON' as 'sub'] === 'function') {
    throw mistake(OWNER, 'toJSON', 'must not be a function', given)
  }
  return claims
}

/** Sets what the caller left out; what a prototype may have been given is not the caller's. */
function fill(claims: Record<string, unknown>, claim: string, value: unknown): void {
  if (!has(claims, claim)) claims[claim] = value
}

function has(claims: Readonly<Record<string, unknown>>, claim: string): boolean {
  return Object.hasOwn(claims, claim) && claims[claim] !== undefined
}

/**
 * Checks the claims as they are written: by the verifier's own rules, against the issuer, and that none of them got lost
 * or became another on the way to JSON.
 *
 * @param written - Read back from the text that will be signed; `claims` itself where that can only be the same.
 * @param claims - As {@link completeClaims} gave them.
 * @throws TypeError or RangeError at the first claim that is missing or not allowed; the message names it.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068.html#section-2.2 RFC 9068 §2.2}
 */
export function checkWritten(written: JsonObject, claims: JsonObject, rules: IssueRules, now: NumericDate): void {
  const problem = findProblem(written)
  if (problem !== undefined) throw mistake(OWNER, problem.claim, problem.allowed, claims[problem.claim])
  const { iss, iat, exp } = written as RegisteredClaims & JsonObject
  if (iss !== rules.issuer) throw mistake(OWNER, 'iss', 'must be left out or be the issuer', iss)
  if (iat !== now) throw mistake(OWNER, 'iat', 'must be left out or be now', iat)
  if (!(exp > now && exp <= now + rules.lifetimeSeconds)) {
    const allowed = `must be after now and at most lifetimeSeconds (${rules.lifetimeSeconds}) later`
    throw mistake(OWNER, 'exp', allowed, exp)
  }
  if (written === claims) return
  for (const [claim, value] of Object.entries(claims)) {
    const isKept = REGISTERED.has(claim) ? isSameJson(value, readOwn(written, claim)) : Object.hasOwn(written, claim)
    if (value !== undefined && !isKept) throw mistake(OWNER, claim, 'must be the same as JSON', value)
  }
}

/** Whether JSON writes every member as it is: then there is nothing to read back. Lists are not among them: they may be proxies. */
export function hasTextAndNumbersOnly(claims: JsonObject): boolean {
  return Object.values(claims).every(
    (value) => typeof value === 'string' || typeof value === 'boolean' || value === undefined || Number.isFinite(value),
  )
}

/** Whether a value is plain JSON and was written as it is: a `cnf` whose only member is `undefined` would bind nothing. */
export function isSameJson(value: unknown, written: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === written
  if (typeof written !== 'object' || written === null || !isPlain(value)) return false
  if (Array.isArray(value) !== Array.isArray(written)) return false
  const members = Object.entries(value)
  return (
    members.length === Object.keys(written).length &&
    members.every(([name, member]) => isSameJson(member, readOwn(written as JsonObject, name)))
  )
}

/** Whether an object is a list or a literal, of this realm or another: a Map has no members, and a Date is text. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null
}

const OWNER = 'issue'
