// What happened at a token server: the machines' events and its own, in one union and one table.
import type { EventTable, NumericDate } from '@tallystick/core'
import type { Envelope } from '@tallystick/events'
import type { RefreshTokenEvent } from '@tallystick/refresh-token'
import { refreshTokenEvents } from '@tallystick/refresh-token/event'
import type { SessionEvent } from '@tallystick/session'
import { sessionEvents } from '@tallystick/session/event'

/** Where a request came from, as far as the application tells: for monitoring and the risk hook, never for a verdict. */
export interface RequestContext {
  /** A part of the client's address, as coarse as the application likes: `203.0.113.0/24`. */
  readonly networkPrefix?: string | undefined
  /** The client's software, as it names itself. */
  readonly userAgent?: string | undefined
  /** A country or region, where the application knows one. */
  readonly place?: string | undefined
}

/** An event of a machine, with where the request came from. */
export type ContextualEvent<Event> = Event extends unknown
  ? Event & { readonly context?: RequestContext | undefined }
  : never

/** What happened, before it is put into its envelope. */
export type ServerFact =
  | ContextualEvent<RefreshTokenEvent>
  | ContextualEvent<SessionEvent>
  | {
      readonly type: 'refresh_token.turned_away'
      readonly reason: string
      readonly context?: RequestContext | undefined
    }
  | {
      readonly type: 'session.turned_away'
      readonly reason: string
      readonly context?: RequestContext | undefined
    }
  | {
      readonly type: 'session.limit_reached'
      readonly subject: string
      readonly sessionsMax: number
      readonly atLimit: string
    }
  | {
      readonly type: 'access_token.issued'
      readonly tokenId: string
      readonly subject: string
      readonly clientId: string
      readonly familyId?: string | undefined
      readonly sessionId?: string | undefined
      readonly expiresAt: NumericDate
    }
  | { readonly type: 'access_token.refused'; readonly reason: string }
  | {
      readonly type: 'access_token.revoked'
      readonly tokenId: string
      readonly subject: string
      readonly cause: string
    }
  | {
      readonly type: 'subject.revoked'
      readonly subject: string
      readonly cause: string
      readonly cutoff: NumericDate
      readonly revokedFamilies: number
      readonly revokedSessions: number
    }
  | {
      readonly type: 'revocation.announced'
      readonly familyId?: string | undefined
      readonly sessionId?: string | undefined
    }
  | { readonly type: 'configuration.warned'; readonly warning: string }

/** An event as `onEvent` hears it. */
export type ServerEvent = Envelope<ServerFact>

/** Says of events where the request came from. */
export function inContext(
  events: ReadonlyArray<RefreshTokenEvent | SessionEvent>,
  context: RequestContext | undefined,
): readonly ServerFact[] {
  return context === undefined ? events : events.map((event) => Object.assign({ context }, event))
}

const withContext = Object.fromEntries(
  Object.entries({ ...refreshTokenEvents, ...sessionEvents }).map(([type, row]) => [
    type,
    { meaning: row.meaning, fields: { ...row.fields, context: 'texts' } },
  ]),
) as unknown as EventTable<ContextualEvent<RefreshTokenEvent | SessionEvent>>

/** What each event means and carries. */
export const serverEvents: EventTable<ServerFact> = {
  ...withContext,
  'refresh_token.turned_away': {
    meaning:
      'A refresh was refused before any record was read. `refresh_token/unknown`: a genuine token has no record; the store may have lost it. `refresh_token/unknown_secret`: look at the last deployment of secrets.',
    fields: { reason: 'name', context: 'texts' },
  },
  'session.turned_away': {
    meaning:
      'A session credential was refused that has not the form of one, or whose session has no record: it ended long ago, was never ours, or the store has lost it.',
    fields: { reason: 'name', context: 'texts' },
  },
  'session.limit_reached': {
    meaning: 'A subject signed in with as many sessions as allowed; `atLimit` says what followed.',
    fields: { subject: 'text', sessionsMax: 'number', atLimit: 'name' },
  },
  'access_token.issued': {
    meaning: 'An access token was issued.',
    fields: { tokenId: 'id', subject: 'text', clientId: 'text', familyId: 'id', sessionId: 'id', expiresAt: 'number' },
  },
  'access_token.refused': { meaning: 'An access token was refused by `verify`.', fields: { reason: 'name' } },
  'access_token.revoked': {
    meaning: 'One access token was ended.',
    fields: { tokenId: 'id', subject: 'text', cause: 'name' },
  },
  'subject.revoked': {
    meaning: 'Everything issued to a subject up to a cut-off was ended.',
    fields: { subject: 'text', cause: 'name', cutoff: 'number', revokedFamilies: 'number', revokedSessions: 'number' },
  },
  'revocation.announced': {
    meaning: 'The end of a family or session now stands in the revocation log.',
    fields: { familyId: 'id', sessionId: 'id' },
  },
  'configuration.warned': { meaning: 'The configuration works, but is unwise.', fields: { warning: 'text' } },
}
