// A key schedule as issuers, verifiers and key sets read it; what makes one is in schedule.ts.
import type { NumericDate } from '@tallystick/core'
import type { SigningKey, VerificationKey } from './key.ts'
import type { KeyPlanCommand, KeyPlanDecision } from './schedule-command.ts'
import type { KeyPlan, KeyPlanView } from './schedule-plan.ts'
import type { ResolvedKeySchedulePolicy } from './schedule-policy.ts'

/** A plan of keys together with their material: stands wherever `keys` are taken. */
export interface KeySchedule {
  /** The options with all windows computed. */
  readonly policy: ResolvedKeySchedulePolicy
  /** The plan as it stands: plain data, to be stored as text. */
  readonly plan: KeyPlan
  /** The keys of the plan that may still count, whatever the time. */
  readonly keys: readonly (SigningKey | VerificationKey)[]
  /** What the plan says at a moment: who signs, who waits, what is published, when it changes. */
  viewAt(now: NumericDate): KeyPlanView
  /**
   * The key that signs, or `undefined` where there is none, or where only its public part is known here.
   *
   * @param now - Seconds since the epoch.
   */
  signingKeyAt(now: NumericDate): SigningKey | undefined
  /**
   * The keys that are published and accepted, the signing one first: the same list while nothing changes.
   *
   * @param now - Seconds since the epoch.
   */
  keysAt(now: NumericDate): readonly (SigningKey | VerificationKey)[]
  /**
   * Decides a command on the plan as it stands, and changes nothing: store the decision's `state`, then `adopt` it.
   *
   * @throws TokenError `ERR_CLOCK`, TypeError, RangeError: see `decideKeyPlan`.
   */
  decide(command: KeyPlanCommand, now: NumericDate): KeyPlanDecision
  /**
   * Takes a plan that was stored, by this process or another, with the keys that are new in it.
   *
   * @returns Whether it was taken: a plan older than the present one is not, so a stale read brings no key back.
   * @throws TypeError where a key that still counts has no material, or one of another algorithm; the plan stays as it is.
   */
  adopt(plan: KeyPlan, keys?: readonly (SigningKey | VerificationKey)[]): boolean
  /**
   * Brings the plan up to date and, where a successor is due and `generate` was given, generates and announces it.
   *
   * For one process that keeps its keys in memory; several decide, store and adopt instead.
   *
   * @returns What was decided last (as a rejection: TokenError `ERR_HOOK` where `generate` failed, or as `decide`).
   */
  tick(now: NumericDate): Promise<KeyPlanDecision>
}

/** The schedule that a value is, or `undefined`; nothing is read from or called on a foreign value. */
export function scheduleOf(value: unknown): KeySchedule | undefined {
  return typeof value === 'object' && value !== null && schedules.has(value) ? (value as KeySchedule) : undefined
}

/** Marks an object as a schedule, and freezes it. */
export function keepSchedule(schedule: KeySchedule): KeySchedule {
  schedules.add(schedule)
  return Object.freeze(schedule)
}

const schedules = new WeakSet<object>()
