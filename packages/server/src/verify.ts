// Verification by the server that issued: as a resource server would (RFC 9068 §4), and with this process's memory of
// revocations.
import type { Result } from '@tallystick/core'
import type { AccessTokenClaims } from '@tallystick/jwt'
import type { TokenBinding } from '@tallystick/refresh-token'
import { confirmationOf, revocableFacts } from './claims.ts'
import { type ServerContext, tell } from './context.ts'
import { isOpaqueToken } from './opaque-token.ts'
import { type AccessTokenRefusal, refuseAccess } from './refusals.ts'
import { stands } from './standing.ts'

/** What came along with an access token. */
export interface VerifyOptions {
  /** The binding whose proof the caller verified; a bound token without it is refused, an unbound one with it as well. */
  readonly binding?: TokenBinding | undefined
}

/** What verification answers. */
export type VerifyAccessResult = Result<{ readonly claims: AccessTokenClaims }, AccessTokenRefusal>

/**
 * Verifies an access token.
 *
 * A JWT is verified without storage: revocations of this process are known at once, others when the log was read.
 * An opaque token is looked up.
 */
export async function verify(
  context: ServerContext,
  accessToken: string,
  options: VerifyOptions = {},
): Promise<VerifyAccessResult> {
  const result = await judge(context, accessToken, options)
  if (!result.ok) tell(context, { type: 'access_token.refused', reason: result.reason }, context.clock())
  return result
}

async function judge(
  context: ServerContext,
  accessToken: string,
  { binding }: VerifyOptions,
): Promise<VerifyAccessResult> {
  const now = context.clock()
  const read = await context.accessTokens.read(accessToken, now)
  if (!read.ok) return read
  const { claims } = read
  if (!isBoundAs(claims, binding)) return refuseAccess('access_token/binding_mismatch')
  const isAlive = isOpaqueToken(accessToken)
    ? await stands(context, claims, now)
    : !context.replica.names(revocableFacts(claims))
  return isAlive ? { ok: true, claims } : refuseAccess('access_token/revoked')
}

/** RFC 9449 §7.2: a bound token without its proof is refused, and so is a proof with an unbound token. */
function isBoundAs({ cnf }: AccessTokenClaims, binding: TokenBinding | undefined): boolean {
  if (cnf === undefined || binding === undefined) return cnf === undefined && binding === undefined
  const expected = Object.entries(confirmationOf(binding))
  return expected.length === Object.keys(cnf).length && expected.every(([member, value]) => cnf[member] === value)
}
