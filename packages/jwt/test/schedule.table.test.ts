// Every state of a key with every command: what it does, and what state the key then has.
import { numericDate, type NumericDate } from '@tallystick/core'
import { expect, test } from 'vitest'
import type { KeyPlanCommand, KeyPlanDecision } from '../src/schedule-command.ts'
import { decideKeyPlan } from '../src/schedule-decide.ts'
import type { KeyPlan } from '../src/schedule-plan.ts'
import { viewPlan } from '../src/schedule-plan.ts'
import { resolveSchedulePolicy } from '../src/schedule-policy.ts'
import { later, NOW } from './tokens.ts'

/** Settle 21, lead 81, retention 315, period 1000. */
const policy = resolveSchedulePolicy({
  tokenLifetimeSecondsMax: 300,
  jwksCacheSecondsMax: 60,
  clockToleranceSeconds: 5,
  planCacheSecondsMax: 10,
  signingPeriodSeconds: 1000,
})

const new_ = (keyId: string) => ({ keyId, algorithm: 'ES256' }) as const

function after(plan: KeyPlan, now: NumericDate, command: KeyPlanCommand): KeyPlan {
  const decision = decideKeyPlan(plan, command, now, policy)
  if (decision.outcome === 'refused') throw new Error(decision.reason)
  return deepFreeze(decision.state)
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) deepFreeze(member)
  return Object.freeze(value)
}

const EMPTY: KeyPlan = deepFreeze({ version: 0, changedAt: NOW, keys: [] })
const ALONE = after(EMPTY, NOW, { type: 'announce', key: new_('a') })
/** `a` signs, `b` waits until 1000. */
const WAITING = after(ALONE, later(10), { type: 'announce', key: new_('b') })
const COMPROMISED = after(WAITING, later(20), { type: 'compromised', keyId: 'b' })
const WITHDRAWN = after(WAITING, later(20), { type: 'retire', keyId: 'b' })

/** The key that is asked about, in each of its states. */
const states: Readonly<Record<string, { plan: KeyPlan; now: NumericDate; keyId: string; state: string }>> = {
  unknown: { plan: WAITING, now: later(500), keyId: 'x', state: 'none' },
  'announced, unseen': { plan: WAITING, now: later(20), keyId: 'b', state: 'announced' },
  'announced, seen': { plan: WAITING, now: later(500), keyId: 'b', state: 'announced' },
  'announced, about to sign': { plan: WAITING, now: later(990), keyId: 'b', state: 'announced' },
  'active, alone': { plan: ALONE, now: later(500), keyId: 'a', state: 'active' },
  'active, with a successor': { plan: WAITING, now: later(500), keyId: 'a', state: 'active' },
  'active in its last second': { plan: WAITING, now: later(999), keyId: 'a', state: 'active' },
  'active in its first second': { plan: WAITING, now: later(1000), keyId: 'b', state: 'active' },
  'retiring in its first second': { plan: WAITING, now: later(1000), keyId: 'a', state: 'retiring' },
  'retiring in its last second': { plan: WAITING, now: later(1313), keyId: 'a', state: 'retiring' },
  'retired in its first second': { plan: WAITING, now: later(1314), keyId: 'a', state: 'retired' },
  compromised: { plan: COMPROMISED, now: later(500), keyId: 'b', state: 'retired' },
  withdrawn: { plan: WITHDRAWN, now: later(500), keyId: 'b', state: 'retired' },
}

const commands = ['announce', 'replace', 'activate', 'retire', 'compromised', 'tick'] as const

/** Verdict or reason, then who signs and who waits from then on, and the key's own state. */
const expected: Readonly<Record<keyof typeof states, readonly string[]>> = {
  unknown: [
    'successor_waiting · a b none',
    'successor_waiting · a b none',
    'unknown_key · a b none',
    'unknown_key · a b none',
    'unknown_key · a b none',
    'unchanged · a b none',
  ],
  'announced, unseen': [
    'known_key · a b announced',
    'known_key · a b announced',
    'activated · a b announced',
    'withdrawn · a - retired',
    'dropped · a - retired',
    'unchanged · a b announced',
  ],
  'announced, seen': [
    'known_key · a b announced',
    'known_key · a b announced',
    'activated · a b announced',
    'withdrawn · a - retired',
    'dropped · a - retired',
    'unchanged · a b announced',
  ],
  'announced, about to sign': [
    'known_key · a b announced',
    'known_key · a b announced',
    'unchanged · a b announced',
    'in_use · a b announced',
    'dropped · a - retired',
    'unchanged · a b announced',
  ],
  'active, alone': [
    'known_key · a - active',
    'known_key · a - active',
    'unchanged · a - active',
    'in_use · a - active',
    'dropped · - - retired',
    'unchanged · a - active',
  ],
  'active, with a successor': [
    'known_key · a b active',
    'known_key · a b active',
    'unchanged · a b active',
    'in_use · a b active',
    'dropped · b - retired',
    'unchanged · a b active',
  ],
  'active in its last second': [
    'known_key · a b active',
    'known_key · a b active',
    'unchanged · a b active',
    'in_use · a b active',
    'dropped · b - retired',
    'unchanged · a b active',
  ],
  'active in its first second': [
    'known_key · b - active',
    'known_key · b - active',
    'unchanged · b - active',
    'in_use · b - active',
    'dropped · - - retired',
    'unchanged · b - active',
  ],
  'retiring in its first second': [
    'known_key · b - retiring',
    'known_key · b - retiring',
    'not_waiting · b - retiring',
    'in_use · b - retiring',
    'dropped · b - retired',
    'unchanged · b - retiring',
  ],
  'retiring in its last second': [
    'known_key · b - retiring',
    'known_key · b - retiring',
    'not_waiting · b - retiring',
    'in_use · b - retiring',
    'dropped · b - retired',
    'unchanged · b - retiring',
  ],
  'retired in its first second': [
    'known_key · b - retired',
    'known_key · b - retired',
    'not_waiting · b - retired',
    'unchanged · b - retired',
    'dropped · b - retired',
    'unchanged · b - retired',
  ],
  compromised: [
    'known_key · a - retired',
    'known_key · a - retired',
    'not_waiting · a - retired',
    'unchanged · a - retired',
    'unchanged · a - retired',
    'unchanged · a - retired',
  ],
  withdrawn: [
    'known_key · a - retired',
    'known_key · a - retired',
    'not_waiting · a - retired',
    'unchanged · a - retired',
    'dropped · a - retired',
    'unchanged · a - retired',
  ],
}

function commandFor(type: (typeof commands)[number], keyId: string): KeyPlanCommand {
  if (type === 'announce' || type === 'replace') return { type, key: new_(keyId) }
  return type === 'tick' ? { type } : { type, keyId }
}

function told(decision: KeyPlanDecision): string {
  return decision.outcome === 'accepted' ? decision.verdict : decision.reason.slice('key_schedule/'.length)
}

test('KM-1 every state of a key with every command gives what the table says', () => {
  for (const [name, { plan, now, keyId, state }] of Object.entries(states)) {
    const stateIn = (one: KeyPlan) => viewPlan(one, now).states.find((key) => key.keyId === keyId)?.state ?? 'none'
    expect([name, stateIn(plan)]).toEqual([name, state])
    const row = commands.map((type) => {
      const decision = decideKeyPlan(plan, commandFor(type, keyId), now, policy)
      const isSame = decision.outcome === 'refused' || decision.verdict === 'unchanged'
      expect([name, type, decision.state === plan]).toEqual([name, type, isSame])
      expect(decision.state.version - plan.version).toBe(isSame ? 0 : 1)
      expect(decision.events.length > 0).toBe(!isSame)
      const { signing, waiting } = viewPlan(decision.state, now)
      return `${told(decision)} · ${signing?.keyId ?? '-'} ${waiting?.keyId ?? '-'} ${stateIn(decision.state)}`
    })
    expect([name, row]).toEqual([name, expected[name]])
  }
})

test('KM-1 a new key takes over after the signing period, when it is replaced after the lead, when activated after settling', () => {
  const { settleSeconds, leadSeconds, retentionSeconds } = policy
  expect({ settleSeconds, leadSeconds, retentionSeconds }).toEqual({
    settleSeconds: 21,
    leadSeconds: 81,
    retentionSeconds: 315,
  })
  const begins = (plan: KeyPlan) => plan.keys.map(({ signsFrom }) => signsFrom - NOW)
  const ends = (plan: KeyPlan) => plan.keys.map(({ signsUntil }) => (signsUntil ?? Infinity) - NOW)
  expect([begins(WAITING), ends(WAITING)]).toEqual([
    [0, 1000],
    [1000, Infinity],
  ])
  const replaced = after(ALONE, later(10), { type: 'replace', key: new_('b') })
  expect([begins(replaced), ends(replaced)]).toEqual([
    [0, 91],
    [91, Infinity],
  ])
  expect(begins(after(ALONE, later(5000), { type: 'announce', key: new_('b') }))).toEqual([0, 5081])
  const activate = { type: 'activate', keyId: 'b' } as const
  expect(begins(after(WAITING, later(20), activate))).toEqual([0, 91])
  expect(ends(after(WAITING, later(500), activate))).toEqual([521, Infinity])
  expect(begins(after(COMPROMISED, later(30), { type: 'replace', key: new_('c') }))).toEqual([0, 1000, 111])
})

test('F36 a key is retired a lifetime and three tolerances after its last second, one that was dropped at once', () => {
  const published = (plan: KeyPlan, now: NumericDate) => viewPlan(plan, now).published.map(({ keyId }) => keyId)
  expect(published(WAITING, later(999))).toEqual(['a', 'b'])
  expect(published(WAITING, later(1000))).toEqual(['b', 'a'])
  expect(published(WAITING, later(999 + 314))).toEqual(['b', 'a'])
  expect(published(WAITING, later(999 + 315))).toEqual(['b'])
  expect(published(COMPROMISED, later(20))).toEqual(['a'])
  const dropped = decideKeyPlan(WAITING, { type: 'compromised', keyId: 'a' }, later(200), policy)
  expect(dropped.events).toEqual([
    { type: 'key_schedule.compromised', keyId: 'a', refusedEverywhereAt: later(281), signing: 'b' },
  ])
  expect(published(dropped.state, later(200))).toEqual(['b'])
  // The successor's time has come, and a key whose successor is gone signs on.
  expect(viewPlan(dropped.state, later(200)).states).toEqual([
    { keyId: 'a', state: 'retired' },
    { keyId: 'b', state: 'active' },
  ])
  for (const plan of [COMPROMISED, WITHDRAWN]) expect(viewPlan(plan, later(5000)).signing?.keyId).toBe('a')
})

test('KM-1 the plan says when it will next say something else', () => {
  const changesAt = (now: NumericDate) => (viewPlan(WAITING, now).changesAt ?? Infinity) - NOW
  expect([changesAt(later(10)), changesAt(later(1000)), changesAt(later(1314))]).toEqual([1000, 1314, Infinity])
  expect([ALONE, WAITING].map((plan) => viewPlan(plan, later(10)).isSuccessorDue)).toEqual([true, false])
})

test('KM-1 a key that ends before what it would sign is refused, and one that ends stops in time', () => {
  const announced = (expiresAt: NumericDate) =>
    decideKeyPlan(ALONE, { type: 'announce', key: new_('b'), expiresAt }, later(10), policy)
  // From 1000 to 1999, and 315 more for what it signs in its last second.
  expect(told(announced(later(2313)))).toBe('too_short_lived')
  expect(told(announced(later(2314)))).toBe('announced')
  const { state } = announced(later(2314))
  expect(viewPlan(state, later(1999)).signing?.keyId).toBe('b')
  expect(viewPlan(state, later(2000)).signing).toBeUndefined()
  expect(viewPlan(state, later(2313)).published.map(({ keyId }) => keyId)).toEqual(['b'])
  expect(viewPlan(state, later(2314)).published).toEqual([])
})

test('KM-1 a longer token lifetime is remembered of every key that signed under it', () => {
  const longer = resolveSchedulePolicy({ ...optionsOf(), tokenLifetimeSecondsMax: 900 })
  const updated = decideKeyPlan(WAITING, { type: 'tick' }, later(500), longer)
  expect([told(updated), updated.state.keys.map((key) => key.retentionSeconds)]).toEqual(['updated', [915, 915]])
  const again = decideKeyPlan(updated.state, { type: 'tick' }, later(600), policy)
  expect([told(again), again.state]).toEqual(['unchanged', updated.state])
  // What is retired stays so.
  const late = decideKeyPlan(WAITING, { type: 'tick' }, later(1314), longer)
  expect(late.state.keys.map((key) => key.retentionSeconds)).toEqual([315, 915])
})

test('a clock that stands before the last change by more than two clocks can disagree decides nothing', () => {
  const tick = { type: 'tick' } as const
  expect(told(decideKeyPlan(WAITING, tick, later(0), policy))).toBe('unchanged')
  expect(() => decideKeyPlan(WAITING, tick, later(-1), policy)).toThrow(expect.objectContaining({ code: 'ERR_CLOCK' }))
  expect(() => decideKeyPlan(WAITING, tick, (numericDate(0) + 0.5) as NumericDate, policy)).toThrow(RangeError)
})

test('a plan names 64 keys at most: the oldest retired ones are forgotten, compromised ones never', () => {
  let plan = after(EMPTY, NOW, { type: 'announce', key: new_('k0') })
  let now = NOW
  for (let made = 1; made <= 70; made += 1) {
    now = numericDate(now + 2000)
    plan = after(plan, now, { type: 'announce', key: new_(`k${made}`) })
    if (made === 1) plan = after(plan, now, { type: 'compromised', keyId: 'k1' })
  }
  expect(plan.keys).toHaveLength(64)
  expect(plan.keys.slice(0, 2).map(({ keyId }) => keyId)).toEqual(['k1', 'k8'])
})

function optionsOf() {
  const { settleSeconds: _s, leadSeconds: _l, retentionSeconds: _r, ...options } = policy
  return options
}
