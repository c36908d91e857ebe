// The options: each default, each edge of each range, the presets, and what a mistake says; the docs' tables of both.
import { describe, expect, test } from 'vitest'
import {
  requireAssuranceLevel,
  resolveSessionPolicy,
  sessionPolicies,
  type SessionPolicy,
  sessionPolicyDefaults,
} from '../src/policy.ts'
import { markdownTable, onPage } from './table/page.ts'

const HOUR = 3600
const DAY = 86_400
const TEN_YEARS = 3650 * DAY

test('the defaults are those that are promised', () => {
  expect(resolveSessionPolicy()).toEqual({
    idleTimeoutSeconds: HOUR,
    absoluteTimeoutSeconds: DAY,
    touchSeconds: 60,
    renewal: { overlapSeconds: 60 },
    elevationSeconds: 900,
    clockToleranceSeconds: 5,
  })
  const nothing = { idleTimeoutSeconds: undefined, renewal: { overlapSeconds: undefined }, limit: undefined }
  expect(resolveSessionPolicy(nothing)).toEqual(resolveSessionPolicy())
})

test('a resolved policy, the defaults and the presets cannot be changed', () => {
  const policy = resolveSessionPolicy({ limit: { sessionsMax: 3, atLimit: 'refuse' } })
  const all = [policy, policy.renewal, policy.limit, sessionPolicyDefaults, sessionPolicyDefaults.renewal]
  for (const value of [...all, sessionPolicies, ...Object.values(sessionPolicies)]) {
    expect(Object.isFrozen(value)).toBe(true)
  }
})

test('a resolved policy resolves to itself', () => {
  const policy = resolveSessionPolicy({
    idleTimeoutSeconds: 'none',
    touchSeconds: 10,
    renewal: { afterSeconds: 900, overlapSeconds: 20 },
    limit: { sessionsMax: 3, atLimit: 'evict_oldest' },
  })
  expect(resolveSessionPolicy(policy)).toEqual(policy)
})

test('what is not said follows from what is: idle from absolute, touch from idle', () => {
  expect(resolveSessionPolicy({ absoluteTimeoutSeconds: 600 })).toMatchObject({
    idleTimeoutSeconds: 600,
    touchSeconds: 30,
  })
  expect(resolveSessionPolicy({ idleTimeoutSeconds: 399 }).touchSeconds).toBe(19)
  expect(resolveSessionPolicy({ idleTimeoutSeconds: 1 }).touchSeconds).toBe(0)
  expect(resolveSessionPolicy({ idleTimeoutSeconds: 'none' }).touchSeconds).toBe(60)
})

describe('each range ends where it says', () => {
  test.each([
    ['idleTimeoutSeconds', 1, TEN_YEARS, ", or 'none'"],
    ['absoluteTimeoutSeconds', 1, TEN_YEARS, ''],
    ['touchSeconds', 0, TEN_YEARS, ''],
    ['elevationSeconds', 1, DAY, ''],
    ['clockToleranceSeconds', 0, 60, ''],
  ] as const)('%s is %i to %i', (field, min, max, more) => {
    const rest: SessionPolicy = field === 'idleTimeoutSeconds' ? { absoluteTimeoutSeconds: TEN_YEARS } : {}
    const goods = field === 'touchSeconds' ? [min] : [min, max]
    for (const good of goods) expect(resolveSessionPolicy({ ...rest, [field]: good })[field]).toBe(good)
    for (const bad of [min - 1, max + 1, min + 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const attempt = (): unknown => resolveSessionPolicy({ ...rest, [field]: bad })
      expect(attempt).toThrow(RangeError)
      expect(attempt).toThrow(`sessionPolicy: ${field} must be ${min} to ${max}${more} (given ${bad})`)
    }
    for (const bad of ['10', null, true, {}]) {
      expect(() => resolveSessionPolicy({ ...rest, [field]: bad as unknown as number })).toThrow(TypeError)
    }
  })

  test('renewal and limit too', () => {
    const renewal = (afterSeconds: number | undefined, overlapSeconds: number): unknown =>
      resolveSessionPolicy({ renewal: { afterSeconds, overlapSeconds } })
    for (const [after, overlap] of [
      [undefined, 0],
      [undefined, 300],
      [1, 0],
      [61, 60],
      [TEN_YEARS, 300],
    ] as const) {
      expect(renewal(after, overlap)).toMatchObject({ renewal: { overlapSeconds: overlap } })
    }
    for (const [after, overlap] of [
      [undefined, -1],
      [undefined, 301],
      [0, 0],
      [60, 60],
      [TEN_YEARS + 1, 0],
    ] as const) {
      expect(() => renewal(after, overlap)).toThrow(RangeError)
    }
    const limit = (sessionsMax: number, atLimit = 'refuse'): unknown =>
      resolveSessionPolicy({ limit: { sessionsMax, atLimit } as SessionPolicy['limit'] })
    for (const good of [1, 1000]) expect(limit(good)).toMatchObject({ limit: { sessionsMax: good } })
    for (const bad of [0, 1001, 1.5]) expect(() => limit(bad)).toThrow(RangeError)
    expect(() => limit(3, 'ignore')).toThrow(
      "sessionPolicy: limit.atLimit must be 'evict_oldest', 'refuse' or 'notify'",
    )
  })
})

test('what contradicts itself is refused, with both numbers', () => {
  expect(() => resolveSessionPolicy({ idleTimeoutSeconds: 601, absoluteTimeoutSeconds: 600 })).toThrow(
    'sessionPolicy: idleTimeoutSeconds must be at most absoluteTimeoutSeconds (given 601 and 600)',
  )
  expect(() => resolveSessionPolicy({ idleTimeoutSeconds: 400, touchSeconds: 101 })).toThrow(
    'sessionPolicy: touchSeconds must be at most a quarter of the idle time-out (given 101 and 400)',
  )
  expect(resolveSessionPolicy({ idleTimeoutSeconds: 400, touchSeconds: 100 }).touchSeconds).toBe(100)
  expect(() => resolveSessionPolicy({ idle: 5 } as SessionPolicy)).toThrow(TypeError)
})

test('SE-5 the presets are the time-outs of NIST SP 800-63B-4', () => {
  expect(sessionPolicies).toEqual({
    aal1: { idleTimeoutSeconds: 'none', absoluteTimeoutSeconds: 30 * DAY },
    aal2: { idleTimeoutSeconds: HOUR, absoluteTimeoutSeconds: DAY },
    aal3: { idleTimeoutSeconds: 15 * 60, absoluteTimeoutSeconds: 12 * HOUR },
  })
  for (const [level, preset] of Object.entries(sessionPolicies)) {
    const policy = resolveSessionPolicy({ ...preset, renewal: { afterSeconds: 900 } })
    expect(policy).toMatchObject(preset)
    expect(() => requireAssuranceLevel(policy, level as 'aal1')).not.toThrow()
  }
})

test('SE-5 a policy that is looser than its named level is refused, by either time-out', () => {
  for (const level of ['aal2', 'aal3'] as const) {
    const { idleTimeoutSeconds, absoluteTimeoutSeconds } = sessionPolicies[level]
    const loose: readonly SessionPolicy[] = [
      { idleTimeoutSeconds, absoluteTimeoutSeconds: absoluteTimeoutSeconds + 1 },
      { idleTimeoutSeconds: Number(idleTimeoutSeconds) + 1, absoluteTimeoutSeconds },
      { idleTimeoutSeconds: 'none', absoluteTimeoutSeconds },
    ]
    for (const policy of loose) {
      expect(() => requireAssuranceLevel(resolveSessionPolicy(policy), level)).toThrow(RangeError)
    }
  }
  const month = resolveSessionPolicy({ idleTimeoutSeconds: 'none', absoluteTimeoutSeconds: 30 * DAY + 1 })
  expect(() => requireAssuranceLevel(month, 'aal1')).toThrow(
    'sessionPolicy: absoluteTimeoutSeconds must be at most 2592000 at aal1 (given 2592001)',
  )
  expect(() => requireAssuranceLevel(resolveSessionPolicy({ idleTimeoutSeconds: 'none' }), 'aal2')).toThrow(
    'sessionPolicy: idleTimeoutSeconds must be at most 3600 at aal2 (given none)',
  )
})

test('the defaults and presets on the docs page are the defaults and presets', () => {
  const policy = resolveSessionPolicy()
  const rows = [
    [
      '`idleTimeoutSeconds`',
      `${policy.idleTimeoutSeconds} (1 hour)`,
      "1 to 10 years, `'none'`",
      'a session that is not used so long ends',
    ],
    [
      '`absoluteTimeoutSeconds`',
      `${policy.absoluteTimeoutSeconds} (1 day)`,
      '1 to 10 years',
      'a session ends so long after the user authenticated, however it is used',
    ],
    [
      '`touchSeconds`',
      'a twentieth of the idle time-out, at most 60',
      '0 to a quarter of the idle time-out',
      'how rarely a use is written down; a session may end early by that much, never late',
    ],
    ['`renewal.afterSeconds`', 'none', 'more than the overlap', 'at which age a credential is due for renewal'],
    [
      '`renewal.overlapSeconds`',
      String(policy.renewal.overlapSeconds),
      '0 to 300',
      'how long an earlier credential is answered once the current one was used, and the session rests',
    ],
    ['`elevationSeconds`', String(policy.elevationSeconds), '1 to 1 day', 'how long a step-up counts'],
    [
      '`limit`',
      'none',
      '`{ sessionsMax: 1 to 1000, atLimit }`',
      'how many sessions a subject may have, and what happens at one more: `evict_oldest`, `refuse`, `notify`',
    ],
    ['`clockToleranceSeconds`', String(policy.clockToleranceSeconds), '0 to 60', 'how far clocks may disagree'],
  ]
  const table = markdownTable(['option', 'default', 'allowed', 'what it is'], rows)
  expect(onPage('defaults', table), 'run again with UPDATE_DOCS=1').toBe(table)
  const presets = Object.entries(sessionPolicies).map(([level, { idleTimeoutSeconds, absoluteTimeoutSeconds }]) => [
    `\`sessionPolicies.${level}\``,
    String(idleTimeoutSeconds),
    String(absoluteTimeoutSeconds),
  ])
  const second = markdownTable(['preset', '`idleTimeoutSeconds`', '`absoluteTimeoutSeconds`'], presets)
  expect(onPage('presets', second), 'run again with UPDATE_DOCS=1').toBe(second)
})
