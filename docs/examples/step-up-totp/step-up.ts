// When a step-up is of no use, so that nobody is asked for a code again and again (RFC 9470 §5).
import type { NumericDate } from '@tallystick/core'
import type { PublicSession } from '@tallystick/server'
import { meets } from '@tallystick/session/assurance'
import { parseChallenge } from '@tallystick/session/challenge'

/** Why the user is not asked to prove himself. */
export type StepUpRefusal = 'invalid_request' | 'unmet_authentication_requirements'

/**
 * Judges the challenge that made the page ask for a step-up, before the user is bothered.
 *
 * @param challenge - The `WWW-Authenticate` header that the page got.
 * @param acr - What the step-up would give.
 */
export function refuseUseless(
  challenge: unknown,
  { isElevated, authentication }: PublicSession,
  acr: string,
  now: NumericDate,
): StepUpRefusal | undefined {
  const asked = typeof challenge === 'string' ? parseChallenge(challenge) : undefined
  if (asked === undefined) return 'invalid_request'
  const { acrValues, maxAgeSeconds } = asked
  // What this step-up cannot give: RFC 9470 §5 takes a class that is asked for as essential.
  if (acrValues !== undefined && !acrValues.includes(acr)) return 'unmet_authentication_requirements'
  if (maxAgeSeconds !== undefined && maxAgeSeconds < FRESH_SECONDS_MIN) return 'unmet_authentication_requirements'
  // What the last step-up has given already, and it did not help: a second one would not help either.
  const authenticationAgeSecondsMax = maxAgeSeconds && maxAgeSeconds - CLOCKS_APART_SECONDS
  const isGiven = isElevated && meets(authentication, { acr, authenticationAgeSecondsMax }, now)
  return isGiven ? 'unmet_authentication_requirements' : undefined
}

/** Nobody is asked to type a code that is too old when it arrives. */
const FRESH_SECONDS_MIN = 30
/** Near its end a step-up may count here, and no more at a resource with another clock. */
const CLOCKS_APART_SECONDS = 10
