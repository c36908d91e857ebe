// Simulated time and chance: what happens when, in whole milliseconds, and a sequence that a seed repeats.

/** Events in the order of their times; those of one millisecond in the order in which they were added. */
export class Timeline {
  /** The true time. */
  now: number
  /** Nothing happens after it. */
  end = Number.POSITIVE_INFINITY
  readonly #events: Array<{ readonly at: number; readonly run: () => void | Promise<void> }> = []

  constructor(start: number) {
    this.now = start
  }

  at(at: number, run: () => void | Promise<void>): void {
    let low = 0
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#events[middle]?.at ?? 0) <= at) low = middle + 1
      else high = middle
    }
    this.#events.splice(low, 0, { at, run })
  }

  async run(): Promise<void> {
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) {
      this.now = event.at
      if (this.now > this.end) return
      await event.run()
    }
  }
}

/** Mulberry32: numbers from 0 to below 1. */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
