// Server sessions: every verb over one context.
import type { ServerContext } from './context.ts'
import { establish, type EstablishRequest, type EstablishResult } from './establish.ts'
import type { GivenAuthentication } from './grant-input.ts'
import { issueSessionToken, type SessionTokenRequest, type SessionTokenResult } from './session-access.ts'
import { type AuthenticateResult, elevate, reauthenticate } from './session-authenticate.ts'
import type { UpdateData } from './session-data.ts'
import { list, revokeOne, revokeOthers, type RevokeOthersResult, signOut } from './session-end.ts'
import {
  type DataResult,
  present,
  type PresentOptions,
  type PresentResult,
  read,
  renew,
  type RenewResult,
  update,
  type UseOptions,
} from './session-present.ts'
import type { PublicSession } from './session-view.ts'

/**
 * Sessions that the server keeps: the browser holds a credential in a cookie, and nothing else.
 *
 * A refusal is a returned value; a failure (storage, clock) is thrown as `TokenError` and never means that somebody is
 * signed out. Whatever is written is stored before it is answered.
 */
export interface Sessions {
  /** Establishes a session for a user who has just signed in, with an id of the server's own making. */
  establish(request: EstablishRequest): Promise<EstablishResult>
  /**
   * Presents a credential: is there a session, and whose? One read, and seldom a write.
   *
   * Where the answer holds another `credential`, it is to be stored in the place of the one presented.
   */
  present(credential: string, options?: PresentOptions): Promise<PresentResult>
  /** Exchanges a credential for its successor; asked again within the overlap, it gives the same. */
  renew(credential: string, options?: UseOptions): Promise<RenewResult>
  /** Counts a further authentication (step-up) for a bounded time; every earlier credential is closed. */
  elevate(credential: string, authentication: GivenAuthentication, options?: UseOptions): Promise<AuthenticateResult>
  /** Puts a new authentication in the place of the first: both time-outs begin anew, earlier credentials are closed. */
  reauthenticate(
    credential: string,
    authentication: GivenAuthentication,
    options?: UseOptions,
  ): Promise<AuthenticateResult>
  /** Reads the application's data of the session. */
  read(credential: string, options?: UseOptions): Promise<DataResult>
  /**
   * Changes the application's data of the session: `change` gets them and gives what they shall be.
   *
   * Of two at once the second is run again on what the first wrote, so that it must do nothing else. What it throws is
   * thrown.
   */
  update(credential: string, change: UpdateData, options?: UseOptions): Promise<DataResult>
  /** Issues an access token that ends with the session, or its step-up. */
  issueAccessToken(credential: string, request?: SessionTokenRequest): Promise<SessionTokenResult>
  /** Signs out: ends the session of a credential, its data and its tokens. A credential of no session is no error. */
  revoke(credential: string, options?: UseOptions): Promise<{ readonly revoked: number }>
  /** Ends every other sign-in of the user, refresh tokens included: after a change of password or factor. */
  revokeOthers(credential: string, options?: UseOptions): Promise<RevokeOthersResult>
  /** Ends one session of the same user, by its id. */
  revokeOne(credential: string, sessionId: string, options?: UseOptions): Promise<RevokeOthersResult>
  /** The live sessions of a subject, the one used last first. */
  list(subject: string): Promise<readonly PublicSession[]>
}

/** Prepares the verbs. */
export function createSessions(context: ServerContext): Sessions {
  return Object.freeze({
    establish: (request: EstablishRequest) => establish(context, request),
    present: (credential: string, options?: PresentOptions) => present(context, credential, options),
    renew: (credential: string, options?: UseOptions) => renew(context, credential, options),
    elevate: (credential: string, authentication: GivenAuthentication, options?: UseOptions) =>
      elevate(context, credential, authentication, options),
    reauthenticate: (credential: string, authentication: GivenAuthentication, options?: UseOptions) =>
      reauthenticate(context, credential, authentication, options),
    read: (credential: string, options?: UseOptions) => read(context, credential, options),
    update: (credential: string, change: UpdateData, options?: UseOptions) =>
      update(context, credential, change, options),
    issueAccessToken: (credential: string, request?: SessionTokenRequest) =>
      issueSessionToken(context, credential, request),
    revoke: (credential: string, options?: UseOptions) => signOut(context, credential, 'sign_out', options),
    revokeOthers: (credential: string, options?: UseOptions) => revokeOthers(context, credential, options),
    revokeOne: (credential: string, sessionId: string, options?: UseOptions) =>
      revokeOne(context, credential, sessionId, options),
    list: (subject: string) => list(context, subject),
  })
}
