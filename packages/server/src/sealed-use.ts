// Using a sealed session: what comes in is opened, judged and cut off, and what goes out is sealed and shown.
import { type NumericDate, type Refusal, TokenError } from '@tallystick/core'
import { endOf, idleEndOf, type SealedState, timeOf } from './sealed-law.ts'
import type { SealedContext } from './sealed-options.ts'
import type { SealedRefusal, TooLarge } from './sealed-refusals.ts'
import { openText, refuse, sealText } from './sealed-text.ts'
import { publicSession, type PublicSession } from './session-view.ts'

/** A session that was sealed: the value is to be stored in the cookie. */
export interface WrittenSession {
  readonly ok: true
  /** What is stored in the cookie, in the place of whatever stands there. */
  readonly credential: string
  /** The session as the application may show it. */
  readonly session: PublicSession
  /** The application's own data. */
  readonly data: unknown
}

/** What sealing answers. */
export type SealResult = WrittenSession | TooLarge

/** A session that may be used. */
export interface UsedSealed {
  readonly ok: true
  readonly state: SealedState
  readonly at: NumericDate
  readonly isOldKey: boolean
}

/** Opens a text and judges its session. Everything that takes a credential comes through here. */
export async function useSealed(
  context: SealedContext,
  text: string,
  verb?: 'elevate' | 'reauthenticate',
): Promise<UsedSealed | Refusal<SealedRefusal>> {
  const opened = await openText(context, text)
  if (!opened.ok) return opened
  const { state, isOldKey } = opened
  const at = timeOf(state, context.clock(), context.policy)
  const end = endOf(state, at, context.policy)
  const isForgiven = end === 'session/idle' && verb === 'reauthenticate'
  if (end !== undefined && !isForgiven) return refuse(end)
  return (await isCutOff(context, state, at)) ? refuse('session/revoked') : { ok: true, state, at, isOldKey }
}

async function isCutOff({ isRevoked }: SealedContext, state: SealedState, at: NumericDate): Promise<boolean> {
  if (isRevoked === undefined) return false
  const { sessionId, subject, establishedAt, epoch } = state
  let answer: unknown
  try {
    answer = await isRevoked({ sessionId, subject, establishedAt, epoch }, at)
  } catch (cause) {
    throw new TokenError('ERR_HOOK', 'the isRevoked hook failed', { cause })
  }
  if (typeof answer !== 'boolean') throw new TokenError('ERR_HOOK', 'the isRevoked hook must answer true or false')
  return answer
}

/** Seals a session and shows it. */
export async function writeSealed(context: SealedContext, state: SealedState, at: NumericDate): Promise<SealResult> {
  const sealed = await sealText(context, state)
  if (!sealed.ok) return sealed
  return { ok: true, credential: sealed.credential, session: viewSealed(context, state, at), data: state.data }
}

/** A session as its user and the application see it. */
export function viewSealed({ policy }: SealedContext, state: SealedState, at: NumericDate): PublicSession {
  const session = publicSession(state, at, policy)
  const idleExpiresAt = idleEndOf(state, policy)
  return idleExpiresAt === undefined ? session : { ...session, idleExpiresAt }
}
