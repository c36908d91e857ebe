// The options: each default, each edge of each range, and what a mistake says; the defaults' table on the docs page.
import { describe, expect, test } from 'vitest'
import { type RefreshPolicy, refreshPolicyDefaults, resolvePolicy } from '../src/policy.ts'
import { markdownTable, onPage } from './table/page.ts'

const DAY = 86_400
const TEN_YEARS = 3650 * DAY
const GENERATIONS = 2 ** 32 - 1

test('the defaults are those that are promised', () => {
  expect(resolvePolicy()).toEqual({
    gracePeriodSeconds: 10,
    clockToleranceSeconds: 5,
    retryWindowSeconds: 14 * DAY,
    idleTimeoutSeconds: 14 * DAY,
    absoluteTimeoutSeconds: 90 * DAY,
    generationsMax: GENERATIONS,
    aheadGenerationsMax: 1000,
    rotation: 'always',
  })
  expect(resolvePolicy({ gracePeriodSeconds: undefined, rotation: undefined })).toEqual(resolvePolicy())
})

test('a resolved policy and the defaults cannot be changed', () => {
  expect(Object.isFrozen(resolvePolicy())).toBe(true)
  expect(Object.isFrozen(refreshPolicyDefaults)).toBe(true)
})

test('a resolved policy resolves to itself', () => {
  const policy = resolvePolicy({ gracePeriodSeconds: 3, idleTimeoutSeconds: 60, rotation: 'never' })
  expect(resolvePolicy(policy)).toEqual(policy)
})

test('the retry window follows the idle time-out, and the idle time-out an absolute one that is shorter', () => {
  expect(resolvePolicy({ idleTimeoutSeconds: 60 }).retryWindowSeconds).toBe(60)
  expect(resolvePolicy({ idleTimeoutSeconds: 60, retryWindowSeconds: 5 }).retryWindowSeconds).toBe(5)
  expect(resolvePolicy({ absoluteTimeoutSeconds: 3600 })).toMatchObject({
    idleTimeoutSeconds: 3600,
    retryWindowSeconds: 3600,
  })
})

describe('each range ends where it says', () => {
  test.each([
    ['gracePeriodSeconds', 0, 60],
    ['clockToleranceSeconds', 0, 60],
    ['retryWindowSeconds', 0, TEN_YEARS],
    ['idleTimeoutSeconds', 1, TEN_YEARS],
    ['absoluteTimeoutSeconds', 1, TEN_YEARS],
    ['generationsMax', 1, GENERATIONS],
    ['aheadGenerationsMax', 0, GENERATIONS],
  ] as const)('%s is %i to %i', (field, min, max) => {
    const rest: RefreshPolicy = field === 'idleTimeoutSeconds' ? { absoluteTimeoutSeconds: TEN_YEARS } : {}
    for (const good of [min, max]) expect(resolvePolicy({ ...rest, [field]: good })[field]).toBe(good)
    for (const bad of [min - 1, max + 1, min + 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const attempt = (): unknown => resolvePolicy({ ...rest, [field]: bad })
      expect(attempt).toThrow(RangeError)
      expect(attempt).toThrow(`policy: ${field} must be ${min} to ${max} (given ${bad})`)
    }
    for (const bad of ['10', null, true, {}]) {
      expect(() => resolvePolicy({ ...rest, [field]: bad as unknown as number })).toThrow(TypeError)
    }
  })
})

test('a mistake names field, what was given and what is allowed', () => {
  expect(() => resolvePolicy({ rotation: 'sometimes' as 'never' })).toThrow(
    new TypeError(`policy: rotation must be 'always' or 'never' (given "sometimes")`),
  )
  expect(() => resolvePolicy({ gracePeriod: 10 } as RefreshPolicy)).toThrow(
    /must be an object with fields of RefreshPolicy/,
  )
  expect(() => resolvePolicy('strict' as RefreshPolicy)).toThrow(TypeError)
  expect(() => resolvePolicy({ idleTimeoutSeconds: 11, absoluteTimeoutSeconds: 10 })).toThrow(
    new RangeError('policy: idleTimeoutSeconds must be at most absoluteTimeoutSeconds (given 11 and 10)'),
  )
  expect(resolvePolicy({ idleTimeoutSeconds: 10, absoluteTimeoutSeconds: 10 }).idleTimeoutSeconds).toBe(10)
})

test('the defaults on the docs page are the defaults', () => {
  const meanings: Readonly<Record<keyof RefreshPolicy, readonly [range: string, meaning: string]>> = {
    gracePeriodSeconds: ['0 to 60', 'G: how long the immediate predecessor is still answered, and the family rests'],
    clockToleranceSeconds: ['0 to 60', 'how far clocks may disagree'],
    retryWindowSeconds: ['0 to 10 years', 'how long a lost answer may be asked for again'],
    idleTimeoutSeconds: ['1 to 10 years', 'a family that is not used so long ends'],
    absoluteTimeoutSeconds: ['1 to 10 years', 'a family ends so long after it was issued; no rotation extends it'],
    generationsMax: ['1 to 2³²−1', 'the last generation'],
    aheadGenerationsMax: ['0 to 2³²−1', 'how many lost rotations a token may prove and still be adopted'],
    rotation: ['`always`, `never`', '`never` only for sender-constrained tokens or confidential clients'],
  }
  const fields = Object.keys(resolvePolicy()) as ReadonlyArray<keyof RefreshPolicy>
  const defaults: Readonly<Record<string, unknown>> = refreshPolicyDefaults
  const rows = fields.map((field) => {
    const value = defaults[field]
    return [`\`${field}\``, shown(value), ...meanings[field]]
  })
  const table = markdownTable(['option', 'default', 'allowed', 'what it is'], rows)
  expect(onPage('defaults', table), 'run again with UPDATE_DOCS=1').toBe(table)
})

function shown(value: unknown): string {
  if (value === undefined) return 'the idle time-out'
  if (value === GENERATIONS) return '2³²−1'
  if (typeof value === 'number' && value > 0 && value % DAY === 0) return `${value} (${value / DAY} days)`
  return typeof value === 'string' ? `\`${value}\`` : String(value)
}
