// How many random cases a property is tried on, and from which seed: fixed by default, many where proof is asked for.
import type { Parameters } from 'fast-check'

/** Whether the full counts were asked for. */
export const isFullProof: boolean = process.env['TALLYSTICK_PROOF'] === 'full'

/**
 * The settings of one property.
 *
 * The default seed is fixed, so that every run tries the same cases; `TALLYSTICK_SEED` sets another.
 *
 * @param runs - How many cases an ordinary run tries; a full proof tries fifty times as many.
 */
export function settings<Values = unknown>(runs: number): Parameters<Values> {
  const seed = Number(process.env['TALLYSTICK_SEED'] ?? 20_260_701)
  return { numRuns: isFullProof ? runs * 50 : runs, seed }
}
