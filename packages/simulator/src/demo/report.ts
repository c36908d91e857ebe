// Everything that the demo found out, before anybody says how it looks.
import type { ScenarioReport } from '../scenario.ts'
import { playScenarios } from '../scenarios.ts'
import type { Ground } from '../world.ts'
import { type GrowthReport, measureGrowth } from './growth.ts'
import { playSession, type SessionReport } from './session.ts'

/** The demo's findings. The same seed gives the same. */
export interface DemoReport {
  readonly seed: number
  readonly storage: string
  readonly session: SessionReport
  readonly scenarios: readonly ScenarioReport[]
  readonly growth: GrowthReport
  readonly ok: boolean
}

/** Plays everything. */
export async function playDemo(
  ground: Ground,
  { seed, storage }: { readonly seed: number; readonly storage: string },
): Promise<DemoReport> {
  const session = await playSession(ground)
  const scenarios = await playScenarios(ground)
  const growth = await measureGrowth(ground)
  const ok = session.ok && growth.ok && scenarios.every((scenario) => scenario.ok)
  return { seed, storage, session, scenarios, growth, ok }
}
