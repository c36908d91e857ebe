// Whether an access token that reads well still stands: its family, session, subject and itself, asked of the store.
import type { NumericDate } from '@tallystick/core'
import type { AccessTokenClaims } from '@tallystick/jwt'
import { decide, isActive, type RefreshTokenFamily, type ResolvedRefreshPolicy } from '@tallystick/refresh-token'
import { isActive as isSessionActive, type Session } from '@tallystick/session'
import { revocableFacts } from './claims.ts'
import { commit, readProven } from './commit.ts'
import type { ServerContext } from './context.ts'
import type { RevocableFacts } from './revocation-replica.ts'
import { decodeSignIn, isSignInId, type SignIn, signInKey, signInPlace } from './sign-in-cell.ts'
import { onFamily } from './sign-in-decision.ts'
import { readCutoff } from './subject-cutoff.ts'
import { isTokenIdRevoked } from './token-revocation.ts'

/**
 * Asks the store whether a token stands.
 *
 * A token of a family stands while the family does, and the session that it was issued for is not ended; one without,
 * while its subject was not revoked after it, and its session is neither ended nor idle. The first sight of a family's
 * newest access token closes the window in which its refresh token's answer can be asked for again.
 */
export async function stands(context: ServerContext, claims: AccessTokenClaims, now: NumericDate): Promise<boolean> {
  const facts = revocableFacts(claims)
  if (context.replica.names(facts)) return false
  const [isRevoked, family, isFree] = await Promise.all([
    isTokenIdRevoked(context.records, facts.tokenId),
    activeFamily(context, facts, now),
    standsWithoutFamily(context, facts, now),
  ])
  if (isRevoked || !isFree || (facts.familyId !== undefined && family === undefined)) return false
  // Only reads ran side by side: a failure must leave no write behind that goes on by itself.
  if (family !== undefined && family.family.generation === claims['gen'] && !family.family.successorUsed)
    await confirm(context, family)
  return true
}

/** What stands against a token apart from its family: the end of its session, or, without a family, of its subject. */
async function standsWithoutFamily(
  context: ServerContext,
  { familyId, sessionId, subject, issuedAt }: RevocableFacts,
  now: NumericDate,
): Promise<boolean> {
  // The record of its family is its session's as well: it is read there.
  const isApart = sessionId !== undefined && sessionId !== familyId && isSignInId(sessionId)
  const [found, isAfter] = await Promise.all([
    isApart ? readSignIn(context, sessionId, now) : undefined,
    familyId === undefined ? isAfterCutoff(context, subject, issuedAt) : true,
  ])
  if (found?.session === undefined) return isAfter
  if (familyId !== undefined) return !isEnded(found.session, found.at)
  return isAfter && found.session.subject === subject && isSessionActive(found.session, found.at, context.sessionPolicy)
}

async function isAfterCutoff(context: ServerContext, subject: string, issuedAt: NumericDate): Promise<boolean> {
  const cutoff = await readCutoff(context.records, subject)
  return cutoff === undefined || issuedAt > cutoff.cutoff
}

/** Refresh tokens have an idle time-out of their own: of the session's ends only the other two count for theirs. */
function isEnded(session: Session, now: NumericDate): boolean {
  return session.status === 'revoked' || now >= session.absoluteExpiresAt
}

interface ActiveFamily {
  readonly family: RefreshTokenFamily
  readonly policy: ResolvedRefreshPolicy
}

async function activeFamily(
  context: ServerContext,
  { familyId }: RevocableFacts,
  now: NumericDate,
): Promise<ActiveFamily | undefined> {
  if (familyId === undefined) return undefined
  const { family, session, at } = (await readSignIn(context, familyId, now)) ?? { at: now }
  if (family === undefined || (session !== undefined && isEnded(session, at))) return undefined
  const terms = await context.clients.find(family.clientId)
  if (terms === undefined || !isActive(family, at, terms.policy)) return undefined
  return { family, policy: terms.policy }
}

async function readSignIn(
  { records }: ServerContext,
  id: string,
  now: NumericDate,
): Promise<(SignIn & { readonly at: NumericDate }) | undefined> {
  const found = await readProven(records, signInKey(id))
  return found && { ...decodeSignIn(found.text), at: found.storeTime ?? now }
}

/** Says that an access token of the family's current generation was seen in use. */
async function confirm(context: ServerContext, { family, policy }: ActiveFamily): Promise<void> {
  const { familyId, generation } = family
  await commit(
    signInPlace(context, familyId, policy),
    onFamily(context, (state, at) => decide(state, { type: 'confirm', generation }, at, policy)),
  )
}
