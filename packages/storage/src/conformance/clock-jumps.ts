// Checks of the record store: a clock that jumps loses no record, and brings none back as a new one.
import type { NumericDate } from '@tallystick/core'
import { numericDate, plusSeconds } from '@tallystick/core'
import type { RecordStore, StoredRecord } from '../record-store.ts'
import { ABSENT } from '../record-store.ts'
import { ensure, ensureEqual, ensureLost, ensureRecord, ensureWon } from './assertions.ts'
import type { Check, ConformanceClock, RecordsUnderTest } from './check.ts'
import { listAll } from './check.ts'

/** Jumps of the clock; without a clock that a test can move, nothing is seen of them. */
export const clockJumpChecks: readonly Check<RecordsUnderTest>[] = [
  {
    name: 'a clock that is turned back and forth between write and read loses no record before its time',
    async run({ records, clock }) {
      if (clock === undefined) return
      const expiresAt = plusSeconds(clock.now(), LIFETIME_SECONDS)
      const input = { text: '1', subject: 'alice', pending: true }
      const first = ensureWon(await records.compareAndSet('a', ABSENT, input, expiresAt), 'write')
      if (!(await turnBack(clock, DAY_SECONDS))) return
      await ensureStands(records, { key: 'a', ...input }, first, 'a day before it was written')
      const second = ensureWon(await records.compareAndSet('a', first, input, expiresAt), 'overwrite')
      await clock.advance(DAY_SECONDS)
      await ensureStands(records, { key: 'a', ...input }, second, 'back on time')
      await clock.advance(LIFETIME_SECONDS - 1)
      await ensureStands(records, { key: 'a', ...input }, second, 'a second before it expires')
    },
  },
  {
    name: 'an expired record that comes back with the clock is the old one, and never what was written since',
    async run({ records, clock, later }) {
      if (clock === undefined) return
      const expiresAt = plusSeconds(clock.now(), LIFETIME_SECONDS)
      const input = { text: 'old', subject: 'alice', pending: true }
      const first = ensureWon(await records.compareAndSet('a', ABSENT, input, expiresAt), 'write')
      await clock.advance(JUMP_SECONDS)
      await lookAround(records)
      if (!(await turnBack(clock, JUMP_SECONDS))) return
      const back = await records.read('a')
      if (back === undefined) await ensureGone(records, first, expiresAt)
      else await ensureStands(records, { key: 'a', ...input }, first, 'what came back')
      await clock.advance(JUMP_SECONDS)
      const expected = (await records.read('a'))?.version ?? ABSENT
      const fresh = { text: 'new', subject: 'bob' }
      const second = ensureWon(await records.compareAndSet('a', expected, fresh, later), 'write after the expiry')
      ensure(second !== first, 'a version is not used again after an expiry')
      await clock.advance(-JUMP_SECONDS)
      await ensureStands(records, { key: 'a', ...fresh }, second, 'what was written since, with the clock turned back')
      ensureLost(await records.compareAndSet('a', first, input, later), 'write with the version that expired')
      ensureEqual(await records.delete('a', first), false, 'delete with the version that expired')
    },
  },
]

/** Tells whether the clock is one that can be turned back. */
async function turnBack(clock: ConformanceClock, seconds: number): Promise<boolean> {
  const before = clock.now()
  await clock.advance(-seconds)
  return clock.now() === before - seconds
}

/** Gives housekeeping that waits for a call its chance. */
async function lookAround(records: RecordStore): Promise<void> {
  await records.read('a')
  await indexesListing(records)
}

/** Reading, both indexes and a writer on absent are told the same record. */
async function ensureStands(
  records: RecordStore,
  expected: Parameters<typeof ensureRecord>[1],
  version: string,
  what: string,
): Promise<void> {
  const { key, ...input } = expected
  const read = await records.read(key)
  const told = ensureLost(await records.compareAndSet(key, ABSENT, input, LATE), `${what}, write on absent`)
  for (const record of [read, told]) {
    ensureRecord(record, expected, what)
    ensureEqual(record?.version, version, `${what}, version`)
  }
  const listed = [...(input.subject === undefined ? [] : [input.subject]), ...(input.pending === true ? [PENDING] : [])]
  ensureEqual(await indexesListing(records), listed, `${what}, where it is listed`)
}

async function ensureGone(records: RecordStore, version: string, expiresAt: NumericDate): Promise<void> {
  const late = await records.compareAndSet('a', version, { text: 'late' }, expiresAt)
  ensureEqual(ensureLost(late, 'write with the version that is gone'), undefined, 'what it is told')
  ensureEqual(await indexesListing(records), [], 'where a record that is gone is listed')
}

/** The indexes that list anything. */
async function indexesListing(records: RecordStore): Promise<string[]> {
  const found: [string, readonly StoredRecord[]][] = []
  for (const subject of ['alice', 'bob']) found.push([subject, await listAll(records, { subject })])
  found.push([PENDING, await listAll(records, { pending: true })])
  return found.filter(([, listed]) => listed.length > 0).map(([index]) => index)
}

const PENDING = 'pending'
const LATE = numericDate(4_102_444_800)
const LIFETIME_SECONDS = 600
const JUMP_SECONDS = 700
const DAY_SECONDS = 86_400
