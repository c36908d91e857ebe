// The options of a key schedule and the windows that follow from them, computed and checked once.
import { readOptions } from '@tallystick/core/options'
import * as z from 'zod/mini'

/** What the windows of a key schedule are computed from. */
export interface KeySchedulePolicy {
  /** The longest life of a token that any key of the schedule signs: 1 to 31 536 000. */
  readonly tokenLifetimeSecondsMax: number
  /** How old a key set may be with which a verifier still works, all caches on the way together: 0 to 2 592 000. */
  readonly jwksCacheSecondsMax: number
  /**
   * How far any clock may be from the true time, either way, and how long after `exp` verifiers still accept: 0 to 600,
   * default 5.
   */
  readonly clockToleranceSeconds?: number | undefined
  /** How old a plan may be with which a process still signs and publishes: 0 to 86 400, default 60. */
  readonly planCacheSecondsMax?: number | undefined
  /** How long a key signs before its successor does: up to ten years, default 30 days. */
  readonly signingPeriodSeconds?: number | undefined
}

/** A policy with every field filled, and its windows. */
export interface ResolvedKeySchedulePolicy {
  /** The longest lifetime of a token. */
  readonly tokenLifetimeSecondsMax: number
  /** How old a verifier's copy of the JWKS may be. */
  readonly jwksCacheSecondsMax: number
  /** How far a clock may be off. */
  readonly clockToleranceSeconds: number
  /** How old a process's copy of the plan may be. */
  readonly planCacheSecondsMax: number
  /** How long a key signs. */
  readonly signingPeriodSeconds: number
  /** After it every process signs and publishes by a change of the plan, whatever its clock says. */
  readonly settleSeconds: number
  /** After it every verifier has seen a change of the plan: a key is published so long before it signs. */
  readonly leadSeconds: number
  /** So long after the last second in which it signed a key is still published and accepted. */
  readonly retentionSeconds: number
}

/** The defaults. */
export const scheduleDefaults: {
  readonly clockToleranceSeconds: 5
  readonly planCacheSecondsMax: 60
  readonly signingPeriodSeconds: 2_592_000
} = Object.freeze({ clockToleranceSeconds: 5, planCacheSecondsMax: 60, signingPeriodSeconds: 2_592_000 })

/**
 * Fills in defaults, computes the windows and refuses what cannot work.
 *
 * With T the tolerance, each clock between T behind and T ahead of the true time and cut to whole seconds:
 * - settle = plan cache + 2 T + 1: written by the slowest clock, read as late as may be, acted on by the fastest clock.
 * - lead = settle + JWKS cache.
 * - retention = token lifetime + 3 T: verifiers accept T after `exp`, the slowest of them asks the fastest publisher.
 *
 * @throws RangeError or TypeError naming the field, the given value and what is allowed.
 * @example
 * const { leadSeconds } = resolveSchedulePolicy({ tokenLifetimeSecondsMax: 600, jwksCacheSecondsMax: 3600 })
 * leadSeconds // => 3671
 */
export function resolveSchedulePolicy(policy: KeySchedulePolicy): ResolvedKeySchedulePolicy {
  const given = { ...scheduleDefaults, ...withoutAbsent(readOptions(policySchema, policy, OWNER)) }
  const { clockToleranceSeconds: tolerance, planCacheSecondsMax, signingPeriodSeconds } = given
  const settleSeconds = planCacheSecondsMax + 2 * tolerance + 1
  const leadSeconds = settleSeconds + given.jwksCacheSecondsMax
  const retentionSeconds = given.tokenLifetimeSecondsMax + 3 * tolerance
  // A successor is announced when every process can have seen that the key before it signs.
  const least = settleSeconds + leadSeconds
  if (signingPeriodSeconds < least) {
    const why = 'what it takes to see that a successor is due, and to publish it before it signs'
    throw tooShort(signingPeriodSeconds, least, why)
  }
  const crowded = Math.ceil(retentionSeconds / (PUBLISHED_KEYS_MAX - 2))
  if (signingPeriodSeconds < crowded) {
    throw tooShort(signingPeriodSeconds, crowded, `with it more than ${PUBLISHED_KEYS_MAX} keys would be published`)
  }
  return Object.freeze({ ...given, settleSeconds, leadSeconds, retentionSeconds })
}

function tooShort(given: number, least: number, why: string): RangeError {
  return new RangeError(`${OWNER}: signingPeriodSeconds must be at least ${least}, ${why} (given ${given})`)
}

type Given = z.infer<typeof policySchema>

function withoutAbsent(given: Given): Pick<Given, 'tokenLifetimeSecondsMax' | 'jwksCacheSecondsMax'> {
  const present = Object.entries(given).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present) as Given
}

function whole(min: number, max: number) {
  const message = `must be ${min} to ${max}`
  return z.int(message).check(z.gte(min, message), z.lte(max, message))
}

/** More keys than this are not published at once: each verifier fetches and holds all of them. */
export const PUBLISHED_KEYS_MAX = 16
const OWNER = 'createKeySchedule'
const DAY_SECONDS = 86_400

const policySchema = z.strictObject(
  {
    tokenLifetimeSecondsMax: whole(1, 365 * DAY_SECONDS),
    jwksCacheSecondsMax: whole(0, 30 * DAY_SECONDS),
    clockToleranceSeconds: z.optional(whole(0, 600)),
    planCacheSecondsMax: z.optional(whole(0, DAY_SECONDS)),
    signingPeriodSeconds: z.optional(whole(1, 3650 * DAY_SECONDS)),
  },
  'must be an object with fields of KeySchedulePolicy only',
)
