// How a family begins at the server: its grant checked and dated, its first token drawn, its record stored.
import { type NumericDate, plusSeconds, TokenError } from '@tallystick/core'
import { mistake } from '@tallystick/core/options'
import {
  type Authentication,
  deriveFamilyId,
  issueFamily,
  issueToken,
  type RefreshTokenEvent,
  type RefreshTokenFamily,
} from '@tallystick/refresh-token'
import { HANDLE_BYTES } from '@tallystick/refresh-token/token'
import type { ClientTerms } from './clients.ts'
import type { ServerContext } from './context.ts'
import { checkAuthentication, type IssueRequest } from './grant-input.ts'
import { type SubjectCutoff } from './subject-cutoff.ts'
import { listOf } from './token-set.ts'

/** A checked request, and what was found out about it. */
export interface CheckedGrant {
  readonly request: IssueRequest
  readonly clientId: string
  readonly terms: ClientTerms
  readonly now: NumericDate
  /** Now, or after the cut-off that stands. */
  readonly issuedAt: NumericDate
}

/** A family that is ready to be stored, with its first token. */
export interface DrawnFamily {
  readonly state: RefreshTokenFamily
  readonly events: readonly RefreshTokenEvent[]
  readonly refreshToken: string
}

/**
 * Finds the terms of the client that something is issued to.
 *
 * @throws TypeError where no client is named, it is not registered, or must give a binding and gives none.
 */
export async function termsFor(
  context: ServerContext,
  owner: string,
  { clientId = context.clientId, binding }: Pick<IssueRequest, 'clientId' | 'binding'>,
): Promise<{ readonly clientId: string; readonly terms: ClientTerms }> {
  if (clientId === undefined) throw mistake(owner, 'clientId', 'must be given where the server has none', undefined)
  const terms = await context.clients.find(clientId)
  if (terms === undefined) throw mistake(owner, 'clientId', 'must be a registered client', clientId)
  if (terms.client?.senderConstrained === true && binding === undefined) {
    throw mistake(owner, 'binding', 'must be given for a sender-constrained client', undefined)
  }
  return { clientId, terms }
}

/**
 * Draws a family.
 *
 * @param isSession - Whether a session is begun with it, of the same id.
 */
export function drawFamily(
  context: ServerContext,
  { request, clientId, terms, now, issuedAt }: CheckedGrant,
  isSession = false,
): DrawnFamily {
  const { subject, scope = '', binding, sessionId, claims } = request
  const [secretId = 0] = context.ring.ids
  const handle = context.entropy.bytes(HANDLE_BYTES)
  const familyId = deriveFamilyId(handle)
  const grant = {
    familyId,
    subject,
    clientId,
    sessionId: isSession ? familyId : sessionId,
    scope,
    resources: audienceOf(context, request),
    // RFC 9449 §5: refresh tokens of confidential clients are bound to the client's authentication, not to a key.
    binding: terms.client?.type === 'confidential' ? undefined : binding,
    authentication: authenticationOf(request, issuedAt),
    claims,
    secretId,
    issuedAt,
  }
  const { state, events } = issueFamily(grant, now, terms.policy)
  const refreshToken = issueToken(context.ring, { handle, generation: state.generation, secretId })
  // The ring's first secret is one of the ring.
  if (refreshToken === undefined) throw new TokenError('ERR_SIGNING', 'the ring has no secret to sign with')
  return { state, events, refreshToken }
}

/** A family that ends with a session at the latest. */
export function endingBy(family: DrawnFamily, end: NumericDate): DrawnFamily {
  if (family.state.absoluteExpiresAt <= end) return family
  return { ...family, state: { ...family.state, absoluteExpiresAt: end } }
}

/** The resource servers that something is issued for. */
export function audienceOf(context: ServerContext, { audience }: Pick<IssueRequest, 'audience'>): readonly string[] {
  return audience === undefined ? context.audience : listOf(audience)
}

/** The authentication that something is issued by, dated. */
export function authenticationOf(
  { authentication }: Pick<IssueRequest, 'authentication'>,
  issuedAt: NumericDate,
): Authentication | undefined {
  return authentication && checkAuthentication('issue', authentication, issuedAt)
}

/**
 * When something issued now began: after the cut-off, also within the cut-off's own second.
 *
 * @throws TokenError `ERR_CLOCK` where the cut-off lies ahead by more than the tolerance.
 */
export function startAfter(cutoff: SubjectCutoff | undefined, now: NumericDate, toleranceSeconds: number): NumericDate {
  if (cutoff === undefined || cutoff.cutoff < now) return now
  if (cutoff.cutoff - now > toleranceSeconds + 1) {
    throw new TokenError(
      'ERR_CLOCK',
      'the clock stands before the last revocation of the subject by more than the tolerance',
    )
  }
  return plusSeconds(cutoff.cutoff, 1)
}

/** How often random values that came twice are drawn again. */
export const DRAWS_MAX = 8

/** What is thrown where random values come twice again and again. */
export function drawnTwice(): TokenError {
  return new TokenError(
    'ERR_STORAGE_CONTENDED',
    'random values came twice again and again: the entropy source is broken',
  )
}
