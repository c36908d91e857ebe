// A clock that stands still until it is told to move: simulated days pass in no time.
import { type Clock, type NumericDate, numericDate, plusSeconds } from '@tallystick/core'

/** A clock under the caller's hand. */
export interface SimulatedClock extends Clock {
  /** Moves the clock. @param seconds - Whole seconds; negative ones turn it back. */
  advance(seconds: number): void
  /** Sets the clock. */
  set(time: NumericDate): void
}

/** Makes a clock that shows `start`; by default a day in 2027. */
export function createSimulatedClock(start: NumericDate = START): SimulatedClock {
  let time = start
  return {
    now: () => time,
    advance(seconds) {
      time = plusSeconds(time, seconds)
    },
    set(next) {
      time = next
    },
  }
}

const START = numericDate(1_800_000_000)
