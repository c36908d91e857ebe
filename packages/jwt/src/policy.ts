// The options of issuers and verifiers, checked once at construction: names, ranges, defaults.
import { mistake } from '@tallystick/core/options'
import type { JwtAlgorithm } from './algorithms.ts'
import type { ClaimsRules } from './claims.ts'
import { CLAIMS_SCHEMA, callHook } from './hooks.ts'
import type { SigningKey, VerificationKey } from './key.ts'
import type { KeySchedule } from './schedule-keys.ts'
import type { StandardSchemaV1 } from './schema.ts'

/** The kinds of token that can be issued and verified, as `typ` names them (RFC 9068 §2.1). */
export type JwtType = 'at+jwt'

/** Who issues and for whom, common to both sides. */
export interface CommonOptions<Schema extends StandardSchemaV1 | undefined> {
  /** The `iss`: compared exactly. */
  readonly issuer: string
  /** The `aud`: a verifier accepts a token that names one of these exactly. */
  readonly audience: string | readonly string[]
  /** The kind of token: the `typ` header. */
  readonly type: JwtType
  /** A Standard Schema that the claims obey; its input type is issued, its output type is verified. */
  readonly claims?: Schema | undefined
}

/** The options of `createIssuer`. */
export interface IssuerOptions<Schema extends StandardSchemaV1 | undefined = undefined> extends CommonOptions<Schema> {
  /** How long a token lives, in whole seconds: 1 to 31 536 000. Minutes are usual. */
  readonly lifetimeSeconds: number
  /** The first one signs; of a schedule, the one whose time it is. */
  readonly keys: readonly SigningKey[] | KeySchedule
}

/** The options that verifiers share. */
export interface VerifierPolicy<Schema extends StandardSchemaV1 | undefined = undefined> extends CommonOptions<Schema> {
  /** The algorithms that are accepted; there is no default. */
  readonly algorithms: readonly JwtAlgorithm[]
  /** Each key's algorithm must be listed. A header is matched by `kid` and `alg`. A schedule's retired keys are refused. */
  readonly keys: readonly (SigningKey | VerificationKey)[] | KeySchedule
  /** How far clocks may disagree, in seconds: 0 to 60, by default 5 after `exp` and 10 before `iat` and `nbf`. */
  readonly clockToleranceSeconds?: number | undefined
  /** The longest token that is looked at, in characters: 256 to 65 536, by default 16 384. */
  readonly lengthMax?: number | undefined
}

/** What is assumed where an option is left out. */
export const defaults: {
  readonly clockToleranceSeconds: 5
  readonly futureToleranceSeconds: 10
  readonly lengthMax: 16_384
} = { clockToleranceSeconds: 5, futureToleranceSeconds: 10, lengthMax: 16_384 }

/** What both sides have, read once and checked. */
export interface CommonPolicy {
  readonly issuer: string
  /** Not the caller's own list, which may change. */
  readonly audiences: readonly string[]
  /** Whether the audience was one text, and no list. */
  readonly hasOneAudience: boolean
  readonly type: JwtType
  /** Asks the schema, where there is one; what it throws is a TokenError `ERR_HOOK`. */
  readonly askSchema: ((claims: object) => unknown) | undefined
}

/** Checks what both sides have; reads each option once. */
export function resolveCommon(owner: string, options: CommonOptions<StandardSchemaV1 | undefined>): CommonPolicy {
  if (typeof options !== 'object' || options === null) throw mistake(owner, '', 'must be an object', options)
  const { issuer, audience, type, claims } = options
  if (!isText(issuer)) throw mistake(owner, 'issuer', TEXT, issuer)
  // A copy has `undefined` where the list had a hole.
  const audiences: readonly unknown[] = Object.freeze(
    Array.isArray(audience) ? [...(audience as unknown[])] : [audience],
  )
  if (audiences.length === 0 || audiences.length > AUDIENCES_MAX || !audiences.every(isText)) {
    throw mistake(owner, 'audience', `${TEXT}, or a list of 1 to ${AUDIENCES_MAX} such texts`, audience)
  }
  if (type !== 'at+jwt') throw mistake(owner, 'type', "must be 'at+jwt'", type)
  const hasOneAudience = !Array.isArray(audience)
  return { issuer, audiences, hasOneAudience, type, askSchema: askerOf(owner, claims) }
}

function askerOf(owner: string, claims: StandardSchemaV1 | undefined): CommonPolicy['askSchema'] {
  if (claims === undefined) return undefined
  const standard = claims?.['~standard']
  const validate = standard?.validate
  if (typeof validate !== 'function') throw mistake(owner, 'claims', 'must be a Standard Schema', claims)
  return (given) => callHook(CLAIMS_SCHEMA, () => validate.call(standard, given))
}

/** Checks the times and sizes of a verifier and gives its claims rules; reads each option once. */
export function resolveVerifierPolicy(
  owner: string,
  options: VerifierPolicy<StandardSchemaV1 | undefined>,
): Pick<CommonPolicy, 'type' | 'askSchema'> & { readonly rules: ClaimsRules; readonly lengthMax: number } {
  const { issuer, audiences, type, askSchema } = resolveCommon(owner, options)
  const { clockToleranceSeconds: tolerance = defaults.clockToleranceSeconds, lengthMax = defaults.lengthMax } = options
  checkRange(owner, 'clockToleranceSeconds', tolerance, [0, 60])
  checkRange(owner, 'lengthMax', lengthMax, [256, 65_536])
  const rules: ClaimsRules = {
    issuer,
    audiences: new Set(audiences),
    expiryToleranceSeconds: tolerance,
    // FAPI 2.0 §5.3.2.1 #13: up to 10 seconds ahead shall be accepted, more than 60 shall not.
    futureToleranceSeconds: Math.max(tolerance, defaults.futureToleranceSeconds),
  }
  return { type, askSchema, rules, lengthMax }
}

/** Checks a whole number against its range. */
export function checkRange(
  owner: string,
  field: string,
  value: unknown,
  [least, most]: readonly [number, number],
): void {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most) {
    throw mistake(owner, field, `must be a whole number from ${least} to ${most}`, value)
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 1024
}

const TEXT = 'must be text of 1 to 1024 characters'
const AUDIENCES_MAX = 64
