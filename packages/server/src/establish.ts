// Establishing a session: always with an id and a secret of the server's own making, whatever the browser came with.
import { type NumericDate, numericDate, type Result, TokenError } from '@tallystick/core'
import { mistake } from '@tallystick/core/options'
import {
  refuseSession,
  establishSession,
  type Session,
  type SessionContext,
  type SessionEvent,
  type SessionRefusal,
} from '@tallystick/session'
import {
  formatCredential,
  formatSecret,
  formatSessionId,
  proveSecret,
  SECRET_BYTES,
  SESSION_ID_BYTES,
} from '@tallystick/session/credential'
import {
  authenticationOf,
  type CheckedGrant,
  type DrawnFamily,
  DRAWS_MAX,
  drawFamily,
  drawnTwice,
  endingBy,
  startAfter,
  termsFor,
} from './begin-family.ts'
import { commitNew } from './commit.ts'
import type { ServerContext } from './context.ts'
import { inContext } from './event.ts'
import { checkIssueRequest, type IssueRequest } from './grant-input.ts'
import { checkData, createData, deleteData } from './session-data.ts'
import { signOut } from './session-end.ts'
import { type Newcomer, reserveSeat, takeSeat } from './session-limit.ts'
import { peekSession } from './session-use.ts'
import { publicSession, type PublicSession } from './session-view.ts'
import { endSignIn } from './settle.ts'
import { signInPlace } from './sign-in-cell.ts'
import { readCutoff, type SubjectCutoff } from './subject-cutoff.ts'
import { issueTokenSet, type TokenSet } from './token-set.ts'

/** A sign-in that the application has just accepted. */
export interface EstablishRequest extends Omit<IssueRequest, 'sessionId' | 'refreshToken' | 'binding'> {
  /** The application's data: what JSON can hold, at most 60 KiB; `null` where left out. */
  readonly data?: unknown
  /** Whether to issue a refresh token and an access token with it, which end with the session; default false. */
  readonly refreshToken?: boolean | undefined
  /** The credential that the browser came with, whatever it is: its session ends, and nothing of it is adopted. */
  readonly replaces?: string | undefined
  /**
   * When the identity provider's own session ends (`session_expiry`), in whole seconds since the epoch: this one ends then
   * at the latest, whatever is proved here meanwhile.
   */
  readonly upstreamExpiresAt?: number | undefined
}

/** What establishing answers. */
export type EstablishResult = Result<
  {
    /** What the browser is given, and nobody else: the value of its cookie. */
    readonly credential: string
    readonly session: PublicSession
    /** Only where a refresh token was asked for. */
    readonly tokens?: TokenSet | undefined
  },
  SessionRefusal
>

/**
 * Establishes a session for a user who has just signed in.
 *
 * @throws TypeError or RangeError for a wrong request; TokenError where the world failed, with `ERR_SUBJECT_REVOKED` where
 * everything of the subject was revoked meanwhile.
 */
export async function establish(context: ServerContext, given: EstablishRequest): Promise<EstablishResult> {
  const { data, replaces, refreshToken, upstreamExpiresAt, ...rest } = given
  const request = checkIssueRequest('establish', { ...rest, refreshToken })
  const first = checkData('establish', data)
  const client = refreshToken === true ? await termsFor(context, 'establish', request) : undefined
  const upstream = checkUpstream(upstreamExpiresAt)
  const now = context.clock()
  if (upstream !== undefined && upstream <= now) return refuseSession('session/expired')
  const cutoff = await readCutoff(context.records, request.subject)
  const issuedAt = startAfter(cutoff, now, context.policy.clockToleranceSeconds)
  const grant: SessionGrant = { request, client, now, issuedAt, cutoff, replaces, upstream }
  const begun = await begin(context, grant, first)
  if (begun === undefined) return refuseSession('session/limit_reached')
  try {
    return await complete(context, grant, begun)
  } catch (failure) {
    await abandon(context, begun.session)
    throw failure
  }
}

interface SessionGrant extends Pick<CheckedGrant, 'request' | 'now' | 'issuedAt'> {
  /** Where tokens are issued with the session. */
  readonly client: Pick<CheckedGrant, 'clientId' | 'terms'> | undefined
  readonly cutoff: SubjectCutoff | undefined
  readonly replaces: string | undefined
  readonly upstream: NumericDate | undefined
}

function checkUpstream(given: number | undefined): NumericDate | undefined {
  if (given === undefined) return undefined
  try {
    return numericDate(given)
  } catch {
    throw mistake('establish', 'upstreamExpiresAt', 'must be whole seconds since the epoch', given)
  }
}

interface DrawnSession {
  readonly session: Session
  readonly events: readonly SessionEvent[]
  readonly credential: string
  readonly family: DrawnFamily | undefined
  readonly newcomer: Newcomer
}

/** Stores a session with all that belongs to it. @returns `undefined` where the subject has too many. */
async function begin(context: ServerContext, grant: SessionGrant, data: unknown): Promise<DrawnSession | undefined> {
  const { limit } = context.sessionPolicy
  const { replaces } = grant
  // Whoever only knows an id takes over nobody's seat.
  const replaced = limit === undefined || replaces === undefined ? undefined : await peekSession(context, replaces)
  for (let draw = 0; draw < DRAWS_MAX; draw += 1) {
    const drawn = drawSession(context, grant, replaced?.sessionId)
    if (!(await reserveSeat(context, drawn.newcomer))) return undefined
    try {
      if (await store(context, grant, drawn, data)) return drawn
    } catch (failure) {
      await abandon(context, drawn.session)
      throw failure
    }
  }
  throw drawnTwice()
}

/** Stores data and session. @returns Whether they are ours; not where random values came twice. */
async function store(
  context: ServerContext,
  { client }: SessionGrant,
  { session, family }: DrawnSession,
  data: unknown,
): Promise<boolean> {
  // The data first: a session without their record would have none for ever, and nobody else ever makes it.
  if (!(await createData(context, session, data))) return false
  const place = signInPlace(context, session.sessionId, client?.terms.policy)
  return commitNew(place, { family: family?.state, session })
}

/** What follows once the session is stored; the credential is given out last. */
async function complete(context: ServerContext, grant: SessionGrant, begun: DrawnSession): Promise<EstablishResult> {
  const { request, client, issuedAt, replaces } = grant
  const { session, family, credential } = begun
  const events = [...begun.events, ...(family?.events ?? [])]
  context.bus.emit(inContext(events, request.context), issuedAt, context.entropy)
  // Whoever revokes a subject raises the cut-off before listing: what the listing may have missed is seen here.
  const moved = await readCutoff(context.records, request.subject)
  if (moved?.version !== grant.cutoff?.version) {
    throw new TokenError('ERR_SUBJECT_REVOKED', 'the subject was revoked while this call was establishing')
  }
  if (!(await takeSeat(context, begun.newcomer))) {
    await endSignIn(context, session.sessionId, { cause: 'limit' })
    return refuseSession('session/limit_reached')
  }
  if (replaces !== undefined) await signOut(context, replaces, 'replaced', { context: request.context })
  const view = publicSession(session, grant.now, context.sessionPolicy)
  if (client === undefined || family === undefined) return { ok: true, credential, session: view }
  const { state, refreshToken } = family
  const served = { family: state, refreshToken, terms: client.terms, now: issuedAt }
  const tokens = await issueTokenSet(context, served, { claims: state.claims })
  return { ok: true, credential, session: view, tokens }
}

function drawSession(context: ServerContext, grant: SessionGrant, replaces: string | undefined): DrawnSession {
  const { request, client, now, issuedAt } = grant
  const family = client && drawFamily(context, { request, ...client, now, issuedAt }, true)
  const sessionId = (family?.state.familyId ??
    formatSessionId(context.entropy.bytes(SESSION_ID_BYTES))) as Session['sessionId']
  const secret = formatSecret(context.entropy.bytes(SECRET_BYTES))
  const { hash: credentialHash, lineageHash = '' } = proveSecret(sessionId, secret)
  const { subject, scope } = request
  const { state, events } = establishSession(
    {
      sessionId,
      subject,
      clientId: request.clientId ?? context.clientId,
      scope,
      lineageHash,
      credentialHash,
      authentication: authenticationOf(request, issuedAt),
      context: placeOfSignIn(request),
      establishedAt: issuedAt,
      upstreamExpiresAt: grant.upstream,
    },
    now,
    context.sessionPolicy,
  )
  const { absoluteExpiresAt } = state
  return {
    session: state,
    events,
    credential: formatCredential(sessionId, secret),
    family: family && endingBy(family, absoluteExpiresAt),
    newcomer: { subject, sessionId, absoluteExpiresAt, replaces },
  }
}

/**
 * Ends a session that may have been stored and whose credential nobody has: it must not stay.
 *
 * What fails here is not told: what failed before is, and the session ends by itself.
 */
async function abandon(context: ServerContext, { sessionId }: Session): Promise<void> {
  try {
    await endSignIn(context, sessionId, { cause: 'failed' })
    await deleteData(context, sessionId)
  } catch {
    // Told already: see above.
  }
}

/** Where the user signed in, as far as it is kept: whatever a browser calls itself is cut, never refused. */
function placeOfSignIn({ context }: IssueRequest): SessionContext | undefined {
  if (context === undefined) return undefined
  const { networkPrefix, userAgent, place } = context
  return { networkPrefix: cut(networkPrefix), userAgent: cut(userAgent), place: cut(place) }
}

function cut(text: string | undefined): string | undefined {
  return text?.slice(0, CONTEXT_CHARACTERS_MAX)
}

const CONTEXT_CHARACTERS_MAX = 256
