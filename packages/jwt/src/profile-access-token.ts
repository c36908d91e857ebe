// Access tokens as one of the closed kinds: the law of jwt/issue and jwt/verify, and no mark of another kind (RFC 9068 §2).
import type { NumericDate, Result } from '@tallystick/core'
import { mistake } from '@tallystick/core/options'
import type { JwtHeader } from './header.ts'
import type { Issuer } from './issue.ts'
import { createIssuer } from './issue.ts'
import type { JsonObject } from './json.ts'
import type { VerifiedClaims } from './law.ts'
import type { IssuerOptions } from './policy.ts'
import { kinds } from './profile-kinds.ts'
import type { ProfileRefusal } from './profile-refusals.ts'
import { refuseKind } from './profile-refusals.ts'
import type { StandardSchemaV1 } from './schema.ts'
import type { VerifierOptions, VerifyResult } from './verify.ts'
import { createSyncVerifier, createVerifier } from './verify.ts'

/** What verification of an access token answers. */
export type AccessTokenResult<Schema extends StandardSchemaV1 | undefined> = Result<
  { readonly claims: VerifiedClaims<Schema>; readonly header: JwtHeader },
  ProfileRefusal
>

/** Verifies access tokens. */
export interface AccessTokenVerifier<Schema extends StandardSchemaV1 | undefined> {
  /** As `verify` of jwt/verify. @param now - Seconds since the epoch. */
  verify(token: string, now: NumericDate): Promise<AccessTokenResult<Schema>>
}

/** Verifies access tokens at once. */
export interface SyncAccessTokenVerifier<Schema extends StandardSchemaV1 | undefined> {
  /** As `verify` of jwt/verify. @param now - Seconds since the epoch. */
  verify(token: string, now: NumericDate): AccessTokenResult<Schema>
}

/** The issuer and the verifiers of access tokens. */
export interface AccessTokenProfile {
  /** The media type that its `typ` names. */
  readonly type: string
  /** As `createIssuer` of jwt/issue; a claim by which another kind is known is a TypeError. */
  createIssuer<Schema extends StandardSchemaV1 | undefined = undefined>(
    options: Omit<IssuerOptions<Schema>, 'type'>,
  ): Issuer<Schema>
  /** As `createVerifier` of jwt/verify; a claim by which another kind is known is refused. */
  createVerifier<Schema extends StandardSchemaV1 | undefined = undefined>(
    options: Omit<VerifierOptions<Schema>, 'type'>,
  ): AccessTokenVerifier<Schema>
  /** As `createSyncVerifier` of jwt/verify; a claim by which another kind is known is refused. */
  createSyncVerifier<Schema extends StandardSchemaV1 | undefined = undefined>(
    options: Omit<VerifierOptions<Schema>, 'type'>,
  ): SyncAccessTokenVerifier<Schema>
}

/**
 * Access tokens.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068.html#section-2.2 RFC 9068 §2.2}
 */
export const accessToken: AccessTokenProfile = /* @__PURE__ */ Object.freeze<AccessTokenProfile>({
  type: kinds.accessToken.type,
  createIssuer(options) {
    const issuer = createIssuer({ ...options, type: TYPE })
    return {
      async issue(claims, now, entropy) {
        const mark = typeof claims === 'object' && claims !== null ? markIn(claims) : undefined
        if (mark !== undefined) throw mistake('issue', mark, 'must be left out', (claims as JsonObject)[mark])
        return issuer.issue(claims, now, entropy)
      },
    }
  },
  createVerifier(options) {
    const verifier = createVerifier({ ...options, type: TYPE })
    return { verify: async (token, now) => closed(await verifier.verify(token, now)) }
  },
  createSyncVerifier(options) {
    const verifier = createSyncVerifier({ ...options, type: TYPE })
    return { verify: (token, now) => closed(verifier.verify(token, now)) }
  },
})

function closed<Schema extends StandardSchemaV1 | undefined>(result: VerifyResult<Schema>): AccessTokenResult<Schema> {
  return result.ok && markIn(result.claims) !== undefined ? refuseKind('accessToken', 'jwt/forbidden_claim') : result
}

/** The first claim by which another kind is known. */
function markIn(claims: object): string | undefined {
  return kinds.accessToken.forbidden.find((claim) => Object.hasOwn(claims, claim))
}

const TYPE = 'at+jwt'
