// The sequential specification of a session: what may be answered in which state, and what explains a whole history.
import { isLinearizable } from '@tallystick/storage/linearizability'
import { describe, expect, test } from 'vitest'
import {
  type SessionAction,
  type SessionState,
  specifySession,
  type UseAction,
  type UseAnswer,
} from '../src/session/specification.ts'

const specification = specifySession({ overlapSeconds: 60, elevationSeconds: 90 })
const absent = specification.start
const first: SessionState = { ...absent, status: 'active', current: 'a', madeAt: 0, usedAt: 0, data: '' }
/** Renewed at 100, first used at 110. */
const renewed: SessionState = { ...first, current: "a'", previous: 'a', madeAt: 100, usedAt: 110 }
const unused: SessionState = { ...renewed, usedAt: undefined }
const elevated: SessionState = { ...renewed, current: 'e', isClosed: true, elevationEndsAt: 190 }
const unusedElevated: SessionState = { ...elevated, usedAt: undefined }
const revoked: SessionState = { ...renewed, status: 'revoked' }

const use =
  (verb: UseAction['verb']) =>
  (by: string, at: number, answer?: UseAnswer | string): UseAction => ({
    verb,
    by,
    at,
    next: verb === 'renew' ? `${by}'` : 'n',
    answer: typeof answer === 'string' ? { reason: answer } : answer,
  })
const [present, renew, elevate] = [use('present'), use('renew'), use('elevate')]
const reauthenticate = use('reauthenticate')
const plain = (credential: string): UseAnswer => ({ credential, isElevated: false })
const strong = (credential: string): UseAnswer => ({ credential, isElevated: true })
const moved = { previous: "a'", madeAt: 170, usedAt: undefined }

/** What may be answered in a state, and what changes then; every other answer to the question may not. */
const allowed: readonly (readonly [SessionState, SessionAction, Partial<SessionState>])[] = [
  [absent, { verb: 'establish', at: 5, credential: 'a' }, { ...first, madeAt: 5, usedAt: 5 }],
  [first, present('a', 9, plain('a')), {}],
  [unused, present("a'", 120, plain("a'")), { usedAt: 120 }],
  [first, renew('a', 0, plain("a'")), { current: "a'", previous: 'a', usedAt: undefined }],
  [renewed, renew("a'", 169, plain("a'")), {}],
  [renewed, renew("a'", 170, plain("a''")), { ...moved, current: "a''" }],
  [unused, renew("a'", 900, plain("a'")), { usedAt: 900 }],
  [renewed, present('a', 169, plain("a'")), {}],
  [renewed, renew('a', 169, plain("a'")), {}],
  [unused, present('a', 9000, plain("a'")), {}],
  [renewed, present('a', 170, 'replayed'), { status: 'revoked' }],
  [renewed, renew('a', 170, 'replayed'), { status: 'revoked' }],
  [renewed, present('old', 120, 'replayed'), { status: 'revoked' }],
  [renewed, elevate("a'", 170, strong('n')), { ...moved, current: 'n', isClosed: true, elevationEndsAt: 260 }],
  [
    renewed,
    elevate('a', 120, strong('n')),
    { current: 'n', isClosed: true, madeAt: 120, usedAt: undefined, elevationEndsAt: 210 },
  ],
  [elevated, present('e', 189, strong('e')), {}],
  [elevated, present('e', 190, plain('e')), {}],
  [elevated, renew('e', 170, strong("e'")), { ...moved, previous: 'e', current: "e'", isClosed: false }],
  [elevated, present('a', 169, 'superseded'), {}],
  [elevated, renew('old', 169, 'superseded'), {}],
  [elevated, present('a', 170, 'replayed'), { status: 'revoked' }],
  [unusedElevated, present('a', 159, 'superseded'), {}],
  [unusedElevated, present('a', 160, 'step_up_required'), {}],
  [elevated, reauthenticate('e', 170, plain('n')), { ...moved, previous: 'e', current: 'n', elevationEndsAt: 0 }],
  [revoked, present("a'", 120, 'revoked'), {}],
  [revoked, elevate('a', 120, 'revoked'), {}],
  [renewed, { verb: 'revoke', revoked: 1 }, { status: 'revoked' }],
  [revoked, { verb: 'revoke', revoked: 0 }, {}],
  [revoked, { verb: 'erase' }, { data: undefined }],
  [renewed, { verb: 'read', data: '' }, {}],
  [revoked, { verb: 'read', data: undefined }, { data: undefined }],
  [renewed, { verb: 'update', change: 'x', data: 'x ' }, { data: 'x ' }],
  [revoked, { verb: 'update', change: 'x', data: 'x ' }, { data: 'x ' }],
  [renewed, { verb: 'refresh', place: 0, answer: { place: 1 } }, { refreshPlace: 1 }],
  [
    { ...renewed, refreshPlace: 1 },
    { verb: 'refresh', place: 0, answer: { reason: 'replayed' } },
    { status: 'revoked' },
  ],
  [revoked, { verb: 'refresh', place: 0, answer: { reason: 'revoked' } }, {}],
  [renewed, { verb: 'introspect', isActive: true, at: 9, expiresAt: 10 }, {}],
  [renewed, { verb: 'introspect', isActive: false, at: 10, expiresAt: 10 }, {}],
  [revoked, { verb: 'introspect', isActive: false, at: 9, expiresAt: 10 }, {}],
  [{ ...renewed, isCondemned: true }, { verb: 'introspect', isActive: false, at: 9, expiresAt: 10 }, {}],
  [renewed, { verb: 'introspectRefresh', isActive: true, place: 0 }, {}],
  [revoked, { verb: 'introspectRefresh', isActive: false, place: 0 }, {}],
]

test.each(allowed)('%o asked %o then differs by %o', (state, action, change) => {
  expect(specification.step(state, action)).toEqual({ ...state, ...change })
})

test.each(allowed.filter(([, action]) => 'answer' in action))(
  'SE-10 %o asked %o may be answered nothing else',
  (state, action) => {
    const reasons = ['revoked', 'replayed', 'superseded', 'step_up_required', 'unknown']
    const answers = [
      ...reasons.map((reason) => ({ reason })),
      ...["a'", "a''", 'a', 'e', "e'", 'n', 'other'].flatMap((one) => [plain(one), strong(one)]),
      ...[0, 1, 2].map((place) => ({ place })),
    ]
    const others = answers
      .filter((answer) => JSON.stringify(answer) !== JSON.stringify('answer' in action && action.answer))
      .filter((answer) => 'place' in answer === (action.verb === 'refresh') || 'reason' in answer)
    const given = others.filter((answer) => specification.step(state, { ...action, answer } as SessionAction))
    expect(given).toEqual([])
    expect(others.length).toBeGreaterThan(5)
  },
)

test.each<readonly [SessionState, SessionAction]>([
  [absent, present('a', 0, plain('a'))],
  [absent, { verb: 'revoke', revoked: 1 }],
  [first, { verb: 'establish', at: 0, credential: 'a' }],
  [renewed, { verb: 'erase' }],
  [renewed, { verb: 'read', data: undefined }],
  [renewed, { verb: 'read', data: 'x ' }],
  [
    { ...renewed, data: 'y ' },
    { verb: 'update', change: 'x', data: 'x ' },
  ],
  [
    { ...revoked, data: undefined },
    { verb: 'update', change: 'x' },
  ],
  [
    { ...revoked, data: undefined },
    { verb: 'read', data: '' },
  ],
  [renewed, { verb: 'revoke', revoked: 0 }],
  [revoked, { verb: 'revoke', revoked: 1 }],
  [renewed, { verb: 'refresh', place: 1, answer: { place: 2 } }],
  [revoked, { verb: 'introspect', isActive: true, at: 9, expiresAt: 10 }],
  [renewed, { verb: 'introspect', isActive: true, at: 10, expiresAt: 10 }],
  [renewed, { verb: 'introspect', isActive: false, at: 9, expiresAt: 10 }],
  [renewed, { verb: 'introspectRefresh', isActive: true, place: 1 }],
])('F85 %o is never asked %o', (state, action) => {
  expect(specification.step(state, action)).toBeUndefined()
})

describe('a history', () => {
  const begun = { begin: 0, end: 1, action: { verb: 'establish', at: 0, credential: 'a' } } as const
  const at = (begin: number, end: number | undefined, action: SessionAction) => ({ begin, end, action })
  const explains = (...calls: readonly ReturnType<typeof at>[]): boolean =>
    isLinearizable(specification, [begun, ...calls])

  test('A33 of a sign-out that was answered: nothing succeeds that begins later, and while it is under way either may be first', () => {
    const ended = at(4, 5, { verb: 'revoke', revoked: 1 })
    expect(explains(ended, at(3, 6, present('a', 0, plain('a'))))).toBe(true)
    expect(explains(ended, at(6, 7, present('a', 0, plain('a'))))).toBe(false)
    expect(explains(ended, at(6, 7, present('a', 0, 'revoked')))).toBe(true)
    expect(explains(ended, at(2, 3, present('a', 0, 'revoked')))).toBe(false)
  })

  test('F85 of an update that was let in: it is written before the data are erased, or not at all', () => {
    const ended = [at(4, 5, { verb: 'revoke' }), at(4, 5, { verb: 'erase' })]
    expect(explains(...ended, at(2, 8, { verb: 'update', change: 'x', data: 'x ' }))).toBe(true)
    expect(explains(...ended, at(6, 8, { verb: 'update', change: 'x', data: 'x ' }))).toBe(false)
    expect(explains(...ended, at(2, 8, { verb: 'read', data: undefined }))).toBe(true)
    expect(explains(at(2, 8, { verb: 'read', data: undefined }))).toBe(false)
  })

  test('F75 of two updates at once: the second holds the first', () => {
    const one = at(2, 6, { verb: 'update', change: 'x', data: 'x ' })
    expect(explains(one, at(3, 5, { verb: 'update', change: 'y', data: 'x y ' }))).toBe(true)
    expect(explains(one, at(3, 5, { verb: 'update', change: 'y', data: 'y ' }))).toBe(false)
  })

  test('SE-10 of a renewal whose answer was lost: its predecessor gets the same, and no third credential', () => {
    const lost = at(2, undefined, renew('a', 0))
    expect(explains(lost, at(3, 4, present('a', 500, plain("a'"))))).toBe(true)
    expect(explains(at(3, 4, present('a', 500, plain("a'"))))).toBe(false)
    expect(explains(lost, at(3, 4, present('a', 500, plain('a'))))).toBe(true)
    expect(explains(at(2, 3, renew('a', 0, plain("a'"))), at(4, 5, renew('a', 0, plain('b'))))).toBe(false)
  })
})
