// The search for an order that explains what parallel clients were answered (Wing and Gong, with memo), for any model.

/** One call of a recorded history; begin and end count every event of the history. */
export interface RecordedCall<Action> {
  /** Its place among all events of the history when it was asked. */
  readonly begin: number
  /** Absent where nobody was answered: the call may have taken effect at any time since, or never. */
  readonly end?: number | undefined
  /** What was asked and, unless nobody was answered, what was answered. */
  readonly action: Action
}

/** What one caller at a time would be answered. */
export interface SequentialSpecification<State, Action> {
  /** The state before the first call. */
  readonly start: State
  /**
   * The state after the call, or `undefined` where it cannot be answered so in this state.
   *
   * For an action without an answer: the state after its effect, or `undefined` where it would have none.
   */
  step(state: State, action: Action): State | undefined
  /** The same text for the same state, and for no other. */
  keyOf(state: State): string
}

/**
 * Says whether some order of the calls, each between its begin and its end, gives exactly the answers they got.
 *
 * Calls that nobody was answered for stand anywhere after their begin, or nowhere. Every state that was searched in
 * vain is remembered, so that the work stays small for a handful of clients.
 *
 * @param calls - The whole history of one thing, in any order; at most 1000 calls.
 * @example
 * interface Action {
 *   readonly set?: number
 *   readonly read?: number
 * }
 * const step = (state: number, { set, read }: Action) => set ?? (read === state ? state : undefined)
 * const parallel = [{ begin: 1, end: 4, action: { set: 7 } }, { begin: 2, end: 3, action: { read: 7 } }]
 * isLinearizable({ start: 0, step, keyOf: String }, parallel) // => true
 */
export function isLinearizable<State, Action>(
  specification: SequentialSpecification<State, Action>,
  calls: readonly RecordedCall<NoInfer<Action>>[],
): boolean {
  const inVain = new Set<string>()
  return search([...calls.keys()], specification.start)

  function search(open: readonly number[], state: State): boolean {
    const firstEnd = Math.min(...open.map((index) => calls[index]?.end ?? Infinity))
    // Only calls that nobody was answered for are left, and each of them may have come to nothing.
    if (firstEnd === Infinity) return true
    const key = specification.keyOf(state)
    const memo = `${open.join()} ${key}`
    if (inVain.has(memo)) return false
    for (const index of open) {
      const call = calls[index]
      // Only a call that began before every open one ended can be the next.
      if (call === undefined || call.begin > firstEnd) continue
      const next = specification.step(state, call.action)
      if (next === undefined) continue
      const changesNothing = specification.keyOf(next) === key
      // Nobody waits for it: it may stay open until it changes something.
      if (changesNothing && call.end === undefined) continue
      const rest = open.filter((other) => other !== index)
      if (search(rest, next)) return true
      // An answered call that changes nothing may as well be next: no order is lost by trying no other in its place.
      if (changesNothing) break
    }
    inVain.add(memo)
    return false
  }
}
