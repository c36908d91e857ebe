// The suites pass sound adapters of other makes: what the contract leaves open, no check may ask for.
import type { Storage, StoredRecord } from '@tallystick/storage'
import type { ConformanceClock, StoreUnderTest } from '@tallystick/storage/conformance'
import { recordStoreConformance, revocationLogConformance } from '@tallystick/storage/conformance'
import { describe, test } from 'vitest'
import { memoryUnderTest, START } from './memory-under-test.ts'

const makes: Readonly<Record<string, () => StoreUnderTest>> = {
  'whose time no test moves': () => ({ storage: memoryUnderTest().storage }),
  'whose clock cannot be turned back'() {
    const { storage, clock } = memoryUnderTest()
    return { storage, clock: clock && forwardOnly(clock) }
  },
  'that leaves out empty columns'() {
    const { storage, clock } = memoryUnderTest()
    return { storage: tellRecords(storage, withoutEmptyColumns), clock }
  },
  'that tells its time'() {
    const { storage, clock } = memoryUnderTest()
    const told = tellRecords(storage, (record) => ({ ...record, storeTime: clock?.now() ?? START }))
    const capabilities = { ...told.records.capabilities, clock: true, durable: 'disk' } as const
    return { storage: { ...told, records: { ...told.records, capabilities } }, clock }
  },
  'that answers expired records'() {
    // Its own time stands still, so that nothing expires for it.
    const { storage } = memoryUnderTest()
    const capabilities = { ...storage.records.capabilities, expiry: false, durable: 'replicated' } as const
    return { storage: { ...storage, records: { ...storage.records, capabilities } }, clock: memoryUnderTest().clock }
  },
  'whose pages are short': () => {
    const { storage, clock } = memoryUnderTest()
    return { storage: { ...storage, records: shortPages(storage) }, clock }
  },
}

for (const [make, create] of Object.entries(makes)) {
  describe(make, () => {
    recordStoreConformance({ test, create })
    // A log has no capabilities: it forgets what has expired.
    if (make !== 'that answers expired records') revocationLogConformance({ test, create })
  })
}

function forwardOnly(clock: ConformanceClock): ConformanceClock {
  return { now: () => clock.now(), advance: (seconds) => (seconds > 0 ? clock.advance(seconds) : undefined) }
}

function tellRecords(storage: Storage, tell: (record: StoredRecord) => StoredRecord): Storage {
  const { records } = storage
  return {
    ...storage,
    records: {
      ...records,
      async read(key) {
        const record = await records.read(key)
        return record && tell(record)
      },
      async compareAndSet(...given) {
        const answer = await records.compareAndSet(...given)
        return answer.won ? answer : { won: false, current: answer.current && tell(answer.current) }
      },
      async list(...given) {
        const page = await records.list(...given)
        return { ...page, records: page.records.map(tell) }
      },
    },
  }
}

function withoutEmptyColumns({ subject, pending, ...record }: StoredRecord): StoredRecord {
  return { ...record, ...(subject === undefined ? {} : { subject }), ...(pending === true ? { pending } : {}) }
}

/** Pages of seven and of what is left of each hundred, after a first one that is empty. */
function shortPages({ records }: Storage): Storage['records'] {
  return {
    ...records,
    async list(index, cursor) {
      if (cursor === undefined) return { ...(await records.list(index)), records: [], cursor: '/0' }
      const [, under, from] = /^(\d*)\/(\d+)$/.exec(cursor) ?? []
      const page = await records.list(index, under === '' ? undefined : (under ?? cursor))
      const some = page.records.slice(Number(from), Number(from) + 7)
      if (some.length === 7) return { records: some, cursor: `${under}/${Number(from) + 7}` }
      return page.cursor === undefined ? { records: some } : { records: some, cursor: `${page.cursor}/0` }
    },
  }
}
