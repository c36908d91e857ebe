// Housekeeping without a timer: each write looks at a few entries of a map and forgets those that are expired.
import type { NumericDate } from '@tallystick/core'

/**
 * Walks round a map, a few entries a call.
 *
 * A round over n entries ends within n writes even if each adds one, so the map holds at most a small multiple of what
 * is alive.
 *
 * @param forgetIfExpired - Removes the entry from the map where its time has passed.
 */
export function createSweep<Value>(
  entries: ReadonlyMap<string, Value>,
  forgetIfExpired: (value: Value, now: NumericDate) => unknown,
): (now: NumericDate) => void {
  let round = entries.values()
  return (now) => {
    for (let step = 0; step < STEPS_PER_WRITE; step += 1) {
      const { value, done } = round.next()
      if (done === true) {
        round = entries.values()
        return
      }
      forgetIfExpired(value, now)
    }
  }
}

const STEPS_PER_WRITE = 2
