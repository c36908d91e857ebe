// Decisions of the machines, lifted to the record in which their states stand: what ends one of them ends the other.
import type { Decision, NumericDate } from '@tallystick/core'
import { decide as decideFamily, type RefreshTokenEvent, type RefreshTokenFamily } from '@tallystick/refresh-token'
import { decide as decideSession, type Session, type SessionEvent } from '@tallystick/session'
import type { Decide } from './commit.ts'
import type { ServerContext } from './context.ts'
import type { SignIn } from './sign-in-cell.ts'

/** What happens to a sign-in. */
export type SignInEvent = RefreshTokenEvent | SessionEvent

/** The policies that the machines decide by. */
type Policies = Pick<ServerContext, 'policy' | 'sessionPolicy'>

/**
 * Lifts a decision about a family to its sign-in. A sign-in that does not change stays the same object.
 *
 * The decision that ends the family ends the session beside it; nothing is decided where there is no family.
 */
export function onFamily<Reason extends string, Verdict extends string>(
  policies: Policies,
  decide: Decide<RefreshTokenFamily, RefreshTokenEvent, Reason, Verdict>,
): Decide<SignIn, SignInEvent, Reason, Verdict> {
  return async (signIn, now) => {
    const { family, session } = signIn
    if (family === undefined) return undefined
    const decision = await decide(family, now)
    if (decision === undefined) return undefined
    const { state, events } = decision
    if (session === undefined || !events.some(({ type }) => type === 'refresh_token.revoked')) {
      return { ...decision, state: state === family ? signIn : { ...signIn, family: state } }
    }
    const command = { type: 'revoke', cause: state.cause ?? UNKNOWN, call: state.revokedBy } as const
    const ended = decideSession(session, command, now, policies.sessionPolicy)
    const isSame = state === family && ended.state === session
    return {
      ...decision,
      state: isSame ? signIn : { family: state, session: ended.state },
      events: [...events, ...ended.events],
    }
  }
}

/** Lifts a decision about a session in the same way; such a one asks nobody, and nobody waits for it. */
export function onSession<Reason extends string, Verdict extends string>(
  policies: Policies,
  decide: (session: Session, now: NumericDate) => Decision<Session, SessionEvent, Reason, Verdict>,
): (signIn: SignIn, now: NumericDate) => Decision<SignIn, SignInEvent, Reason, Verdict> | undefined {
  return (signIn, now) => {
    const { family, session } = signIn
    if (session === undefined) return undefined
    const decision = decide(session, now)
    const { state, events } = decision
    if (family === undefined || !events.some(({ type }) => type === 'session.revoked')) {
      return { ...decision, state: state === session ? signIn : { ...signIn, session: state } }
    }
    const command = { type: 'revoke', cause: state.cause ?? UNKNOWN, call: state.revokedBy } as const
    const ended = decideFamily(family, command, now, policies.policy)
    const isSame = state === session && ended.state === family
    return {
      ...decision,
      state: isSame ? signIn : { family: ended.state, session: state },
      events: [...events, ...ended.events],
    }
  }
}

/**
 * Says of a sign-in that its end is carried through.
 *
 * @param isInLog - Whether it stands in the log, too: without one, a family has not been announced to anybody.
 */
export function announced(
  policies: Policies,
  isInLog: boolean,
): Decide<SignIn, never, never, 'announced' | 'unchanged'> {
  return (signIn: SignIn, now: NumericDate) => {
    const command = { type: 'announce' } as const
    const family =
      signIn.family && isInLog ? decideFamily(signIn.family, command, now, policies.policy).state : signIn.family
    const session = signIn.session && decideSession(signIn.session, command, now, policies.sessionPolicy).state
    const isSame = family === signIn.family && session === signIn.session
    return {
      outcome: 'accepted',
      verdict: isSame ? 'unchanged' : 'announced',
      state: isSame ? signIn : { family, session },
      events: [],
    }
  }
}

const UNKNOWN = 'unknown'
