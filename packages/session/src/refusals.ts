// Every reason for which a session is refused, what the outside may see of it, and whether the credential is dead.
import type { Refusal } from '@tallystick/core'
import { defineRefusals, type RefusalRow } from '@tallystick/core/refusals'

const DEAD = 'the session is invalid, expired or revoked'

/** Why a session was refused; stable within a major version. */
export type SessionRefusal =
  | 'session/malformed'
  | 'session/unknown'
  | 'session/unknown_secret'
  | 'session/revoked'
  | 'session/expired'
  | 'session/replayed'
  | 'session/idle'
  | 'session/step_up_required'
  | 'session/superseded'
  | 'session/conflict'
  | 'session/limit_reached'

/** A row of the table: what the outside may see, and what it means for the credential. */
export interface SessionRefusalRow extends RefusalRow {
  /** Whether the credential is dead for good: its holder has to sign in again. */
  readonly isDead: boolean
}

/**
 * The table of refusals.
 *
 * No refusal is a reason to clear the cookie, a dead credential's neither: a newer one may have taken its place meanwhile.
 */
export const sessionRefusals: Readonly<Record<SessionRefusal, SessionRefusalRow>> = {
  'session/malformed': { code: 'invalid_token', status: 401, description: DEAD, isDead: true },
  'session/unknown': { code: 'invalid_token', status: 401, description: DEAD, isDead: true },
  'session/unknown_secret': { code: 'invalid_token', status: 401, description: DEAD, isDead: true },
  'session/revoked': { code: 'invalid_token', status: 401, description: DEAD, isDead: true },
  'session/expired': { code: 'invalid_token', status: 401, description: DEAD, isDead: true },
  'session/replayed': { code: 'invalid_token', status: 401, description: DEAD, isDead: true },
  'session/idle': {
    code: 'invalid_token',
    status: 401,
    description: 'the session was not used for too long: the user must authenticate again',
    isDead: false,
  },
  'session/step_up_required': {
    code: 'insufficient_user_authentication',
    status: 401,
    description: 'the user must authenticate again, or more strongly',
    isDead: false,
  },
  'session/superseded': {
    code: 'temporarily_unavailable',
    status: 409,
    description: 'a newer session credential was issued: read your cookie again',
    headers: { 'retry-after': '0' },
    isDead: false,
  },
  'session/conflict': {
    code: 'temporarily_unavailable',
    status: 409,
    description: 'too many requests wrote the session data at once: try again',
    headers: { 'retry-after': '0' },
    isDead: false,
  },
  'session/limit_reached': {
    code: 'access_denied',
    status: 403,
    description: 'the user has as many sessions as allowed',
    isDead: false,
  },
}

/** The refusal of a reason. */
export const refuseSession: (reason: SessionRefusal) => Refusal<SessionRefusal> = defineRefusals(sessionRefusals)

/** Whether the credential is dead for good: its holder has to sign in again. */
export function isDead(reason: SessionRefusal): boolean {
  return sessionRefusals[reason].isDead
}
