// Key schedules: keys are replaced on time, published before they sign and kept while their tokens live. Subpath
// jwt/schedule.
import { type NumericDate, numericDate } from '@tallystick/core'
import { mistake, secretMistake } from '@tallystick/core/options'
import { awaitHook, callHook } from './hooks.ts'
import { materialOf, type SigningKey, type VerificationKey } from './key.ts'
import { checkKeys } from './key-set.ts'
import type { KeyPlanDecision, KeyPlanRefusal } from './schedule-command.ts'
import { decideKeyPlan } from './schedule-decide.ts'
import { keepSchedule, type KeySchedule } from './schedule-keys.ts'
import { type KeyPlan, stateOf, viewPlan } from './schedule-plan.ts'
import { type KeySchedulePolicy, resolveSchedulePolicy, type ResolvedKeySchedulePolicy } from './schedule-policy.ts'

export type {
  Announce,
  Change,
  KeyPlanCommand,
  KeyPlanDecision,
  KeyPlanEvent,
  KeyPlanRefusal,
  KeyPlanVerdict,
  NewKey,
  Tick,
} from './schedule-command.ts'
export { decideKeyPlan } from './schedule-decide.ts'
export type { KeySchedule } from './schedule-keys.ts'
export type { KeyPlan, KeyPlanView, KeyState, PlannedKey } from './schedule-plan.ts'
export { viewPlan } from './schedule-plan.ts'
export type { KeySchedulePolicy, ResolvedKeySchedulePolicy } from './schedule-policy.ts'
export { resolveSchedulePolicy, scheduleDefaults } from './schedule-policy.ts'
export { decodeKeyPlan, encodeKeyPlan } from './schedule-record.ts'

/** A key of which it is known when it must be gone. */
export interface ExpiringKey {
  /** The key itself. */
  readonly key: SigningKey
  /** The end of its certificate or lease, in seconds since the epoch. */
  readonly expiresAt: NumericDate
}

/** The options of {@link createKeySchedule}: `keys` or `generate` or both, and what the windows are computed from. */
export interface KeyScheduleOptions extends KeySchedulePolicy {
  /**
   * The material. Without a plan the first key signs and a second one waits; with a plan each key has its place there.
   */
  readonly keys?: ReadonlyArray<SigningKey | VerificationKey | ExpiringKey> | undefined
  /** Makes a key when a successor is due; called by `tick` alone. */
  readonly generate?: (() => Promise<SigningKey>) | undefined
  /** The plan that was stored. Without it a new one begins. */
  readonly plan?: KeyPlan | undefined
  /** When it is, in seconds since the epoch. Without it a new plan knows no age of its key, whose successor is then due. */
  readonly now?: NumericDate | undefined
}

/**
 * Makes a key schedule: a pure machine over `now` that says which key signs, which are published and which are accepted.
 *
 * It reads no clock and stores nothing. Give it to `createIssuer`, `createVerifier` and `toJwks` as `keys`; they follow
 * it as time passes and as it adopts new plans. Keys are announced, active, retiring and retired; how long each takes
 * is computed from the options.
 *
 * @throws TypeError or RangeError where a period is too short for its windows, where two keys have one id, where a key
 * of the plan has no material, where a key ends before what it signs, or where no key can sign now and none can be made.
 * @example
 * const schedule = createKeySchedule({
 *   keys: [await generateKey('ES256')], generate: () => generateKey('ES256'), now,
 *   tokenLifetimeSecondsMax: 600, jwksCacheSecondsMax: 3600,
 * })
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517.html#section-4.5 RFC 7517 §4.5}
 */
export function createKeySchedule(options: KeyScheduleOptions): KeySchedule {
  if (typeof options !== 'object' || options === null) throw mistake(OWNER, '', 'must be an object', options)
  const { keys = [], generate, plan, now, ...windows } = options
  const policy = resolveSchedulePolicy(windows)
  if (generate !== undefined && typeof generate !== 'function')
    throw mistake(OWNER, 'generate', 'must be a function', generate)
  if (now !== undefined) numericDate(now)
  const given = readKeys(keys)
  const begun = plan ?? beginPlan(given, now, policy)
  const schedule = openSchedule(
    begun,
    given.map(({ key }) => key),
    policy,
    generate,
  )
  const canSign =
    now === undefined ? given.some(({ key }) => isSigningKey(key)) : schedule.signingKeyAt(now) !== undefined
  if (canSign || generate !== undefined) return schedule
  throw secretMistake(OWNER, 'keys', 'must hold a signing key that can sign now', keys)
}

/**
 * The schedule itself, of options that were checked.
 *
 * @internal
 */
export function openSchedule(
  begun: KeyPlan,
  keys: readonly unknown[],
  policy: ResolvedKeySchedulePolicy,
  generate?: () => Promise<SigningKey>,
): KeySchedule {
  let plan = begun
  let material = materialFor(plan, new Map(), keys)
  let known = { plan, from: 1, until: 0, keys: [] as readonly (SigningKey | VerificationKey)[] }
  let ticking: Promise<KeyPlanDecision> | undefined
  const schedule: KeySchedule = {
    policy,
    get plan() {
      return plan
    },
    get keys() {
      return [...material.values()]
    },
    viewAt: (now) => viewPlan(plan, numericDate(now)),
    signingKeyAt(now) {
      const key = material.get(viewPlan(plan, numericDate(now)).signing?.keyId ?? '')
      return key?.kind === 'signing' ? key : undefined
    },
    keysAt(now) {
      if (known.plan === plan && now >= known.from && now < known.until) return known.keys
      const { published, changesAt = Number.POSITIVE_INFINITY } = viewPlan(plan, numericDate(now))
      const keysNow = published.flatMap(({ keyId }) => material.get(keyId) ?? [])
      known = {
        plan,
        from: now,
        until: changesAt,
        keys: isSame(known.keys, keysNow) ? known.keys : Object.freeze(keysNow),
      }
      return known.keys
    },
    decide: (command, now) => decideKeyPlan(plan, command, now, policy),
    adopt(next, more = []) {
      if (next.version < plan.version) return false
      material = materialFor(next, material, more)
      plan = next
      return true
    },
    tick(now) {
      ticking ??= tickOnce(schedule, now, generate).finally(() => (ticking = undefined))
      return ticking
    },
  }
  return keepSchedule(schedule)
}

async function tickOnce(
  schedule: KeySchedule,
  now: NumericDate,
  generate: (() => Promise<SigningKey>) | undefined,
): Promise<KeyPlanDecision> {
  const updated = schedule.decide({ type: 'tick' }, now)
  schedule.adopt(updated.state)
  if (generate === undefined || !schedule.viewAt(now).isSuccessorDue) return updated
  const key = await awaitHook('generate', callHook('generate', generate))
  if (!isSigningKey(key)) throw secretMistake(OWNER, 'generate', 'must give a key made by generateKey', key)
  const announced = schedule.decide({ type: 'announce', key }, now)
  schedule.adopt(announced.state, [key])
  return announced
}

/** The material of every key of a plan that still counts. */
function materialFor(
  plan: KeyPlan,
  known: ReadonlyMap<string, SigningKey | VerificationKey>,
  more: readonly unknown[],
): ReadonlyMap<string, SigningKey | VerificationKey> {
  const pool = new Map(known)
  for (const key of more.length === 0 ? [] : checkKeys(OWNER, more)) {
    const other = pool.get(key.keyId)
    if (other !== undefined && materialOf(other)?.thumbprint !== materialOf(key)?.thumbprint)
      throw mistake(OWNER, 'keys', 'must not hold two keys of one key id', key.keyId)
    if (other?.kind !== 'signing') pool.set(key.keyId, key)
  }
  const needed = new Map<string, SigningKey | VerificationKey>()
  for (const planned of plan.keys) {
    // Of a key that was retired when the plan was last changed nobody asks for the material.
    if (stateOf(planned, plan.changedAt) === 'retired') continue
    const key = pool.get(planned.keyId)
    if (key?.algorithm !== planned.algorithm)
      throw mistake(OWNER, 'keys', `must hold the ${planned.algorithm} key of each id in the plan`, planned.keyId)
    needed.set(planned.keyId, key)
  }
  return needed
}

function readKeys(keys: unknown): ReadonlyArray<{ key: SigningKey | VerificationKey; expiresAt?: NumericDate }> {
  if (!Array.isArray(keys)) throw secretMistake(OWNER, 'keys', 'must be an array of keys', keys)
  return keys.map((given: unknown, at) => {
    const { key, expiresAt } = materialOf(given) === undefined ? (given as Partial<ExpiringKey>) : { key: given }
    if (materialOf(key) === undefined)
      throw secretMistake(
        OWNER,
        `keys.${at}`,
        'must be made by generateKey or importKey, or be { key, expiresAt }',
        given,
      )
    const read = { key: key as SigningKey | VerificationKey }
    return expiresAt === undefined ? read : { ...read, expiresAt: numericDate(expiresAt) }
  })
}

/** A new plan: the first key signs, a second one waits. */
function beginPlan(
  given: ReturnType<typeof readKeys>,
  now: NumericDate | undefined,
  policy: ResolvedKeySchedulePolicy,
): KeyPlan {
  if (given.length > 2 || (given.length === 2 && now === undefined))
    throw secretMistake(OWNER, 'keys', 'must be one key, or two and now, where there is no plan', given)
  const at = now ?? numericDate(0)
  let plan: KeyPlan = { version: 0, changedAt: at, keys: [] }
  given.forEach(({ key, expiresAt }, index) => {
    const decision = decideKeyPlan(plan, { type: 'announce', key, expiresAt }, at, policy)
    if (decision.outcome === 'refused') throw misplaced(index, decision.reason, key.keyId, expiresAt)
    plan = { ...decision.state, version: 0 }
  })
  return plan
}

function misplaced(index: number, reason: KeyPlanRefusal, keyId: string, expiresAt: NumericDate | undefined): Error {
  if (reason !== 'key_schedule/too_short_lived')
    return mistake(OWNER, `keys.${index}`, 'must have another key id than the key before it', keyId)
  const allowed = 'must leave time for a signing period and for the tokens of its last second'
  return mistake(OWNER, `keys.${index}.expiresAt`, allowed, expiresAt)
}

function isSigningKey(value: unknown): value is SigningKey {
  return materialOf(value) !== undefined && (value as SigningKey).kind === 'signing'
}

function isSame(left: readonly unknown[], right: readonly unknown[]): boolean {
  return left.length === right.length && left.every((one, at) => one === right[at])
}

const OWNER = 'createKeySchedule'
