// One family with everybody who holds a token of it, and what may be expected of it by now.
import type { Client, Flight } from '../client.ts'
import type { Jar, Kept } from '../jar.ts'
import type { Thief } from '../thief.ts'

/** A family, its clients and its thieves. */
export interface Household {
  readonly jar: Jar
  readonly clients: readonly Client[]
  readonly thieves: Thief[]
  /** Generations that its own client made with an attempt key, or by an elevation: nobody else gets them. */
  readonly ownGenerations: Set<number>
  /** Requests on their way, with how often the jar had moved when they were sent. */
  readonly flights: Array<{ readonly flight: Flight; readonly moves: number }>
  /** What the jar held before, the newest last. */
  readonly past: Kept[]
  /** Whether a thief has held a token of it. */
  robbed: boolean
  /** Whether somebody has asked for its end, with or without an answer. */
  condemned: boolean
  /** Whether a replay or a revocation of it was answered: nothing that starts later may succeed. */
  ended: boolean
  /** Whether nobody promises anything to its clients: an elevation's answer was lost, or they need a grace period. */
  shaken: boolean
  /** Whether it went unused for longer than it lives. */
  lapsed: boolean
}

/** A household right after the sign-in. */
export function settleIn(jar: Jar, clients: readonly Client[]): Household {
  return {
    jar,
    clients,
    thieves: [],
    ownGenerations: new Set(),
    flights: [],
    past: [],
    robbed: false,
    condemned: false,
    ended: false,
    shaken: false,
    lapsed: false,
  }
}

/** Whether its clients are owed service. */
export function isOwedService({ robbed, condemned, shaken, lapsed }: Household): boolean {
  return !robbed && !condemned && !shaken && !lapsed
}

/** Notes that the jar holds another token than before. */
export function noteMove(household: Household, before: Kept): void {
  if (household.jar.read().refreshToken !== before.refreshToken) household.past.push(before)
}
