// Issues and verifies by closed kinds of token, none of which passes for another (RFC 8725 §3.12). Subpath jwt/profiles.
export type {
  AccessTokenProfile,
  AccessTokenResult,
  AccessTokenVerifier,
  SyncAccessTokenVerifier,
} from './profile-access-token.ts'
export { accessToken } from './profile-access-token.ts'
export type {
  ClientAssertionClaims,
  DpopProofClaims,
  IdTokenClaims,
  IntrospectionResponseClaims,
  LogoutTokenClaims,
  SecurityEventClaims,
  StatusListClaims,
  TransactionTokenClaims,
  WithFurther,
} from './profile-claims.ts'
export type { Profile, ProfileVerifier, SyncProfileVerifier, VerifiedProfile } from './profile-define.ts'
export type { AssertionParties, PartyIssuerOptions, PartyVerifierOptions, ProfileGiven } from './profile-definitions.ts'
export {
  clientAssertion,
  dpopProof,
  idToken,
  introspectionResponse,
  logoutToken,
  securityEvent,
  statusList,
  transactionToken,
} from './profile-definitions.ts'
export type { DpopExpectation, IdTokenExpectation, StatusListExpectation } from './profile-expected.ts'
export type { ProfileIssuer } from './profile-issue.ts'
export type { ProfileResult } from './profile-law.ts'
export type {
  ProfileAudienceOptions,
  ProfileIssuerOptions,
  ProfileKeys,
  ProfileLifetime,
  ProfileLimits,
  ProfileSigningKeys,
} from './profile-policy.ts'
export type { ProfileRefusal } from './profile-refusals.ts'
