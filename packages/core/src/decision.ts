// What every machine of Tallystick answers: pure, synchronous, total. A refusal carries a next state too.

/**
 * The answer of a machine to one command.
 *
 * `state` must be stored before anyone hears of the outcome; it is the same object as the input where nothing changes.
 * A refusal may change the state as well: a replay refuses its caller and revokes the family.
 */
export type Decision<State, Event, Reason extends string, Verdict extends string = string> =
  | {
      readonly outcome: 'accepted'
      readonly verdict: Verdict
      readonly state: State
      readonly events: readonly Event[]
    }
  | { readonly outcome: 'refused'; readonly reason: Reason; readonly state: State; readonly events: readonly Event[] }
