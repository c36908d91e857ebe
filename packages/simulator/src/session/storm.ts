// Processes over one storage in a storm: calls that wait, fail and come twice, and processes that die between any two.
import type { Storage } from '@tallystick/storage'
import { failAtRandom, interceptStorage, resendWrites, scatterCalls } from '@tallystick/storage/faults'
import type { Chance } from '../chance.ts'

/** How rough it is. */
export interface Weather {
  readonly failingPercent: number
  /** Every n-th write is sent twice; 0 for none. */
  readonly resendEvery: number
  /** How many of a hundred processes die. */
  readonly dyingPercent: number
}

/** A storm over one storage. */
export interface Storm {
  readonly weather: Weather
  /** The storage as a new process sees it. */
  openProcess(): { readonly storage: Storage; isDead(): boolean }
  /** Fulfilled once every call that was given up has ended. */
  settled(): Promise<void>
}

/** Draws the weather of a history: one in nine is calm. */
export function drawWeather(chance: Chance): Weather {
  return {
    failingPercent: chance.pick([0, 4, 12]),
    resendEvery: chance.pick([0, 1, 3]),
    dyingPercent: chance.pick([0, 40]),
  }
}

/** Raises a storm. */
export function raiseStorm(storage: Storage, chance: Chance, weather: Weather): Storm {
  const { failingPercent, resendEvery, dyingPercent } = weather
  const scattered = scatterCalls(storage, { seed: chance.below(SEEDS), turnsMax: chance.pick([2, 8, 30]) })
  const resending = resendEvery === 0 ? scattered : resendWrites(scattered, { every: resendEvery }).storage
  const failing = failAtRandom(resending, { seed: chance.below(SEEDS), failingPercent })
  const lingering = linger(failing.storage, chance)
  return {
    weather,
    openProcess() {
      const doomed = chance.below(100) < dyingPercent
      return openProcess(scatterCalls(lingering, { seed: chance.below(SEEDS) }), doomed ? chance.below(LAST_CALL) : -1)
    },
    settled: () => failing.settled(),
  }
}

/** Holds a few calls for so long that others pass them by whole operations. */
function linger(storage: Storage, chance: Chance): Storage {
  const wait = async (): Promise<void> => {
    if (!chance.happens(LINGERING_SHARE)) return
    for (let turns = chance.below(LINGERING_TURNS_MAX); turns > 0; turns -= 1) await Promise.resolve()
  }
  return interceptStorage(storage, { before: wait, after: wait })
}

/** Dies at one call, before its effect or before its answer; nothing reaches the storage from there on. */
function openProcess(storage: Storage, lastHalf: number): ReturnType<Storm['openProcess']> {
  let halves = 0
  let isDead = false
  const pass = (): void => {
    if (halves === lastHalf) isDead = true
    halves += 1
    if (isDead) throw Object.assign(new Error('the process has died'), { code: 'ECONNRESET' })
  }
  return { storage: interceptStorage(storage, { before: pass, after: pass }), isDead: () => isDead }
}

const SEEDS = 2 ** 31
/** Counted in halves: before an effect, and before its answer. */
const LAST_CALL = 80
const LINGERING_SHARE = 0.03
const LINGERING_TURNS_MAX = 400
