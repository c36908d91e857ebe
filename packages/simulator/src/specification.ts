// The sequential specification of a refresh token family under strict rotation (RFC 9700 §4.14.2): no grace, no keys.
import type { SequentialSpecification } from '@tallystick/storage/linearizability'

/** A family as one caller at a time would know it. */
export interface FamilyState {
  readonly status: 'unknown' | 'active' | 'revoked'
  /** The place of the current token among the family's tokens; the first is 0. */
  readonly current: number
}

/** What was asked about a family and, unless nobody was answered, what was answered. Tokens stand here by their place. */
export type FamilyAction =
  | {
      readonly verb: 'refresh'
      readonly presented: number
      /** The token that was served, or the reason of the refusal without its family name. */
      readonly answer?: number | string | undefined
    }
  | {
      readonly verb: 'revokeFamily'
      /** How many families the call says it ended. */
      readonly revoked?: number | undefined
    }
  | { readonly verb: 'introspect'; readonly presented: number; readonly active: boolean }

/** The specification of a family that was just issued, or of one that never was. */
export function specifyFamily(status: 'unknown' | 'active'): SequentialSpecification<FamilyState, FamilyAction> {
  return { start: { status, current: 0 }, step, keyOf: (state) => `${state.status} ${state.current}` }
}

function step(state: FamilyState, action: FamilyAction): FamilyState | undefined {
  switch (action.verb) {
    case 'refresh':
      return refresh(state, action.presented, action.answer)
    case 'revokeFamily': {
      const revoked = state.status === 'active' ? 1 : 0
      if (revoked !== (action.revoked ?? revoked)) return undefined
      return revoked === 1 ? { ...state, status: 'revoked' } : state
    }
    case 'introspect': {
      const active = state.status === 'active' && action.presented === state.current
      return active === action.active ? state : undefined
    }
  }
  return action satisfies never
}

/** The current token is answered with its one successor, a spent one ends the family, and an ended family serves nobody. */
function refresh(state: FamilyState, presented: number, answer: number | string | undefined): FamilyState | undefined {
  if (state.status !== 'active') return (answer ?? state.status) === state.status ? state : undefined
  if (presented === state.current) {
    const successor = presented + 1
    return (answer ?? successor) === successor ? { status: 'active', current: successor } : undefined
  }
  if (presented > state.current) return undefined
  return (answer ?? 'replayed') === 'replayed' ? { ...state, status: 'revoked' } : undefined
}
