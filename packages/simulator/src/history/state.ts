// What everybody in a history can reach.
import type { Chance } from '../chance.ts'
import type { World } from '../world.ts'
import type { Household } from './household.ts'
import type { Ledger } from './ledger.ts'
import type { Weather } from './weather.ts'

/** Everything that a deed can reach. */
export interface History {
  readonly world: World
  readonly chance: Chance
  readonly weather: Weather
  readonly ledger: Ledger
  readonly households: Household[]
  readonly gracePeriodSeconds: number
  /** How many deeds happen at once, at most. */
  readonly deedsMax: number
}
