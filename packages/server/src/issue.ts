// Issuing: a family begins and its first tokens go out; nothing survives a revocation of the subject meanwhile.
import { type NumericDate, plusSeconds, TokenError } from '@tallystick/core'
import { mistake } from '@tallystick/core/options'
import {
  decide,
  deriveFamilyId,
  issueFamily,
  issueToken,
  type RefreshDecision,
  type RefreshTokenFamily,
} from '@tallystick/refresh-token'
import { HANDLE_BYTES } from '@tallystick/refresh-token/token'
import type { ClientTerms } from './clients.ts'
import { commit, commitNew } from './commit.ts'
import type { ServerContext } from './context.ts'
import type { ServerFact } from './event.ts'
import { familyCell, familyKey } from './family-cell.ts'
import { checkAuthentication, checkIssueRequest, type IssueRequest } from './grant-input.ts'
import { announce } from './settle.ts'
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
  const issuedAt = startAfter(cutoff, now, terms)
  if (request.refreshToken === false) return issueAlone(context, request, clientId, issuedAt)
  return issueWithFamily(context, request, clientId, terms, issuedAt, cutoff)
}

async function issueAlone(
  context: ServerContext,
  request: IssueRequest,
  clientId: string,
  issuedAt: NumericDate,
): Promise<AccessTokenSet> {
  const { subject, scope = '', audience, sessionId, binding, claims, authentication } = request
  const access = await issueAccessToken(context, {
    subject,
    clientId,
    scope,
    audience: audience === undefined ? context.audience : listOf(audience),
    issuedAt,
    sessionId,
    binding,
    claims,
    authentication: authentication && checkAuthentication('issue', authentication, issuedAt),
  })
  return {
    ...access,
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(scope === '' ? {} : { scope }),
  }
}

async function issueWithFamily(
  context: ServerContext,
  request: IssueRequest,
  clientId: string,
  terms: ClientTerms,
  issuedAt: NumericDate,
  cutoff: SubjectCutoff | undefined,
): Promise<TokenSet> {
  const { state, events, refreshToken } = await beginFamily(context, request, clientId, terms, issuedAt)
  // Whoever revokes a subject raises the cut-off before listing its families. A family that the listing may have
  // missed was therefore written after the cut-off moved, and is seen here.
  const moved = await readCutoff(context.records, request.subject)
  if (moved?.version !== cutoff?.version) {
    await endFamily(context, state, terms)
    throw new TokenError('ERR_SUBJECT_REVOKED', 'the subject was revoked while this call was issuing')
  }
  const told = request.context === undefined ? events : events.map((event) => ({ ...event, context: request.context }))
  context.bus.emit(told as readonly ServerFact[], issuedAt, context.entropy)
  return issueTokenSet(context, state, refreshToken, terms, { binding: request.binding, claims: state.claims })
}

async function beginFamily(
  context: ServerContext,
  request: IssueRequest,
  clientId: string,
  terms: ClientTerms,
  issuedAt: NumericDate,
): Promise<ReturnType<typeof issueFamily> & { readonly refreshToken: string }> {
  const { subject, scope = '', audience, authentication, binding, sessionId, claims } = request
  const [secretId = 0] = context.ring.ids
  for (let draw = 0; draw < DRAWS_MAX; draw += 1) {
    const handle = context.entropy.bytes(HANDLE_BYTES)
    const grant = {
      familyId: deriveFamilyId(handle),
      subject,
      clientId,
      sessionId,
      scope,
      resources: audience === undefined ? context.audience : listOf(audience),
      // RFC 9449 §5: refresh tokens of confidential clients are bound to the client's authentication, not to a key.
      binding:
        terms.client?.type === 'confidential'
          ? undefined
          : binding && { type: binding.type, thumbprint: binding.thumbprint },
      authentication: authentication && checkAuthentication('issue', authentication, issuedAt),
      claims,
      secretId,
    }
    const begun = issueFamily(grant, issuedAt, terms.policy)
    const refreshToken = issueToken(context.ring, { handle, generation: begun.state.generation, secretId })
    const isOurs = await commitNew(context.records, familyKey(grant.familyId), familyCell(terms.policy), begun.state)
    if (isOurs && refreshToken !== undefined) return { ...begun, refreshToken }
  }
  throw new TokenError(
    'ERR_STORAGE_CONTENDED',
    'random values came twice again and again: the entropy source is broken',
  )
}

async function endFamily(context: ServerContext, family: RefreshTokenFamily, terms: ClientTerms): Promise<void> {
  const end = (state: RefreshTokenFamily, at: NumericDate): Promise<RefreshDecision> =>
    Promise.resolve(decide(state, { type: 'revoke', cause: 'subject_revoked' }, at, terms.policy))
  const committed = await commit(
    context.records,
    familyKey(family.familyId),
    familyCell(terms.policy),
    end,
    context.clock,
  )
  if (committed !== undefined) await announce(context, committed.decision.state, committed.now)
}

/**
 * When something issued now began: after the cut-off, also within the cut-off's own second.
 *
 * @throws TokenError `ERR_CLOCK` where the cut-off lies ahead by more than the tolerance.
 */
function startAfter(cutoff: SubjectCutoff | undefined, now: NumericDate, { policy }: ClientTerms): NumericDate {
  if (cutoff === undefined || cutoff.cutoff < now) return now
  if (cutoff.cutoff - now > policy.clockToleranceSeconds) {
    throw new TokenError(
      'ERR_CLOCK',
      'the clock stands before the last revocation of the subject by more than the tolerance',
    )
  }
  return plusSeconds(cutoff.cutoff, 1)
}

const DRAWS_MAX = 8
