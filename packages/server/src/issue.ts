// Issuing: a family begins and its first tokens go out; nothing survives a revocation of the subject meanwhile.
import { type NumericDate, TokenError } from '@tallystick/core'
import { mistake } from '@tallystick/core/options'
import { decide, type RefreshTokenFamily } from '@tallystick/refresh-token'
import { expiresAt, isActive, type Session } from '@tallystick/session'
import {
  audienceOf,
  authenticationOf,
  type CheckedGrant,
  DRAWS_MAX,
  type DrawnFamily,
  drawFamily,
  drawnTwice,
  endingBy,
  startAfter,
  termsFor,
} from './begin-family.ts'
import type { ClientTerms } from './clients.ts'
import { commit, commitNew, readProven } from './commit.ts'
import type { ServerContext } from './context.ts'
import { inContext } from './event.ts'
import { checkIssueRequest, type IssueRequest } from './grant-input.ts'
import { announce } from './settle.ts'
import { decodeSignIn, isSignInId, signInKey, signInPlace } from './sign-in-cell.ts'
import { onFamily } from './sign-in-decision.ts'
import { readCutoff, type SubjectCutoff } from './subject-cutoff.ts'
import { type AccessTokenSet, issueAccessToken, issueTokenSet, type TokenSet } from './token-set.ts'

/** Issues an access token and, unless it is not wanted, a refresh token of a new family. */
export async function issue(context: ServerContext, given: IssueRequest): Promise<AccessTokenSet | TokenSet> {
  const request = checkIssueRequest('issue', given)
  const { clientId, terms } = await termsFor(context, 'issue', request)
  const now = context.clock()
  const cutoff = await readCutoff(context.records, request.subject)
  const issuedAt = startAfter(cutoff, now, context.policy.clockToleranceSeconds)
  const session = await requireSession(context, request, issuedAt)
  const grant = { request, clientId, terms, now, issuedAt, session }
  return request.refreshToken === false ? issueAlone(context, grant) : issueWithFamily(context, grant, cutoff)
}

interface Grant extends CheckedGrant {
  /** The session of ours that it is issued for: once the store has forgotten that, nothing says that it is at an end. */
  readonly session: Session | undefined
}

async function issueAlone(
  context: ServerContext,
  { request, clientId, issuedAt, session }: Grant,
): Promise<AccessTokenSet> {
  const { subject, scope = '', sessionId, binding, claims } = request
  const access = await issueAccessToken(context, {
    subject,
    clientId,
    scope,
    audience: audienceOf(context, request),
    issuedAt,
    sessionId,
    binding,
    claims,
    authentication: authenticationOf(request, issuedAt),
    familyEnd: session && expiresAt(session, context.sessionPolicy),
  })
  return {
    ...access,
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(scope === '' ? {} : { scope }),
  }
}

async function issueWithFamily(
  context: ServerContext,
  grant: Grant,
  cutoff: SubjectCutoff | undefined,
): Promise<TokenSet> {
  const { request, terms, issuedAt } = grant
  const { state, events, refreshToken } = await beginFamily(context, grant)
  try {
    // Whoever revokes a subject raises the cut-off before listing its families, and whoever ends a session ends it before
    // listing the families that were issued for it. One that the listing may have missed was therefore written after the
    // cut-off moved, or the session ended, and is seen here.
    await requireSession(context, request, issuedAt)
    const moved = await readCutoff(context.records, request.subject)
    if (moved?.version !== cutoff?.version) {
      throw new TokenError('ERR_SUBJECT_REVOKED', 'the subject was revoked while this call was issuing')
    }
    context.bus.emit(inContext(events, request.context), issuedAt, context.entropy)
    const access = { binding: request.binding, claims: state.claims }
    return await issueTokenSet(context, { family: state, refreshToken, terms, now: issuedAt }, access)
  } catch (failure) {
    // Nobody has its token: it must not stay.
    await endFamily(context, state, terms)
    throw failure
  }
}

async function beginFamily(context: ServerContext, { session, ...grant }: Grant): Promise<DrawnFamily> {
  for (let draw = 0; draw < DRAWS_MAX; draw += 1) {
    const family = drawFamily(context, grant)
    const drawn = session === undefined ? family : endingBy(family, session.absoluteExpiresAt)
    const place = signInPlace(context, drawn.state.familyId, grant.terms.policy)
    if (await commitNew(place, { family: drawn.state })) return drawn
  }
  throw drawnTwice()
}

/**
 * Makes sure that a session of ours, where one is named, can still have tokens. Ids that name none are the application's.
 *
 * @returns The session, where it is one of ours.
 * @throws TokenError `ERR_SESSION_REVOKED` where it is at an end; TypeError where it is another subject's.
 */
async function requireSession(
  context: ServerContext,
  { sessionId, subject }: IssueRequest,
  issuedAt: NumericDate,
): Promise<Session | undefined> {
  if (sessionId === undefined || !isSignInId(sessionId)) return undefined
  const found = await readProven(context.records, signInKey(sessionId))
  const session = found && decodeSignIn(found.text).session
  if (found === undefined || session === undefined) return undefined
  if (session.subject !== subject) throw mistake('issue', 'sessionId', "must be a session of the subject's", sessionId)
  const { sessionPolicy } = context
  // By the store's time, and by ours, which dates what is issued: it must not end before it begins.
  const isLive = isActive(session, found.storeTime ?? context.clock(), sessionPolicy)
  if (isLive && issuedAt < expiresAt(session, sessionPolicy)) return session
  throw new TokenError('ERR_SESSION_REVOKED', 'the session for which this call was issuing is at an end')
}

async function endFamily(context: ServerContext, family: RefreshTokenFamily, { policy }: ClientTerms): Promise<void> {
  const committed = await commit(
    signInPlace(context, family.familyId, policy),
    onFamily(context, (state, at) => decide(state, { type: 'revoke', cause: 'subject_revoked' }, at, policy)),
  )
  if (committed !== undefined) await announce(context, committed.decision.state, committed.now)
}
