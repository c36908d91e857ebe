// The fields of a family that every event carries, and the events that compare it with a presented token.
import type { Rotate } from './command.ts'
import type { FamilyFacts, RefreshTokenEvent } from './event.ts'
import type { RefreshRefusal } from './refusals.ts'
import type { RefreshTokenFamily } from './state.ts'

/** The facts of a family for an event. */
export function factsOf({ familyId, subject, clientId, sessionId, generation }: RefreshTokenFamily): FamilyFacts {
  return sessionId === undefined
    ? { familyId, subject, clientId, generation }
    : { familyId, subject, clientId, sessionId, generation }
}

/** A token came back that was replaced long ago. */
export function replayEvent(family: RefreshTokenFamily, command: Rotate, ageSeconds: number): RefreshTokenEvent {
  const presentedGeneration = command.generation
  return { type: 'refresh_token.replayed', ...factsOf(family), presentedGeneration, ageSeconds }
}

/** A token came that is newer than the store. */
export function aheadEvent(family: RefreshTokenFamily, command: Rotate, adopted: boolean): RefreshTokenEvent {
  return { type: 'refresh_token.ahead', ...factsOf(family), presentedGeneration: command.generation, adopted }
}

/** A genuine token was refused. */
export function refusedEvent(family: RefreshTokenFamily, command: Rotate, reason: RefreshRefusal): RefreshTokenEvent {
  return { type: 'refresh_token.refused', ...factsOf(family), reason, presentedGeneration: command.generation }
}

/** A new generation was made. */
export function rotatedEvent(family: RefreshTokenFamily, { elevate }: Rotate): RefreshTokenEvent {
  return { type: elevate === undefined ? 'refresh_token.rotated' : 'refresh_token.elevated', ...factsOf(family) }
}
