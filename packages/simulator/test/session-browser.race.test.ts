// An honest browser with several tabs, whose answers come late or never: renewals do not sign it out.
import { expect, test } from 'vitest'
import { layGround } from '../src/world.ts'
import { recordBrowser } from '../src/session/browser.ts'
import type { SessionHistoryOptions } from '../src/session/stage.ts'

const isFullProof = process.env['TALLYSTICK_PROOF'] === 'full'
const SEEDS = isFullProof ? 40_000 : 600

/** Every answer that a browser can get; one that is never given proves nothing. */
const OUTCOMES = [
  'answer in time',
  'answer late',
  'answer lost',
  'present as before',
  'present served',
  'present unanswered',
  'read as before',
  'read unanswered',
  'renew as before',
  'renew renewed',
  'renew repeated',
  'renew unanswered',
  'update as before',
  'update unanswered',
]

test(
  'SE-10 F85 however its answers are lost or late, a browser is never signed out by renewals, and loses no update',
  { timeout: isFullProof ? 900_000 : 60_000 },
  async () => {
    const answers = new Map<string, number>()
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const report = await recordBrowser(await layGround(seed))
      expect(report.violations, `keep seed ${seed}`).toEqual([])
      for (const [answer, count] of report.answers) answers.set(answer, (answers.get(answer) ?? 0) + count)
    }
    expect([...answers.keys()].toSorted(), 'every answer was given, and no other').toEqual(OUTCOMES)
    expect(Math.min(...answers.values()), 'each of them often').toBeGreaterThan(SEEDS / 10)
  },
)

test.each([0, 1])('an overlap of %s seconds signs it out, which is seen', async (overlapSeconds) => {
  const optionsOf: SessionHistoryOptions['optionsOf'] = (options) => ({
    ...options,
    sessionPolicy: { ...options.sessionPolicy, renewal: { overlapSeconds } },
  })
  for (let seed = 0; seed < 100; seed += 1) {
    const { violations } = await recordBrowser(await layGround(seed), { optionsOf })
    if (violations.some((violation) => violation.includes('signed the browser out: session/replayed'))) return
  }
  expect.unreachable('nobody was signed out')
})
