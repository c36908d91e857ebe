// How a session begins: with an id and a secret of the server's own making, never with one that was brought.
import type { NumericDate } from '@tallystick/core'
import { mistake } from '@tallystick/core/options'
import type { SessionEvent } from './event.ts'
import { absoluteEnd } from './expiry.ts'
import { factsOf } from './facts.ts'
import type { ResolvedSessionPolicy } from './policy.ts'
import type { Session, SessionContext } from './state.ts'

/** What a new session is told. */
export type SessionGrant = Pick<
  Session,
  | 'sessionId'
  | 'subject'
  | 'clientId'
  | 'scope'
  | 'lineageHash'
  | 'credentialHash'
  | 'authentication'
  | 'context'
  | 'upstreamExpiresAt'
> &
  // Where that is not `now`: after a cut-off within the same second.
  Partial<Pick<Session, 'establishedAt'>>

/**
 * Begins a session.
 *
 * @param now - When the user signed in; both time-outs count from here.
 * @returns The state to store, and the event to tell once it is stored.
 * @throws TypeError where a field of the context is longer than 256 characters.
 */
export function establishSession(
  grant: SessionGrant,
  now: NumericDate,
  policy: ResolvedSessionPolicy,
): { readonly state: Session; readonly events: readonly SessionEvent[] } {
  for (const field of CONTEXT_FIELDS) {
    const given = grant.context?.[field]
    if (given !== undefined && (typeof given !== 'string' || given.length > CONTEXT_CHARACTERS_MAX)) {
      throw mistake('establish', `context.${field}`, `must be at most ${CONTEXT_CHARACTERS_MAX} characters`, given)
    }
  }
  const state: Session = {
    ...grant,
    predecessorClosed: false,
    generation: 1,
    renewedAt: now,
    // It has no predecessor that could still be underway.
    usedAt: now,
    establishedAt: grant.establishedAt ?? now,
    lastPresentedAt: now,
    absoluteExpiresAt: absoluteEnd(grant, now, policy),
    status: 'active',
    announced: false,
  }
  return { state, events: [{ type: 'session.established', ...factsOf(state) }] }
}

const CONTEXT_FIELDS: ReadonlyArray<keyof SessionContext> = ['networkPrefix', 'userAgent', 'place']
const CONTEXT_CHARACTERS_MAX = 256
