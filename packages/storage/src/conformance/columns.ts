// Checks of the record store: the indexes by subject and by pending follow every write, and pages list each record once.
import type { RecordIndex, RecordInput, RecordStore } from '../record-store.ts'
import { ABSENT } from '../record-store.ts'
import { ensure, ensureEqual, ensureLost, ensureRecord, ensureWon } from './assertions.ts'
import type { Check, RecordsUnderTest } from './check.ts'
import { listAll, range } from './check.ts'

/** Indexes and paging. */
export const columnChecks: readonly Check<RecordsUnderTest>[] = [
  {
    name: 'a subject’s records are listed as they are read, and nobody else’s',
    async run(store) {
      const { records } = store
      ensureEqual(await listAll(records, { subject: 'nobody' }), [], 'list of an unknown subject')
      for (const key of ['a1', 'a2', 'a3']) await write(store, key, { text: key, subject: 'alice' })
      await write(store, 'b1', { text: 'b1', subject: 'bob' })
      await write(store, 'none', { text: 'none' })
      ensureEqual(await keysOf(records, ALICE), ['a1', 'a2', 'a3'], 'records of alice')
      const [listed] = await listAll(records, { subject: 'bob' })
      const read = await records.read('b1')
      ensureRecord(listed, { key: 'b1', text: 'b1', subject: 'bob' }, 'list')
      ensureEqual([listed?.version, listed?.expiresAt], [read?.version, read?.expiresAt], 'version and expiry, listed')
    },
  },
  {
    name: 'an overwrite moves a record to its new subject, and out of the index without one',
    async run(store) {
      const { records } = store
      let version = await write(store, 'a', { text: '1', subject: 'alice' })
      version = await write(store, 'a', { text: '2', subject: 'bob' }, version)
      ensureEqual(await keysOf(records, ALICE), [], 'records of the subject it left')
      ensureRecord((await listAll(records, { subject: 'bob' }))[0], { key: 'a', text: '2', subject: 'bob' }, 'list')
      version = await write(store, 'a', { text: '3' }, version)
      ensureEqual(await keysOf(records, { subject: 'bob' }), [], 'records after the subject was dropped')
      await write(store, 'a', { text: '4', subject: 'alice' }, version)
      ensureRecord(
        (await listAll(records, ALICE))[0],
        { key: 'a', text: '4', subject: 'alice' },
        'list of the subject it came back to',
      )
    },
  },
  {
    name: 'the pending index has exactly the records whose last write says pending',
    async run(store) {
      const { records } = store
      let version = await write(store, 'a', { text: '1', pending: true, subject: 'alice' })
      await write(store, 'b', { text: '1', pending: false })
      await write(store, 'c', { text: '1', pending: true })
      ensureEqual(await keysOf(records, PENDING), ['a', 'c'], 'pending records')
      version = await write(store, 'a', { text: '2', pending: false, subject: 'alice' }, version)
      ensureEqual(await keysOf(records, PENDING), ['c'], 'pending records after one was settled')
      ensureEqual(await keysOf(records, ALICE), ['a'], 'records of its subject')
      version = await write(store, 'a', { text: '3', pending: true }, version)
      ensureEqual(await keysOf(records, PENDING), ['a', 'c'], 'pending records after it waits again')
      await write(store, 'a', { text: '4' }, version)
      ensureEqual(await keysOf(records, PENDING), ['c'], 'pending records after a write without the column')
    },
  },
  {
    name: 'a deleted record leaves every index',
    async run(store) {
      const { records } = store
      await write(store, 'a', { text: '1', subject: 'alice', pending: true })
      const version = await write(store, 'b', { text: '1', subject: 'alice', pending: true })
      ensureEqual(await records.delete('a'), true, 'delete')
      ensureEqual(await keysOf(records, ALICE), ['b'], 'records of alice')
      ensureEqual(await keysOf(records, PENDING), ['b'], 'pending records')
      ensureEqual(await records.delete('b', version), true, 'delete with a version')
      ensureEqual(await keysOf(records, ALICE), [], 'records of alice')
      ensureEqual(await keysOf(records, PENDING), [], 'pending records')
    },
  },
  {
    name: 'a lost write changes no index',
    async run(store) {
      const { records } = store
      const { later } = store
      await write(store, 'a', { text: '1', subject: 'alice' })
      const lost = { text: '2', subject: 'bob', pending: true }
      ensureLost(await records.compareAndSet('a', ABSENT, lost, later), 'write on absent')
      ensureLost(await records.compareAndSet('a', 'never', lost, later), 'write with a wrong version')
      ensureLost(await records.compareAndSet('gone', 'never', lost, later), 'write where nothing stands')
      ensureEqual(await keysOf(records, ALICE), ['a'], 'records of alice')
      ensureEqual(await keysOf(records, { subject: 'bob' }), [], 'records of bob')
      ensureEqual(await keysOf(records, PENDING), [], 'pending records')
    },
  },
  {
    name: 'paging by subject lists every record once, whatever is written between the pages',
    run: (store) => checkPaging(store, ALICE),
  },
  {
    name: 'paging by pending lists every record once, whatever is written between the pages',
    run: (store) => checkPaging(store, PENDING),
  },
]

/** Between pages, records of both halves are overwritten, removed and added; those that stayed are listed once. */
async function checkPaging(store: RecordsUnderTest, index: RecordIndex): Promise<void> {
  const { records } = store
  const columns = { subject: 'alice', pending: true }
  const key = (number: number): string => `r:${String((number * 7919) % RECORDS)}`
  await Promise.all(range(RECORDS).map((number) => write(store, key(number), { text: 'first', ...columns })))
  ensureEqual((await keysOf(records, index)).length, RECORDS, 'records listed in quiet')
  const removed = new Set<string>()
  let pages = 0
  const listed = await listAll(records, index, async (page) => {
    pages = page
    // Only so long, or an adapter with small pages would never reach the end.
    if (page > CHANGING_PAGES) return
    for (const number of range(4)) {
      const goes = key(page * 16 + number)
      if (await records.delete(goes)) removed.add(goes)
      await write(store, `new:${page}:${number}`, { text: 'new', ...columns })
    }
    for (const number of range(RECORDS).filter((each) => each % CHANGING_PAGES === page % CHANGING_PAGES)) {
      const current = await records.read(key(number))
      if (current === undefined) continue
      await write(store, current.key, { text: `page ${page}`, ...columns }, current.version)
    }
  })
  const counts = new Map<string, number>()
  for (const record of listed) counts.set(record.key, (counts.get(record.key) ?? 0) + 1)
  for (const number of range(RECORDS)) {
    if (!removed.has(key(number))) ensureEqual(counts.get(key(number)), 1, `how often ${key(number)} was listed`)
  }
  ensure(pages === 0 || removed.size > 0, 'the check removed records between pages')
}

async function write(
  { records, later }: RecordsUnderTest,
  key: string,
  input: RecordInput,
  version: string = ABSENT,
): Promise<string> {
  return ensureWon(await records.compareAndSet(key, version, input, later), `write of ${key}`)
}

/** The keys of an index, sorted: the order is the adapter's own. */
async function keysOf(records: RecordStore, index: RecordIndex): Promise<string[]> {
  return (await listAll(records, index)).map(({ key }) => key).sort()
}

const ALICE: RecordIndex = { subject: 'alice' }
const PENDING: RecordIndex = { pending: true }
const RECORDS = 330
const CHANGING_PAGES = 8
