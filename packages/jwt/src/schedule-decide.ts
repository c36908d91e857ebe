// THE LAW of replacing keys: every transition of a plan. What time alone changes is read off it (schedule-plan.ts).
import { type NumericDate, numericDate, plusSeconds, TokenError } from '@tallystick/core'
import { mistake } from '@tallystick/core/options'
import { ALGORITHM_NAMES, isAlgorithm } from './algorithms.ts'
import type {
  Announce,
  KeyPlanCommand,
  KeyPlanDecision,
  KeyPlanEvent,
  KeyPlanRefusal,
  KeyPlanVerdict,
  NewKey,
} from './schedule-command.ts'
import { type KeyPlan, type PlannedKey, stateOf, viewPlan } from './schedule-plan.ts'
import { PUBLISHED_KEYS_MAX, type ResolvedKeySchedulePolicy } from './schedule-policy.ts'

/**
 * Decides what a command does to a plan of keys.
 *
 * Pure and synchronous. Every change of who signs lies so far ahead that each process and each verifier knows of it in
 * time; only `compromised` takes effect at once. Where nothing changes, the returned state is the given object.
 *
 * @param now - Seconds since the epoch, by the clock of the process that decides.
 * @param policy - Build it with `resolveSchedulePolicy`.
 * @returns `accepted` with a verdict, or `refused` with a reason; the state is to be stored by compare-and-set.
 * @throws TokenError `ERR_CLOCK` where `now` lies before the last change by more than two clocks can disagree.
 * TypeError or RangeError where `now` or the command is not well formed.
 * @example
 * const windows = resolveSchedulePolicy({ tokenLifetimeSecondsMax: 600, jwksCacheSecondsMax: 3600 })
 * const empty = { version: 0, changedAt: now, keys: [] }
 * const decision = decideKeyPlan(empty, { type: 'announce', key }, now, windows)
 * decision.outcome === 'accepted' && decision.verdict // => 'announced'
 */
export function decideKeyPlan(
  plan: KeyPlan,
  command: KeyPlanCommand,
  now: NumericDate,
  policy: ResolvedKeySchedulePolicy,
): KeyPlanDecision {
  if (numericDate(now) < plan.changedAt - 2 * policy.clockToleranceSeconds) {
    throw new TokenError('ERR_CLOCK', 'the clock stands before the last change of the key plan, beyond the tolerance')
  }
  const given: Case = { plan, keys: bringUpToDate(plan.keys, now, policy), now, policy }
  switch (command.type) {
    case 'announce':
    case 'replace':
      return announce(given, command)
    case 'activate':
      return activate(given, command.keyId)
    case 'retire':
      return withdraw(given, command.keyId)
    case 'compromised':
      return drop(given, command.keyId)
    case 'tick':
      return given.keys === plan.keys ? unchanged(given) : accept(given, 'updated', given.keys, [])
  }
}

/** What the branches decide about: the plan as it is stored, and its keys as the policy wants them. */
interface Case {
  readonly plan: KeyPlan
  readonly keys: readonly PlannedKey[]
  readonly now: NumericDate
  readonly policy: ResolvedKeySchedulePolicy
}

function announce(given: Case, { type, key, expiresAt }: Announce): KeyPlanDecision {
  checkKey(key)
  const { plan, keys, now, policy } = given
  if (keys.some(({ keyId }) => keyId === key.keyId)) return refuse(plan, 'key_schedule/known_key')
  const { signing, waiting, published } = viewPlan({ ...plan, keys }, now)
  if (waiting !== undefined) return refuse(plan, 'key_schedule/successor_waiting')
  if (published.length >= PUBLISHED_KEYS_MAX || keys.length >= REMEMBERED_KEYS_MAX)
    return refuse(plan, 'key_schedule/too_many_keys')
  const signsFrom = signing === undefined ? now : takeOver(signing, type, given)
  const { retentionSeconds, signingPeriodSeconds } = policy
  if (expiresAt !== undefined && numericDate(expiresAt) < signsFrom + signingPeriodSeconds - 1 + retentionSeconds)
    return refuse(plan, 'key_schedule/too_short_lived')
  const { keyId, algorithm } = key
  const added: PlannedKey = { keyId, algorithm, announcedAt: now, signsFrom, retentionSeconds, expiresAt }
  const event = { type: 'key_schedule.announced', keyId, signsFrom, predecessor: signing?.keyId } as const
  return accept(given, 'announced', [...changed(keys, signing?.keyId, { signsUntil: signsFrom }), added], [event])
}

/** When a new key takes the place of the signing one: verifiers must have seen it before. */
function takeOver(signing: PlannedKey, type: Announce['type'], { now, policy }: Case): NumericDate {
  const seen = plusSeconds(now, policy.leadSeconds)
  return later(seen, plusSeconds(signing.signsFrom, type === 'announce' ? policy.signingPeriodSeconds : 1))
}

function activate(given: Case, keyId: string): KeyPlanDecision {
  const { plan, keys, now, policy } = given
  const { signing, waiting } = viewPlan({ ...plan, keys }, now)
  if (signing?.keyId === keyId) return unchanged(given)
  if (waiting?.keyId !== keyId) return refuse(plan, unknownOr(keys, keyId, 'key_schedule/not_waiting'))
  // Until a change has settled other processes sign by the plan before it.
  const settled = later(plusSeconds(now, policy.settleSeconds), plusSeconds(signing?.signsFrom ?? now, 1))
  const signsFrom = later(plusSeconds(waiting.announcedAt, policy.leadSeconds), settled)
  if (signsFrom >= waiting.signsFrom) return unchanged(given)
  const next = changed(changed(keys, keyId, { signsFrom }), signing?.keyId, { signsUntil: signsFrom })
  const event = { type: 'key_schedule.activated', keyId, signsFrom, predecessor: signing?.keyId } as const
  return accept(given, 'activated', next, [event])
}

function withdraw(given: Case, keyId: string): KeyPlanDecision {
  const { plan, keys, now, policy } = given
  const { signing, waiting, states } = viewPlan({ ...plan, keys }, now)
  const isRetired = states.some((one) => one.keyId === keyId && one.state === 'retired')
  if (isRetired) return unchanged(given)
  if (waiting?.keyId !== keyId) return refuse(plan, unknownOr(keys, keyId, 'key_schedule/in_use'))
  // A process that has not heard of it, or whose clock is fast, could sign with it.
  if (waiting.signsFrom < now + policy.settleSeconds) return refuse(plan, 'key_schedule/in_use')
  const dropped = changed(keys, keyId, { dropped: { at: now, cause: 'withdrawn' } })
  const next = changed(dropped, signing?.keyId, { signsUntil: undefined })
  return accept(given, 'withdrawn', next, [{ type: 'key_schedule.withdrawn', keyId }])
}

function drop(given: Case, keyId: string): KeyPlanDecision {
  const { plan, keys, now, policy } = given
  const key = keys.find((one) => one.keyId === keyId)
  if (key === undefined) return refuse(plan, 'key_schedule/unknown_key')
  if (key.dropped?.cause === 'compromised') return unchanged(given)
  const { signing, waiting } = viewPlan({ ...plan, keys }, now)
  let next = changed(keys, keyId, { dropped: { at: now, cause: 'compromised' } })
  // Its successor signs at once, even one that not every verifier has seen: the alternative is to issue nothing.
  if (signing?.keyId === keyId && waiting !== undefined)
    next = changed(next, waiting.keyId, { signsFrom: later(waiting.announcedAt, earlier(waiting.signsFrom, now)) })
  if (waiting?.keyId === keyId) next = changed(next, signing?.keyId, { signsUntil: undefined })
  const event = {
    type: 'key_schedule.compromised',
    keyId,
    refusedEverywhereAt: plusSeconds(now, policy.leadSeconds),
    signing: viewPlan({ ...plan, keys: next }, now).signing?.keyId,
  } as const
  return accept(given, 'dropped', next, [event])
}

/**
 * The keys as the policy wants them: those that still count stay as long as its tokens need, the oldest retired ones are
 * forgotten. Compromised ones never are: an id that was stolen must not come back.
 */
function bringUpToDate(
  keys: readonly PlannedKey[],
  now: NumericDate,
  { retentionSeconds }: ResolvedKeySchedulePolicy,
): readonly PlannedKey[] {
  const short = keys.filter((key) => key.retentionSeconds < retentionSeconds && stateOf(key, now) !== 'retired')
  const forgettable = keys.filter((key) => key.dropped?.cause !== 'compromised' && stateOf(key, now) === 'retired')
  const forgotten = new Set(forgettable.slice(0, Math.max(0, keys.length - REMEMBERED_KEYS_MAX + 1)))
  if (short.length === 0 && forgotten.size === 0) return keys
  return keys
    .filter((key) => !forgotten.has(key))
    .map((key) => (short.includes(key) ? { ...key, retentionSeconds } : key))
}

function changed(
  keys: readonly PlannedKey[],
  keyId: string | undefined,
  change: Partial<PlannedKey>,
): readonly PlannedKey[] {
  return keys.map((key) => (key.keyId === keyId ? { ...key, ...change } : key))
}

function unknownOr(keys: readonly PlannedKey[], keyId: string, reason: KeyPlanRefusal): KeyPlanRefusal {
  return keys.some((key) => key.keyId === keyId) ? reason : 'key_schedule/unknown_key'
}

function accept(
  { plan, now }: Case,
  verdict: KeyPlanVerdict,
  keys: readonly PlannedKey[],
  events: readonly KeyPlanEvent[],
): KeyPlanDecision {
  const state = { version: plan.version + 1, changedAt: later(plan.changedAt, now), keys }
  return { outcome: 'accepted', verdict, state, events }
}

function unchanged({ plan }: Case): KeyPlanDecision {
  return { outcome: 'accepted', verdict: 'unchanged', state: plan, events: [] }
}

function refuse(plan: KeyPlan, reason: KeyPlanRefusal): KeyPlanDecision {
  return { outcome: 'refused', reason, state: plan, events: [] }
}

function checkKey({ keyId, algorithm }: NewKey): void {
  if (typeof keyId !== 'string' || keyId === '' || keyId.length > 256)
    throw mistake(OWNER, 'key.keyId', 'must be text of 1 to 256 characters', keyId)
  if (!isAlgorithm(algorithm)) throw mistake(OWNER, 'key.algorithm', `must be one of ${ALGORITHM_NAMES}`, algorithm)
}

function later(left: NumericDate, right: NumericDate): NumericDate {
  return left > right ? left : right
}

function earlier(left: NumericDate, right: NumericDate): NumericDate {
  return left < right ? left : right
}

const OWNER = 'decideKeyPlan'
/** How many keys a plan names, dropped and retired ones included. */
const REMEMBERED_KEYS_MAX = 64
