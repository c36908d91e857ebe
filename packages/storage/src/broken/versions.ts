// Record stores that keep what a write should replace, or hand out what they keep, built around a sound one.
import type { RecordInput, RecordStore, StoredRecord } from '../record-store.ts'
import { ABSENT } from '../record-store.ts'
import type { BrokenRecords } from './atomicity.ts'

/** Faults of versions, and of what is kept. */
export const brokenVersions: readonly BrokenRecords[] = [
  {
    name: 'keeps the version when it overwrites',
    caughtBy: 'a write with the current version wins and replaces text, columns and version',
    breakRecords: (sound) => keepVersion(sound, () => true),
  },
  {
    name: 'keeps the version where the same text is written again',
    caughtBy: 'a version is never used again for a key, not for the same text and not after a delete',
    breakRecords: (sound) => keepVersion(sound, (before, input) => before.text === input.text),
  },
  {
    name: 'keeps the pending mark when it overwrites',
    caughtBy: 'a write with the current version wins and replaces text, columns and version',
    breakRecords: (sound) => ({
      ...sound,
      async compareAndSet(key, expectedVersion, input, expiresAt) {
        const { text, subject, pending } = input
        const before = await sound.read(key)
        return sound.compareAndSet(
          key,
          expectedVersion,
          { text, subject, pending: pending ?? before?.pending },
          expiresAt,
        )
      },
    }),
  },
  {
    name: 'answers the object that it keeps',
    caughtBy: 'what was handed in or answered can be changed by its owner without changing the record',
    breakRecords(sound) {
      const kept = new Map<string, StoredRecord>()
      return {
        ...sound,
        async read(key) {
          const record = await sound.read(key)
          if (record === undefined) return undefined
          const known = kept.get(key)
          const answer = known?.version === record.version ? known : { ...record }
          kept.set(key, answer)
          return answer
        },
      }
    },
  },
  {
    name: 'answers an expired record again when the clock is turned back, over what was written since',
    caughtBy: 'an expired record that comes back with the clock is the old one, and never what was written since',
    breakRecords(sound, clock) {
      const last = new Map<string, StoredRecord>()
      const expired = new Map<string, StoredRecord>()
      return {
        ...sound,
        async read(key) {
          const old = expired.get(key)
          return old !== undefined && old.expiresAt > clock.now() ? old : sound.read(key)
        },
        async compareAndSet(key, expectedVersion, input, expiresAt) {
          const { text, subject, pending } = input
          const answer = await sound.compareAndSet(key, expectedVersion, { text, subject, pending }, expiresAt)
          if (!answer.won) return answer
          const before = last.get(key)
          if (before !== undefined && expectedVersion === ABSENT) expired.set(key, before)
          last.set(key, { key, version: answer.version, text, subject, pending, expiresAt })
          return answer
        },
      }
    },
  },
  {
    name: 'does not say whether its records expire',
    caughtBy: 'the declared capabilities are whole, and the store’s time is told exactly where it is declared',
    breakRecords: (sound) => ({
      ...sound,
      capabilities: { ...sound.capabilities, expiry: undefined as unknown as boolean },
    }),
  },
  {
    name: 'leaves in the pending index what is deleted without a version',
    caughtBy: 'a deleted record leaves every index',
    breakRecords(sound) {
      const left: StoredRecord[] = []
      return {
        ...addPending(sound, left),
        async delete(key, expectedVersion) {
          const record = await sound.read(key)
          const removed = await sound.delete(key, expectedVersion)
          if (removed && expectedVersion === undefined && record?.pending === true) left.push(record)
          return removed
        },
      }
    },
  },
  {
    name: 'marks a record as pending before it compares',
    caughtBy: 'a lost write changes no index',
    breakRecords(sound) {
      const marked: StoredRecord[] = []
      return {
        ...addPending(sound, marked),
        async compareAndSet(key, expectedVersion, input, expiresAt) {
          const { text, subject, pending } = input
          const answer = await sound.compareAndSet(key, expectedVersion, { text, subject, pending }, expiresAt)
          if (!answer.won && answer.current !== undefined && pending === true) marked.push(answer.current)
          return answer
        },
      }
    },
  },
]

/** Lists more as pending than there is. */
function addPending(sound: RecordStore, more: readonly StoredRecord[]): RecordStore {
  return {
    ...sound,
    async list(index, cursor) {
      const page = await sound.list(index, cursor)
      return 'subject' in index ? page : { ...page, records: [...page.records, ...more] }
    },
  }
}

/** Some overwrites change the record under the version that it had. */
function keepVersion(sound: RecordStore, keeps: (before: StoredRecord, input: RecordInput) => boolean): RecordStore {
  const told = new Map<string, string>()
  const tell = (record: StoredRecord): StoredRecord => ({
    ...record,
    version: told.get(`${record.key} ${record.version}`) ?? record.version,
  })
  const untell = (current: StoredRecord | undefined, version: string): string =>
    current !== undefined && tell(current).version === version ? current.version : version
  return {
    ...sound,
    async read(key) {
      const record = await sound.read(key)
      return record && tell(record)
    },
    async compareAndSet(key, expectedVersion, input, expiresAt) {
      const current = await sound.read(key)
      const answer = await sound.compareAndSet(key, untell(current, expectedVersion), input, expiresAt)
      if (!answer.won) return { won: false, current: answer.current && tell(answer.current) }
      const version = current !== undefined && keeps(current, input) ? tell(current).version : answer.version
      told.set(`${key} ${answer.version}`, version)
      return { won: true, version }
    },
    async delete(key, expectedVersion) {
      return sound.delete(key, expectedVersion && untell(await sound.read(key), expectedVersion))
    },
    async list(index, cursor) {
      const page = await sound.list(index, cursor)
      return { ...page, records: page.records.map(tell) }
    },
  }
}
