// Values in the order they came, from which any can leave, and which can be read on from any place.

/**
 * Values under growing sequence numbers.
 *
 * A place is found by binary search, so that a cursor is only a number: it stays good when the value it names has left.
 * What left keeps an empty slot until half of the slots are empty; then they are closed up, at a constant price per
 * removal.
 */
export class OrderedEntries<Value> {
  private slots: Slot<Value>[] = []
  private removed = 0

  /** How many values are in it. */
  get size(): number {
    return this.slots.length - this.removed
  }

  /** Adds a value behind all others; `sequence` must be larger than any before. */
  append(sequence: number, value: Value): void {
    this.slots.push({ sequence, value })
  }

  /** Takes a value out, if it is there. */
  remove(sequence: number): void {
    const slot = this.slots[this.firstAfter(sequence - 1)]
    if (slot?.sequence !== sequence || slot.value === undefined) return
    slot.value = undefined
    this.removed += 1
    if (this.removed <= SLACK_SLOTS || this.removed * 2 < this.slots.length) return
    this.slots = this.slots.filter((kept) => kept.value !== undefined)
    this.removed = 0
  }

  /**
   * The values behind a sequence number that are wanted, in order.
   *
   * @param countMax - How many at most.
   * @returns The values, the sequence number of the last, and whether slots follow it.
   */
  after(sequence: number, countMax: number, wanted: (value: Value) => boolean): EntriesPage<Value> {
    const values: Value[] = []
    let last = sequence
    let position = this.firstAfter(sequence)
    for (; position < this.slots.length && values.length < countMax; position += 1) {
      const slot = this.slots[position]
      if (slot?.value === undefined || !wanted(slot.value)) continue
      values.push(slot.value)
      last = slot.sequence
    }
    return { values, last, more: position < this.slots.length }
  }

  private firstAfter(sequence: number): number {
    let low = 0
    let high = this.slots.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.slots[middle]?.sequence ?? Infinity) <= sequence) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** A part of the values, and where it ends. */
export interface EntriesPage<Value> {
  readonly values: readonly Value[]
  readonly last: number
  readonly more: boolean
}

interface Slot<Value> {
  readonly sequence: number
  value: Value | undefined
}

/** Below this many empty slots closing up is not worth it. */
const SLACK_SLOTS = 16
