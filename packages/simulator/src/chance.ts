// Chance that repeats itself from a seed. NEVER for production: whoever knows the seed knows every key and token.
import type { Entropy } from '@tallystick/core'

/** Repeatable chance: an `Entropy` for the packages, and draws for schedules. Predictable; for simulation only. */
export interface Chance extends Entropy {
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number
  /** True in `share` of all cases, 0 to 1. */
  happens(share: number): boolean
  /** One of the choices. @throws RangeError where there is none. */
  pick<Choice>(choices: readonly Choice[]): Choice
  /** The same values in another order. */
  shuffle<Value>(values: readonly Value[]): Value[]
  /** Chance of its own for one purpose: what is drawn there does not change what is drawn here. */
  fork(purpose: number): Chance
}

/**
 * Makes chance from a seed: the same seed gives the same draws for ever.
 *
 * @param seed - A whole number; its lower 32 bits count.
 */
export function createChance(seed: number): Chance {
  const next = generate(seed)
  const below = (limit: number): number => next() % limit
  return {
    below,
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
    happens: (share) => next() / 2 ** 32 < share,
    pick(choices) {
      const [choice] = choices.slice(choices.length === 0 ? 0 : below(choices.length))
      if (choice === undefined) throw new RangeError('pick: there must be a choice')
      return choice
    },
    shuffle(values) {
      const mixed = [...values]
      for (let end = mixed.length; end > 1; end -= 1) mixed.push(...mixed.splice(below(end), 1))
      return mixed
    },
    fork: (purpose) => createChance(mix(mix(seed) ^ purpose)),
  }
}

/** A counter through a mixing function: short, even, and plainly not cryptography. */
function generate(seed: number): () => number {
  let counter = mix(seed)
  return () => {
    counter = (counter + STEP) | 0
    return mix(counter)
  }
}

function mix(value: number): number {
  let bits = value | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad)
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97)
  return (bits ^ (bits >>> 15)) >>> 0
}

const STEP = 0x9e3779b9
