// The score that CI keeps: nothing that failed, was skipped or never ran may count as passed.
import { expect, test, vi } from 'vitest'
import { runSteps } from '../../../scripts/ci/steps.ts'
import { scoreOf } from '../../../scripts/ci/tests.ts'

const silent = () => {
  vi.spyOn(console, 'log').mockImplementation(() => undefined)
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
}

test('every step runs, and a failure or a throw is counted', async () => {
  silent()
  const ran: string[] = []
  const step = (name: string, answer: () => boolean | { passed: number; failed: number }) => ({
    name,
    run: () => {
      ran.push(name)
      return answer()
    },
  })
  const score = await runSteps([
    step('green', () => true),
    step('red', () => false),
    step('thrown', () => {
      throw new Error('planted')
    }),
    step('counted', () => ({ passed: 5, failed: 2 })),
  ])
  expect(ran).toEqual(['green', 'red', 'thrown', 'counted'])
  expect(score).toEqual({ passed: 6, failed: 4 })
})

test('a skipped test is a failed one, and a run without a report is no success', () => {
  silent()
  const report = { passed: 7, failed: 0, skipped: 0, projects: [] }
  expect(scoreOf(true, report)).toEqual({ passed: 7, failed: 0 })
  expect(scoreOf(true, { ...report, skipped: 2 })).toEqual({ passed: 7, failed: 2 })
  expect(scoreOf(false, report)).toEqual({ passed: 7, failed: 1 })
  expect(scoreOf(true, undefined)).toEqual({ passed: 0, failed: 1 })
})
