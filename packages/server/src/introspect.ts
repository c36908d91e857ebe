// Introspection (RFC 7662): what a token is to the resource server that asks, and nothing where it is nothing.
import type { NumericDate } from '@tallystick/core'
import { mistake } from '@tallystick/core/options'
import { deriveFamilyId, expiresAt, isActive, parseToken } from '@tallystick/refresh-token'
import { confirmationOf } from './claims.ts'
import { readProven } from './commit.ts'
import type { ServerContext } from './context.ts'
import { decodeSignIn, signInKey } from './sign-in-cell.ts'
import { stands } from './standing.ts'

/** A request for introspection. */
export interface IntrospectRequest {
  /** An access token of either format, or a refresh token. */
  readonly token: string
  /** Who asks, authenticated: its identifier as it stands in `aud`; or the issuer itself. */
  readonly resourceServer: string
}

/** The answer: exactly `{ active: false }` for everything that is not active for this caller (RFC 7662 §2.2). */
export type IntrospectionResponse =
  | { readonly active: false }
  | { readonly active: true; readonly token_use: 'access_token' | 'refresh_token'; readonly [claim: string]: unknown }

/**
 * Tells what a token is, from the store and not from memory.
 *
 * @throws TypeError where nobody is said to ask; TokenError where the store failed.
 */
export async function introspect(
  context: ServerContext,
  { token, resourceServer }: IntrospectRequest,
): Promise<IntrospectionResponse> {
  if (typeof resourceServer !== 'string' || resourceServer === '') {
    throw mistake('introspect', 'resourceServer', 'must say who asks', resourceServer)
  }
  const now = context.clock()
  const parsed = parseToken(context.ring, token)
  if (parsed.ok) {
    // A refresh token is nothing to a resource server; only the issuer may look at it.
    if (resourceServer !== context.issuer) return INACTIVE
    return introspectFamily(context, deriveFamilyId(parsed.handle), parsed.generation, now)
  }
  const read = await context.accessTokens.read(token, now, resourceServer)
  if (!read.ok || !(await stands(context, read.claims, now))) return INACTIVE
  const { claims } = read
  const isBoundByProof = claims.cnf?.['jkt'] !== undefined
  return { ...claims, active: true, token_use: 'access_token', token_type: isBoundByProof ? 'DPoP' : 'Bearer' }
}

async function introspectFamily(
  context: ServerContext,
  familyId: string,
  generation: number,
  now: NumericDate,
): Promise<IntrospectionResponse> {
  const found = await readProven(context.records, signInKey(familyId))
  if (found === undefined) return INACTIVE
  const { family } = decodeSignIn(found.text)
  if (family === undefined) return INACTIVE
  const terms = await context.clients.find(family.clientId)
  if (terms === undefined || generation !== family.generation) return INACTIVE
  if (context.replica.names(family) || !isActive(family, found.storeTime ?? now, terms.policy)) return INACTIVE
  return {
    active: true,
    token_use: 'refresh_token',
    iss: context.issuer,
    sub: family.subject,
    client_id: family.clientId,
    iat: family.rotatedAt,
    exp: expiresAt(family, terms.policy),
    fid: family.familyId,
    gen: family.generation,
    ...(family.scope === '' ? {} : { scope: family.scope }),
    ...(family.binding === undefined ? {} : { cnf: confirmationOf(family.binding) }),
  }
}

const INACTIVE = Object.freeze({ active: false } as const)
