// A gate: a measured figure, and what it must be.

/** One gate. */
export interface Gate {
  readonly name: string
  readonly value: number
  readonly must: string
  readonly ok: boolean
}
