// Refresh, rotation without an access token of ours, and step-up: three ways to present a refresh token.
import { type Result, TokenError } from '@tallystick/core'
import type { Authentication, RefreshRefusal, RefreshTokenFamily, ServingVerdict } from '@tallystick/refresh-token'
import { type PublicFamily, publicFamily, type ServerContext } from './context.ts'
import { checkAuthentication, checkClaims, type GivenAuthentication } from './grant-input.ts'
import { present, type RefreshRequest, scopeOf } from './present.ts'
import { issueTokenSet, type TokenSet } from './token-set.ts'

/** What a refresh answers. */
export type RefreshResult = Result<TokenSet & { readonly verdict: ServingVerdict }, RefreshRefusal>

/** What a rotation answers. */
export type RotateResult = Result<
  { readonly verdict: ServingVerdict; readonly refreshToken: string; readonly family: PublicFamily },
  RefreshRefusal
>

/** A request for a step-up. */
export type ElevateRequest = Omit<RefreshRequest, 'scope' | 'audience'> & {
  /** The authentication that just took place. */
  readonly authentication: GivenAuthentication
}

/** Rotates a refresh token and issues an access token with its successor. */
export function refresh(context: ServerContext, request: RefreshRequest): Promise<RefreshResult> {
  return presentForAccess(context, request, undefined)
}

/** Rotates a refresh token to a higher authentication; who holds the predecessor gets nothing of it. */
export async function elevate(context: ServerContext, request: ElevateRequest): Promise<RefreshResult> {
  const { authentication, ...rest } = request
  const checked = checkAuthentication('elevate', authentication, context.clock())
  return presentForAccess(context, rest, checked)
}

/** Rotates a refresh token and leaves the access token to the caller. */
export async function rotate(context: ServerContext, request: RefreshRequest): Promise<RotateResult> {
  const served = await present(context, { ...request, elevate: undefined })
  if (!served.ok) return served
  const { verdict, refreshToken, family } = served
  return { ok: true, verdict, refreshToken, family: publicFamily(family) }
}

async function presentForAccess(
  context: ServerContext,
  request: RefreshRequest,
  authentication: Authentication | undefined,
): Promise<RefreshResult> {
  let claims: Readonly<Record<string, unknown>> | undefined
  const served = await present(context, { ...request, elevate: authentication }, async (family) => {
    claims = await claimsFor(context, family)
  })
  if (!served.ok) return served
  const tokens = await issueTokenSet(context, served, { ...request, scope: scopeOf(request), claims })
  return { ok: true, verdict: served.verdict, ...tokens }
}

/** The application's claims: those given at issue, and those of the hook. Asked before anything is written. */
async function claimsFor(
  { hooks }: ServerContext,
  family: RefreshTokenFamily,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (hooks.claimsAtRefresh === undefined) return family.claims
  let fresh: Readonly<Record<string, unknown>>
  try {
    fresh = checkClaims('claimsAtRefresh', await hooks.claimsAtRefresh(publicFamily(family)), HOOK_CLAIMS_BYTES_MAX)
  } catch (cause) {
    throw new TokenError('ERR_HOOK', 'the claimsAtRefresh hook failed, or answered what no token can carry', { cause })
  }
  return { ...family.claims, ...fresh }
}

/** With all the rest, far below what a verifier looks at. */
const HOOK_CLAIMS_BYTES_MAX = 4096
