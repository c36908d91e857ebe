// What happened to a session: facts in the past tense, without any credential, secret, hash or key.
import type { EventTable } from '@tallystick/core'
import type { SessionRefusal } from './refusals.ts'
import type { RevocationCause, SessionId } from './state.ts'

/** Fields of every event of a session. */
export interface SessionFacts {
  /** The public id of the session. */
  readonly sessionId: SessionId
  /** Who is signed in. */
  readonly subject: string
  /** The client that the sign-in was for, where there is one. */
  readonly clientId?: string | undefined
  /** The position of the session's current credential after the event. */
  readonly generation: number
}

/** What happened to a session. */
export type SessionEvent =
  | (SessionFacts & { readonly type: 'session.established' })
  | (SessionFacts & { readonly type: 'session.presented' })
  | (SessionFacts & { readonly type: 'session.renewed' })
  | (SessionFacts & { readonly type: 'session.repeated'; readonly ageSeconds: number })
  | (SessionFacts & { readonly type: 'session.elevated' })
  | (SessionFacts & { readonly type: 'session.reauthenticated' })
  | (SessionFacts & { readonly type: 'session.replayed'; readonly ageSeconds: number })
  | (SessionFacts & { readonly type: 'session.revoked'; readonly cause: RevocationCause })
  | (SessionFacts & { readonly type: 'session.refused'; readonly reason: SessionRefusal })

const session = { sessionId: 'id', subject: 'text', clientId: 'text', generation: 'number' } as const

/** What each event means and carries. */
export const sessionEvents: EventTable<SessionEvent> = {
  'session.established': { meaning: 'A user signed in: a session began.', fields: session },
  'session.presented': {
    meaning: 'A session was used; told when that is written, so at most once in `touchSeconds`.',
    fields: session,
  },
  'session.renewed': { meaning: 'A session got a new credential.', fields: session },
  'session.repeated': {
    meaning: 'A tab that had not seen the new credential yet, or had lost it, was given it again.',
    fields: { ...session, ageSeconds: 'number' },
  },
  'session.elevated': {
    meaning: 'The user authenticated again for a bounded time: a new credential, and earlier ones are closed.',
    fields: session,
  },
  'session.reauthenticated': {
    meaning: 'The user authenticated again: both time-outs begin anew, with a new credential.',
    fields: session,
  },
  'session.replayed': {
    meaning:
      'An old credential came back that only a thief, or a copy of the browser, would send: the session is ended.',
    fields: { ...session, ageSeconds: 'number' },
  },
  'session.revoked': { meaning: 'The session was ended.', fields: { ...session, cause: 'name' } },
  'session.refused': {
    meaning: 'A credential of this session, or a guess at one, was refused and nothing changed.',
    fields: { ...session, reason: 'name' },
  },
}
