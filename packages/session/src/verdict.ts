// What the law answers: its verdicts, and the decision that carries one.
import type { Decision } from '@tallystick/core'
import type { SessionEvent } from './event.ts'
import type { SessionRefusal } from './refusals.ts'
import type { Session } from './state.ts'

/**
 * What an accepted command did.
 *
 * - `presented`: the session is good, and the presented credential is the current one.
 * - `renewed`: a new credential, derived with the secret that the state names. `rested`: the presented one stays.
 * - `repeated`: an earlier credential was presented and the current one is given again: derive it from the presented one.
 * - `elevated`, `reauthenticated`: the drawn credential of the command is the current one now.
 * - `revoked`, `announced`: the other commands took effect. `unchanged`: there was nothing to do.
 */
export type SessionVerdict = ServingVerdict | 'revoked' | 'announced' | 'unchanged'

/** The verdicts after which the caller holds the session's current credential. */
export type ServingVerdict = 'presented' | 'renewed' | 'rested' | 'repeated' | 'elevated' | 'reauthenticated'

/** The answer of `decide`. */
export type SessionDecision = Decision<Session, SessionEvent, SessionRefusal, SessionVerdict>
