// Issuing: a family begins and its first tokens go out; nothing survives a revocation of the subject meanwhile.
import { type NumericDate, plusSeconds, TokenError } from '@tallystick/core'
import { mistake } from '@tallystick/core/options'
import {
  type Authentication,
  decide,
  deriveFamilyId,
  issueFamily,
  issueToken,
  type RefreshTokenFamily,
} from '@tallystick/refresh-token'
import { HANDLE_BYTES } from '@tallystick/refresh-token/token'
import type { ClientTerms } from './clients.ts'
import { commit, commitNew } from './commit.ts'
import type { ServerContext } from './context.ts'
import { inContext } from './event.ts'
import { checkAuthentication, checkIssueRequest, type IssueRequest } from './grant-input.ts'
import { announce } from './settle.ts'
import { signInPlace } from './sign-in-cell.ts'
import { onFamily } from './sign-in-decision.ts'
import { readCutoff, type SubjectCutoff } from './subject-cutoff.ts'
import { type AccessTokenSet, issueAccessToken, issueTokenSet, listOf, type TokenSet } from './token-set.ts'

/** Issues an access token and, unless it is not wanted, a refresh token of a new family. */
export async function issue(context: ServerContext, given: IssueRequest): Promise<AccessTokenSet | TokenSet> {
  const request = checkIssueRequest(given)
  const clientId = request.clientId ?? context.clientId
  if (clientId === undefined) throw mistake('issue', 'clientId', 'must be given where the server has none', undefined)
  const terms = await context.clients.find(clientId)
  if (terms === undefined) throw mistake('issue', 'clientId', 'must be a registered client', clientId)
  if (terms.client?.senderConstrained === true && request.binding === undefined) {
    throw mistake('issue', 'binding', 'must be given for a sender-constrained client', undefined)
  }
  const now = context.clock()
  const cutoff = await readCutoff(context.records, request.subject)
  const issuedAt = startAfter(cutoff, now, context.policy.clockToleranceSeconds)
  const grant = { request, clientId, terms, now, issuedAt }
  return request.refreshToken === false ? issueAlone(context, grant) : issueWithFamily(context, grant, cutoff)
}

/** A checked request, and what was found out about it. */
interface CheckedGrant {
  readonly request: IssueRequest
  readonly clientId: string
  readonly terms: ClientTerms
  readonly now: NumericDate
  /** Now, or after the cut-off that stands. */
  readonly issuedAt: NumericDate
}

async function issueAlone(
  context: ServerContext,
  { request, clientId, issuedAt }: CheckedGrant,
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
  })
  return {
    ...access,
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(scope === '' ? {} : { scope }),
  }
}

async function issueWithFamily(
  context: ServerContext,
  grant: CheckedGrant,
  cutoff: SubjectCutoff | undefined,
): Promise<TokenSet> {
  const { request, terms, issuedAt } = grant
  const { state, events, refreshToken } = await beginFamily(context, grant)
  // Whoever revokes a subject raises the cut-off before listing its families. A family that the listing may have
  // missed was therefore written after the cut-off moved, and is seen here.
  const moved = await readCutoff(context.records, request.subject)
  if (moved?.version !== cutoff?.version) {
    await endFamily(context, state, terms)
    throw new TokenError('ERR_SUBJECT_REVOKED', 'the subject was revoked while this call was issuing')
  }
  context.bus.emit(inContext(events, request.context), issuedAt, context.entropy)
  const access = { binding: request.binding, claims: state.claims }
  try {
    return await issueTokenSet(context, { family: state, refreshToken, terms, now: issuedAt }, access)
  } catch (failure) {
    // Nobody has its token: it must not stay.
    await endFamily(context, state, terms)
    throw failure
  }
}

async function beginFamily(
  context: ServerContext,
  { request, clientId, terms, now, issuedAt }: CheckedGrant,
): Promise<ReturnType<typeof issueFamily> & { readonly refreshToken: string }> {
  const { subject, scope = '', binding, sessionId, claims } = request
  const [secretId = 0] = context.ring.ids
  for (let draw = 0; draw < DRAWS_MAX; draw += 1) {
    const handle = context.entropy.bytes(HANDLE_BYTES)
    const familyId = deriveFamilyId(handle)
    const grant = {
      familyId,
      subject,
      clientId,
      sessionId,
      scope,
      resources: audienceOf(context, request),
      // RFC 9449 §5: refresh tokens of confidential clients are bound to the client's authentication, not to a key.
      binding: terms.client?.type === 'confidential' ? undefined : binding,
      authentication: authenticationOf(request, issuedAt),
      claims,
      secretId,
      issuedAt,
    }
    const begun = issueFamily(grant, now, terms.policy)
    const refreshToken = issueToken(context.ring, { handle, generation: begun.state.generation, secretId })
    const isOurs = await commitNew(signInPlace(context, familyId, terms.policy), { family: begun.state })
    if (isOurs && refreshToken !== undefined) return { ...begun, refreshToken }
  }
  throw new TokenError(
    'ERR_STORAGE_CONTENDED',
    'random values came twice again and again: the entropy source is broken',
  )
}

function audienceOf(context: ServerContext, { audience }: IssueRequest): readonly string[] {
  return audience === undefined ? context.audience : listOf(audience)
}

function authenticationOf({ authentication }: IssueRequest, issuedAt: NumericDate): Authentication | undefined {
  return authentication && checkAuthentication('issue', authentication, issuedAt)
}

async function endFamily(context: ServerContext, family: RefreshTokenFamily, { policy }: ClientTerms): Promise<void> {
  const committed = await commit(
    signInPlace(context, family.familyId, policy),
    onFamily((state, at) => decide(state, { type: 'revoke', cause: 'subject_revoked' }, at, policy)),
  )
  if (committed !== undefined) await announce(context, committed.decision.state.family, committed.now)
}

/**
 * When something issued now began: after the cut-off, also within the cut-off's own second.
 *
 * @throws TokenError `ERR_CLOCK` where the cut-off lies ahead by more than the tolerance.
 */
function startAfter(cutoff: SubjectCutoff | undefined, now: NumericDate, toleranceSeconds: number): NumericDate {
  if (cutoff === undefined || cutoff.cutoff < now) return now
  if (cutoff.cutoff - now > toleranceSeconds + 1) {
    throw new TokenError(
      'ERR_CLOCK',
      'the clock stands before the last revocation of the subject by more than the tolerance',
    )
  }
  return plusSeconds(cutoff.cutoff, 1)
}

const DRAWS_MAX = 8
