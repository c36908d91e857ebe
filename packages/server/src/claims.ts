// The claims of an access token (RFC 9068 §2.2), from what was granted and how the user was authenticated.
import { type NumericDate, numericDate } from '@tallystick/core'
import type { AccessTokenClaims, RegisteredClaims } from '@tallystick/jwt'
import type { Authentication, TokenBinding } from '@tallystick/refresh-token'
import type { RevocableFacts } from './revocation-replica.ts'

/** What an access token is issued for. */
export interface AccessGrant {
  readonly subject: string
  readonly clientId: string
  readonly scope: string
  readonly audience: readonly string[]
  readonly tokenId: string
  readonly issuedAt: NumericDate
  /** Never later than the family's end. */
  readonly expiresAt: NumericDate
  readonly familyId?: string | undefined
  readonly generation?: number | undefined
  readonly sessionId?: string | undefined
  readonly authentication?: Authentication | undefined
  readonly binding?: TokenBinding | undefined
  /** The application's own claims. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
}

/** The claims that the server sets, beside the issuer's own `iss` and `iat`. */
export type ServerClaims = Omit<RegisteredClaims, 'iss' | 'iat'> & {
  /** The family of the refresh token it was issued with. */
  readonly fid?: string | undefined
  /** The family's generation then. */
  readonly gen?: number | undefined
  readonly sid?: string | undefined
} & { readonly [claim: string]: unknown }

/** Builds the claims; members without a value are absent. */
export function claimsOf(grant: AccessGrant): ServerClaims {
  const { authentication, audience } = grant
  const claims: Record<string, unknown> = {
    ...grant.claims,
    sub: grant.subject,
    client_id: grant.clientId,
    aud: audience.length === 1 ? audience[0] : audience,
    jti: grant.tokenId,
    exp: grant.expiresAt,
  }
  if (grant.scope !== '') claims['scope'] = grant.scope
  if (grant.familyId !== undefined) claims['fid'] = grant.familyId
  if (grant.generation !== undefined) claims['gen'] = grant.generation
  if (grant.sessionId !== undefined) claims['sid'] = grant.sessionId
  if (authentication !== undefined) {
    // RFC 9068 §2.2.1: these describe the authentication, and no refresh makes it newer.
    claims['auth_time'] = authentication.authenticatedAt
    if (authentication.methods.length > 0) claims['amr'] = authentication.methods
    if (authentication.acr !== undefined) claims['acr'] = authentication.acr
  }
  if (grant.binding !== undefined) claims['cnf'] = confirmationOf(grant.binding)
  return claims as unknown as ServerClaims
}

/** The `cnf` claim of a binding (RFC 9449 §6.1, RFC 8705 §3.1). */
export function confirmationOf(binding: TokenBinding): Readonly<Record<string, string>> {
  return binding.type === 'dpop' ? { jkt: binding.thumbprint } : { 'x5t#S256': binding.thumbprint }
}

/** The first of an application's claims that has a name of ours, or `undefined`. */
export function reservedClaim(claims: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(claims).find((name) => RESERVED.has(name))
}

/** What a token says of itself, to be held against revocations. */
export function revocableFacts(claims: AccessTokenClaims): RevocableFacts & { readonly tokenId: string } {
  return {
    subject: claims.sub,
    issuedAt: numericDate(Math.floor(claims.iat)),
    familyId: text(claims['fid']),
    sessionId: text(claims['sid']),
    tokenId: claims.jti,
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

const RESERVED: ReadonlySet<string> = new Set([
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'client_id',
  'scope',
  'fid',
  'gen',
  'sid',
  'acr',
  'amr',
  'auth_time',
  'cnf',
  'act',
  // Members of an introspection response (RFC 7662 §2.2).
  'active',
  'token_type',
  'token_use',
  'username',
  '__proto__',
])
