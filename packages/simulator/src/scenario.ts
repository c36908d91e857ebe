// A scenario: acts played against the real server, what came back, and whether it is what must come back.
import { isTokenError } from '@tallystick/core'
import { createWorld, type Ground, type World, type WorldOptions } from './world.ts'
import type { Chance } from './chance.ts'

/** One fact that an act looked at. */
export interface Check {
  readonly what: string
  readonly found: string
  readonly wanted: string
  readonly ok: boolean
}

/** Where an act plays. */
export interface Stage {
  readonly ground: Ground
  readonly chance: Chance
  /** Makes a fresh world. */
  world(options?: WorldOptions): Promise<World>
  /** Holds a fact against what it must be; the scenario fails where they differ. */
  check(what: string, found: string | number | boolean, wanted: string | number | boolean): void
}

/** Plays one variant of a scenario. @returns What happened, in words made from what came back. */
export type Act = (stage: Stage) => Promise<string>

/** A scenario of the protocol. */
export interface Scenario {
  /** 1 to 16. */
  readonly number: number
  readonly title: string
  readonly mustHappen: string
  /** By the name of the variant. */
  readonly acts: Readonly<Record<string, Act>>
}

/** How one variant went. */
export interface ActReport {
  readonly variant: string
  readonly happened: string
  readonly ok: boolean
  readonly checks: readonly Check[]
}

/** How a scenario went. */
export interface ScenarioReport {
  readonly number: number
  readonly title: string
  readonly happened: string
  readonly mustHappen: string
  readonly ok: boolean
  readonly details: readonly ActReport[]
}

/** Plays every act of a scenario; what fails there is reported, not thrown. */
export async function playScenario(ground: Ground, scenario: Scenario): Promise<ScenarioReport> {
  const { number, title, mustHappen, acts } = scenario
  const chance = ground.chance.fork(number)
  const details: ActReport[] = []
  for (const [variant, act] of Object.entries(acts)) details.push(await playAct({ ...ground, chance }, variant, act))
  return { number, title, happened: tell(details), mustHappen, ok: details.every(({ ok }) => ok), details }
}

async function playAct(ground: Ground, variant: string, act: Act): Promise<ActReport> {
  const checks: Check[] = []
  const stage: Stage = {
    ground,
    chance: ground.chance,
    world: (options) => createWorld(ground, options),
    check(what, found, wanted) {
      checks.push({ what, found: String(found), wanted: String(wanted), ok: found === wanted })
    },
  }
  try {
    const happened = await act(stage)
    // An act that looked at nothing has shown nothing.
    return { variant, happened, ok: checks.length > 0 && checks.every(({ ok }) => ok), checks }
  } catch (error) {
    return { variant, happened: `failed with ${nameOfError(error)}`, ok: false, checks }
  }
}

/** What happened in all acts: said once where it was the same, else by variant. */
function tell(details: readonly ActReport[]): string {
  const variants = new Map<string, string[]>()
  for (const { variant, happened } of details) variants.set(happened, [...(variants.get(happened) ?? []), variant])
  if (variants.size === 1) return details[0]?.happened ?? ''
  return [...variants].map(([happened, names]) => `${names.join(' and ')}: ${happened}`).join(' · ')
}

function nameOfError(error: unknown): string {
  if (isTokenError(error)) return error.code
  return error instanceof Error ? `${error.name}: ${error.message}` : 'something that is no error'
}
