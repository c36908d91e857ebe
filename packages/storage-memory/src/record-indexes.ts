// Which records a subject has, and which wait for a follow-up, each in the order they entered the index.
import type { RecordIndex, StoredRecord } from '@tallystick/storage'
import { OrderedEntries } from './ordered-entries.ts'

/** What stands under a key, and its places in the indexes. */
export interface Cell {
  record: StoredRecord
  subjectPlace: number
  pendingPlace: number
}

/** The two indexes of a record store. */
export class RecordIndexes {
  private readonly subjects = new Map<string, OrderedEntries<Cell>>()
  private readonly pendings = new OrderedEntries<Cell>()
  private place = 0

  /** The entries of one index, if anything is in it. */
  entries(index: RecordIndex): OrderedEntries<Cell> | undefined {
    return 'subject' in index ? this.subjects.get(index.subject) : this.pendings
  }

  /** Lists a new cell. */
  enter(cell: Cell): void {
    this.enterSubject(cell)
    this.enterPending(cell)
  }

  /** Takes a cell out of every index. */
  leave(cell: Cell): void {
    this.leaveSubject(cell)
    this.leavePending(cell)
  }

  /** Puts another record into a cell; where it stays in an index it keeps its place, so that paging lists it once. */
  update(cell: Cell, record: StoredRecord): void {
    const { subject, pending } = cell.record
    const subjectChanges = subject !== record.subject
    const pendingChanges = pending !== record.pending
    if (subjectChanges) this.leaveSubject(cell)
    if (pendingChanges) this.leavePending(cell)
    cell.record = record
    if (subjectChanges) this.enterSubject(cell)
    if (pendingChanges) this.enterPending(cell)
  }

  private enterSubject(cell: Cell): void {
    const { subject } = cell.record
    if (subject === undefined) return
    let entries = this.subjects.get(subject)
    if (entries === undefined) this.subjects.set(subject, (entries = new OrderedEntries()))
    cell.subjectPlace = this.place += 1
    entries.append(cell.subjectPlace, cell)
  }

  private leaveSubject(cell: Cell): void {
    const { subject } = cell.record
    if (subject === undefined) return
    const entries = this.subjects.get(subject)
    entries?.remove(cell.subjectPlace)
    if (entries?.size === 0) this.subjects.delete(subject)
  }

  private enterPending(cell: Cell): void {
    if (cell.record.pending !== true) return
    cell.pendingPlace = this.place += 1
    this.pendings.append(cell.pendingPlace, cell)
  }

  private leavePending(cell: Cell): void {
    if (cell.record.pending === true) this.pendings.remove(cell.pendingPlace)
  }
}
