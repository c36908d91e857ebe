// Reads a clock that the application may have supplied.
import { type Clock, type NumericDate, numericDate, TokenError } from '@tallystick/core'

/**
 * What a clock tells.
 *
 * @throws TokenError `ERR_CLOCK` where the clock tells no time: nothing may be decided or dated by it.
 */
export function readClock(clock: Clock): NumericDate {
  try {
    return numericDate(clock.now())
  } catch (cause) {
    throw new TokenError('ERR_CLOCK', 'the clock does not tell whole seconds since the epoch', { cause })
  }
}
