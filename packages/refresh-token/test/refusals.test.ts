// What the outside sees of each refusal, and the table of them on the docs page.
import { expect, test } from 'vitest'
import { type RefreshRefusal, refreshRefusals, refuseRefresh } from '../src/refusals.ts'
import { markdownTable, onPage } from './table/page.ts'

const reasons = Object.keys(refreshRefusals) as readonly RefreshRefusal[]
/** After these the user must sign in again, or the client used a token that is not its own. */
const DEAD = [
  'malformed',
  'unknown_secret',
  'unknown',
  'revoked',
  'expired',
  'replayed',
  'exhausted',
  'client_mismatch',
]

test('the outside cannot tell why a token is dead', () => {
  const seen = new Set(
    DEAD.map((name) => JSON.stringify(refuseRefresh(`refresh_token/${name}` as RefreshRefusal).error)),
  )
  expect(seen.size).toBe(1)
  expect(refuseRefresh('refresh_token/replayed').error).toEqual({
    code: 'invalid_grant',
    status: 400,
    description: 'the refresh token is invalid, expired or revoked',
    headers: {},
  })
})

test('`invalid_grant` stands only where this client cannot go on with this token', () => {
  const dead = reasons.filter((reason) => refreshRefusals[reason].code === 'invalid_grant')
  expect(dead).toEqual([...DEAD, 'binding_mismatch'].map((name) => `refresh_token/${name}`))
})

test('a refusal that passes says when to come again', () => {
  expect(refuseRefresh('refresh_token/superseded').error).toMatchObject({
    status: 409,
    headers: { 'retry-after': '0' },
  })
  expect(refuseRefresh('refresh_token/ahead').error).toMatchObject({ status: 503, headers: { 'retry-after': '30' } })
})

test('the refusals on the docs page are the refusals', () => {
  const rows = reasons.map((reason) => {
    const { code, status, description } = refreshRefusals[reason]
    return [`\`${reason}\``, `\`${code}\``, String(status), description]
  })
  const table = markdownTable(['reason', '`error`', 'status', '`error_description`'], rows)
  expect(onPage('refusals', table), 'run again with UPDATE_DOCS=1').toBe(table)
})
