// Access tokens of a session: for what the server itself, or a page behind it, calls in the user's name.
import type { NumericDate, Result } from '@tallystick/core'
import { effectiveAuthentication, idleEndOf, isElevated, type Session, type SessionRefusal } from '@tallystick/session'
import { audienceOf, termsFor } from './begin-family.ts'
import type { ServerContext } from './context.ts'
import { checkIssueRequest } from './grant-input.ts'
import { refuseSessionToken, type SessionTokenRefusal } from './refusals.ts'
import { presentSession, type UseOptions } from './session-present.ts'
import { type AccessTokenSet, issueAccessToken } from './token-set.ts'

/** What an access token of a session is issued for. */
export interface SessionTokenRequest extends UseOptions {
  /** The resource servers; the server's own `audience` where left out. */
  readonly audience?: string | readonly string[] | undefined
  /** Space-separated; at most what the session was established with, which it is where left out. */
  readonly scope?: string | undefined
  /** Further claims: at most 1 KiB as JSON, none with a registered name. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
}

/** What issuing an access token for a session answers. */
export type SessionTokenResult = Result<AccessTokenSet, SessionRefusal | SessionTokenRefusal>

/**
 * Issues an access token for a session.
 *
 * It says how the user counts as authenticated now, and ends with that: no later than the session or its step-up.
 *
 * @throws TypeError or RangeError for a wrong request; TokenError where the world failed.
 */
export async function issueSessionToken(
  context: ServerContext,
  credential: string,
  { context: request, ...given }: SessionTokenRequest = {},
): Promise<SessionTokenResult> {
  const used = await presentSession(context, credential, { context: request })
  if (!used.ok) return used
  const { session, now } = used
  const { subject, sessionId, scope: granted = '' } = session
  const asked = checkIssueRequest('issueAccessToken', { ...given, subject, clientId: session.clientId })
  const { clientId } = await termsFor(context, 'issueAccessToken', asked)
  const scope = asked.scope === undefined || asked.scope === '' ? granted : asked.scope
  if (!isWithin(scope, granted)) return refuseSessionToken('access_token/scope_exceeded')
  // A session may begin a second ahead, after a cut-off: its tokens are not older than it is.
  const issuedAt = now > session.establishedAt ? now : session.establishedAt
  const access = await issueAccessToken(context, {
    subject,
    clientId,
    scope,
    audience: audienceOf(context, asked),
    issuedAt,
    sessionId,
    authentication: effectiveAuthentication(session, now),
    claims: asked.claims,
    familyEnd: endOf(context, session, now),
  })
  return { ok: true, ...access, sessionId, ...(scope === '' ? {} : { scope }) }
}

/** The first end that the session or its step-up will come to, as things stand now. */
function endOf({ sessionPolicy }: ServerContext, session: Session, now: NumericDate): NumericDate {
  const ends = [idleEndOf(session, sessionPolicy), isElevated(session, now) ? session.elevation?.expiresAt : undefined]
  return ends.reduce<NumericDate>(
    (first, end) => (end !== undefined && end < first ? end : first),
    session.absoluteExpiresAt,
  )
}

/** RFC 6749 §6: "MUST NOT include any scope not originally granted by the resource owner" */
function isWithin(asked: string, granted: string): boolean {
  const all = granted.split(' ')
  return asked === '' || asked.split(' ').every((one) => all.includes(one))
}
