// Recognising the user of a request, renewing his credential, and proving him again; reading alone where nothing is set.
import type { Refusal } from '@tallystick/core'
import type { GivenAuthentication } from '@tallystick/server'
import {
  type Answered,
  answered,
  cookiesFor,
  type HandledSession,
  pageView,
  refused,
  type SessionHandlerRefusal,
} from './session-answer.ts'
import { refusedEvent } from './event.ts'
import { refuseHttp } from './refusals.ts'
import type { HandlerContext } from './session-options.ts'
import {
  admitAny,
  admitChange,
  admitReading,
  type HandlerOptions,
  type RequestHeaders,
  type RequestLike,
  type RequestProof,
} from './session-request.ts'
import type { AuthenticationRequirement } from '@tallystick/session'

/** How strongly, and how recently, the user must have authenticated. */
export interface AuthenticateOptions extends HandlerOptions {
  /** How the user must have been authenticated; else the refusal is a step-up challenge (RFC 9470 §3). */
  readonly requirement?: AuthenticationRequirement | undefined
}

/** A session that a request proved. */
export interface Authenticated extends HandledSession {
  /** Whether the credential is due for renewal: have the page POST to the refresh handler. */
  readonly renewalDue: boolean
}

/** The answer of an authentication. */
export type AuthenticateResult = Answered<Authenticated, SessionHandlerRefusal>

/** The answer of a refresh, an elevation or a re-authentication. */
export type RenewResult = Answered<HandledSession, SessionHandlerRefusal>

/** Recognises the user of a request. */
export async function authenticate(
  context: HandlerContext,
  request: RequestLike,
  { requirement, csrfToken, context: origin }: AuthenticateOptions = {},
): Promise<AuthenticateResult> {
  const endpoint = 'authenticate'
  const admitted = admitAny(context, request, { csrfToken })
  if (!admitted.ok) return refused(context, endpoint, admitted)
  const presented = admitted.reading.value
  if (presented === undefined) return refused(context, endpoint, refuseHttp('http/signed_out'))
  const answer = await context.server.sessions.present(presented, { requirement, context: origin })
  if (!answer.ok) return refused(context, endpoint, answer)
  const { session, renewalDue, credential = presented } = answer
  const plan = cookiesFor(context, admitted, credential)
  if (!plan.ok) return refused(context, endpoint, plan)
  return answered({ session, renewalDue }, { credential }, { cookies: plan.cookies })
}

/** Presents the credential, and renews it where that is due. */
export async function refresh(
  context: HandlerContext,
  request: RequestLike,
  { csrfToken, context: origin }: HandlerOptions = {},
): Promise<RenewResult> {
  return change(context, request, { endpoint: 'refresh', proof: { csrfToken } }, async (presented) => {
    const answer = await context.server.sessions.present(presented, { context: origin })
    if (!answer.ok) return answer
    const { session, renewalDue, credential = presented } = answer
    return renewalDue
      ? context.server.sessions.renew(credential, { context: origin })
      : { ok: true, session, credential }
  })
}

/** Notes that the user has just authenticated again: for a bounded time, or in place of the first authentication. */
export async function prove(
  context: HandlerContext,
  request: RequestLike,
  verb: 'elevate' | 'reauthenticate',
  { authentication, proof }: { readonly authentication: GivenAuthentication; readonly proof: RequestProof | undefined },
): Promise<RenewResult> {
  return change(context, request, { endpoint: verb, proof }, (presented) =>
    context.server.sessions[verb](presented, authentication, { context: proof?.context }),
  )
}

/** The answer of a reading: there is nothing in it that could set a cookie. */
export type ReadOnlyResult = ({ readonly ok: true } & Authenticated) | Refusal<SessionHandlerRefusal>

/** What is known where nothing can be set: a request, its headers, or the text of its Cookie header. */
export type ReadOnlyRequest = RequestLike | { readonly headers: RequestHeaders } | string | null | undefined

/** Recognises the user where no cookie can be set: nothing is renewed. */
export async function readOnlyAuthenticate(
  context: HandlerContext,
  request: ReadOnlyRequest,
  { requirement, csrfToken, context: origin }: AuthenticateOptions = {},
): Promise<ReadOnlyResult> {
  const admitted = admitReadOnly(context, request, { csrfToken })
  if (!admitted.ok) return told(context, admitted)
  const presented = admitted.reading.value
  if (presented === undefined) return told(context, refuseHttp('http/signed_out'))
  const answer = await context.server.sessions.present(presented, { requirement, context: origin })
  if (!answer.ok) return told(context, answer)
  const { session, renewalDue, credential = presented } = answer
  const result = { ok: true as const, session, renewalDue }
  return Object.freeze(Object.defineProperty(result, 'credential', { value: credential })) as typeof result &
    HandledSession
}

function admitReadOnly(
  context: HandlerContext,
  request: ReadOnlyRequest,
  proof: RequestProof,
): ReturnType<typeof admitAny> {
  if (request === null || request === undefined || typeof request === 'string') return admitReading(context, request)
  if ('method' in request) return admitAny(context, request, proof)
  return admitReading(context, request.headers.get('cookie'))
}

function told<Reason extends SessionHandlerRefusal>(
  context: HandlerContext,
  refusal: Refusal<Reason>,
): Refusal<Reason> {
  context.bus.emit([refusedEvent('read_only', refusal.reason)], context.clock(), context.entropy)
  return refusal
}

type Renewed = Awaited<ReturnType<HandlerContext['server']['sessions']['elevate']>>

async function change(
  context: HandlerContext,
  request: RequestLike,
  {
    endpoint,
    proof,
  }: { readonly endpoint: 'refresh' | 'elevate' | 'reauthenticate'; readonly proof: RequestProof | undefined },
  act: (presented: string) => Promise<Renewed>,
): Promise<RenewResult> {
  const admitted = admitChange(context, request, proof)
  if (!admitted.ok) return refused(context, endpoint, admitted)
  const presented = admitted.reading.value
  if (presented === undefined) return refused(context, endpoint, refuseHttp('http/signed_out'))
  const answer = await act(presented)
  if (!answer.ok) return refused(context, endpoint, answer)
  const { session, credential } = answer
  const plan = cookiesFor(context, admitted, credential)
  if (!plan.ok) return refused(context, endpoint, plan)
  return answered({ session }, { credential }, { cookies: plan.cookies, json: pageView(session) })
}
