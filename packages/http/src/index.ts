// What a web application mounts. Node's request and response: http/node. Tables: http/event, http/refusals.
export type { Answer, AnswerInit } from './answer.ts'
export type { ApiFetch, ApiProxy, ApiProxyOptions } from './api-proxy.ts'
export { createApiProxy } from './api-proxy.ts'
export type { ApiRoute } from './api-route.ts'
export type {
  Authenticated,
  AuthenticateOptions,
  AuthenticateResult,
  ReadOnlyRequest,
  ReadOnlyResult,
  RenewResult,
} from './authenticate.ts'
export type { ClearSiteDataKind } from './clear-site-data.ts'
export { clearSiteData } from './clear-site-data.ts'
export type { CsrfTokenResult } from './csrf-token.ts'
export { failureAnswer } from './failure.ts'
export { createNonce } from './nonce.ts'
export type { SecurityHeaderOptions } from './security-headers.ts'
export { securityHeaders } from './security-headers.ts'
export type { Answered, HandledSession, SessionHandlerRefusal } from './session-answer.ts'
export type { SessionHandlers } from './session-handlers.ts'
export { createSessionHandlers } from './session-handlers.ts'
export type { SessionCsrfOptions, SessionHandlerOptions } from './session-options.ts'
export type { AdmissionRefusal, HandlerOptions, RequestHeaders, RequestLike, RequestProof } from './session-request.ts'
export type { SessionServer } from './session-server.ts'
export type { BeginSignInOptions, BegunSignIn, SignedIn, SignInGrant, SignInResult } from './sign-in.ts'
export type { SignOutOptions, SignOutResult } from './sign-out.ts'
