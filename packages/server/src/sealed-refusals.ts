// Why a sealed session is refused: a part of the reasons of sessions, and one of its own.
import type { Refusal } from '@tallystick/core'
import { defineRefusals, type RefusalRow } from '@tallystick/core/refusals'
import type { SessionRefusal } from '@tallystick/session'

/** Why a sealed session was refused when it was opened; stable within a major version. */
export type SealedRefusal = Extract<
  SessionRefusal,
  | 'session/malformed'
  | 'session/unknown'
  | 'session/expired'
  | 'session/idle'
  | 'session/revoked'
  | 'session/step_up_required'
>

/** A session that would make a larger cookie than browsers keep; nothing was changed. */
export interface TooLarge extends Refusal<'session/too_large'> {
  /** How long the cookie's name and value would be together, at least. */
  readonly sizeBytes: number
  /** How long they may be: 4096. */
  readonly sizeBytesMax: number
}

/** The table of the reason that only sealed sessions have: the browser did nothing wrong. */
export const sealedRefusals: Readonly<Record<'session/too_large', RefusalRow>> = {
  'session/too_large': { code: 'server_error', status: 500, description: 'the session has become too large' },
}

/** The refusal of a session that is too large. */
export function refuseTooLarge(sizeBytes: number, sizeBytesMax: number): TooLarge {
  return { ...refuse('session/too_large'), sizeBytes, sizeBytesMax }
}

const refuse = defineRefusals(sealedRefusals)
