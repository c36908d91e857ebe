// The options of the issuers and verifiers of all kinds, checked once at construction.
import { mistake } from '@tallystick/core/options'
import type { JwtAlgorithm } from './algorithms.ts'
import { isText } from './claims.ts'
import type { SigningKey, VerificationKey } from './key.ts'
import { checkRange, defaults } from './policy.ts'
import type { KindRules } from './profile-checks.ts'
import type { Kind } from './profile-kinds.ts'
import type { KeySchedule } from './schedule-keys.ts'

/** What every verifier of a kind is told. */
export interface ProfileLimits {
  /** The algorithms that are accepted; there is no default. */
  readonly algorithms: readonly JwtAlgorithm[]
  /** How far clocks may disagree, in seconds: 0 to 60, by default 5 after `exp` and 10 before `iat` and `nbf`. */
  readonly clockToleranceSeconds?: number | undefined
  /** How old `iat` may be, in seconds: 1 to 31 536 000. By default 60 where a kind has no `exp` that must be there. */
  readonly ageSecondsMax?: number | undefined
  /** The longest token that is looked at, in characters: 256 to 1 048 576. */
  readonly lengthMax?: number | undefined
}

/** Whose tokens a verifier accepts. */
export interface ProfileIssuerOptions {
  /** The `iss`: compared exactly. Of a client assertion it is the client's id. */
  readonly issuer: string
}

/** For whom tokens are. */
export interface ProfileAudienceOptions<Audience extends string | readonly string[] = string | readonly string[]> {
  /** The `aud`. */
  readonly audience: Audience
}

/** The keys that verify. */
export interface ProfileKeys {
  /** Each key's algorithm must be listed. */
  readonly keys: readonly (SigningKey | VerificationKey)[] | KeySchedule
}

/** The keys that sign. */
export interface ProfileSigningKeys {
  /** The first one signs; of a schedule, the one whose time it is. */
  readonly keys: readonly SigningKey[] | KeySchedule
}

/** How long a token lives. */
export interface ProfileLifetime {
  /** From `iat` to `exp`, in whole seconds: 1 to 31 536 000; of a client assertion up to 600. */
  readonly lifetimeSeconds: number
}

/** All options of all kinds, of which each kind's types show its own. */
export type AnyOptions = Partial<
  ProfileLimits & ProfileIssuerOptions & ProfileAudienceOptions & ProfileLifetime & { readonly keys: unknown }
>

/** What verifiers and issuers of one kind both have: who, and for whom. */
export function resolveParties(
  owner: string,
  kind: Kind,
  options: AnyOptions,
): Pick<KindRules, 'issuer'> & { readonly audience: string | readonly string[] | undefined } {
  if (typeof options !== 'object' || options === null) throw mistake(owner, '', 'must be an object', options)
  const { issuer, audience } = options
  const [hasIssuer, hasAudience] = ['iss', 'aud'].map((claim) => Object.hasOwn(kind.claims, claim))
  if (hasIssuer === true && !isText(issuer)) throw mistake(owner, 'issuer', TEXT, issuer)
  if (hasAudience === true) checkAudience(owner, kind, audience)
  const copied = typeof audience === 'string' ? audience : Object.freeze([...(audience ?? [])])
  return { issuer: hasIssuer === true ? issuer : undefined, audience: hasAudience === true ? copied : undefined }
}

function checkAudience(owner: string, kind: Kind, audience: unknown): void {
  if (kind.audience === 'exact' || typeof audience === 'string') {
    if (!isText(audience)) throw mistake(owner, 'audience', TEXT, audience)
    return
  }
  const list: readonly unknown[] = Array.isArray(audience) ? [...(audience as unknown[])] : []
  if (list.length === 0 || list.length > 64 || !list.every(isText)) {
    throw mistake(owner, 'audience', `${TEXT}, or a list of 1 to 64 such texts`, audience)
  }
}

/** Checks the options of a verifier and gives its rules; reads each option once. */
export function resolveProfileVerifier(
  owner: string,
  kind: Kind,
  options: AnyOptions,
): { readonly rules: KindRules; readonly lengthMax: number } {
  const { issuer, audience } = resolveParties(owner, kind, options)
  const {
    clockToleranceSeconds: tolerance = defaults.clockToleranceSeconds,
    lengthMax = kind.lengthMax,
    ageSecondsMax = kind.ageSecondsMax,
  } = options
  checkRange(owner, 'clockToleranceSeconds', tolerance, [0, 60])
  checkRange(owner, 'lengthMax', lengthMax, [256, 1_048_576])
  if (ageSecondsMax !== undefined) checkRange(owner, 'ageSecondsMax', ageSecondsMax, [1, 31_536_000])
  return {
    rules: {
      issuer,
      audiences: new Set(typeof audience === 'string' ? [audience] : audience),
      expiryToleranceSeconds: tolerance,
      futureToleranceSeconds: Math.max(tolerance, defaults.futureToleranceSeconds),
      ageSecondsMax,
    },
    lengthMax,
  }
}

const TEXT = 'must be text of 1 to 1024 characters'
