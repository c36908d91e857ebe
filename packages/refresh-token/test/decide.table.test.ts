// Every state with every command against the rows of the specification; the rows with their counts are the docs' table.
import { isTokenError } from '@tallystick/core'
import { expect, test } from 'vitest'
import { decide } from '../src/decide.ts'
import type { RefreshDecision } from '../src/verdict.ts'
import type { RefreshTokenFamily } from '../src/state.ts'
import { forEachCase, products } from './table/blocks.ts'
import { given, NOW, type RotateCase } from './table/case.ts'
import { eventsOf, recordAfter } from './table/expected.ts'
import { markdownTable, onPage } from './table/page.ts'
import { type Next, type Row, rotateRows } from './table/rows.ts'
import { touch, touchCases, touchRows } from './table/touches.ts'

const NEXT: Readonly<Record<Next, string>> = {
  none: 'unchanged',
  unchanged: 'unchanged',
  'unchanged, or adopted': 'n = g',
  'revoked: replay': 'revoked, cause `replay`, to be announced',
  'revoked: log': 'revoked, cause `log`',
  'revoked: risk': 'revoked, cause `risk`, to be announced',
  'n+1': 'n+1, this attempt recorded, unused',
  'n+1, no key': 'n+1, the attempt recorded as keyless, unused',
  'n+1, closed': 'n+1, its predecessor closed, the new authentication',
  'used now': '`lastUsedAt` is now',
}

test('every state with every rotation gives what the first matching row of the specification says', () => {
  const counts = rotateRows.map(() => 0)
  let total = 0
  for (const product of products) {
    forEachCase(product, (c) => {
      total += 1
      const at = rotateRows.findIndex((row) => row.when(c))
      const row = rotateRows[at]
      if (row === undefined) throw new Error(`no row for ${JSON.stringify(c)}`)
      counts[at] = (counts[at] ?? 0) + 1
      const wrong = compare(row, c)
      if (wrong !== undefined) throw new Error(`${row.case}: ${wrong}\n${JSON.stringify(c)}`)
    })
  }
  rotateRows.forEach((row, at) => expect(counts[at], row.case).toBeGreaterThan(0))
  expect(total).toBeGreaterThan(500_000)
  const rows = rotateRows.map((row, at) => [
    row.case,
    `\`${row.verdict}\``,
    NEXT[row.next],
    row.gets,
    (counts[at] ?? 0).toLocaleString('en-US'),
  ])
  const table = markdownTable(['case', 'verdict', 'next state', 'caller gets', 'combinations'], rows)
  expect(onPage('verdicts', table), 'run again with UPDATE_DOCS=1').toBe(table)
})

test('every state with every other command gives what its row says', () => {
  const counts = touchRows.map(() => 0)
  for (const c of touchCases) {
    const at = touchRows.findIndex((row) => row.when(c))
    const row = touchRows[at]
    if (row === undefined) throw new Error(`no row for ${JSON.stringify(c)}`)
    counts[at] = (counts[at] ?? 0) + 1
    const { family, command, policy } = touch(c)
    const decision = decide(family, command, NOW, policy)
    expect(decision).toEqual({
      outcome: 'accepted',
      verdict: row.verdict,
      state: row.after(family),
      events: row.tells.map((type) => expect.objectContaining({ type })),
    })
    if (row.next === 'unchanged') expect(decision.state).toBe(family)
  }
  touchRows.forEach((row, at) => expect(counts[at], row.case).toBeGreaterThan(0))
  const rows = touchRows.map((row, at) => [row.case, `\`${row.verdict}\``, row.next, String(counts[at])])
  const table = markdownTable(['case', 'verdict', 'next state', 'combinations'], rows)
  expect(onPage('touches', table), 'run again with UPDATE_DOCS=1').toBe(table)
})

/** What is wrong with the machine's answer; inputs are frozen, so writing to them throws. */
function compare(row: Row, c: RotateCase): string | undefined {
  const { family, command, policy } = given(c)
  let decision: RefreshDecision
  try {
    decision = decide(family, command, NOW, policy)
  } catch (thrown) {
    if (isTokenError(thrown) && thrown.code === row.verdict) return undefined
    throw thrown
  }
  const again = decide(family, command, NOW, policy)
  const told = decision.outcome === 'accepted' ? decision.verdict : decision.reason.slice('refresh_token/'.length)
  if (told !== row.verdict) return `says ${told}, not ${row.verdict}`
  if ((decision.outcome === 'accepted') !== row.accepted) return `is ${decision.outcome}`
  const expected = recordAfter(row.next, c, family, command)
  if (expected === family && decision.state !== family) return 'gives another state where nothing changes'
  const field = differenceOf(decision.state, expected)
  if (field !== undefined) return `${field} of the next state is ${JSON.stringify(decision.state)}`
  const types = decision.events.map(({ type }) => type.slice('refresh_token.'.length)).join()
  if (types !== eventsOf(row, c).join()) return `tells ${types}`
  if (again.outcome !== decision.outcome || differenceOf(again.state, decision.state) !== undefined)
    return 'the same question has two answers'
  if (!isSameList(again.events, decision.events)) return 'the same question tells two stories'
  if (family.status === 'revoked' && decision.state !== family) return 'a revoked family changes'
  const steps = decision.state.generation - Math.max(family.generation, row.accepted ? command.generation : 0)
  return steps === 0 || steps === 1 || row.next === 'revoked: risk' ? undefined : `makes ${steps} generations`
}

function differenceOf(left: RefreshTokenFamily, right: RefreshTokenFamily): string | undefined {
  if (left === right) return undefined
  return isSameRecord(left, right) ? undefined : 'something'
}

function isSameRecord(left: object, right: object): boolean {
  const a = left as Record<string, unknown>
  const b = right as Record<string, unknown>
  for (const key in a) if (a[key] !== b[key]) return false
  for (const key in b) if (a[key] !== b[key]) return false
  return true
}

function isSameList(left: readonly object[], right: readonly object[]): boolean {
  return left.length === right.length && left.every((value, at) => isSameRecord(value, right[at] ?? {}))
}
