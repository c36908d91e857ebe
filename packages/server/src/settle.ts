// What follows a stored decision about a family: events are told, revocations are made known and announced.
import { isTokenError, type NumericDate, plusSeconds, type TokenError } from '@tallystick/core'
import { decide, type RefreshDecision, type RefreshTokenFamily } from '@tallystick/refresh-token'
import type { RevocationEntry, RevocationTarget } from '@tallystick/storage'
import { type Committed, commit } from './commit.ts'
import type { ServerContext } from './context.ts'
import { inContext, type RequestContext } from './event.ts'
import { recordsIn } from './listing.ts'
import { decodeSignIn, type SignIn, signInIdOf, signInPlace } from './sign-in-cell.ts'
import { onFamily } from './sign-in-decision.ts'

/** A stored decision about a family. */
export type FamilyCommitted = Committed<SignIn, RefreshDecision['events'][number], FamilyRefusal, FamilyVerdict>

type FamilyRefusal = Extract<RefreshDecision, { readonly outcome: 'refused' }>['reason']
type FamilyVerdict = Extract<RefreshDecision, { readonly outcome: 'accepted' }>['verdict']

/**
 * Tells what happened, and makes a revocation known before anybody is answered.
 *
 * @throws TokenError `ERR_REVOCATION_LOG_UNAVAILABLE` where a revocation could not be announced; it stands all the same,
 * and the next touch of the family announces it.
 */
export async function settle(
  context: ServerContext,
  { decision, now }: FamilyCommitted,
  request?: RequestContext,
): Promise<void> {
  context.bus.emit(inContext(decision.events, request), now, context.entropy)
  const { family } = decision.state
  if (family.status === 'revoked') await announce(context, family, now)
}

/** Makes the end of a family known: in this process at once, in the log if it is not there yet. */
export async function announce(context: ServerContext, family: RefreshTokenFamily, now: NumericDate): Promise<void> {
  const cause = family.cause ?? 'unknown'
  const target: RevocationTarget = { kind: 'family', familyId: family.familyId }
  makeKnown(context, { target, cause, expiresAt: family.absoluteExpiresAt }, now)
  if (context.log === undefined || family.announced) return
  await context.log.append({
    id: `family:${family.familyId}`,
    target,
    cause,
    revokedAt: family.revokedAt ?? now,
    expiresAt: family.absoluteExpiresAt,
  })
  const committed = await commit(
    signInPlace(context, family.familyId, context.policy),
    onFamily((state, at) => decide(state, { type: 'announce' }, at, context.policy)),
  )
  if (committed?.decision.outcome !== 'accepted' || committed.decision.verdict !== 'announced') return
  context.bus.emit([{ type: 'revocation.announced', familyId: family.familyId }], now, context.entropy)
}

/**
 * Makes a revocation known in this process, so that its `verify` refuses at once.
 *
 * Kept as long as it may matter: with a log, until nothing named can be alive; without one, until the access tokens
 * that were out have ended.
 */
export function makeKnown(
  context: ServerContext,
  { target, cause, expiresAt }: Pick<RevocationEntry, 'target' | 'cause' | 'expiresAt'>,
  now: NumericDate,
): void {
  const accessEnd = plusSeconds(now, context.accessTokens.lifetimeSeconds + KNOWN_MARGIN_SECONDS)
  const kept = context.log === undefined || expiresAt < accessEnd ? accessEnd : expiresAt
  context.replica.apply({ id: '', target, cause, revokedAt: now, expiresAt: kept }, now)
}

/**
 * Announces every revocation that was stored but not announced, because a process died in between.
 *
 * @returns How many families were announced by this call.
 * @throws TokenError; `ERR_STORAGE_CORRUPT` after all others were announced.
 */
export async function sweep(context: ServerContext): Promise<{ readonly announced: number }> {
  if (context.log === undefined) return { announced: 0 }
  let announced = 0
  let failure: TokenError | undefined
  for await (const { key, text, storeTime } of recordsIn(context.records, { pending: true })) {
    if (signInIdOf(key) === undefined) continue
    try {
      await announce(context, decodeSignIn(text).family, storeTime ?? context.clock())
      announced += 1
    } catch (unreadable) {
      // One unreadable record must not keep the others unannounced. Whatever else fails ends the sweep.
      if (!isTokenError(unreadable) || unreadable.code !== 'ERR_STORAGE_CORRUPT') throw unreadable
      failure ??= unreadable
    }
  }
  if (failure !== undefined) throw failure
  return { announced }
}

/** Covers the tolerance between clocks. */
const KNOWN_MARGIN_SECONDS = 120
