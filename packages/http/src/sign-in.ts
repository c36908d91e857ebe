// Signing in: a session begins with a credential of its own, whatever the browser came with, and its cookie is set.
import { setCookie } from '@tallystick/cookie'
import { issueLoginState } from '@tallystick/cookie/csrf'
import type { EstablishRequest, TokenSet } from '@tallystick/server'
import { renewCsrfToken } from './csrf-token.ts'
import {
  type Answered,
  answered,
  type HandledSession,
  pageView,
  refused,
  type SessionHandlerRefusal,
} from './session-answer.ts'
import type { HandlerContext } from './session-options.ts'
import { admitChange, cookieRequestOf, type RequestLike, type RequestProof } from './session-request.ts'

import { readCookie } from '@tallystick/cookie'

/** Who signs in, and with what: what `server.sessions.establish` takes. The session that is replaced is the browser's. */
export type SignInGrant = Omit<EstablishRequest, 'replaces'>

/** A session that began. */
export interface SignedIn extends HandledSession {
  /** Tokens that were asked for with `refreshToken: true`, for the server's own use. Not enumerable. */
  readonly tokens?: TokenSet | undefined
}

/** The answer of a sign-in. */
export type SignInResult = Answered<SignedIn, SessionHandlerRefusal>

/** Establishes the session of a user whom the application has just authenticated. */
export async function signIn(
  context: HandlerContext,
  request: RequestLike,
  grant: SignInGrant,
  proof?: RequestProof,
): Promise<SignInResult> {
  const admitted = admitChange(context, request, proof)
  // What is no credential of ours goes under the new cookie.
  const isOverwritten = !admitted.ok && admitted.reason === 'cookie/malformed'
  if (!admitted.ok && !isOverwritten) return refused(context, 'sign_in', admitted)
  const cookieRequest = cookieRequestOf(context, request)
  const now = context.clock()
  const replaces = admitted.ok ? admitted.reading.value : undefined
  // A session whose cookie would not fit is not begun.
  const fits = setCookie(context.definition, ANY_CREDENTIAL, cookieRequest, now)
  if (!fits.ok) return refused(context, 'sign_in', fits)
  const established = await context.server.sessions.establish({ ...grant, replaces })
  if (!established.ok) return refused(context, 'sign_in', established)
  const { credential, session, tokens } = established
  const plan = setCookie(context.definition, credential, cookieRequest, now)
  if (!plan.ok) return refused(context, 'sign_in', plan)
  const token = renewCsrfToken(context, cookieRequest, session.sessionId)
  const cookies = [...plan.cookies, ...token, ...(admitted.ok ? admitted.cookies : [])]
  return answered({ session }, { credential, tokens }, { cookies, json: pageView(session) })
}

/** A log-in that was begun at another site. */
export type BegunSignIn = Answered<{ readonly state: string }, SessionHandlerRefusal>

/** What a log-in may be bound to. */
export interface BeginSignInOptions {
  /** What else the answer must fit: the issuer that is asked, say; default nothing. */
  readonly stateContext?: string | undefined
  /** How long the log-in may take: 30 to 3600; default 600. */
  readonly lifetimeSeconds?: number | undefined
}

/** Begins a log-in at another site: a `state` for the way out, and the cookie without which it is worth nothing. */
export function beginSignIn(
  context: HandlerContext,
  request: RequestLike,
  { stateContext, lifetimeSeconds }: BeginSignInOptions = {},
): BegunSignIn {
  if (context.ring === undefined) throw new TypeError('beginSignIn: the handlers were made without `secrets`')
  const now = context.clock()
  const cookieRequest = cookieRequestOf(context, request)
  const reading = readCookie(context.loginDefinition, cookieRequest, now)
  const held = reading.ok ? reading.value : undefined
  const { state, cookieValue } = issueLoginState(
    context.ring,
    { held, context: stateContext, lifetimeSeconds },
    now,
    context.entropy,
  )
  const plan = setCookie(context.loginDefinition, cookieValue, cookieRequest, now)
  if (!plan.ok) return refused(context, 'sign_in', plan)
  return answered({ state }, {}, { cookies: plan.cookies })
}

/** As long as every credential is. */
const ANY_CREDENTIAL = 'x'.repeat(69)
