// The claims of each kind of token as types (RFC 7519 §4.1); times are seconds since the epoch.

/** A kind's claims with whatever else the token carries. */
export type WithFurther<Claims> = Claims & { readonly [claim: string]: unknown }

/** An ID token's claims (OpenID Connect Core §2). */
export interface IdTokenClaims {
  /** Who issued it. */
  readonly iss: string
  /** Whom it is about. */
  readonly sub: string
  /** For whom it is. */
  readonly aud: string | readonly string[]
  /** When it ends. */
  readonly exp: number
  /** When it was issued. */
  readonly iat: number
  /** The value that the request carried, against replay. */
  readonly nonce?: string | undefined
  /** The client that it was issued to. */
  readonly azp?: string | undefined
  /** Half the hash of the access token that came with it. */
  readonly at_hash?: string | undefined
  /** When the user was authenticated. */
  readonly auth_time?: number | undefined
  /** The authentication context class. */
  readonly acr?: string | undefined
  /** The methods of the authentication (RFC 8176). */
  readonly amr?: readonly string[] | undefined
  /** The session at the provider. */
  readonly sid?: string | undefined
}

/** A logout token's claims (OpenID Connect Back-Channel Logout §2.4): `sub`, `sid` or both. */
export interface LogoutTokenClaims {
  /** Who issued it. */
  readonly iss: string
  /** For whom it is. */
  readonly aud: string | readonly string[]
  /** When it was issued. */
  readonly iat: number
  /** When it ends. */
  readonly exp: number
  /** Its id, used once. */
  readonly jti: string
  /** What happened, by the URI of the kind of event. */
  readonly events: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Whose sessions end. */
  readonly sub?: string | undefined
  /** The session that ends. */
  readonly sid?: string | undefined
}

/** A security event token's claims (RFC 8417 §2.2), its subject as `sub_id` (RFC 9493). */
export interface SecurityEventClaims {
  /** Who issued it. */
  readonly iss: string
  /** For whom it is. */
  readonly aud: string | readonly string[]
  /** When it was issued. */
  readonly iat: number
  /** Its id, used once. */
  readonly jti: string
  /** What happened, by the URI of the kind of event. */
  readonly events: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Whom the event is about (RFC 9493). */
  readonly sub_id: Readonly<Record<string, unknown>>
  /** When the event happened. */
  readonly toe?: number | undefined
  /** The transaction that it belongs to. */
  readonly txn?: string | undefined
}

/** The claims of a signed introspection response (RFC 9701 §5). */
export interface IntrospectionResponseClaims {
  /** Who issued it. */
  readonly iss: string
  /** For whom it is. */
  readonly aud: string | readonly string[]
  /** When it was issued. */
  readonly iat: number
  /** What RFC 7662 §2.2 answers. */
  readonly token_introspection: { readonly active: boolean; readonly [member: string]: unknown }
}

/** A DPoP proof's claims (RFC 9449 §4.2). */
export interface DpopProofClaims {
  /** Its id, used once. */
  readonly jti: string
  /** The method of the request. */
  readonly htm: string
  /** The URI of the request, without query and fragment. */
  readonly htu: string
  /** When it was made. */
  readonly iat: number
  /** The hash of the access token that it accompanies. */
  readonly ath?: string | undefined
  /** The nonce that the server asked for. */
  readonly nonce?: string | undefined
}

/** A status list token's claims; the list is compressed and nothing here inflates it. */
export interface StatusListClaims {
  /** Where it is published: what referenced tokens name. */
  readonly sub: string
  /** When it was issued. */
  readonly iat: number
  /** The list: how many bits a status takes, and the compressed statuses. */
  readonly status_list: { readonly bits: 1 | 2 | 4 | 8; readonly lst: string; readonly [member: string]: unknown }
  /** Who issued it. */
  readonly iss?: string | undefined
  /** When it ends. */
  readonly exp?: number | undefined
  /** For how many seconds it may be cached. */
  readonly ttl?: number | undefined
}

/** A client assertion's claims (RFC 7523 §3): `iss` and `sub` are the client. */
export interface ClientAssertionClaims {
  /** The client. */
  readonly iss: string
  /** The client, again. */
  readonly sub: string
  /** The authorization server that it is shown to. */
  readonly aud: string | readonly string[]
  /** When it ends. */
  readonly exp: number
  /** Its id, used once. */
  readonly jti: string
  /** When it was issued. */
  readonly iat?: number | undefined
}

/** A transaction token's claims (OAuth Transaction Tokens §9). */
export interface TransactionTokenClaims {
  /** When it was issued. */
  readonly iat: number
  /** The trust domain. */
  readonly aud: string | readonly string[]
  /** When it ends. */
  readonly exp: number
  /** The transaction, the same in all of its tokens. */
  readonly txn: string
  /** Whom it is about. */
  readonly sub: string
  /** What it allows within the trust domain. */
  readonly scope: string
  /** The workload that asked for it. */
  readonly req_wl: string
  /** Who issued it. */
  readonly iss?: string | undefined
}
