// The sixteen scenarios, each against the real server: what must happen, happens.
import { describe, expect, it } from 'vitest'
import { playScenario } from '../src/scenario.ts'
import { scenarios } from '../src/scenarios.ts'
import { layGround } from '../src/world.ts'

const titles: Readonly<Record<number, string>> = {
  1: 'RT-14, A19, F67, F75 scenario 1: two to ten parallel tabs get one successor and stay signed in',
  2: 'RT-14, A19 scenario 2: a tab that comes late to a successor in use stays signed in',
  3: 'RT-14 scenario 3: a second tab five seconds later gets the same successor',
  4: 'RT-13 scenario 4: a lost answer is given again five seconds later, the same bytes',
  5: 'RT-13 scenario 5: a lost answer is given again after an hour and after three days to who has the attempt key',
  6: 'RT-2, RT-3, RV-5, A17, F68 scenario 6: a token replayed ten minutes late revokes family and access tokens for good',
  7: 'RT-3, A16 scenario 7: where the thief refreshes first, the victim ends the family for both',
  8: 'A18 scenario 8: within the grace period a thief without the key gets nothing, and without keys nothing lasting',
  9: 'A18 scenario 9: a thief at the same instant never gets a branch of his own',
  10: 'A16, A17 scenario 10: thief and victim alternating are caught at the second redemption',
  11: 'RT-2, RT-3 scenario 11: a token six generations old revokes the family, grace period or not',
  12: 'A38 scenario 12: a failover that lost a rotation signs nobody out',
  13: 'RT-13 scenario 13: a finished attempt that arrives again signs nobody out',
  14: 'AT-7, A17 scenario 14: a thief waiting on the current token never gets the elevated session',
  15: 'RV-1, A38 scenario 15: a revocation that a crash kept silent is announced before anybody is answered',
  16: 'RV-8, A38 scenario 16: a family whose tombstone was lost is not adopted against the log',
}

describe('the scenarios', () => {
  it('are sixteen, numbered in order', () => {
    expect(scenarios.map(({ number }) => number)).toEqual(Object.keys(titles).map(Number))
  })

  it.for(scenarios.map((scenario) => [titles[scenario.number] ?? '', scenario] as const))(
    '%s',
    async ([, scenario]) => {
      for (const seed of [1, 2, 3]) {
        const { ok, details } = await playScenario(await layGround(seed), scenario)
        const wrong = details.flatMap(({ variant, checks, happened }) =>
          checks.every((check) => check.ok) ? [] : [{ variant, happened, checks: checks.filter((check) => !check.ok) }],
        )
        expect(wrong).toEqual([])
        expect(ok).toBe(true)
      }
    },
  )

  it.for([1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 14])('scenario %i is played with and without attempt keys', (number) => {
    const acts = scenarios.find((scenario) => scenario.number === number)?.acts ?? {}
    expect(Object.keys(acts)).toEqual(['keyed', 'keyless'])
  })
})
