// The claims of each kind of token as types (RFC 7519 §4.1); times are seconds since the epoch.

/** A kind's claims with whatever else the token carries. */
export type WithFurther<Claims> = Claims & { readonly [claim: string]: unknown }

/** An ID token's claims (OpenID Connect Core §2). */
export interface IdTokenClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: string | readonly string[]
  readonly exp: number
  readonly iat: number
  readonly nonce?: string | undefined
  readonly azp?: string | undefined
  readonly at_hash?: string | undefined
  readonly auth_time?: number | undefined
  readonly acr?: string | undefined
  readonly amr?: readonly string[] | undefined
  readonly sid?: string | undefined
}

/** A logout token's claims (OpenID Connect Back-Channel Logout §2.4): `sub`, `sid` or both. */
export interface LogoutTokenClaims {
  readonly iss: string
  readonly aud: string | readonly string[]
  readonly iat: number
  readonly exp: number
  readonly jti: string
  readonly events: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly sub?: string | undefined
  readonly sid?: string | undefined
}

/** A security event token's claims (RFC 8417 §2.2), its subject as `sub_id` (RFC 9493). */
export interface SecurityEventClaims {
  readonly iss: string
  readonly aud: string | readonly string[]
  readonly iat: number
  readonly jti: string
  readonly events: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly sub_id: Readonly<Record<string, unknown>>
  readonly toe?: number | undefined
  readonly txn?: string | undefined
}

/** The claims of a signed introspection response (RFC 9701 §5). */
export interface IntrospectionResponseClaims {
  readonly iss: string
  readonly aud: string | readonly string[]
  readonly iat: number
  /** What RFC 7662 §2.2 answers. */
  readonly token_introspection: { readonly active: boolean; readonly [member: string]: unknown }
}

/** A DPoP proof's claims (RFC 9449 §4.2). */
export interface DpopProofClaims {
  readonly jti: string
  readonly htm: string
  readonly htu: string
  readonly iat: number
  readonly ath?: string | undefined
  readonly nonce?: string | undefined
}

/** A status list token's claims; the list is compressed and nothing here inflates it. */
export interface StatusListClaims {
  /** Where it is published: what referenced tokens name. */
  readonly sub: string
  readonly iat: number
  readonly status_list: { readonly bits: 1 | 2 | 4 | 8; readonly lst: string; readonly [member: string]: unknown }
  readonly iss?: string | undefined
  readonly exp?: number | undefined
  /** For how many seconds it may be cached. */
  readonly ttl?: number | undefined
}

/** A client assertion's claims (RFC 7523 §3): `iss` and `sub` are the client. */
export interface ClientAssertionClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: string | readonly string[]
  readonly exp: number
  readonly jti: string
  readonly iat?: number | undefined
}

/** A transaction token's claims (OAuth Transaction Tokens §9). */
export interface TransactionTokenClaims {
  readonly iat: number
  readonly aud: string | readonly string[]
  readonly exp: number
  readonly txn: string
  readonly sub: string
  readonly scope: string
  readonly req_wl: string
  readonly iss?: string | undefined
}
