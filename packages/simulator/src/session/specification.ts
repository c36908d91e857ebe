// The sequential specification of a session: its credentials, its data and its refresh tokens, one caller at a time.
import type { SequentialSpecification } from '@tallystick/storage/linearizability'

/** A session as one caller at a time would know it. Credentials stand here by names that the history gives them. */
export interface SessionState {
  readonly status: 'absent' | 'active' | 'revoked'
  /** Whether a process may know of the end of everything of the subject while the session itself still stands. */
  readonly isCondemned: boolean
  readonly current: string
  /** What the current credential was made from; absent at first. */
  readonly previous?: string | undefined
  /** Whether the user proved himself for the current credential, so that no earlier one counts. */
  readonly isClosed: boolean
  /** When the current credential was made, and first used. */
  readonly madeAt: number
  readonly usedAt?: number | undefined
  readonly elevationEndsAt: number
  /** What the application stored; absent once it is erased. */
  readonly data?: string | undefined
  /** The place of the current refresh token; the first is 0. */
  readonly refreshPlace: number
}

/** What a use of a credential is answered; what the caller was not told is absent. */
export type UseAnswer =
  | { readonly credential?: string | undefined; readonly isElevated?: boolean | undefined }
  | { readonly reason: string }

/** A use of a credential. */
export interface UseAction {
  readonly verb: 'present' | 'renew' | 'elevate' | 'reauthenticate'
  readonly at: number
  readonly by: string
  /** The name of the credential that this call would make. */
  readonly next: string
  readonly answer?: UseAnswer | undefined
}

/** What happened to a session and, unless nobody was answered, what was answered. */
export type SessionAction =
  | UseAction
  | { readonly verb: 'establish'; readonly at: number; readonly credential: string }
  | { readonly verb: 'revoke'; readonly revoked?: number | undefined }
  | { readonly verb: 'condemn' | 'erase' }
  | { readonly verb: 'read'; readonly data: string | undefined }
  | { readonly verb: 'update'; readonly change: string; readonly data?: string | undefined }
  | { readonly verb: 'refresh'; readonly place: number; readonly answer?: RefreshAnswer | undefined }
  | { readonly verb: 'introspect'; readonly isActive: boolean; readonly at: number; readonly expiresAt: number }
  | { readonly verb: 'introspectRefresh'; readonly isActive: boolean; readonly place: number }

/** The place of the refresh token that was served, or the reason without its family name. */
export type RefreshAnswer = { readonly place: number } | { readonly reason: string }

/** What the specification knows of the policy. */
export interface SessionTerms {
  readonly overlapSeconds: number
  readonly elevationSeconds: number
}

/** The specification of a session that is not there yet. */
export function specifySession(terms: SessionTerms): SequentialSpecification<SessionState, SessionAction> {
  return { start: ABSENT, step: (state, action) => step(terms, state, action), keyOf }
}

function step(terms: SessionTerms, state: SessionState, action: SessionAction): SessionState | undefined {
  if (action.verb === 'establish') {
    if (state.status !== 'absent') return undefined
    return { ...state, status: 'active', current: action.credential, madeAt: action.at, usedAt: action.at, data: '' }
  }
  if (state.status === 'absent') return undefined
  switch (action.verb) {
    case 'present':
    case 'renew':
    case 'elevate':
    case 'reauthenticate':
      return use(terms, state, action)
    case 'revoke':
      return revoke(state, action.revoked)
    case 'condemn':
      return { ...state, isCondemned: true }
    // Data go after their session has ended, never before.
    case 'erase':
      return state.status === 'revoked' ? { ...state, data: undefined } : undefined
    case 'read':
      if (action.data === undefined) return state.status === 'revoked' ? { ...state, data: undefined } : undefined
      return action.data === state.data ? state : undefined
    case 'update':
      return update(state, action.change, action.data)
    case 'refresh':
      return refresh(state, action.place, action.answer)
    case 'introspect':
      return introspect(state, action.isActive, action.at < action.expiresAt)
    case 'introspectRefresh':
      return introspect(state, action.isActive, action.place === state.refreshPlace)
  }
  return action satisfies never
}

/** Whoever's answer was lost may hear of it again, whoever comes too late ends the session. */
function use(terms: SessionTerms, state: SessionState, action: UseAction): SessionState | undefined {
  const { verb, by } = action
  const at = Math.max(action.at, state.madeAt)
  const answered = (next: SessionState, reason?: string): SessionState | undefined =>
    isAnswer(action.answer, next, at, reason) ? next : undefined
  if (state.status === 'revoked') return answered(state, 'revoked')
  const isProved = verb === 'elevate' || verb === 'reauthenticate'
  const isLong = state.usedAt !== undefined && at - state.usedAt >= terms.overlapSeconds
  if (by === state.current) {
    const mayMove = state.previous === undefined || isLong
    if (isProved || (verb === 'renew' && mayMove)) return answered(move(terms, state, action, at))
    return answered({ ...state, usedAt: state.usedAt ?? at })
  }
  if (isLong) return answered({ ...state, status: 'revoked' }, 'replayed')
  if (isProved && (state.isClosed || by === state.previous)) return answered(move(terms, state, action, at))
  if (state.isClosed) {
    const isNear = state.usedAt !== undefined || at - state.madeAt < terms.overlapSeconds
    return answered(state, isNear ? 'superseded' : 'step_up_required')
  }
  return by === state.previous ? answered(state) : answered({ ...state, status: 'revoked' }, 'replayed')
}

function move(terms: SessionTerms, state: SessionState, { verb, by, next }: UseAction, at: number): SessionState {
  const isProved = verb !== 'renew'
  const kept = verb === 'renew' ? state.elevationEndsAt : 0
  const elevationEndsAt = verb === 'elevate' ? at + terms.elevationSeconds : kept
  return { ...state, current: next, previous: by, isClosed: isProved, madeAt: at, usedAt: undefined, elevationEndsAt }
}

/** Whoever is served holds the current credential then, and is told whether the step-up counts. */
function isAnswer(answer: UseAnswer | undefined, next: SessionState, at: number, reason: string | undefined): boolean {
  if (answer === undefined) return true
  if ('reason' in answer || reason !== undefined) return 'reason' in answer && answer.reason === reason
  const { credential = next.current, isElevated = at < next.elevationEndsAt } = answer
  return credential === next.current && isElevated === at < next.elevationEndsAt
}

function revoke(state: SessionState, told: number | undefined): SessionState | undefined {
  const revoked = state.status === 'active' ? 1 : 0
  if (told !== undefined && told !== revoked) return undefined
  return revoked === 1 ? { ...state, status: 'revoked' } : state
}

/** A request that was let in may still write while the end is under way; what is erased is never written again. */
function update(state: SessionState, change: string, told: string | undefined): SessionState | undefined {
  if (state.data === undefined) return undefined
  const data = `${state.data}${change} `
  return told === undefined || told === data ? { ...state, data } : undefined
}

function refresh(state: SessionState, place: number, answer: RefreshAnswer | undefined): SessionState | undefined {
  const mayRefuse = (reason: string): boolean =>
    answer === undefined || ('reason' in answer && answer.reason === reason)
  if (state.status === 'revoked') return mayRefuse('revoked') ? state : undefined
  if (place < state.refreshPlace) return mayRefuse('replayed') ? { ...state, status: 'revoked' } : undefined
  // Nobody can hold what was never answered.
  if (place > state.refreshPlace) return undefined
  const isServed = answer === undefined || ('place' in answer && answer.place === place + 1)
  return isServed ? { ...state, refreshPlace: place + 1 } : undefined
}

function introspect(state: SessionState, told: boolean, isGood: boolean): SessionState | undefined {
  const isActive = state.status === 'active' && isGood
  if (isActive && !told && state.isCondemned) return state
  return told === isActive ? state : undefined
}

function keyOf(state: SessionState): string {
  const { status, isCondemned, current, previous, isClosed, madeAt, usedAt, elevationEndsAt, data, refreshPlace } =
    state
  const all = [status, isCondemned, current, previous, isClosed, madeAt, usedAt, elevationEndsAt, data, refreshPlace]
  // Nothing else of an ended session is ever asked for again.
  return JSON.stringify(status === 'revoked' ? [status, data] : all)
}

const ABSENT: SessionState = {
  status: 'absent',
  isCondemned: false,
  current: '',
  isClosed: false,
  madeAt: 0,
  elevationEndsAt: 0,
  refreshPlace: 0,
}
