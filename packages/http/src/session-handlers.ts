// The session handlers that a web application mounts: sign-in, refresh, step-up, sign-out, and recognising the user.
import type { GivenAuthentication, PublicSession } from '@tallystick/server'
import {
  authenticate,
  type AuthenticateOptions,
  type AuthenticateResult,
  prove,
  readOnlyAuthenticate,
  type ReadOnlyRequest,
  type ReadOnlyResult,
  refresh,
  type RenewResult,
} from './authenticate.ts'
import { csrfToken, type CsrfTokenResult } from './csrf-token.ts'
import { resolveHandlerOptions, type SessionHandlerOptions } from './session-options.ts'
import type { HandlerOptions, RequestLike, RequestProof } from './session-request.ts'
import type { SessionServer } from './session-server.ts'
import {
  beginSignIn,
  type BeginSignInOptions,
  type BegunSignIn,
  signIn,
  type SignInGrant,
  type SignInResult,
} from './sign-in.ts'
import { signOut, type SignOutOptions, type SignOutResult } from './sign-out.ts'

/**
 * Handlers over the sessions of a token server. Each judges a request before it acts on its cookies, and answers with
 * cookies and headers as data.
 *
 * No refusal clears a cookie: another tab may have got a newer one meanwhile, and a dead one is refused anyway. All throw
 * `TokenError` where the world failed: `failureAnswer` makes a 503 of it.
 */
export interface SessionHandlers {
  /**
   * Establishes the session of a user whom the application has just authenticated. POST, from the application itself,
   * unless the request comes back from another site's log-in page with its `state`.
   *
   * The session that the browser came with ends; its credential is never taken over.
   *
   * @throws TypeError or RangeError for a wrong grant; TokenError where the world failed.
   */
  signIn(request: RequestLike, grant: SignInGrant, proof?: RequestProof): Promise<SignInResult>
  /**
   * Begins a log-in at another site: `state` goes along, the answer's cookie stays here.
   *
   * @throws TypeError where the handlers were made without `secrets`.
   */
  beginSignIn(request: RequestLike, options?: BeginSignInOptions): BegunSignIn
  /** Counts as use of the session and renews its credential where that is due. POST alone. */
  refresh(request: RequestLike, options?: HandlerOptions): Promise<RenewResult>
  /** Recognises the user of a request, whatever its method. */
  authenticate(request: RequestLike, options?: AuthenticateOptions): Promise<AuthenticateResult>
  /** Notes a further authentication (step-up) that counts for a bounded time: a new credential. As `signIn`. */
  elevate(request: RequestLike, authentication: GivenAuthentication, proof?: RequestProof): Promise<RenewResult>
  /** Notes that the same user authenticated again: a new credential, both time-outs begin anew. As `signIn`. */
  reauthenticate(request: RequestLike, authentication: GivenAuthentication, proof?: RequestProof): Promise<RenewResult>
  /** Ends the session, or everything of the user. POST alone; signing out twice is no error. */
  signOut(request: RequestLike, options?: SignOutOptions): Promise<SignOutResult>
  /**
   * The anti-forgery token for the pages of a session.
   *
   * @throws TypeError where the handlers were made without `csrf.token`.
   */
  csrfToken(request: RequestLike, session: Pick<PublicSession, 'sessionId'>): CsrfTokenResult
  /** For where no cookie can be set, such as a server component. */
  readonly readOnly: {
    /** Recognises the user and renews nothing; the answer cannot be sent. */
    authenticate(request: ReadOnlyRequest, options?: AuthenticateOptions): Promise<ReadOnlyResult>
  }
}

/**
 * Makes the session handlers of a web application.
 *
 * @throws TypeError or RangeError naming the field, what was given (never a secret) and what is allowed.
 * @see {@link https://www.rfc-editor.org/rfc/rfc10017.html#section-6.1.3 RFC 10017 §6.1.3}
 */
export function createSessionHandlers(server: SessionServer, options: SessionHandlerOptions): SessionHandlers {
  const context = resolveHandlerOptions(server, options)
  return Object.freeze({
    signIn: (request: RequestLike, grant: SignInGrant, proof?: RequestProof) => signIn(context, request, grant, proof),
    beginSignIn: (request: RequestLike, begin?: BeginSignInOptions) => beginSignIn(context, request, begin),
    refresh: (request: RequestLike, given?: HandlerOptions) => refresh(context, request, given),
    authenticate: (request: RequestLike, given?: AuthenticateOptions) => authenticate(context, request, given),
    elevate: (request: RequestLike, authentication: GivenAuthentication, proof?: RequestProof) =>
      prove(context, request, 'elevate', { authentication, proof }),
    reauthenticate: (request: RequestLike, authentication: GivenAuthentication, proof?: RequestProof) =>
      prove(context, request, 'reauthenticate', { authentication, proof }),
    signOut: (request: RequestLike, given?: SignOutOptions) => signOut(context, request, given),
    csrfToken: (request: RequestLike, session: Pick<PublicSession, 'sessionId'>) =>
      csrfToken(context, request, session),
    readOnly: Object.freeze({
      authenticate: (request: ReadOnlyRequest, given?: AuthenticateOptions) =>
        readOnlyAuthenticate(context, request, given),
    }),
  })
}
