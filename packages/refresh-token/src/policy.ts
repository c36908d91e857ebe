// The options of rotation: their ranges and defaults, checked once.
import { readOptions } from '@tallystick/core/options'
import * as z from 'zod/mini'

/** The options of rotation; each has a default in {@link refreshPolicyDefaults}. */
export interface RefreshPolicy {
  /** How long a rotated token's immediate predecessor is still answered, and the family rests: 0 to 60, default 10. */
  readonly gracePeriodSeconds?: number | undefined
  /** How far clocks may disagree: 0 to 60, default 5. */
  readonly clockToleranceSeconds?: number | undefined
  /** How long a lost answer may be asked for again with the attempt key; default the idle time-out. */
  readonly retryWindowSeconds?: number | undefined
  /** A family that is not used so long ends; default 14 days, or the absolute time-out where that is shorter. */
  readonly idleTimeoutSeconds?: number | undefined
  /** A family ends so long after it was issued, however it is used; default 90 days. */
  readonly absoluteTimeoutSeconds?: number | undefined
  /** The last generation; default 2³²−1. */
  readonly generationsMax?: number | undefined
  /** By how many generations a token may be ahead of a store that lost writes and still be adopted; default 1000. */
  readonly aheadGenerationsMax?: number | undefined
  /** `never` only for sender-constrained tokens or confidential clients (RFC 9700 §4.14.2); default `always`. */
  readonly rotation?: 'always' | 'never' | undefined
}

/** A policy with every field filled. */
export type ResolvedRefreshPolicy = { readonly [Field in keyof RefreshPolicy]-?: NonNullable<RefreshPolicy[Field]> }

const DAY_SECONDS = 86_400

/** The defaults; `retryWindowSeconds` follows the idle time-out. */
export const refreshPolicyDefaults: Readonly<Omit<ResolvedRefreshPolicy, 'retryWindowSeconds'>> = Object.freeze({
  gracePeriodSeconds: 10,
  clockToleranceSeconds: 5,
  idleTimeoutSeconds: 14 * DAY_SECONDS,
  absoluteTimeoutSeconds: 90 * DAY_SECONDS,
  generationsMax: 4_294_967_295,
  aheadGenerationsMax: 1000,
  rotation: 'always',
})

/**
 * Fills in defaults and checks ranges, once.
 *
 * @param policy - What differs from the defaults.
 * @throws RangeError or TypeError naming the field, the given value and what is allowed.
 * @example
 * resolvePolicy({ gracePeriodSeconds: 5 }).retryWindowSeconds // => 1209600
 */
export function resolvePolicy(policy: RefreshPolicy = {}): ResolvedRefreshPolicy {
  const given = readOptions(policySchema, policy, 'policy')
  const absoluteTimeoutSeconds = given.absoluteTimeoutSeconds ?? refreshPolicyDefaults.absoluteTimeoutSeconds
  const idleTimeoutSeconds =
    given.idleTimeoutSeconds ?? Math.min(refreshPolicyDefaults.idleTimeoutSeconds, absoluteTimeoutSeconds)
  if (idleTimeoutSeconds > absoluteTimeoutSeconds) {
    throw new RangeError(
      `policy: idleTimeoutSeconds must be at most absoluteTimeoutSeconds (given ${idleTimeoutSeconds} and ${absoluteTimeoutSeconds})`,
    )
  }
  return Object.freeze({
    gracePeriodSeconds: given.gracePeriodSeconds ?? refreshPolicyDefaults.gracePeriodSeconds,
    clockToleranceSeconds: given.clockToleranceSeconds ?? refreshPolicyDefaults.clockToleranceSeconds,
    retryWindowSeconds: given.retryWindowSeconds ?? idleTimeoutSeconds,
    idleTimeoutSeconds,
    absoluteTimeoutSeconds,
    generationsMax: given.generationsMax ?? refreshPolicyDefaults.generationsMax,
    aheadGenerationsMax: given.aheadGenerationsMax ?? refreshPolicyDefaults.aheadGenerationsMax,
    rotation: given.rotation ?? refreshPolicyDefaults.rotation,
  })
}

function whole(min: number, max: number) {
  const message = `must be ${min} to ${max}`
  return z.optional(z.int(message).check(z.gte(min, message), z.lte(max, message)))
}

const TEN_YEARS_SECONDS = 3650 * DAY_SECONDS

const policySchema = z.strictObject(
  {
    gracePeriodSeconds: whole(0, 60),
    clockToleranceSeconds: whole(0, 60),
    retryWindowSeconds: whole(0, TEN_YEARS_SECONDS),
    idleTimeoutSeconds: whole(1, TEN_YEARS_SECONDS),
    absoluteTimeoutSeconds: whole(1, TEN_YEARS_SECONDS),
    generationsMax: whole(1, 4_294_967_295),
    aheadGenerationsMax: whole(0, 4_294_967_295),
    rotation: z.optional(z.enum(['always', 'never'], "must be 'always' or 'never'")),
  },
  `must be an object with fields of RefreshPolicy only`,
)
