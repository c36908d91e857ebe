// The clock that an adapter goes by: one that is wrong is a failure, and never a time.
import type { Clock } from '@tallystick/core'
import { numericDate } from '@tallystick/core'

/**
 * Wraps the clock that an adapter was handed, so that a time that is none is never believed.
 *
 * Believed, `NaN` would free every key, and milliseconds would let every record expire at once.
 *
 * @returns A clock whose `now` throws a RangeError where the given one tells no whole seconds from 0 to 10¹¹.
 */
export function strictClock(clock: Clock): Clock {
  return { now: () => numericDate(clock.now()) }
}
