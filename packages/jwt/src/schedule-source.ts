// The keys of one verifier at each moment: always the same, or those that a key schedule accepts (RFC 7515 §4.1.4).
import type { NumericDate } from '@tallystick/core'
import type { KeySet } from './key-set.ts'
import { createKeySet } from './key-set.ts'
import { scheduleOf } from './schedule-keys.ts'

/**
 * Makes the function that gives a verifier its keys: the same object as long as they are the same.
 *
 * Keys that a schedule takes later and whose algorithm the verifier does not list are not for it.
 *
 * @returns Takes now; `undefined` gives all keys that a schedule holds, whatever their time, for checks at construction.
 * @throws TypeError as `createKeySet`, for the keys that are there at construction; there must be one.
 */
export function createKeySource(
  owner: string,
  keys: unknown,
  algorithms: unknown,
): (now: NumericDate | undefined) => KeySet {
  const schedule = scheduleOf(keys)
  if (schedule === undefined) {
    const always = createKeySet(owner, keys, algorithms)
    return () => always
  }
  const allowed: ReadonlySet<unknown> = new Set(Array.isArray(algorithms) ? algorithms : [])
  const first = schedule.keys
  let known = { keys: first, set: createKeySet(owner, first, algorithms) }
  return (now) => {
    const keysNow = now === undefined ? first : schedule.keysAt(now)
    if (known.keys === keysNow) return known.set
    const listed = keysNow.filter((key) => allowed.has(key.algorithm))
    const set = listed.length === 0 ? NO_KEYS : createKeySet(owner, listed, algorithms)
    known = { keys: keysNow, set }
    return set
  }
}

const NO_KEYS: KeySet = { materials: [], select: () => 'jwt/unknown_key' }
