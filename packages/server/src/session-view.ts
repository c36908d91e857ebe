// A session as its user and the application see it: without anything that proves, or only the machine needs.
import { type NumericDate, plusSeconds } from '@tallystick/core'
import {
  type Authentication,
  effectiveAuthentication,
  isElevated,
  type ResolvedSessionPolicy,
  type Session,
  type SessionContext,
} from '@tallystick/session'

/** A session as an application may show it: for a list of devices, for instance. */
export interface PublicSession {
  /** Its public id (`sid`): knowing it gives no power over the session. */
  readonly sessionId: string
  /** Who is signed in. */
  readonly subject: string
  /** The client that the sign-in was for, where there is one. */
  readonly clientId?: string | undefined
  /** What its access tokens may carry. */
  readonly scope?: string | undefined
  /** When it began. */
  readonly establishedAt: NumericDate
  /** When it was last used, as it was last written down: behind by less than `touchSeconds`. */
  readonly lastPresentedAt: NumericDate
  /** Its absolute end. */
  readonly expiresAt: NumericDate
  /** When it ends unless it is used; absent where there is no idle time-out. */
  readonly idleExpiresAt?: NumericDate | undefined
  /** How the user counts as authenticated now: by the step-up while it lasts, else by the sign-in. */
  readonly authentication?: Authentication | undefined
  /** Whether a step-up counts now. */
  readonly isElevated: boolean
  /** Where it was begun. */
  readonly context?: SessionContext | undefined
}

/** As much of a session as its view shows. */
export type ViewedSession = Pick<
  Session,
  | 'sessionId'
  | 'subject'
  | 'clientId'
  | 'scope'
  | 'establishedAt'
  | 'lastPresentedAt'
  | 'absoluteExpiresAt'
  | 'authentication'
  | 'elevation'
  | 'context'
>

/** The view of a session at a time; what is not frozen is copied, so that who writes into it writes into nothing. */
export function publicSession(session: ViewedSession, now: NumericDate, policy: ResolvedSessionPolicy): PublicSession {
  const { sessionId, subject, clientId, scope, establishedAt, lastPresentedAt, absoluteExpiresAt, context } = session
  const authentication = effectiveAuthentication(session, now)
  const view: { -readonly [Field in keyof PublicSession]: PublicSession[Field] } = {
    sessionId,
    subject,
    establishedAt,
    lastPresentedAt,
    expiresAt: absoluteExpiresAt,
    isElevated: isElevated(session, now),
  }
  if (clientId !== undefined) view.clientId = clientId
  if (scope !== undefined) view.scope = scope
  if (policy.idleTimeoutSeconds !== 'none') {
    view.idleExpiresAt = earlier(plusSeconds(lastPresentedAt, policy.idleTimeoutSeconds), absoluteExpiresAt)
  }
  if (authentication !== undefined) {
    view.authentication = Object.isFrozen(authentication)
      ? authentication
      : { ...authentication, methods: [...authentication.methods] }
  }
  if (context !== undefined) view.context = { ...context }
  return view
}

function earlier(one: NumericDate, other: NumericDate): NumericDate {
  return one < other ? one : other
}
