// Keys are replaced under a fleet with stale caches and wrong clocks: no valid token fails, no retired key is accepted.
import { beforeAll, expect, test } from 'vitest'
import type { ResolvedKeySchedulePolicy } from '../src/schedule-policy.ts'
import type { FleetPolicy, Outcomes } from './schedule-fleet.ts'
import { runFleet } from './schedule-fleet.ts'
import type { PooledKey } from './schedule-pool.ts'
import { makePool } from './schedule-pool.ts'

/** Short windows, so that each second of them counts; none, so that only the rounding of clocks is left. */
const POLICIES: ReadonlyArray<FleetPolicy> = [
  policyOf(300, 60, 5, 30, 600),
  policyOf(60, 600, 3, 0, 1300),
  policyOf(900, 20, 10, 60, 300),
  policyOf(10, 0, 0, 0, 10),
  policyOf(120, 120, 60, 5, 800),
]

function policyOf(lifetime: number, jwksCache: number, tolerance: number, planCache: number, period: number) {
  return {
    tokenLifetimeSecondsMax: lifetime,
    jwksCacheSecondsMax: jwksCache,
    clockToleranceSeconds: tolerance,
    planCacheSecondsMax: planCache,
    signingPeriodSeconds: period,
  }
}

const FULL = process.env['TALLYSTICK_PROOF'] === 'full'
// Fixed, so that a run repeats; the full proof searches on.
const seed = FULL ? (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) : 20_261_123
let pool: readonly PooledKey[] = []

beforeAll(async () => {
  pool = await makePool(FULL ? 4000 : 500)
})

type Fault = (policy: ResolvedKeySchedulePolicy) => ResolvedKeySchedulePolicy

/** The outcomes of one fleet for each policy, together. */
async function runFleets(takeovers: number, fault?: Fault): Promise<Outcomes> {
  const total: Outcomes = new Map()
  for (const [at, policy] of POLICIES.entries()) {
    const outcomes = await runFleet({ seed: seed + at, policy, takeovers, pool, ...(fault && { fault }) })
    for (const [outcome, count] of outcomes) total.set(outcome, (total.get(outcome) ?? 0) + count)
  }
  return total
}

test('KM-1 F36 in 1000 replacements no valid token fails, no retired key is accepted and no private member published', async () => {
  const outcomes = await runFleets(200 * (FULL ? 10 : 1))
  expect(outcomes.get('taken over')).toBeGreaterThanOrEqual(1000)
  const never = ['failed', 'stolen, accepted late', 'private member published', 'two answers']
  expect(never.map((outcome) => [outcome, outcomes.get(outcome) ?? 0])).toEqual(never.map((outcome) => [outcome, 0]))
  for (const outcome of REACHED) expect([outcome, outcomes.get(outcome) ?? 0]).not.toEqual([outcome, 0])
}, 600_000)

test.each<readonly [string, Fault]>([
  ['lead', (policy) => ({ ...policy, leadSeconds: policy.leadSeconds - 1 })],
  ['settling time', (policy) => ({ ...policy, settleSeconds: policy.settleSeconds - 1 })],
  ['retention', (policy) => ({ ...policy, retentionSeconds: policy.retentionSeconds - 1 })],
])('KM-1 with a %s one second shorter valid tokens fail, so the simulation sees each second', async (_, fault) => {
  const outcomes = await runFleets(12, fault)
  expect(outcomes.get('failed') ?? 0).toBeGreaterThan(0)
})

const REACHED = [
  'key published',
  'the same answer',
  'announce: announced',
  'replace: announced',
  'activate: activated',
  'activate: unchanged',
  'retire: withdrawn',
  'compromised: dropped',
  'tick: unchanged',
  'key_schedule/in_use',
  'key_schedule/unknown_key',
  'issued',
  'issued by a successor in haste',
  'verified with a cached set',
  'verified by an issuer',
  'no longer or not yet valid',
  'died with a compromised key',
  'stolen, accepted before',
  'stolen, refused from its time on',
]
