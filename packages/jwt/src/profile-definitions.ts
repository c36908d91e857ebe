// The closed kinds of token beside access tokens, each with its own types (RFC 8725 §3.11).
import type {
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
import type { Profile, VerifiedProfile } from './profile-define.ts'
import { defineProfile, defineVerified } from './profile-define.ts'
import type { DpopExpectation, IdTokenExpectation, StatusListExpectation } from './profile-expected.ts'
import { matchDpopProof, matchIdToken, matchStatusList } from './profile-expected.ts'
import { createProofPrepare } from './profile-proof-key.ts'
import type {
  ProfileAudienceOptions,
  ProfileIssuerOptions,
  ProfileKeys,
  ProfileLifetime,
  ProfileLimits,
  ProfileSigningKeys,
} from './profile-policy.ts'

/** Who, for whom, and which keys: what most verifiers are told. */
export type PartyVerifierOptions = ProfileIssuerOptions & ProfileAudienceOptions & ProfileKeys & ProfileLimits
/** Who, for whom, and which keys: what most issuers are told. */
export type PartyIssuerOptions = ProfileIssuerOptions & ProfileAudienceOptions & ProfileSigningKeys
/** A client and the one authorization server that it speaks to. */
export type AssertionParties = ProfileIssuerOptions & ProfileAudienceOptions<string>

/** The claims that a caller gives: those that the issuer fills may be left out, and others may be added. */
export type ProfileGiven<Claims, Filled extends keyof Claims> = WithFurther<
  Omit<Claims, Filled> & Partial<Pick<Claims, Filled>>
>

/**
 * ID tokens, verified by a client: `typ` is `JWT` or absent, as OpenID Connect Core says. They are not issued here.
 *
 * `verify` needs to know the nonce of the request. Every `aud` must be one of the verifier's; where there are several,
 * `azp` must be there. A token that a client wrote about itself is none.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725.html#section-3.12 RFC 8725 §3.12}
 */
export const idToken: VerifiedProfile<IdTokenClaims, PartyVerifierOptions, [expected: IdTokenExpectation]> =
  /* @__PURE__ */ defineVerified<IdTokenClaims, PartyVerifierOptions, [expected: IdTokenExpectation]>({
    kind: 'idToken',
    textToHash: ({ accessToken }) => accessToken,
    match: matchIdToken,
  })

/** Logout tokens (OpenID Connect Back-Channel Logout §2.4): `sub`, `sid` or both, the event of logout, never a nonce. */
export const logoutToken: Profile<
  LogoutTokenClaims,
  ProfileGiven<LogoutTokenClaims, 'iss' | 'aud' | 'iat' | 'exp' | 'jti' | 'events'>,
  PartyIssuerOptions & ProfileLifetime,
  PartyVerifierOptions
> = /* @__PURE__ */ defineProfile({ kind: 'logoutToken' })

/**
 * Security event tokens: the subject is `sub_id`, and neither `sub` nor `exp` is there. A repeated `jti` is for the
 * receiver to notice.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8417.html#section-2.2 RFC 8417 §2.2}
 */
export const securityEvent: Profile<
  SecurityEventClaims,
  ProfileGiven<SecurityEventClaims, 'iss' | 'aud' | 'iat' | 'jti'>,
  PartyIssuerOptions,
  PartyVerifierOptions
> = /* @__PURE__ */ defineProfile({ kind: 'securityEvent' })

/**
 * Signed introspection responses, at most 60 seconds old unless told otherwise; `audience` is the resource server.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9701.html#section-5 RFC 9701 §5}
 */
export const introspectionResponse: Profile<
  IntrospectionResponseClaims,
  ProfileGiven<IntrospectionResponseClaims, 'iss' | 'aud' | 'iat'>,
  PartyIssuerOptions,
  PartyVerifierOptions
> = /* @__PURE__ */ defineProfile({ kind: 'introspectionResponse' })

/**
 * DPoP proofs: the key is the one in the header, and its thumbprint is given back. Nothing is stored: that a `jti` comes
 * once is for the caller to see to.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449.html#section-4.3 RFC 9449 §4.3}
 */
export const dpopProof: Profile<
  DpopProofClaims,
  ProfileGiven<DpopProofClaims, 'jti' | 'iat'>,
  ProfileSigningKeys,
  ProfileLimits,
  [expected: DpopExpectation]
> = /* @__PURE__ */ defineProfile({ kind: 'dpopProof', prepareOwn: createProofPrepare, match: matchProof })

/** Status list tokens (Token Status List §5.1): what they hold stays compressed; `sub` must be the address asked for. */
export const statusList: Profile<
  StatusListClaims,
  ProfileGiven<StatusListClaims, 'iss' | 'iat' | 'exp'>,
  ProfileIssuerOptions & ProfileSigningKeys & Partial<ProfileLifetime>,
  ProfileIssuerOptions & ProfileKeys & ProfileLimits,
  [expected: StatusListExpectation]
> = /* @__PURE__ */ defineProfile({ kind: 'statusList', match: matchStatusList })

/**
 * Client assertions: `issuer` is the client's id, which is `iss` and `sub`; `audience` is the issuer identifier of the
 * authorization server, the only `aud`. A `typ` is written; a token with `JWT` or none is accepted. That a `jti` comes
 * once is for the caller to see to.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523.html#section-3 RFC 7523 §3}
 */
export const clientAssertion: Profile<
  ClientAssertionClaims,
  ProfileGiven<ClientAssertionClaims, keyof ClientAssertionClaims>,
  AssertionParties & ProfileSigningKeys & ProfileLifetime,
  AssertionParties & ProfileKeys & ProfileLimits
> = /* @__PURE__ */ defineProfile({ kind: 'clientAssertion' })

/** Transaction tokens (OAuth Transaction Tokens §9), good inside one trust domain, which is the audience. */
export const transactionToken: Profile<
  TransactionTokenClaims,
  ProfileGiven<TransactionTokenClaims, 'iss' | 'aud' | 'iat' | 'exp'>,
  PartyIssuerOptions & ProfileLifetime,
  PartyVerifierOptions
> = /* @__PURE__ */ defineProfile({ kind: 'transactionToken' })

function matchProof(
  claims: DpopProofClaims,
  expected: DpopExpectation,
  { thumbprint }: { readonly thumbprint: string },
): ReturnType<typeof matchDpopProof> {
  return matchDpopProof(claims, expected, thumbprint)
}
