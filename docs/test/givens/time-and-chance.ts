// What examples in doc comments may use without saying where it comes from: a point in time, a clock, entropy.
import { numericDate, type Clock, type Entropy } from '@tallystick/core'
import { systemEntropy } from '@tallystick/core/system'

/** A point in time. */
export const now = numericDate(1_790_000_000)

/** A clock that stands at {@link now}. */
export const clock: Clock = { now: () => now }

/** The platform's. */
export const entropy: Entropy = systemEntropy
