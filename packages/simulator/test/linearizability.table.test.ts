// The sequential specification of rotation: every state, every question, every answer.
import { isLinearizable } from '@tallystick/storage/linearizability'
import { expect, test } from 'vitest'
import { type FamilyAction, type FamilyState, specifyFamily } from '../src/specification.ts'

const { step } = specifyFamily('active')
const active: FamilyState = { status: 'active', currentPlace: 2 }
const revoked: FamilyState = { status: 'revoked', currentPlace: 2 }
const unknown: FamilyState = { status: 'unknown', currentPlace: 0 }
const rotated: FamilyState = { status: 'active', currentPlace: 3 }
const refresh = (presentedPlace: number, answer?: number | string): FamilyAction => ({
  verb: 'refresh',
  presentedPlace,
  answer: answer === undefined ? undefined : typeof answer === 'number' ? { servedPlace: answer } : { reason: answer },
})
const revoke = (ended?: number): FamilyAction => ({ verb: 'revokeFamily', revoked: ended })
const introspect = (presentedPlace: number, isActive: boolean): FamilyAction => ({
  verb: 'introspect',
  presentedPlace,
  active: isActive,
})

/** What may be answered in a state, and the state then; every other answer to the question may not. */
const allowed: readonly (readonly [FamilyState, FamilyAction, FamilyState])[] = [
  [active, refresh(2, 3), rotated],
  [active, refresh(2), rotated],
  [active, refresh(1, 'replayed'), revoked],
  [active, refresh(0, 'replayed'), revoked],
  [active, refresh(1), revoked],
  [revoked, refresh(2, 'revoked'), revoked],
  [revoked, refresh(0, 'revoked'), revoked],
  [revoked, refresh(2), revoked],
  [unknown, refresh(0, 'unknown'), unknown],
  [unknown, refresh(0), unknown],
  [active, revoke(1), revoked],
  [active, revoke(), revoked],
  [revoked, revoke(0), revoked],
  [revoked, revoke(), revoked],
  [unknown, revoke(0), unknown],
  [active, introspect(2, true), active],
  [active, introspect(1, false), active],
  [active, introspect(3, false), active],
  [revoked, introspect(2, false), revoked],
  [unknown, introspect(0, false), unknown],
]
const actions = [
  ...[0, 1, 2].flatMap((presented) =>
    [undefined, 0, 1, 2, 3, 4, 'replayed', 'revoked', 'unknown', 'superseded', 'ahead'].map((answer) =>
      refresh(presented, answer),
    ),
  ),
  ...[undefined, 0, 1].map((ended) => revoke(ended)),
  ...[0, 1, 2, 3].flatMap((presented) => [introspect(presented, true), introspect(presented, false)]),
]
const isAllowed = (state: FamilyState, action: FamilyAction): boolean =>
  allowed.some(([from, asked]) => from === state && JSON.stringify(asked) === JSON.stringify(action))

test.each(allowed)('RT-3 %o asked %o is then %o', (state, action, next) => {
  expect(step(state, action)).toEqual(next)
})

test('RT-3 nothing else may be answered', () => {
  const others = [active, revoked].flatMap((state) =>
    actions
      .filter((action) => !isAllowed(state, action))
      .map((action) => [state, action, step(state, action)] as const),
  )
  const answered = others.filter(([, , next]) => next !== undefined)
  // The same question in other words: what no row of the table above spells out because it follows from one.
  expect(answered.map(([state, action]) => [state.status, action])).toEqual([
    ['active', refresh(0)],
    ['active', introspect(0, false)],
    ['revoked', refresh(0)],
    ['revoked', refresh(1)],
    ['revoked', refresh(1, 'revoked')],
    ['revoked', introspect(0, false)],
    ['revoked', introspect(1, false)],
    ['revoked', introspect(3, false)],
  ])
  expect(others.length).toBeGreaterThan(60)
})

test('RT-2 a lost answer explains that the token counts as spent, and nothing explains two successors', () => {
  const family = specifyFamily('active')
  const lost = { begin: 1, action: refresh(0) }
  const replay = { begin: 2, end: 3, action: refresh(0, 'replayed') }
  expect(isLinearizable(family, [lost, replay])).toBe(true)
  expect(isLinearizable(family, [replay])).toBe(false)
  const served = { begin: 1, end: 4, action: refresh(0, 1) }
  expect(isLinearizable(family, [served, replay])).toBe(true)
  expect(isLinearizable(family, [served, { begin: 2, end: 3, action: refresh(0, 1) }])).toBe(false)
})

test('RT-3 after an answered revocation nothing succeeds, and while it is under way either may be first', () => {
  const family = specifyFamily('active')
  const served = (begin: number, end: number) => ({ begin, end, action: refresh(0, 1) })
  const ended = { begin: 2, end: 3, action: revoke(1) }
  expect(isLinearizable(family, [ended, served(1, 4)])).toBe(true)
  expect(isLinearizable(family, [ended, served(4, 5)])).toBe(false)
  expect(isLinearizable(family, [ended, { begin: 4, end: 5, action: introspect(0, true) }])).toBe(false)
  expect(isLinearizable(family, [{ begin: 2, action: revoke() }, served(4, 5)])).toBe(true)
})

test('A38 a rotation that was sent twice and overtaken by a replay is told of the end; without a second sending nothing explains it', () => {
  const family = specifyFamily('active')
  const overtaken = { begin: 1, end: 5, action: refresh(0, 'revoked') }
  const replay = { begin: 2, end: 4, action: refresh(0, 'replayed') }
  const itsFirstSending = { begin: 1, action: refresh(0) }
  expect(isLinearizable(family, [overtaken, replay])).toBe(false)
  expect(isLinearizable(family, [overtaken, replay, itsFirstSending])).toBe(true)
  expect(isLinearizable(family, [overtaken, itsFirstSending, { begin: 6, end: 7, action: introspect(0, true) }])).toBe(
    false,
  )
})
