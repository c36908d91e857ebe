// How sessions end by somebody's will, and the list by which a user sees what there is to end.
import type { Refusal, Result } from '@tallystick/core'
import { isActive, type SessionRefusal } from '@tallystick/session'
import { readProven } from './commit.ts'
import type { ServerContext } from './context.ts'
import { checkSubject } from './grant-input.ts'
import { signInsOf } from './listing.ts'
import { presentSession, type UseOptions } from './session-present.ts'
import { drawCall, type UsedSession, useSession } from './session-use.ts'
import { publicSession, type PublicSession } from './session-view.ts'
import { endedBy, endSignIn } from './settle.ts'
import { decodeSignIn, isSignInId, signInKey } from './sign-in-cell.ts'

/** What ending others' sessions answers: how many sign-ins this call ended. */
export type RevokeOthersResult = Result<{ readonly revoked: number }, SessionRefusal>

/** Ends the session of a credential. A credential that proves nothing ends nothing, which is no error. */
export async function signOut(
  context: ServerContext,
  credential: string,
  cause: 'sign_out' | 'replaced',
  { context: request }: UseOptions = {},
): Promise<{ readonly revoked: number }> {
  const call = drawCall(context)
  const used = await useSession(context, credential, (proof) => ({ type: 'revoke', cause, proof, call }), request)
  return { revoked: used.ok ? endedBy(used.events).revoked : 0 }
}

/**
 * Ends every other sign-in of the session's user: sessions, and refresh tokens that were not issued for this session.
 *
 * Offered after a change of password or factor.
 */
export async function revokeOthers(
  context: ServerContext,
  credential: string,
  options: UseOptions = {},
): Promise<RevokeOthersResult> {
  const used = await presentSession(context, credential, options)
  if (!used.ok) return used
  const { sessionId, subject } = used.session
  let revoked = 0
  const { signIns, failure } = await signInsOf(context.records, subject)
  for (const { id, family, session } of signIns) {
    if (id === sessionId || (session === undefined && family?.sessionId === sessionId)) continue
    revoked += (await endSignIn(context, id, { cause: 'user_revoked', isListed: true })).revoked
  }
  if (failure !== undefined) throw failure
  return { ok: true, revoked }
}

/** Ends one other session of the session's user. An id that is none of his ends nothing, and nothing is said of it. */
export async function revokeOne(
  context: ServerContext,
  credential: string,
  sessionId: string,
  options: UseOptions = {},
): Promise<RevokeOthersResult> {
  const used: UsedSession | Refusal<SessionRefusal> = await presentSession(context, credential, options)
  if (!used.ok) return used
  if (typeof sessionId !== 'string' || !isSignInId(sessionId)) return NOTHING
  const found = await readProven(context.records, signInKey(sessionId))
  // Subject and kind of a sign-in never change.
  const session = found && decodeSignIn(found.text).session
  if (session === undefined || session.subject !== used.session.subject) return NOTHING
  return { ok: true, revoked: (await endSignIn(context, sessionId, { cause: 'user_revoked' })).revoked }
}

/** The live sessions of a subject, the one used last first. */
export async function list(context: ServerContext, subject: string): Promise<readonly PublicSession[]> {
  checkSubject('list', subject)
  const sessions: PublicSession[] = []
  const { signIns, failure } = await signInsOf(context.records, subject)
  if (failure !== undefined) throw failure
  for (const { session, storeTime } of signIns) {
    const now = storeTime ?? context.clock()
    if (session === undefined || !isActive(session, now, context.sessionPolicy)) continue
    sessions.push(publicSession(session, now, context.sessionPolicy))
  }
  return sessions.sort((one, other) => other.lastPresentedAt - one.lastPresentedAt)
}

const NOTHING: { readonly ok: true; readonly revoked: 0 } = Object.freeze({ ok: true, revoked: 0 })
