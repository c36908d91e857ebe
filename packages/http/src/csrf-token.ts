// The anti-forgery token of a session, for who asks for a signed double submit beside the origin (RFC 10017 §6.1.3.3).
import { type CookieRequest, readCookie, setCookie, type SetCookieResult } from '@tallystick/cookie'
import { issueCsrfToken, verifyCsrfToken } from '@tallystick/cookie/csrf'
import { type Answered, answered, refused, type SessionHandlerRefusal } from './session-answer.ts'
import type { HandlerContext } from './session-options.ts'
import { cookieRequestOf, type RequestLike } from './session-request.ts'
import type { PublicSession } from '@tallystick/server'

/** A token for the pages of a session. */
export type CsrfTokenResult = Answered<{ readonly token: string }, SessionHandlerRefusal>

/**
 * The token that the pages of a session submit: the one that the browser holds, else a new one with its cookie.
 *
 * @throws TypeError where the handlers were made without `csrf.token`.
 */
export function csrfToken(
  context: HandlerContext,
  request: RequestLike,
  { sessionId }: Pick<PublicSession, 'sessionId'>,
): CsrfTokenResult {
  const { csrfDefinition, ring, entropy } = context
  if (csrfDefinition === undefined || ring === undefined)
    throw new TypeError('csrfToken: the handlers were made without `csrf.token`')
  const cookieRequest = cookieRequestOf(context, request)
  const now = context.clock()
  const held = readCookie(csrfDefinition, cookieRequest, now)
  // Scripts can write this cookie, and what one broke is overwritten.
  if (!held.ok && held.reason !== 'cookie/malformed') return refused(context, 'authenticate', held)
  const value = held.ok ? held.value : undefined
  const isOurs = verifyCsrfToken(ring, { sessionId, submitted: value, cookie: value }).ok
  if (isOurs && value !== undefined) return answered({ token: value }, {}, {})
  const token = issueCsrfToken(ring, sessionId, entropy)
  const plan = setCookie(csrfDefinition, token, cookieRequest, now)
  return plan.ok ? answered({ token }, {}, { cookies: plan.cookies }) : refused(context, 'authenticate', plan)
}

/** The cookie with the token of a session that begins; none where no token is asked for. */
export function renewCsrfToken(
  { csrfDefinition, ring, entropy, clock }: HandlerContext,
  cookieRequest: CookieRequest,
  sessionId: string,
): SetCookieResult {
  if (csrfDefinition === undefined || ring === undefined) return { ok: true, cookies: [], headerBytes: 0 }
  return setCookie(csrfDefinition, issueCsrfToken(ring, sessionId, entropy), cookieRequest, clock())
}
