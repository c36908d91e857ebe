// What the law answers: its verdicts, and the decision that carries one.
import type { Decision } from '@tallystick/core'
import type { RefreshTokenEvent } from './event.ts'
import type { RefreshRefusal } from './refusals.ts'
import type { RefreshTokenFamily } from './state.ts'

/**
 * What an accepted command did.
 *
 * - `rotated`: a new generation. `retried`: the same answer again, for who proves that it asked before.
 * - `concurrent`: the same answer again, within the grace period. `kept`: the same token, where rotation is off.
 * - `confirmed`, `revoked`, `announced`: the other commands took effect. `unchanged`: there was nothing to do.
 */
export type RefreshVerdict = ServingVerdict | 'confirmed' | 'revoked' | 'announced' | 'unchanged'

/** The verdicts after which the caller gets the token of the family's current generation. */
export type ServingVerdict = 'rotated' | 'retried' | 'concurrent' | 'kept'

/** The answer of `decide`. */
export type RefreshDecision = Decision<RefreshTokenFamily, RefreshTokenEvent, RefreshRefusal, RefreshVerdict>
