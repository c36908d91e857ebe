// Using a session credential: gate, hash, record, decision. Everything that takes a credential comes through here.
import type { NumericDate, Refusal } from '@tallystick/core'
import { encodeBase64url } from '@tallystick/core/base64url'
import {
  type Command,
  decide,
  type Proof,
  refuseSession,
  type Session,
  type SessionDecision,
  type SessionRefusal,
  type SessionVerdict,
} from '@tallystick/session'
import { hashSecret, type ParsedCredential, parseCredential, proveSecret } from '@tallystick/session/credential'
import { commit, readProven } from './commit.ts'
import { type ServerContext, tell } from './context.ts'
import { inContext, type RequestContext } from './event.ts'
import { settle } from './settle.ts'
import { decodeSignIn, type SignIn, signInKey, signInPlace } from './sign-in-cell.ts'
import { onSession, type SignInEvent } from './sign-in-decision.ts'

/** A command for the session of a credential, once it is known by what the credential proves itself. */
export type SessionCommand = (proof: Proof, call: string | undefined) => Command

/** A credential whose use was accepted. */
export interface UsedSession {
  readonly ok: true
  readonly verdict: SessionVerdict
  /** As it stands in the store now. */
  readonly session: Session
  /** What the decision made happen. */
  readonly events: readonly SignInEvent[]
  readonly parsed: ParsedCredential
  readonly now: NumericDate
}

/**
 * Applies a command to the session of a credential.
 *
 * Where nothing is to be written it costs one read and one hash.
 *
 * @throws TokenError where no verdict was possible.
 */
export async function useSession(
  context: ServerContext,
  credential: string,
  command: SessionCommand,
  request?: RequestContext,
): Promise<UsedSession | Refusal<SessionRefusal>> {
  const parsed = parseCredential(credential)
  if (parsed === undefined) return turnAway(context, 'session/malformed', request)
  const place = signInPlace(context, parsed.sessionId)
  const committed = await commit(place, onSession(context, createJudge(context, parsed, command)))
  if (committed === undefined) return turnAway(context, 'session/unknown', request)
  const { decision, now } = committed
  if (decision.outcome === 'refused' && decision.reason === 'session/unknown') {
    // A guess touches nothing, not even what a dead process left undone.
    context.bus.emit(inContext(decision.events, request), now, context.entropy)
    return refuseSession(decision.reason)
  }
  // Where nothing happened and nothing is at its end, nothing follows.
  if (decision.events.length > 0 || !isAlive(decision.state)) await settle(context, committed, request)
  if (decision.outcome === 'refused') return refuseSession(decision.reason)
  const { verdict, events, state } = decision
  // What is decided about a session is decided where there is one.
  return { ok: true, verdict, session: state.session as Session, events, parsed, now }
}

/**
 * The session that any genuine credential of it could end: one read, and nothing changes. Whether it is at an end by time,
 * or this credential still serves, is left to whoever asks for more.
 *
 * @returns `undefined` for every other credential.
 */
export async function peekSession(context: ServerContext, credential: string): Promise<Session | undefined> {
  const parsed = parseCredential(credential)
  const found = parsed && (await readProven(context.records, signInKey(parsed.sessionId)))
  const session = found && decodeSignIn(found.text).session
  if (parsed === undefined || found === undefined || session === undefined) return undefined
  const command = { type: 'revoke', cause: 'sign_out', proof: proveSecret(parsed.sessionId, parsed.secret) } as const
  const decision = decide(session, command, found.storeTime ?? context.clock(), context.sessionPolicy)
  return decision.outcome === 'accepted' && decision.verdict === 'revoked' ? session : undefined
}

/** Decides on the credential's session, again and again where races are lost, as one and the same call. */
function createJudge(
  context: ServerContext,
  { sessionId, secret }: ParsedCredential,
  command: SessionCommand,
): (session: Session, now: NumericDate) => SessionDecision {
  const { sessionPolicy } = context
  let proof: Proof = { hash: hashSecret(secret) }
  let call: string | undefined
  return (session, now) => {
    const judge = (): SessionDecision => decide(session, command(proof, call), now, sessionPolicy)
    let decision = judge()
    if (isUnknown(decision) && proof.lineageHash === undefined) {
      // Only now does it matter whether it is an old credential or a guess.
      proof = proveSecret(sessionId, secret)
      decision = judge()
    }
    if (decision.outcome === 'accepted' && isNamed(context, decision.state)) {
      // A revocation that the store lost, but the log did not.
      const ended = decide(
        session,
        { type: 'revoke', cause: 'log', call: (call ??= drawCall(context)) },
        now,
        sessionPolicy,
      )
      return { outcome: 'refused', reason: 'session/revoked', state: ended.state, events: ended.events }
    }
    if (decision.state === session || call !== undefined) return decision
    // A write follows: the call must know it again.
    call = drawCall(context)
    return judge()
  }
}

function isAlive({ session, family }: SignIn): boolean {
  return session?.status === 'active' && family?.status !== 'revoked'
}

function isUnknown(decision: SessionDecision): boolean {
  return decision.outcome === 'refused' && decision.reason === 'session/unknown'
}

/** Whether this process knows of a revocation that names a session which the store has as active. */
function isNamed({ replica }: ServerContext, { status, subject, sessionId, establishedAt }: Session): boolean {
  return status === 'active' && replica.names({ subject, sessionId, issuedAt: establishedAt })
}

/** Refuses before any record was decided on, and tells of it. */
function turnAway(
  context: ServerContext,
  reason: SessionRefusal,
  request: RequestContext | undefined,
): Refusal<SessionRefusal> {
  tell(context, { type: 'session.turned_away', reason, context: request }, context.clock())
  return refuseSession(reason)
}

/** A random value known to one call alone, so that it recognises its own write when a driver sends it twice. */
export function drawCall({ entropy }: Pick<ServerContext, 'entropy'>): string {
  return encodeBase64url(entropy.bytes(CALL_BYTES))
}

const CALL_BYTES = 16
