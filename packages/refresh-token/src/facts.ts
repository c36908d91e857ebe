// The fields of a family that every event carries.
import type { FamilyFacts } from './event.ts'
import type { RefreshTokenFamily } from './state.ts'

/** The facts of a family for an event. */
export function factsOf({ familyId, subject, clientId, sessionId, generation }: RefreshTokenFamily): FamilyFacts {
  return sessionId === undefined
    ? { familyId, subject, clientId, generation }
    : { familyId, subject, clientId, sessionId, generation }
}
