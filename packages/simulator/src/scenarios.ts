// The sixteen scenarios of the rotation protocol, in their order.
import { playScenario, type Scenario, type ScenarioReport } from './scenario.ts'
import { crashBeforeAnnouncing } from './scenarios/crash.ts'
import { lostRotation, lostTombstone } from './scenarios/failover.ts'
import { duplicates, retryLate, retrySoon } from './scenarios/lost-answers.ts'
import { photoFinish, replayInGrace } from './scenarios/race.ts'
import { parallelTabs, secondTab, successorInUse } from './scenarios/tabs.ts'
import { alternating, elevation, lateReplay, staleToken, thiefFirst } from './scenarios/theft.ts'
import type { Ground } from './world.ts'

/** All scenarios, by number. */
export const scenarios: readonly Scenario[] = [
  parallelTabs,
  successorInUse,
  secondTab,
  retrySoon,
  retryLate,
  lateReplay,
  thiefFirst,
  replayInGrace,
  photoFinish,
  alternating,
  staleToken,
  lostRotation,
  duplicates,
  elevation,
  crashBeforeAnnouncing,
  lostTombstone,
]

/** Plays scenarios one after the other; by default all. */
export async function playScenarios(
  ground: Ground,
  chosen: readonly Scenario[] = scenarios,
): Promise<readonly ScenarioReport[]> {
  const reports: ScenarioReport[] = []
  for (const scenario of chosen) reports.push(await playScenario(ground, scenario))
  return reports
}
