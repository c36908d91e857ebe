// What the world hands in: time and chance. Nothing below the shells reads either by itself.
import type { NumericDate } from './numeric-date.ts'

/** The time of day. */
export interface Clock {
  /** Seconds since the epoch. */
  now(): NumericDate
  /** Milliseconds of a clock that never goes back; only for measuring durations. */
  monotonicMilliseconds?(): number
}

/** Unpredictable bytes. */
export interface Entropy {
  /**
   * Fresh random bytes that the caller owns.
   *
   * @param length - How many bytes.
   */
  bytes(length: number): Uint8Array
}
