// What happened at the handlers: requests that were turned away, as facts without any value of a cookie or header.
import type { EventTable } from '@tallystick/core'
import type { Envelope } from '@tallystick/events'

/** Where a request was turned away. */
export type Endpoint =
  | 'sign_in'
  | 'refresh'
  | 'authenticate'
  | 'read_only'
  | 'elevate'
  | 'reauthenticate'
  | 'sign_out'
  | 'api'

/** Something that was turned away, and where. */
export interface Refused<Type extends string> {
  /** What turned it away. */
  readonly type: Type
  /** The handler that was asked. */
  readonly endpoint: Endpoint
  /** The reason of the refusal: `csrf/cross_site`. */
  readonly reason: string
}

/** What happened, before it is put into its envelope. */
export type HttpFact =
  | Refused<'http.csrf_refused'>
  | Refused<'http.cookie_refused'>
  | Refused<'http.session_refused'>
  | Refused<'http.request_refused'>

/** An event as `onEvent` hears it. */
export type HttpEvent = Envelope<HttpFact>

const fields = { endpoint: 'name', reason: 'name' } as const

/** What each event means and carries. */
export const httpEvents: EventTable<HttpFact> = {
  'http.csrf_refused': {
    meaning: 'A request was taken for forged. A burst is an attack, or an origin that nobody configured.',
    fields,
  },
  'http.cookie_refused': { meaning: 'Cookies were not read or not written: too long, sent twice, or planted.', fields },
  'http.session_refused': {
    meaning: 'The session was refused; the server tells of it, too, where it knew the session.',
    fields,
  },
  'http.request_refused': { meaning: 'A request had the wrong method or path, or an API did not answer.', fields },
}

/** The event of a refusal, by the beginning of its reason. */
export function refusedEvent(endpoint: Endpoint, reason: string): HttpFact {
  const [family = ''] = reason.split('/')
  return { type: EVENT_OF[family] ?? 'http.request_refused', endpoint, reason }
}

const EVENT_OF: Readonly<Record<string, HttpFact['type']>> = {
  csrf: 'http.csrf_refused',
  cookie: 'http.cookie_refused',
  session: 'http.session_refused',
}
