// Presenting a session credential, renewing it, and reading and changing the data of its session.
import { type Refusal, type Result, TokenError } from '@tallystick/core'
import { isRenewalDue, refuseSession, type SessionRefusal } from '@tallystick/session'
import { type AuthenticationRequirement, sessionMeets } from '@tallystick/session/assurance'
import { refuseStepUp } from '@tallystick/session/challenge'
import { deriveSecret, formatCredential, hashSecret, parseCredential } from '@tallystick/session/credential'
import type { ServerContext } from './context.ts'
import type { RequestContext } from './event.ts'
import { readData, type UpdateData, updateData } from './session-data.ts'
import { drawCall, type UsedSession, useSession } from './session-use.ts'
import { publicSession, type PublicSession } from './session-view.ts'

/** What came along with a credential. */
export interface UseOptions {
  /** Where the request came from, for events. */
  readonly context?: RequestContext | undefined
}

/** What came along with a credential, and what its session must be good for. */
export interface PresentOptions extends UseOptions {
  /** How the user must have been authenticated. */
  readonly requirement?: AuthenticationRequirement | undefined
}

/** What presenting answers. */
export type PresentResult = Result<
  {
    /** The session as the application may show it. */
    readonly session: PublicSession
    /** Whether the credential is old enough to be renewed. */
    readonly renewalDue: boolean
    /** The session's current credential, only where it is another than the one presented: store it in its place. */
    readonly credential?: string | undefined
  },
  SessionRefusal
>

/** What a renewal answers. */
export type RenewResult = Result<
  {
    readonly credential: string
    readonly session: PublicSession
    /** `repeated`: the session had moved on, or rests; nothing was made anew. */
    readonly verdict: 'renewed' | 'repeated'
  },
  SessionRefusal
>

/** What reading and updating answer. */
export type DataResult = Result<{ readonly session: PublicSession; readonly data: unknown }, SessionRefusal>

/** Presents a credential: is there a session, and whose? */
export async function present(
  context: ServerContext,
  credential: string,
  options: PresentOptions = {},
): Promise<PresentResult> {
  const used = await presentSession(context, credential, options)
  if (!used.ok) return used
  const { session, verdict, now } = used
  const { requirement } = options
  // RFC 9470 §3: what is missing is named, and the session stays as it is.
  if (requirement !== undefined && !isMet(context, used, requirement)) return refuseStepUp(requirement)
  const view = publicSession(session, now, context.sessionPolicy)
  const renewalDue = isRenewalDue(session, now, context.sessionPolicy)
  return verdict === 'repeated'
    ? { ok: true, session: view, renewalDue, credential: successorOf(context, used) }
    : { ok: true, session: view, renewalDue }
}

function isMet(
  { sessionPolicy }: ServerContext,
  { session, now }: UsedSession,
  requirement: AuthenticationRequirement,
): boolean {
  return sessionMeets(session, requirement, now, sessionPolicy.clockToleranceSeconds)
}

/** Presents a credential for a verb that does more with its session. */
export function presentSession(
  context: ServerContext,
  credential: string,
  { context: request }: UseOptions = {},
): Promise<UsedSession | Refusal<SessionRefusal>> {
  const { ids: secretIds } = context.ring
  return useSession(context, credential, (proof, call) => ({ type: 'present', proof, secretIds, call }), request)
}

/** Exchanges a credential for its successor; asked again, it gives the same. */
export async function renew(
  context: ServerContext,
  credential: string,
  options: UseOptions = {},
): Promise<RenewResult> {
  const { ring } = context
  const parsed = parseCredential(credential)
  const [head = 0] = ring.ids
  const next = parsed && deriveSecret(ring, head, parsed.sessionId, parsed.secret)
  const nextHash = parsed === undefined || next === undefined ? '' : hashSecret(next)
  const call = drawCall(context)
  const used = await useSession(
    context,
    credential,
    (proof) => ({ type: 'renew', proof, secretIds: ring.ids, nextHash, call }),
    options.context,
  )
  if (!used.ok) return used
  return {
    ok: true,
    credential: used.verdict === 'rested' ? credential : successorOf(context, used),
    session: publicSession(used.session, used.now, context.sessionPolicy),
    verdict: used.verdict === 'renewed' ? 'renewed' : 'repeated',
  }
}

/** Reads the application's data of a session. */
export async function read(context: ServerContext, credential: string, options: UseOptions = {}): Promise<DataResult> {
  const used = await presentSession(context, credential, options)
  if (!used.ok) return used
  const found = await readData(context, used.session.sessionId)
  return answerWith(context, used, found)
}

/** Changes the application's data of a session. */
export async function update(
  context: ServerContext,
  credential: string,
  change: UpdateData,
  options: UseOptions = {},
): Promise<DataResult> {
  const used = await presentSession(context, credential, options)
  if (!used.ok) return used
  const updated = await updateData(context, used.session, change)
  return updated === 'conflict' ? refuseSession('session/conflict') : answerWith(context, used, updated)
}

/** Data are there from a session's beginning until it is ended, so that without them it has ended meanwhile. */
function answerWith(
  context: ServerContext,
  { session, now }: UsedSession,
  found: { readonly data: unknown } | undefined,
): DataResult {
  if (found === undefined) return refuseSession('session/revoked')
  return { ok: true, session: publicSession(session, now, context.sessionPolicy), data: found.data }
}

/** The credential that followed from the one presented: the same bytes, however often it is asked for. */
function successorOf({ ring }: ServerContext, { session, parsed }: UsedSession): string {
  const secret = deriveSecret(ring, session.secretId ?? NO_SECRET, parsed.sessionId, parsed.secret)
  // The decision gives a successor only with a secret of the ring.
  if (secret === undefined) throw new TokenError('ERR_SIGNING', 'the secret of a decision left the ring meanwhile')
  return formatCredential(parsed.sessionId, secret)
}

const NO_SECRET = -1
