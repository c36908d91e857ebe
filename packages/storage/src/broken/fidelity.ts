// Record stores that keep something else than they were given, built around a sound one.
import type { NumericDate } from '@tallystick/core'
import { numericDate, plusSeconds } from '@tallystick/core'
import type { RecordInput, RecordStore, StoredRecord } from '../record-store.ts'
import type { BrokenRecords } from './atomicity.ts'

/** Faults of time, columns and text. */
export const brokenFidelity: readonly BrokenRecords[] = [
  {
    name: 'ignores the expiry',
    caughtBy: 'a store that declares expiry does not answer an expired record',
    breakRecords: (sound) => shiftExpiry(sound, () => FAR),
  },
  {
    name: 'drops a minute early',
    caughtBy: 'a record is kept, listed and writable until the second before it expires',
    breakRecords: (sound) => shiftExpiry(sound, (expiresAt) => plusSeconds(expiresAt, -60)),
  },
  {
    name: 'keeps the first expiry when it overwrites',
    caughtBy: 'an overwrite sets the expiry anew: later than before it is kept on, earlier it leaves earlier',
    breakRecords(sound) {
      const first = new Map<string, NumericDate>()
      return shiftExpiry(sound, (expiresAt, key) => {
        if (!first.has(key)) first.set(key, expiresAt)
        return first.get(key) ?? expiresAt
      })
    },
  },
  {
    name: 'does not update the indexes when it overwrites',
    caughtBy: 'an overwrite moves a record to its new subject, and out of the index without one',
    breakRecords: keepFirstColumns,
  },
  {
    name: 'pages by counting from the start',
    caughtBy: 'paging by subject lists every record once, whatever is written between the pages',
    breakRecords: pageByOffset,
  },
  {
    name: 'takes keys that differ in case for one',
    caughtBy: 'keys of the whole alphabet, of one and of 256 characters are kept apart',
    breakRecords: (sound) => ({
      ...sound,
      read: (key) => sound.read(key.toLowerCase()),
      compareAndSet: (key, version, input, expiresAt) =>
        sound.compareAndSet(key.toLowerCase(), version, input, expiresAt),
    }),
  },
  {
    name: 'trims texts',
    caughtBy: 'a text comes back as it was given, whatever characters it has',
    breakRecords: (sound) => changeInput(sound, (input) => ({ ...input, text: input.text.trim() })),
  },
  {
    name: 'throws at once instead of rejecting',
    caughtBy: 'arguments outside the bounds reject as mistakes and store nothing',
    breakRecords: (sound) => ({
      ...sound,
      read(key) {
        if (key === '') throw new TypeError('the key is empty')
        return sound.read(key)
      },
    }),
  },
  {
    name: 'takes subjects that differ in case for one',
    caughtBy: 'subjects that differ in case, accents or spaces are different subjects',
    breakRecords: (sound) => ({
      ...changeInput(sound, (input) => ({ ...input, subject: input.subject?.toLowerCase() })),
      list: (index, cursor) =>
        sound.list('subject' in index ? { subject: index.subject.toLowerCase() } : index, cursor),
    }),
  },
  {
    name: 'cuts texts at 65 535 characters',
    caughtBy: 'a text of 64 KiB is kept, in characters of one, two, three and four bytes',
    breakRecords: (sound) => changeInput(sound, (input) => ({ ...input, text: input.text.slice(0, 65_535) })),
  },
  {
    name: 'has no column for pending',
    caughtBy: 'a record is read back as it was written, with its version and expiry',
    breakRecords: (sound) => changeInput(sound, ({ text, subject }) => ({ text, subject })),
  },
  {
    name: 'merges the columns of an overwrite into the old ones',
    caughtBy: 'a write with the current version wins and replaces text, columns and version',
    breakRecords: (sound) => ({
      ...sound,
      async compareAndSet(key, expectedVersion, input, expiresAt) {
        const { subject, pending } = (await sound.read(key)) ?? {}
        return sound.compareAndSet(key, expectedVersion, { subject, pending, ...input }, expiresAt)
      },
    }),
  },
  {
    name: 'keeps the caller’s own object',
    caughtBy: 'what was handed in or answered can be changed by its owner without changing the record',
    breakRecords(sound) {
      const kept = new Map<string, RecordInput>()
      return {
        ...sound,
        async read(key) {
          const record = await sound.read(key)
          return record && { ...record, ...kept.get(record.version) }
        },
        async compareAndSet(key, expectedVersion, input, expiresAt) {
          const answer = await sound.compareAndSet(key, expectedVersion, input, expiresAt)
          if (answer.won) kept.set(answer.version, input)
          return answer
        },
      }
    },
  },
  {
    name: 'leaves deleted records in the indexes',
    caughtBy: 'a deleted record leaves every index',
    breakRecords(sound) {
      const deleted: StoredRecord[] = []
      return {
        ...sound,
        async delete(key, expectedVersion) {
          const record = await sound.read(key)
          const removed = await sound.delete(key, expectedVersion)
          if (removed && record !== undefined) deleted.push(record)
          return removed
        },
        async list(index, cursor) {
          const page = await sound.list(index, cursor)
          const left = deleted.filter((record) =>
            'subject' in index ? record.subject === index.subject : record.pending === true,
          )
          return { ...page, records: [...page.records, ...left] }
        },
      }
    },
  },
]

/** Stores another expiry than it was told, and tells the one it was told. */
function shiftExpiry(sound: RecordStore, shift: (expiresAt: NumericDate, key: string) => NumericDate): RecordStore {
  const told = new Map<string, NumericDate>()
  const tell = (record: StoredRecord): StoredRecord => ({
    ...record,
    expiresAt: told.get(record.version) ?? record.expiresAt,
  })
  return {
    ...sound,
    async read(key) {
      const record = await sound.read(key)
      return record && tell(record)
    },
    async compareAndSet(key, expectedVersion, input, expiresAt) {
      const answer = await sound.compareAndSet(key, expectedVersion, input, shift(expiresAt, key))
      if (answer.won) told.set(answer.version, expiresAt)
      return answer.won ? answer : { won: false, current: answer.current && tell(answer.current) }
    },
    async list(index, cursor) {
      const page = await sound.list(index, cursor)
      return { ...page, records: page.records.map(tell) }
    },
  }
}

/** The columns that indexes use are those of the first write; the record shows the last one's. */
function keepFirstColumns(sound: RecordStore): RecordStore {
  const shown = new Map<string, Pick<RecordInput, 'subject' | 'pending'>>()
  const tell = (record: StoredRecord): StoredRecord => ({ ...record, ...shown.get(record.version) })
  return {
    ...sound,
    async read(key) {
      const record = await sound.read(key)
      return record && tell(record)
    },
    async compareAndSet(key, expectedVersion, input, expiresAt) {
      const { subject, pending } = (await sound.read(key)) ?? input
      const stored = { text: input.text, subject, pending }
      const answer = await sound.compareAndSet(key, expectedVersion, stored, expiresAt)
      if (answer.won) shown.set(answer.version, { subject: input.subject, pending: input.pending })
      return answer.won ? answer : { won: false, current: answer.current && tell(answer.current) }
    },
    async list(index, cursor) {
      const page = await sound.list(index, cursor)
      return { ...page, records: page.records.map(tell) }
    },
  }
}

/** The cursor says how many records were answered before. */
function pageByOffset(sound: RecordStore): RecordStore {
  return {
    ...sound,
    async list(index, cursor) {
      const all: StoredRecord[] = []
      for (let page = await sound.list(index); ; page = await sound.list(index, page.cursor)) {
        all.push(...page.records)
        if (page.cursor === undefined) break
      }
      const start = Number(cursor ?? 0)
      const end = start + PAGE_RECORDS
      const records = all.slice(start, end)
      return end < all.length ? { records, cursor: String(end) } : { records }
    },
  }
}

/** Stores another record than it was told. */
function changeInput(sound: RecordStore, change: (input: RecordInput) => RecordInput): RecordStore {
  return {
    ...sound,
    compareAndSet: (key, version, input, expiresAt) => sound.compareAndSet(key, version, change(input), expiresAt),
  }
}

const FAR = numericDate(9_000_000_000)
const PAGE_RECORDS = 100
