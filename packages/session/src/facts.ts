// The fields of a session that every event carries, and the events that more than one row tells.
import type { SessionEvent, SessionFacts } from './event.ts'
import type { SessionRefusal } from './refusals.ts'
import type { RevocationCause, Session } from './state.ts'

/** The facts of a session for an event. */
export function factsOf({ sessionId, subject, clientId, generation }: Session): SessionFacts {
  return clientId === undefined ? { sessionId, subject, generation } : { sessionId, subject, clientId, generation }
}

/** An old credential came back. */
export function replayEvent(session: Session, ageSeconds: number): SessionEvent {
  return { type: 'session.replayed', ...factsOf(session), ageSeconds }
}

/** The session was ended. */
export function revokedEvent(session: Session, cause: RevocationCause): SessionEvent {
  return { type: 'session.revoked', ...factsOf(session), cause }
}

/** A credential was refused. */
export function refusedEvent(session: Session, reason: SessionRefusal): SessionEvent {
  return { type: 'session.refused', ...factsOf(session), reason }
}
