// What the outside sees of each refusal, which of them let a cookie go, and the table of them on the docs page.
import { expect, test } from 'vitest'
import { isDead, refuseSession, type SessionRefusal, sessionRefusals } from '../src/refusals.ts'
import { markdownTable, onPage } from './table/page.ts'

const reasons = Object.keys(sessionRefusals) as readonly SessionRefusal[]
const DEAD = ['malformed', 'unknown', 'unknown_secret', 'revoked', 'expired', 'replayed'].map(
  (name) => `session/${name}` as SessionRefusal,
)

test('the outside cannot tell why a session is dead', () => {
  expect(new Set(DEAD.map((reason) => JSON.stringify(refuseSession(reason).error))).size).toBe(1)
  expect(refuseSession('session/replayed').error).toEqual({
    code: 'invalid_token',
    status: 401,
    description: 'the session is invalid, expired or revoked',
    headers: {},
  })
})

test('a credential is dead where its session is, and nowhere else: not that of who lost a race', () => {
  expect(reasons.filter(isDead)).toEqual(DEAD)
})

test('a refusal that passes says when to come again', () => {
  for (const reason of ['session/superseded', 'session/conflict'] as const) {
    expect(refuseSession(reason).error).toMatchObject({ status: 409, headers: { 'retry-after': '0' } })
  }
})

test('the refusals on the docs page are the refusals', () => {
  const rows = reasons.map((reason) => {
    const { code, status, description, isDead: isOver } = sessionRefusals[reason]
    return [`\`${reason}\``, `\`${code}\``, String(status), description, isOver ? 'dead' : 'may go on']
  })
  const table = markdownTable(['reason', '`error`', 'status', '`error_description`', 'credential'], rows)
  expect(onPage('refusals', table), 'run again with UPDATE_DOCS=1').toBe(table)
})
