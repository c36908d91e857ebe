// Signing out: the session ends on the server, and the request that ended it clears the cookie (RFC 10017 §6.1.3.2).
import { clearCookie, type Cookie } from '@tallystick/cookie'
import { type Answered, answered, refused, type SessionHandlerRefusal } from './session-answer.ts'
import { refuseHttp } from './refusals.ts'
import type { HandlerContext } from './session-options.ts'
import { type Admitted, admitChange, type HandlerOptions, type RequestLike } from './session-request.ts'

/** How to sign out. */
export interface SignOutOptions extends HandlerOptions {
  /**
   * Ends everything of the user: all his sessions, and his refresh and access tokens. Needs a live session, and is refused
   * otherwise. Default this session alone.
   */
  readonly everywhere?: boolean | undefined
}

/** What a sign-out ended: how many sessions and families, none where the session was over already. */
export type SignOutResult = Answered<{ readonly revoked: number }, SessionHandlerRefusal>

/** Ends the session of a request. A session that is over already is no error. */
export async function signOut(
  context: HandlerContext,
  request: RequestLike,
  { everywhere = false, csrfToken, context: origin }: SignOutOptions = {},
): Promise<SignOutResult> {
  const admitted = admitChange(context, request, { csrfToken })
  if (!admitted.ok) return refused(context, 'sign_out', admitted)
  const { server } = context
  const credential = admitted.reading.value
  if (!everywhere) {
    const { revoked } =
      credential === undefined ? NOTHING : await server.sessions.revoke(credential, { context: origin })
    return ended(context, revoked, revoked > 0 ? cleared(context, admitted) : [])
  }
  // Who the user is only a live session says, and nobody is told that he was signed out where he was not.
  if (credential === undefined) return refused(context, 'sign_out', refuseHttp('http/signed_out'))
  const presented = await server.sessions.present(credential, { context: origin })
  if (!presented.ok) return refused(context, 'sign_out', presented)
  const { revoked } = await server.revokeSubject(presented.session.subject, 'sign_out')
  return ended(context, revoked, revoked > 0 ? cleared(context, admitted) : [])
}

/**
 * Whoever signs out wants the browser to forget, also where another request ended the session before. The cookie is
 * another matter: it may be that of a new session by now, so only the request that ended a session clears one.
 */
function ended({ signOutHeaders }: HandlerContext, revoked: number, cookies: readonly Cookie[]): SignOutResult {
  return answered({ revoked }, {}, { status: 204, headers: signOutHeaders, cookies })
}

function cleared({ definition, csrfDefinition }: HandlerContext, { cookieRequest, now }: Admitted): readonly Cookie[] {
  const csrf = csrfDefinition === undefined ? [] : clearCookie(csrfDefinition, cookieRequest, now)
  return [...clearCookie(definition, cookieRequest, now), ...csrf]
}

const NOTHING = { revoked: 0 } as const
