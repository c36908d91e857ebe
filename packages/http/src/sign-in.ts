// Signing in: a session begins with a credential of its own, whatever the browser came with, and its cookie is set.
import { mergeCookies, readCookie, setCookie, type SetCookieResult } from '@tallystick/cookie'
import { issueLoginState } from '@tallystick/cookie/csrf'
import type { EstablishRequest, TokenSet } from '@tallystick/server'
import { isDead } from '@tallystick/session/refusals'
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
import { type Admitted, admitSignIn, cookieRequestOf, type RequestLike, type RequestProof } from './session-request.ts'

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
  const admitted = admitSignIn(context, request, proof)
  if (!admitted.ok) return refused(context, 'sign_in', admitted)
  const { tokenRefusal } = admitted
  const replaces = admitted.reading.value
  if (tokenRefusal !== undefined && !(await isOver(context, replaces))) return refused(context, 'sign_in', tokenRefusal)
  // A session whose cookies would not fit is not begun.
  const fits = planSignIn(context, admitted, ANY_CREDENTIAL, 'any')
  if (!fits.ok) return refused(context, 'sign_in', fits)
  const established = await context.server.sessions.establish({ ...grant, replaces })
  if (!established.ok) return refused(context, 'sign_in', established)
  const { credential, session, tokens } = established
  const plan = planSignIn(context, admitted, credential, session.sessionId)
  if (!plan.ok) return refused(context, 'sign_in', plan)
  return answered({ session }, { credential, tokens }, { cookies: plan.cookies, json: pageView(session) })
}

/** Whether the session of a credential is over, so that no page of it can have a token. */
async function isOver({ server }: HandlerContext, credential: string | undefined): Promise<boolean> {
  const presented = await server.sessions.present(credential ?? '')
  return !presented.ok && (presented.reason === 'session/idle' || isDead(presented.reason))
}

/** All cookies of a sign-in together: each alone may fit where both do not. */
function planSignIn(
  context: HandlerContext,
  { cookieRequest, cookies, now }: Admitted,
  credential: string,
  sessionId: string,
): SetCookieResult {
  const plan = setCookie(context.definition, credential, cookieRequest, now)
  const token = plan.ok ? renewCsrfToken(context, cookieRequest, sessionId) : plan
  if (!plan.ok || !token.ok) return token
  const { headerBytesMax } = context.definition
  return mergeCookies([plan.cookies, token.cookies, cookies], cookieRequest, headerBytesMax)
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
  const { attributes } = context.loginDefinition
  const asLong = { ...attributes, maxAgeSeconds: lifetimeSeconds ?? attributes.maxAgeSeconds }
  const plan = setCookie({ ...context.loginDefinition, attributes: asLong }, cookieValue, cookieRequest, now)
  if (!plan.ok) return refused(context, 'sign_in', plan)
  return answered({ state }, {}, { cookies: plan.cookies })
}

/** As long as every credential is. */
const ANY_CREDENTIAL = 'x'.repeat(69)
