// Decisions of the machines, lifted to the record in which a sign-in stands.
import type { Decision } from '@tallystick/core'
import type { RefreshTokenFamily } from '@tallystick/refresh-token'
import type { Decide } from './commit.ts'
import type { SignIn } from './sign-in-cell.ts'

/** Lifts a decision about a family to its sign-in; a sign-in that does not change stays the same object. */
export function onFamily<Event, Reason extends string, Verdict extends string>(
  decide: Decide<RefreshTokenFamily, Event, Reason, Verdict>,
): Decide<SignIn, Event, Reason, Verdict> {
  return async (signIn, now) => {
    const decision = await decide(signIn.family, now)
    return { ...decision, state: decision.state === signIn.family ? signIn : { family: decision.state } } as Decision<
      SignIn,
      Event,
      Reason,
      Verdict
    >
  }
}
