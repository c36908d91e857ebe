// Checks of the record store: a record stays until its time, and once it was gone it never comes back.
import type { NumericDate } from '@tallystick/core'
import { numericDate, plusSeconds } from '@tallystick/core'
import type { RecordStore } from '../record-store.ts'
import { ABSENT } from '../record-store.ts'
import { ensure, ensureEqual, ensureLost, ensureRecord, ensureWon } from './assertions.ts'
import type { Check, ConformanceClock, RecordsUnderTest } from './check.ts'
import { listAll, range } from './check.ts'

/** Time. Where no clock was handed in, a record that was born expired stands for one that became so. */
export const expiryChecks: readonly Check<RecordsUnderTest>[] = [
  {
    name: 'a record is kept, listed and writable until the second before it expires',
    async run({ records, clock, later }) {
      const { expiresAt, until } = lifetime(clock, later)
      const input = { text: '1', subject: 'alice', pending: true }
      const version = ensureWon(await records.compareAndSet('a', ABSENT, input, expiresAt), 'write')
      await fill(records, expiresAt)
      await until(-1)
      await fill(records, later)
      ensureRecord(await records.read('a'), { key: 'a', ...input }, 'read')
      ensureEqual(await keysOf(records), ['a'], 'list')
      ensureEqual(
        ensureLost(await records.compareAndSet('a', ABSENT, input, later), 'write on absent')?.version,
        version,
        'told',
      )
      ensureWon(await records.compareAndSet('a', version, { text: '2' }, later), 'write with its version')
    },
  },
  {
    name: 'an overwrite sets the expiry anew: later than before it is kept on, earlier it leaves earlier',
    async run({ records, clock, later }) {
      const { expiresAt, until } = lifetime(clock, later)
      const kept = ensureWon(await records.compareAndSet('kept', ABSENT, { text: '1' }, expiresAt), 'first write')
      ensureWon(await records.compareAndSet('kept', kept, { text: '2' }, later), 'overwrite')
      const shortened = ensureWon(await records.compareAndSet('short', ABSENT, { text: '1' }, later), 'first write')
      ensureWon(await records.compareAndSet('short', shortened, { text: '2' }, expiresAt), 'overwrite')
      ensureEqual((await records.read('kept'))?.expiresAt, later, 'expiresAt')
      await until(1)
      await fill(records, later)
      ensureRecord(await records.read('kept'), { key: 'kept', text: '2' }, 'read of the prolonged record')
      if (clock !== undefined && records.capabilities.expiry) {
        ensureEqual(await records.read('short'), undefined, 'read of the shortened record')
      }
    },
  },
  {
    name: 'a store that declares expiry does not answer an expired record',
    async run({ records, clock, later }) {
      const { expiresAt, until } = lifetime(clock, later)
      const input = { text: '1', subject: 'alice', pending: true }
      const version = ensureWon(await records.compareAndSet('a', ABSENT, input, expiresAt), 'write')
      ensureWon(await records.compareAndSet('b', ABSENT, input, expiresAt), 'write')
      await until(1)
      if (clock === undefined || !records.capabilities.expiry) return
      ensureEqual(await keysOf(records), [], 'list')
      ensureEqual(await records.read('a'), undefined, 'read')
      ensureEqual(ensureLost(await records.compareAndSet('a', version, input, later), 'write'), undefined, 'told')
      ensureEqual(await records.delete('b'), false, 'delete')
    },
  },
  {
    name: 'a record that was gone never comes back, and its key is free for a new one with a new version',
    async run({ records, clock, later }) {
      const { expiresAt, until } = bornOrBecomeExpired(clock)
      const input = { text: 'old', subject: 'alice', pending: true }
      const version = ensureWon(await records.compareAndSet('a', ABSENT, input, expiresAt), 'write')
      await until(1)
      const seen = await records.read('a')
      // What is answered still stands, and is overwritten with its version; what is not is free.
      const expected = seen?.version ?? ABSENT
      if (seen === undefined) {
        ensureEqual(
          ensureLost(await records.compareAndSet('a', version, input, later), 'late write'),
          undefined,
          'told',
        )
        ensureEqual(await keysOf(records), [], 'list')
        ensureEqual(await records.read('a'), undefined, 'second read')
      }
      const next = ensureWon(
        await records.compareAndSet('a', expected, { text: 'new', subject: 'bob' }, later),
        'new write',
      )
      ensure(next !== version, 'a version is not used again after an expiry')
      ensureLost(await records.compareAndSet('a', version, input, later), 'write with the expired version')
      ensureEqual(await records.delete('a', version), false, 'delete with the expired version')
      await fill(records, later)
      ensureRecord(await records.read('a'), { key: 'a', text: 'new', subject: 'bob' }, 'read of the new record')
      ensureEqual(await keysOf(records), [], 'what the old record was listed under')
    },
  },
]

interface Lifetime {
  readonly expiresAt: NumericDate
  /** Moves the time to so many seconds from the expiry. */
  readonly until: (seconds: number) => Promise<void>
}

function lifetime(clock: ConformanceClock | undefined, later: NumericDate): Lifetime {
  return clock === undefined ? { expiresAt: later, until: async () => {} } : bornOrBecomeExpired(clock)
}

function bornOrBecomeExpired(clock: ConformanceClock | undefined): Lifetime {
  if (clock === undefined) return { expiresAt: LONG_AGO, until: async () => {} }
  const expiresAt = plusSeconds(clock.now(), LIFETIME_SECONDS)
  return { expiresAt, until: async (seconds) => clock.advance(expiresAt + seconds - clock.now()) }
}

/** Other writes, enough for any housekeeping that writes do to come by. */
async function fill(records: RecordStore, expiresAt: NumericDate): Promise<void> {
  await Promise.all(
    range(24).map((number) => records.compareAndSet(`fill:${expiresAt}:${number}`, ABSENT, { text: '' }, expiresAt)),
  )
}

async function keysOf(records: RecordStore): Promise<string[]> {
  const subject = await listAll(records, { subject: 'alice' })
  const pending = await listAll(records, { pending: true })
  return [...new Set([...subject, ...pending].map(({ key }) => key))].sort()
}

const LONG_AGO = numericDate(1_000_000_000)
const LIFETIME_SECONDS = 600
