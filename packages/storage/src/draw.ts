// Draws that come again from the same seed, so that a failing history does.

/** A whole number from 0 to `bound` - 1. */
export type Draw = (bound: number) => number

/** Makes draws from a seed; seeds that lie side by side give draws that have nothing in common. Predictable. */
export function createDraw(seed: number): Draw {
  let counter = mix(seed)
  return (bound) => {
    counter = (counter + STEP) | 0
    return mix(counter) % bound
  }
}

function mix(value: number): number {
  let bits = value | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad)
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97)
  return (bits ^ (bits >>> 15)) >>> 0
}

const STEP = 0x9e3779b9
