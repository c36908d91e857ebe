// Whether an access token that reads well still stands: its family, its subject and itself, asked of the store.
import type { NumericDate } from '@tallystick/core'
import type { AccessTokenClaims } from '@tallystick/jwt'
import { decide, isActive, type RefreshTokenFamily, type ResolvedRefreshPolicy } from '@tallystick/refresh-token'
import { revocableFacts } from './claims.ts'
import { commit } from './commit.ts'
import type { ServerContext } from './context.ts'
import { decodeSignIn, signInKey, signInPlace } from './sign-in-cell.ts'
import { onFamily } from './sign-in-decision.ts'
import { readCutoff } from './subject-cutoff.ts'
import { isTokenIdRevoked } from './token-revocation.ts'

/**
 * Asks the store whether a token stands.
 *
 * A token of a family stands while the family does; one without, while its subject was not revoked after it. The first
 * sight of a family's newest access token closes the window in which its refresh token's answer can be asked for again.
 */
export async function stands(context: ServerContext, claims: AccessTokenClaims, now: NumericDate): Promise<boolean> {
  const facts = revocableFacts(claims)
  if (context.replica.names(facts)) return false
  const [isRevoked, root] = await Promise.all([
    isTokenIdRevoked(context.records, facts.tokenId),
    facts.familyId === undefined
      ? isAfterCutoff(context, facts.subject, facts.issuedAt)
      : activeFamily(context, facts.familyId, now),
  ])
  if (isRevoked || root === undefined || root === false) return false
  // Only reads ran side by side: a failure must leave no write behind that goes on by itself.
  if (root !== true && root.family.generation === claims['gen'] && !root.family.successorUsed)
    await confirm(context, root)
  return true
}

async function isAfterCutoff(context: ServerContext, subject: string, issuedAt: NumericDate): Promise<boolean> {
  const cutoff = await readCutoff(context.records, subject)
  return cutoff === undefined || issuedAt > cutoff.cutoff
}

interface ActiveFamily {
  readonly family: RefreshTokenFamily
  readonly policy: ResolvedRefreshPolicy
}

async function activeFamily(
  context: ServerContext,
  familyId: string,
  now: NumericDate,
): Promise<ActiveFamily | undefined> {
  const found = await context.records.read(signInKey(familyId))
  if (found === undefined) return undefined
  const { family } = decodeSignIn(found.text)
  const terms = await context.clients.find(family.clientId)
  if (terms === undefined || !isActive(family, found.storeTime ?? now, terms.policy)) return undefined
  return { family, policy: terms.policy }
}

/** Says that an access token of the family's current generation was seen in use. */
async function confirm(context: ServerContext, { family, policy }: ActiveFamily): Promise<void> {
  const { familyId, generation } = family
  await commit(
    signInPlace(context, familyId, policy),
    onFamily((state, at) => decide(state, { type: 'confirm', generation }, at, policy)),
  )
}
