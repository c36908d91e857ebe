// Every state with every command against the rows of the page; the rows with their counts are the docs' table.
import { isTokenError } from '@tallystick/core'
import { expect, test } from 'vitest'
import { decide } from '../src/decide.ts'
import type { SessionDecision } from '../src/verdict.ts'
import { type Case, commandOf, forEachCase, NOW, policies, sessionOf } from './table/case.ts'
import { markdownTable, onPage } from './table/page.ts'
import { type Next, recordAfter, type Row, rows } from './table/rows.ts'
import { touch, touchCases, touchRows } from './table/touches.ts'

const NEXT: Readonly<Record<Next, string>> = {
  none: 'unchanged',
  unchanged: 'unchanged',
  used: '`usedAt` and `lastPresentedAt` are now',
  touched: '`lastPresentedAt` is now',
  'n+1': 'n+1, unused, n open',
  'n+1, elevated': 'n+1, unused, earlier ones closed, elevated',
  'n+1, anew': 'n+1, unused, earlier ones closed, both time-outs anew',
  revoked: 'revoked, cause `replay`, to be announced',
}

test('SE-10 every state with every presentation gives what the first matching row of the page says', () => {
  const counts = rows.map(() => 0)
  let total = 0
  forEachCase((c) => {
    total += 1
    const at = rows.findIndex((row) => row.when(c))
    const row = rows[at]
    if (row === undefined) throw new Error(`no row for ${JSON.stringify(c)}`)
    counts[at] = (counts[at] ?? 0) + 1
    const wrong = compare(row, c)
    if (wrong !== undefined) throw new Error(`${row.case}: ${wrong}\n${JSON.stringify(c)}`)
  })
  rows.forEach((row, at) => expect(counts[at], row.case).toBeGreaterThan(0))
  expect(total).toBeGreaterThan(40_000)
  const lines = rows.map((row, at) => [
    row.case,
    `\`${row.verdict}\``,
    NEXT[row.next],
    row.gets,
    (counts[at] ?? 0).toLocaleString('en-US'),
  ])
  const table = markdownTable(['case', 'verdict', 'next state', 'caller gets', 'combinations'], lines)
  expect(onPage('verdicts', table), 'run again with UPDATE_DOCS=1').toBe(table)
})

test('every state with every other command gives what its row says', () => {
  const counts = touchRows.map(() => 0)
  for (const c of touchCases) {
    const at = touchRows.findIndex((row) => row.when(c))
    const row = touchRows[at]
    if (row === undefined) throw new Error(`no row for ${JSON.stringify(c)}`)
    counts[at] = (counts[at] ?? 0) + 1
    const { session, command } = touch(c)
    const decision = decide(session, command, NOW, policies[60])
    const told = decision.outcome === 'accepted' ? decision.verdict : decision.reason
    expect([decision.outcome, told]).toEqual([row.outcome, row.verdict])
    expect(decision.state).toEqual(row.after(session, c))
    expect(decision.events.map(({ type }) => type)).toEqual(row.tells)
    if (row.next === 'unchanged') expect(decision.state).toBe(session)
  }
  touchRows.forEach((row, at) => expect(counts[at], row.case).toBeGreaterThan(0))
  const lines = touchRows.map((row, at) => [row.case, `\`${row.verdict}\``, row.next, String(counts[at])])
  const table = markdownTable(['case', 'verdict', 'next state', 'combinations'], lines)
  expect(onPage('touches', table), 'run again with UPDATE_DOCS=1').toBe(table)
})

/** What is wrong with the machine's answer; inputs are frozen, so writing to them throws. */
function compare(row: Row, c: Case): string | undefined {
  const session = sessionOf(c)
  const command = commandOf(c)
  let decision: SessionDecision
  try {
    decision = decide(session, command, NOW, policies[c.overlap])
  } catch (thrown) {
    if (isTokenError(thrown) && thrown.code === row.verdict) return undefined
    throw thrown
  }
  const told = decision.outcome === 'accepted' ? decision.verdict : decision.reason.slice('session/'.length)
  if (told !== row.verdict) return `says ${told}, not ${row.verdict}`
  if ((decision.outcome === 'accepted') !== row.accepted) return `is ${decision.outcome}`
  const expected = recordAfter(row, c, session)
  if (expected === session && decision.state !== session) return 'gives another state where nothing changes'
  if (!isSame(decision.state, expected)) {
    return `the next state is ${JSON.stringify(decision.state)}, not ${JSON.stringify(expected)}`
  }
  const types = decision.events.map(({ type }) => type.slice('session.'.length)).join()
  if (types !== row.tells.join()) return `tells ${types}`
  const again = decide(session, command, NOW, policies[c.overlap])
  if (!isSame(again, decision)) return 'the same question has two answers'
  return session.status === 'revoked' && decision.state !== session ? 'a revoked session changes' : undefined
}

function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  const a = left as Record<string, unknown>
  const b = right as Record<string, unknown>
  for (const key in a) if (!isSame(a[key], b[key])) return false
  for (const key in b) if (a[key] === undefined && b[key] !== undefined) return false
  return true
}
