// Revocation (RFC 7009): one token, one family or session, or everything of a subject. It returns once it is stored and announced.
import { type NumericDate, numericDate, plusSeconds, type Refusal } from '@tallystick/core'
import { encodeBase64url } from '@tallystick/core/base64url'
import { mistake } from '@tallystick/core/options'
import {
  decide,
  deriveFamilyId,
  parseToken,
  type RefreshDecision,
  type RefreshRefusal,
  type RefreshTokenFamily,
  refuseRefresh,
} from '@tallystick/refresh-token'
import type { AccessTokenClaims } from '@tallystick/jwt'
import { commit, readProven } from './commit.ts'
import { type ServerContext, tell } from './context.ts'
import { checkSubject } from './grant-input.ts'
import { signInsOf } from './listing.ts'
import { dataOf, deleteData } from './session-data.ts'
import { forgetSeats } from './session-limit.ts'
import { type Ended, endedBy, type Ending, endSignIn, makeKnown, settle } from './settle.ts'
import { decodeSignIn, isSignInId, signInKey, signInPlace } from './sign-in-cell.ts'
import { onFamily } from './sign-in-decision.ts'
import { raiseCutoff } from './subject-cutoff.ts'
import { revokeTokenId } from './token-revocation.ts'

/** A request to revoke one token. */
export interface RevokeRequest {
  /** A refresh token of any generation, or an access token of either format. */
  readonly token: string
  /** The authenticated client; the server's own `clientId` where left out. */
  readonly clientId?: string | undefined
  /** Only a hint (RFC 7009 §2.1): the token's own form decides. */
  readonly tokenTypeHint?: string | undefined
}

/** How much this call ended; 0 where nothing was alive, which is no error (RFC 7009 §2.2). */
export interface RevokeResult {
  /** Families, sessions and access tokens together; a session counts once with the family that was begun with it. */
  readonly revoked: number
  /** Why nothing was done, where the token belongs to another client. */
  readonly refusal?: Refusal<RefreshRefusal> | undefined
}

/** Revokes the family of a refresh token, or one access token. */
export async function revoke(context: ServerContext, { token, clientId }: RevokeRequest): Promise<RevokeResult> {
  const client = clientId ?? context.clientId
  const parsed = parseToken(context.ring, token)
  if (!parsed.ok) return revokeAccessToken(context, token, client)
  return endFamily(context, deriveFamilyId(parsed.handle), client)
}

/** Revokes a family by its id, and the session that was begun with it. */
export async function revokeFamily(context: ServerContext, familyId: string, cause: string): Promise<RevokeResult> {
  checkCause('revokeFamily', cause)
  return endById(context, familyId, { cause, of: 'family' })
}

/** Revokes a session by its id, and the families that were begun with it or issued for it. */
export async function revokeSession(context: ServerContext, sessionId: string, cause: string): Promise<RevokeResult> {
  checkCause('revokeSession', cause)
  return endById(context, sessionId, { cause, of: 'session' })
}

/**
 * Revokes everything that was issued to a subject until now, on every device.
 *
 * The cut-off is raised first, so that whatever is being issued at this moment dies as well.
 */
export async function revokeSubject(context: ServerContext, subject: string, cause: string): Promise<RevokeResult> {
  checkCause('revokeSubject', cause)
  checkSubject('revokeSubject', subject)
  const { policy, sessionPolicy, accessTokens } = context
  const lifeSeconds = Math.max(policy.absoluteTimeoutSeconds, sessionPolicy.absoluteTimeoutSeconds)
  const keepSeconds = lifeSeconds + accessTokens.lifetimeSeconds
  const cutoff = await raiseCutoff(context, subject, keepSeconds)
  const now = context.clock()
  const target = { kind: 'subject', subject, cutoff } as const
  const expiresAt = plusSeconds(cutoff, keepSeconds)
  // Names what has no family, and what is being issued right now.
  const id = `subject:${encodeBase64url(context.entropy.bytes(ENTRY_ID_BYTES))}`
  await context.log?.append({ id, target, cause, revokedAt: now, expiresAt })
  // Not before: what this process knows counts as announced, and what is not announced would stay so.
  makeKnown(context, { target, cause, expiresAt }, now)
  // Whatever its date: a sign-in that is listed began before this revocation returned. One that begins later is not
  // listed, and dates itself after the cut-off.
  const { signIns, failure } = await signInsOf(context.records, subject)
  const ended: Ended[] = []
  for (const { id: signInId } of signIns) {
    // Each has an entry of its own: the subject's does not name an access token that a refresh in flight dates later.
    ended.push(await endSignIn(context, signInId, { cause, isListed: true }))
  }
  await deleteLeftovers(context, subject, cutoff)
  // One unreadable record must not keep the others alive, nor go unheard.
  if (failure !== undefined) throw failure
  const [revokedFamilies, revokedSessions] = [sum(ended, 'families'), sum(ended, 'sessions')]
  tell(context, { type: 'subject.revoked', subject, cause, cutoff, revokedFamilies, revokedSessions }, now)
  return { revoked: sum(ended, 'revoked') }
}

async function endById(context: ServerContext, id: string, ending: Ending): Promise<RevokeResult> {
  if (typeof id !== 'string' || !isSignInId(id)) return { revoked: 0 }
  const { revoked } = await endSignIn(context, id, ending)
  return { revoked }
}

/** Ends a family that a client asks to be ended, if it is that client's. */
async function endFamily(
  context: ServerContext,
  familyId: string,
  clientId: string | undefined,
): Promise<RevokeResult> {
  // Known to this call alone, so that a write which the driver sends twice is recognised as our own.
  const call = encodeBase64url(context.entropy.bytes(ENTRY_ID_BYTES))
  const command = { type: 'revoke', cause: 'client_revoked', call } as const
  let isForeign = false
  const committed = await commit(
    signInPlace(context, familyId),
    onFamily(context, (family, now) => {
      isForeign = clientId !== undefined && family.clientId !== clientId
      // RFC 7009 §2.1: "verifies whether the token was issued to the client making the revocation request"
      return isForeign ? notTheirs(family) : decide(family, command, now, context.policy)
    }),
  )
  if (committed === undefined) return { revoked: 0 }
  if (isForeign) return { revoked: 0, refusal: refuseRefresh('refresh_token/client_mismatch') }
  await settle(context, committed)
  return { revoked: endedBy(committed.decision.events).revoked }
}

/** Removes what no session has any more: data whose sign-in never was stored, and the list of sessions that counts them. */
async function deleteLeftovers(context: ServerContext, subject: string, cutoff: NumericDate): Promise<void> {
  for await (const { sessionId, begunAt } of dataOf(context, subject)) {
    // Whose sign-in began after the cut-off may be about to be stored: its data are nobody's leftovers.
    if (begunAt !== undefined && begunAt > cutoff) continue
    const found = await readProven(context.records, signInKey(sessionId))
    if (found === undefined || decodeSignIn(found.text).session?.status !== 'active')
      await deleteData(context, sessionId)
  }
  await forgetSeats(context, subject)
}

function sum(ended: readonly Ended[], field: keyof Ended): number {
  return ended.reduce((total, one) => total + one[field], 0)
}

async function revokeAccessToken(
  context: ServerContext,
  token: string,
  clientId: string | undefined,
): Promise<RevokeResult> {
  const now = context.clock()
  const read = await context.accessTokens.readForAnyone(token, now)
  if (!read.ok) return { revoked: 0 }
  const { claims } = read
  if (clientId !== undefined && claims.client_id !== clientId) {
    return { revoked: 0, refusal: refuseRefresh('refresh_token/client_mismatch') }
  }
  return { revoked: await endAccessToken(context, claims, now) }
}

async function endAccessToken(context: ServerContext, claims: AccessTokenClaims, now: NumericDate): Promise<number> {
  const cause = 'client_revoked'
  const expiresAt = plusSeconds(numericDate(Math.ceil(claims.exp)), context.policy.clockToleranceSeconds)
  const isNew = await revokeTokenId(context, claims.jti, expiresAt)
  const target = { kind: 'token', tokenId: claims.jti } as const
  await context.log?.append({ id: `token:${claims.jti}`, target, cause, revokedAt: now, expiresAt })
  makeKnown(context, { target, cause, expiresAt }, now)
  if (!isNew) return 0
  tell(context, { type: 'access_token.revoked', tokenId: claims.jti, subject: claims.sub, cause }, now)
  return 1
}

function notTheirs(state: RefreshTokenFamily): RefreshDecision {
  return { outcome: 'refused', reason: 'refresh_token/client_mismatch', state, events: [] }
}

function checkCause(owner: string, cause: string): void {
  if (typeof cause !== 'string' || !CAUSE_SHAPE.test(cause)) {
    throw mistake(owner, 'cause', 'must be 1 to 64 characters of a-z, 0-9 and _', cause)
  }
}

const CAUSE_SHAPE = /^[a-z0-9_]{1,64}$/
const ENTRY_ID_BYTES = 16
