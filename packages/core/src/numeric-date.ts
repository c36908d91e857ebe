// Points in time as RFC 7519 §2 counts them: seconds since 1970-01-01T00:00:00Z.
import { describeGiven } from './options.ts'

declare const numericDateBrand: unique symbol

/**
 * Seconds since 1970-01-01T00:00:00Z, UTC, leap seconds ignored, as an integer.
 *
 * Branded, so that a number of milliseconds or a duration does not pass for one.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7519.html#section-2 RFC 7519 §2}
 */
export type NumericDate = number & { readonly [numericDateBrand]: true }

/**
 * Takes a number as seconds since the epoch, or throws.
 *
 * @param seconds - A whole number from 0 to 10¹¹ (the year 5138); milliseconds of today are larger and so are caught.
 * @throws RangeError where `seconds` is not such a number.
 * @example
 * const now = numericDate(1_790_000_000)
 */
export function numericDate(seconds: number): NumericDate {
  if (!Number.isSafeInteger(seconds) || seconds < 0 || seconds > SECONDS_MAX) {
    throw new RangeError(`NumericDate must be whole seconds from 0 to ${SECONDS_MAX} (given ${describeGiven(seconds)})`)
  }
  return seconds as NumericDate
}

/**
 * Adds a duration to a point in time.
 *
 * @param start - The point in time.
 * @param seconds - Whole seconds, may be negative.
 * @throws RangeError where the sum is outside {@link numericDate}'s range.
 */
export function plusSeconds(start: NumericDate, seconds: number): NumericDate {
  return numericDate(start + seconds)
}

const SECONDS_MAX = 100_000_000_000
