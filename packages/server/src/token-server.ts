// The token server: every verb over one set of options.
import { TokenError } from '@tallystick/core'
import { introspect, type IntrospectionResponse, type IntrospectRequest } from './introspect.ts'
import { issue } from './issue.ts'
import type { IssueRequest } from './grant-input.ts'
import type { RefreshRequest } from './present.ts'
import { resolveOptions, type TokenServerOptions } from './options.ts'
import { elevate, type ElevateRequest, refresh, type RefreshResult, rotate, type RotateResult } from './refresh.ts'
import { revoke, revokeFamily, type RevokeRequest, type RevokeResult, revokeSession, revokeSubject } from './revoke.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { sweep } from './sweep.ts'
import type { AccessTokenSet, TokenSet } from './token-set.ts'
import { verify, type VerifyAccessResult, type VerifyOptions } from './verify.ts'

/**
 * Issues, refreshes, introspects and revokes tokens over the caller's storage.
 *
 * A refusal is a returned value; a failure (storage, clock, hook) is thrown as `TokenError` and is never a verdict.
 */
export interface TokenServer {
  /** Sessions that the server keeps, behind a cookie. */
  readonly sessions: Sessions
  /**
   * Issues the tokens of a sign-in that the application has just accepted.
   *
   * @throws TypeError or RangeError for a wrong request; TokenError where the world failed, with `ERR_SUBJECT_REVOKED`
   * where everything of the subject was revoked meanwhile.
   */
  issue(request: IssueRequest & { readonly refreshToken?: true | undefined }): Promise<TokenSet>
  /** Issues an access token alone, where `refreshToken` is false. */
  issue(request: IssueRequest): Promise<AccessTokenSet>
  /**
   * Rotates a refresh token and issues an access token with its successor.
   *
   * @returns `rotated`, `retried`, `concurrent` or `kept` with the tokens, or a refusal: only `invalid_grant` means that
   * the user must sign in again.
   */
  refresh(request: RefreshRequest): Promise<RefreshResult>
  /** As {@link TokenServer.refresh}, without an access token: for embedding in another authorization server. */
  rotate(request: RefreshRequest): Promise<RotateResult>
  /** Rotates to a higher authentication (step-up); whoever holds the predecessor gets nothing of it. */
  elevate(request: ElevateRequest): Promise<RefreshResult>
  /** Revokes a refresh token's family or one access token (RFC 7009). An unknown token is no error. */
  revoke(request: RevokeRequest): Promise<RevokeResult>
  /** Revokes one family by its id. @param cause - 1 to 64 characters of a-z, 0-9 and _. */
  revokeFamily(familyId: string, cause: string): Promise<RevokeResult>
  /** Revokes one session by its id, with its tokens and data. @param cause - 1 to 64 characters of a-z, 0-9 and _. */
  revokeSession(sessionId: string, cause: string): Promise<RevokeResult>
  /** Revokes everything issued to a subject until now, and every session. @param cause - 1 to 64 characters of a-z, 0-9 and _. */
  revokeSubject(subject: string, cause: string): Promise<RevokeResult>
  /** Tells a resource server what a token is to it (RFC 7662), from the store. */
  introspect(request: IntrospectRequest): Promise<IntrospectionResponse>
  /** Verifies an access token; a JWT without storage. */
  verify(accessToken: string, options?: VerifyOptions): Promise<VerifyAccessResult>
  /** Carries revocations through that a process died over: announced where a log is configured, data removed. */
  sweep(): Promise<{ readonly announced: number }>
  /**
   * Reads the revocation log, so that {@link TokenServer.verify} knows what other processes revoked.
   *
   * @throws TokenError `ERR_REVOCATION_LOG_UNAVAILABLE`.
   */
  syncRevocations(): Promise<void>
}

/**
 * Makes a token server.
 *
 * @throws TypeError or RangeError naming the field, what was given (never a secret) and what is allowed.
 * @example
 * const tokens = createTokenServer({
 *   issuer: 'https://auth.example.com', audience: 'https://api.example.com', clientId: 'web',
 *   keys: [await generateKey('ES256')],
 *   refreshTokenSecrets: [{ id: 1, secret: crypto.getRandomValues(new Uint8Array(32)) }],
 *   storage: memoryStorage(),
 * })
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700.html#section-4.14.2 RFC 9700 §4.14.2}
 */
export function createTokenServer(options: TokenServerOptions): TokenServer {
  const context = resolveOptions(options)
  return Object.freeze({
    sessions: createSessions(context),
    issue: ((request: IssueRequest) => issue(context, request)) as TokenServer['issue'],
    refresh: (request: RefreshRequest) => refresh(context, request),
    rotate: (request: RefreshRequest) => rotate(context, request),
    elevate: (request: ElevateRequest) => elevate(context, request),
    revoke: (request: RevokeRequest) => revoke(context, request),
    revokeFamily: (familyId: string, cause: string) => revokeFamily(context, familyId, cause),
    revokeSession: (sessionId: string, cause: string) => revokeSession(context, sessionId, cause),
    revokeSubject: (subject: string, cause: string) => revokeSubject(context, subject, cause),
    introspect: (request: IntrospectRequest) => introspect(context, request),
    verify: (accessToken: string, verification?: VerifyOptions) => verify(context, accessToken, verification),
    sweep: () => sweep(context),
    syncRevocations: async () => {
      if (context.log === undefined)
        throw new TokenError('ERR_REVOCATION_LOG_UNAVAILABLE', 'no revocation log is configured')
      await context.replica.sync(context.log, context.clock())
    },
  })
}
