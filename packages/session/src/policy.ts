// The options of sessions: their ranges and defaults, checked once, and the presets of NIST SP 800-63B-4.
import { readOptions } from '@tallystick/core/options'
import * as z from 'zod/mini'

/** How often a credential is replaced, and how long its predecessor is still answered. */
export interface RenewalPolicy {
  /** A credential of this age is due for renewal: more than the overlap; default never. */
  readonly afterSeconds?: number | undefined
  /** How long the predecessor is answered once the successor was used, and the session rests: 0 to 300, default 60. */
  readonly overlapSeconds?: number | undefined
}

/** How many sessions a subject may have at once. */
export interface SessionLimit {
  /** The most sessions of one subject: 1 to 1000. */
  readonly sessionsMax: number
  /** What happens at one more: the oldest ends, the new one is refused, or it is only told. */
  readonly atLimit: 'evict_oldest' | 'refuse' | 'notify'
}

/** The options of sessions; each has a default in {@link sessionPolicyDefaults}. */
export interface SessionPolicy {
  /** A session that is not used so long ends; default one hour, or the absolute time-out where that is shorter. */
  readonly idleTimeoutSeconds?: number | 'none' | undefined
  /** A session ends so long after the user authenticated, however it is used; default one day. */
  readonly absoluteTimeoutSeconds?: number | undefined
  /** How rarely a use is written down: 0 to a quarter of the idle time-out; default a twentieth, at most 60. */
  readonly touchSeconds?: number | undefined
  /** When credentials are replaced. */
  readonly renewal?: RenewalPolicy | undefined
  /** How long a step-up counts; default 15 minutes. */
  readonly elevationSeconds?: number | undefined
  /** How many sessions a subject may have; default no limit. */
  readonly limit?: SessionLimit | undefined
  /** How far clocks may disagree: 0 to 60, default 5. */
  readonly clockToleranceSeconds?: number | undefined
}

/** A policy with every field filled. */
export interface ResolvedSessionPolicy {
  /** A session that is not used so long ends. */
  readonly idleTimeoutSeconds: number | 'none'
  /** A session ends so long after the user authenticated, however it is used. */
  readonly absoluteTimeoutSeconds: number
  /** How rarely a use is written down. */
  readonly touchSeconds: number
  /** When credentials are replaced. */
  readonly renewal: { readonly afterSeconds?: number | undefined; readonly overlapSeconds: number }
  /** How long a step-up counts. */
  readonly elevationSeconds: number
  /** How many sessions a subject may have. */
  readonly limit?: SessionLimit | undefined
  /** How far clocks may disagree. */
  readonly clockToleranceSeconds: number
}

/** An authenticator assurance level of NIST SP 800-63B-4. */
export type AssuranceLevel = 'aal1' | 'aal2' | 'aal3'

const MINUTE_SECONDS = 60
const HOUR_SECONDS = 3600
const DAY_SECONDS = 86_400

/** The defaults; `touchSeconds` follows the idle time-out. */
export const sessionPolicyDefaults: Readonly<Omit<ResolvedSessionPolicy, 'touchSeconds' | 'limit'>> = Object.freeze({
  idleTimeoutSeconds: HOUR_SECONDS,
  absoluteTimeoutSeconds: DAY_SECONDS,
  renewal: Object.freeze({ overlapSeconds: 60 }),
  elevationSeconds: 15 * MINUTE_SECONDS,
  clockToleranceSeconds: 5,
})

/** The longest time-outs that NIST SP 800-63B-4 allows at each level (§2.1.3, §2.2.3, §2.3.3). */
export const sessionPolicies: Readonly<
  Record<AssuranceLevel, { readonly idleTimeoutSeconds: number | 'none'; readonly absoluteTimeoutSeconds: number }>
> = Object.freeze({
  aal1: Object.freeze({ idleTimeoutSeconds: 'none', absoluteTimeoutSeconds: 30 * DAY_SECONDS }),
  aal2: Object.freeze({ idleTimeoutSeconds: HOUR_SECONDS, absoluteTimeoutSeconds: DAY_SECONDS }),
  aal3: Object.freeze({ idleTimeoutSeconds: 15 * MINUTE_SECONDS, absoluteTimeoutSeconds: 12 * HOUR_SECONDS }),
})

/**
 * Fills in defaults and checks ranges, once.
 *
 * @param policy - What differs from the defaults; a preset of {@link sessionPolicies} can be spread into it.
 * @throws RangeError or TypeError naming the field, the given value and what is allowed.
 * @example
 * resolveSessionPolicy({ idleTimeoutSeconds: 600 }).touchSeconds // => 30
 */
export function resolveSessionPolicy(policy: SessionPolicy = {}): ResolvedSessionPolicy {
  const given = readOptions(policySchema, policy, 'sessionPolicy')
  const absoluteTimeoutSeconds = given.absoluteTimeoutSeconds ?? sessionPolicyDefaults.absoluteTimeoutSeconds
  const idleTimeoutSeconds = given.idleTimeoutSeconds ?? Math.min(HOUR_SECONDS, absoluteTimeoutSeconds)
  const idleLimitSeconds = idleTimeoutSeconds === 'none' ? absoluteTimeoutSeconds : idleTimeoutSeconds
  const touchSeconds = given.touchSeconds ?? Math.min(TOUCH_SECONDS, Math.floor(idleLimitSeconds / 20))
  const overlapSeconds = given.renewal?.overlapSeconds ?? sessionPolicyDefaults.renewal.overlapSeconds
  const afterSeconds = given.renewal?.afterSeconds
  if (idleLimitSeconds > absoluteTimeoutSeconds) {
    throw tooLarge('idleTimeoutSeconds', 'at most absoluteTimeoutSeconds', idleLimitSeconds, absoluteTimeoutSeconds)
  }
  if (touchSeconds > idleLimitSeconds / 4) {
    throw tooLarge('touchSeconds', 'at most a quarter of the idle time-out', touchSeconds, idleLimitSeconds)
  }
  if (afterSeconds !== undefined && afterSeconds <= overlapSeconds) {
    throw tooLarge('renewal.afterSeconds', 'more than renewal.overlapSeconds', afterSeconds, overlapSeconds)
  }
  return Object.freeze({
    idleTimeoutSeconds,
    absoluteTimeoutSeconds,
    touchSeconds,
    renewal: Object.freeze({ afterSeconds, overlapSeconds }),
    elevationSeconds: given.elevationSeconds ?? sessionPolicyDefaults.elevationSeconds,
    limit: given.limit === undefined ? undefined : Object.freeze({ ...given.limit }),
    clockToleranceSeconds: given.clockToleranceSeconds ?? sessionPolicyDefaults.clockToleranceSeconds,
  })
}

/**
 * Makes sure that a policy is not looser than NIST SP 800-63B-4 allows at a level.
 *
 * @throws RangeError naming the first time-out that is longer.
 */
export function requireAssuranceLevel(policy: ResolvedSessionPolicy, level: AssuranceLevel): void {
  const most = sessionPolicies[level]
  for (const field of ['absoluteTimeoutSeconds', 'idleTimeoutSeconds'] as const) {
    const given = policy[field] === 'none' ? Infinity : policy[field]
    if (most[field] !== 'none' && given > most[field]) {
      throw new RangeError(
        `sessionPolicy: ${field} must be at most ${most[field]} at ${level} (given ${policy[field]})`,
      )
    }
  }
}

function tooLarge(field: string, allowed: string, given: number, other: number): RangeError {
  return new RangeError(`sessionPolicy: ${field} must be ${allowed} (given ${given} and ${other})`)
}

function whole(min: number, max: number) {
  const message = `must be ${min} to ${max}`
  return z.int(message).check(z.gte(min, message), z.lte(max, message))
}

const TOUCH_SECONDS = 60
const TEN_YEARS_SECONDS = 3650 * DAY_SECONDS
const IDLE_MESSAGE = `must be 1 to ${TEN_YEARS_SECONDS}, or 'none'`
const AT_LIMIT_MESSAGE = "must be 'evict_oldest', 'refuse' or 'notify'"

const policySchema = z.strictObject(
  {
    idleTimeoutSeconds: z.optional(
      z.union(
        [z.literal('none'), z.int(IDLE_MESSAGE).check(z.gte(1, IDLE_MESSAGE), z.lte(TEN_YEARS_SECONDS, IDLE_MESSAGE))],
        IDLE_MESSAGE,
      ),
    ),
    absoluteTimeoutSeconds: z.optional(whole(1, TEN_YEARS_SECONDS)),
    touchSeconds: z.optional(whole(0, TEN_YEARS_SECONDS)),
    renewal: z.optional(
      z.strictObject(
        { afterSeconds: z.optional(whole(1, TEN_YEARS_SECONDS)), overlapSeconds: z.optional(whole(0, 300)) },
        'must be an object with fields of RenewalPolicy only',
      ),
    ),
    elevationSeconds: z.optional(whole(1, DAY_SECONDS)),
    limit: z.optional(
      z.strictObject(
        { sessionsMax: whole(1, 1000), atLimit: z.enum(['evict_oldest', 'refuse', 'notify'], AT_LIMIT_MESSAGE) },
        'must be an object with fields of SessionLimit only',
      ),
    ),
    clockToleranceSeconds: z.optional(whole(0, 60)),
  },
  'must be an object with fields of SessionPolicy only',
)
