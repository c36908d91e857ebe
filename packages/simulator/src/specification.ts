// The sequential specification of a refresh token family under strict rotation (RFC 9700 §4.14.2): no grace, no keys.
import type { SequentialSpecification } from '@tallystick/storage/linearizability'

/** A family as one caller at a time would know it. */
export interface FamilyState {
  readonly status: 'unknown' | 'active' | 'revoked'
  /** The place of the current token among the family's tokens; the first is 0. */
  readonly currentPlace: number
}

/** What was asked about a family and, unless nobody was answered, what was answered. Tokens stand here by their place. */
export type FamilyAction =
  | {
      readonly verb: 'refresh'
      readonly presentedPlace: number
      readonly answer?: RefreshAnswer | undefined
    }
  | {
      readonly verb: 'revokeFamily'
      /** How many families the call says it ended. */
      readonly revoked?: number | undefined
    }
  | { readonly verb: 'introspect'; readonly presentedPlace: number; readonly active: boolean }

/** The token that was served, or the reason of the refusal without its family name. */
export type RefreshAnswer = { readonly servedPlace: number } | { readonly reason: string }

/** The specification of a family that was just issued, or of one that never was. */
export function specifyFamily(status: 'unknown' | 'active'): SequentialSpecification<FamilyState, FamilyAction> {
  return { start: { status, currentPlace: 0 }, step, keyOf: (state) => `${state.status} ${state.currentPlace}` }
}

function step(state: FamilyState, action: FamilyAction): FamilyState | undefined {
  switch (action.verb) {
    case 'refresh':
      return refresh(state, action.presentedPlace, action.answer)
    case 'revokeFamily': {
      const revoked = state.status === 'active' ? 1 : 0
      if (revoked !== (action.revoked ?? revoked)) return undefined
      return revoked === 1 ? { ...state, status: 'revoked' } : state
    }
    case 'introspect': {
      const active = state.status === 'active' && action.presentedPlace === state.currentPlace
      return active === action.active ? state : undefined
    }
  }
  return action satisfies never
}

/** The current token is answered with its one successor, a spent one ends the family, and an ended family serves nobody. */
function refresh(
  state: FamilyState,
  presentedPlace: number,
  answer: RefreshAnswer | undefined,
): FamilyState | undefined {
  const mayRefuse = (reason: string): boolean =>
    answer === undefined || ('reason' in answer && answer.reason === reason)
  if (state.status !== 'active') return mayRefuse(state.status) ? state : undefined
  if (presentedPlace < state.currentPlace) return mayRefuse('replayed') ? { ...state, status: 'revoked' } : undefined
  // Nobody can hold what was never answered.
  if (presentedPlace > state.currentPlace) return undefined
  const next: FamilyState = { status: 'active', currentPlace: presentedPlace + 1 }
  const maySucceed = answer === undefined || ('servedPlace' in answer && answer.servedPlace === next.currentPlace)
  return maySucceed ? next : undefined
}
