// Checks of the record store: what each method answers when nobody else is there.
import { ABSENT } from '../record-store.ts'
import { ensure, ensureEqual, ensureLost, ensureRecord, ensureWon } from './assertions.ts'
import type { Check, RecordsUnderTest } from './check.ts'
import { listAll, range } from './check.ts'

/** One caller at a time. */
export const behaviourChecks: readonly Check<RecordsUnderTest>[] = [
  {
    name: 'a key under which nothing stands reads as undefined',
    async run({ records }) {
      ensureEqual(await records.read('nobody'), undefined, 'read')
      ensureEqual(await records.delete('nobody'), false, 'delete')
    },
  },
  {
    name: 'a record is read back as it was written, with its version and expiry',
    async run({ records, later }) {
      const input = { text: '{"v":1}', subject: 'alice', pending: true }
      const version = ensureWon(await records.compareAndSet('a', ABSENT, input, later), 'first write')
      const record = await records.read('a')
      ensureRecord(record, { key: 'a', ...input }, 'read')
      ensureEqual(record?.version, version, 'version')
      ensureEqual(record?.expiresAt, later, 'expiresAt')
      ensureWon(await records.compareAndSet('plain', ABSENT, { text: 'x' }, later), 'write without columns')
      ensureRecord(await records.read('plain'), { key: 'plain', text: 'x' }, 'read without columns')
    },
  },
  {
    name: 'a write on absent loses where something stands, changes nothing and is told what stands there',
    async run({ records, later }) {
      const first = { key: 'a', text: 'first', subject: 'alice' }
      const version = ensureWon(await records.compareAndSet('a', ABSENT, first, later), 'first write')
      const current = ensureLost(await records.compareAndSet('a', ABSENT, { text: 'second' }, later), 'second write')
      ensureRecord(current, first, 'what the loser is told')
      ensureEqual(current?.version, version, 'the version the loser is told')
      ensureEqual(current?.expiresAt, later, 'the expiry the loser is told')
      ensureRecord(await records.read('a'), first, 'read after the lost write')
    },
  },
  {
    name: 'a write with the current version wins and replaces text, columns and version',
    async run({ records, later }) {
      const before = { text: '1', subject: 'alice', pending: true }
      const first = ensureWon(await records.compareAndSet('a', ABSENT, before, later), 'first write')
      const second = ensureWon(await records.compareAndSet('a', first, { text: '2' }, later), 'second write')
      ensure(first !== second, 'a write changes the version')
      const record = await records.read('a')
      ensureRecord(record, { key: 'a', text: '2' }, 'read')
      ensureEqual(record?.version, second, 'version')
    },
  },
  {
    name: 'a write with an old version loses, changes nothing and is told the winner’s record',
    async run({ records, later }) {
      const first = ensureWon(await records.compareAndSet('a', ABSENT, { text: '1' }, later), 'first write')
      const second = ensureWon(await records.compareAndSet('a', first, { text: '2' }, later), 'second write')
      const current = ensureLost(await records.compareAndSet('a', first, { text: '3' }, later), 'late write')
      ensureRecord(current, { key: 'a', text: '2' }, 'what the loser is told')
      ensureEqual(current?.version, second, 'the version the loser is told')
      ensureRecord(await records.read('a'), { key: 'a', text: '2' }, 'read after the lost write')
    },
  },
  {
    name: 'a write with a version where nothing stands loses and is told that nothing does',
    async run({ records, later }) {
      const version = ensureWon(await records.compareAndSet('other', ABSENT, { text: '1' }, later), 'another key')
      const answer = await records.compareAndSet('a', version, { text: '1' }, later)
      ensureEqual(ensureLost(answer, 'write'), undefined, 'what the loser is told')
      ensureEqual(await records.read('a'), undefined, 'read')
    },
  },
  {
    name: 'a version that never was loses like an old one, and is no error',
    async run({ records, later }) {
      ensureWon(await records.compareAndSet('a', ABSENT, { text: '1' }, later), 'first write')
      for (const version of ['no such version', '-1', '99999999999999999999', '0', 'é']) {
        const answer = await records.compareAndSet('a', version, { text: '2' }, later)
        ensureRecord(ensureLost(answer, `version ${version}`), { key: 'a', text: '1' }, `version ${version}: told`)
        ensureEqual(await records.delete('a', version), false, `delete with version ${version}`)
      }
      ensureEqual(await records.delete('a', ABSENT), false, "delete with 'absent'")
      ensureRecord(await records.read('a'), { key: 'a', text: '1' }, 'read')
    },
  },
  {
    name: 'delete removes a record once, and its key is free again',
    async run({ records, later }) {
      ensureWon(await records.compareAndSet('a', ABSENT, { text: '1' }, later), 'first write')
      ensureEqual(await records.delete('a'), true, 'delete')
      ensureEqual(await records.read('a'), undefined, 'read after delete')
      ensureEqual(await records.delete('a'), false, 'second delete')
      ensureWon(await records.compareAndSet('a', ABSENT, { text: '2' }, later), 'write after delete')
    },
  },
  {
    name: 'delete with a version removes that version and no other',
    async run({ records, later }) {
      const first = ensureWon(await records.compareAndSet('a', ABSENT, { text: '1' }, later), 'first write')
      const second = ensureWon(await records.compareAndSet('a', first, { text: '2' }, later), 'second write')
      ensureEqual(await records.delete('a', first), false, 'delete with the old version')
      ensureRecord(await records.read('a'), { key: 'a', text: '2' }, 'read')
      ensureEqual(await records.delete('a', second), true, 'delete with the current version')
      ensureEqual(await records.read('a'), undefined, 'read after delete')
    },
  },
  {
    name: 'a version is never used again for a key, not for the same text and not after a delete',
    async run({ records, later }) {
      const seen = new Set<string>()
      let version = ABSENT
      for (const round of range(24)) {
        version = ensureWon(await records.compareAndSet('a', version, { text: 'same' }, later), `write ${round}`)
        ensure(!seen.has(version), `version ${version} was used before`)
        for (const old of seen)
          ensureLost(await records.compareAndSet('a', old, { text: 'old' }, later), 'an old version')
        seen.add(version)
        if (round % 3 !== 2) continue
        ensureEqual(await records.delete('a', version), true, 'delete')
        version = ABSENT
      }
    },
  },
  {
    name: 'what was handed in or answered can be changed by its owner without changing the record',
    async run({ records, later }) {
      const input = { text: 'before', subject: 'alice' }
      ensureWon(await records.compareAndSet('a', ABSENT, input, later), 'write')
      input.text = 'after'
      const answer = (await records.read('a')) as { text: string }
      ensureEqual(answer.text, 'before', 'text after the input changed')
      // A frozen answer is as good as a copy.
      if (!Object.isFrozen(answer)) answer.text = 'after'
      ensureRecord(await records.read('a'), { key: 'a', text: 'before', subject: 'alice' }, 'read')
    },
  },
  {
    name: 'the declared capabilities are whole, and the store’s time is told exactly where it is declared',
    async run({ records, later }) {
      const { compareAndSet, linearizable, durable, expiry, clock } = records.capabilities
      for (const flag of [compareAndSet, linearizable, expiry, clock])
        ensureEqual(typeof flag, 'boolean', 'a capability')
      ensure(['memory', 'disk', 'replicated'].includes(durable), 'durable is memory, disk or replicated')
      ensureWon(await records.compareAndSet('a', ABSENT, { text: '1', subject: 'alice' }, later), 'write')
      const told = [
        await records.read('a'),
        ensureLost(await records.compareAndSet('a', ABSENT, { text: '2' }, later), 'lost write'),
        (await listAll(records, { subject: 'alice' }))[0],
      ]
      for (const record of told) ensureEqual(Number.isSafeInteger(record?.storeTime), clock, 'storeTime is told')
    },
  },
]
