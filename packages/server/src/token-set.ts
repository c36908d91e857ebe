// What a caller gets: an access token, and the refresh token it came with (RFC 6749 §5.1).
import type { NumericDate } from '@tallystick/core'
import { encodeBase64url } from '@tallystick/core/base64url'
import { expiresAt, type PresentedBinding, type RefreshTokenFamily, type TokenBinding } from '@tallystick/refresh-token'
import { accessExpiry } from './access-token.ts'
import { claimsOf } from './claims.ts'
import type { ClientTerms } from './clients.ts'
import { type ServerContext, tell } from './context.ts'

/** An issued access token. */
export interface AccessTokenSet {
  /** The access token: a JWT, or opaque text. */
  readonly accessToken: string
  /** How to send it (RFC 6749 §7.1, RFC 9449 §5). */
  readonly tokenType: 'Bearer' | 'DPoP'
  /** How long it lasts from when it was issued. */
  readonly expiresInSeconds: number
  /** The session it belongs to, where there is one. */
  readonly sessionId?: string | undefined
  /** Absent where none was granted. */
  readonly scope?: string | undefined
}

/** An issued access token and the refresh token it came with. */
export interface TokenSet extends AccessTokenSet {
  /** The refresh token to present next. */
  readonly refreshToken: string
  /** How long the refresh token can still be used if nobody uses it before. */
  readonly refreshTokenExpiresInSeconds: number
  /** The public id of its family: safe in logs. */
  readonly familyId: string
}

/** What an access token of a family may be narrowed to or enriched with. */
export interface AccessRequest {
  readonly scope?: string | undefined
  readonly audience?: string | readonly string[] | undefined
  readonly binding?: PresentedBinding | TokenBinding | undefined
  /** The application's own claims. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
}

/** A family that is being served, and the token of its current generation. */
export interface ServedFamily {
  readonly family: RefreshTokenFamily
  readonly refreshToken: string
  readonly terms: ClientTerms
  /** When it was decided to serve it: what is issued is dated so, however long the deciding took. */
  readonly now: NumericDate
}

/** Issues the access token of a family's current generation and puts both tokens together. */
export async function issueTokenSet(
  context: ServerContext,
  { family, refreshToken, terms, now }: ServedFamily,
  request: AccessRequest,
): Promise<TokenSet> {
  // A family may begin a second ahead, after a cut-off: its tokens are not older than it is.
  const issuedAt = now > family.issuedAt ? now : family.issuedAt
  const { audience, scope = family.scope } = request
  const access = await issueAccessToken(context, {
    subject: family.subject,
    clientId: family.clientId,
    scope,
    audience: audience === undefined ? family.resources : listOf(audience),
    issuedAt,
    familyId: family.familyId,
    generation: family.generation,
    sessionId: family.sessionId,
    authentication: family.authentication,
    binding: family.binding ?? request.binding,
    claims: request.claims,
    familyEnd: family.absoluteExpiresAt,
  })
  return {
    ...access,
    refreshToken,
    refreshTokenExpiresInSeconds: Math.max(0, expiresAt(family, terms.policy) - now),
    familyId: family.familyId,
    ...(family.sessionId === undefined ? {} : { sessionId: family.sessionId }),
    ...(scope === '' ? {} : { scope }),
  }
}

/** What one access token is issued for. */
export type AccessTokenGrant = Omit<Parameters<typeof claimsOf>[0], 'tokenId' | 'expiresAt'> & {
  readonly familyEnd?: NumericDate | undefined
}

/** Issues one access token and tells of it. */
export async function issueAccessToken(
  context: ServerContext,
  { familyEnd, ...grant }: AccessTokenGrant,
): Promise<Pick<AccessTokenSet, 'accessToken' | 'tokenType' | 'expiresInSeconds'>> {
  const tokenId = encodeBase64url(context.entropy.bytes(TOKEN_ID_BYTES))
  const expires = accessExpiry(grant.issuedAt, context.accessTokens.lifetimeSeconds, familyEnd)
  const claims = claimsOf({ ...grant, tokenId, expiresAt: expires })
  const accessToken = await context.accessTokens.issue(claims, grant.issuedAt)
  const { subject, clientId, familyId, sessionId } = grant
  tell(
    context,
    { type: 'access_token.issued', tokenId, subject, clientId, familyId, sessionId, expiresAt: expires },
    grant.issuedAt,
  )
  const tokenType = grant.binding?.type === 'dpop' ? 'DPoP' : 'Bearer'
  return { accessToken, tokenType, expiresInSeconds: expires - grant.issuedAt }
}

/** One value or several, as a list. */
export function listOf(values: string | readonly string[]): readonly string[] {
  return typeof values === 'string' ? [values] : values
}

const TOKEN_ID_BYTES = 16
