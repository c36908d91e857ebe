// Record stores whose list of what is pending is wrong for a while, built around a sound one.
import type { RecordStore, StoredRecord } from '../record-store.ts'
import type { BrokenRecords } from './atomicity.ts'

const UNDER_WAY = 'a call that is given up under way happens whole or not at all, and a second try ends the job'

/** Faults of the pending index alone. */
export const brokenLists: readonly BrokenRecords[] = [
  {
    name: 'takes a record out of the pending index while it overwrites it',
    caughtBy: UNDER_WAY,
    breakRecords: (sound) => listWhileWriting(sound, () => []),
  },
  {
    name: 'has a record twice in the pending index while it overwrites it',
    caughtBy: UNDER_WAY,
    breakRecords: (sound) => listWhileWriting(sound, (record) => [record, record]),
  },
  {
    name: 'lists half of a pending record while it overwrites it',
    caughtBy: UNDER_WAY,
    breakRecords: (sound) => listWhileWriting(sound, (record) => [{ ...record, text: '' }]),
  },
  {
    name: 'lists expired records as pending',
    caughtBy: 'a store that declares expiry does not answer an expired record',
    breakRecords(sound, clock) {
      const written = new Map<string, StoredRecord>()
      return {
        ...sound,
        async compareAndSet(key, expectedVersion, input, expiresAt) {
          const { text, subject, pending } = input
          const answer = await sound.compareAndSet(key, expectedVersion, { text, subject, pending }, expiresAt)
          if (answer.won) written.set(key, { key, version: answer.version, text, subject, pending, expiresAt })
          return answer
        },
        async list(index, cursor) {
          const page = await sound.list(index, cursor)
          if ('subject' in index) return page
          const expired = [...written.values()].filter(
            ({ pending, expiresAt }) => pending === true && expiresAt <= clock.now(),
          )
          return { ...page, records: [...page.records, ...expired] }
        },
      }
    },
  },
]

/** While a key is being written, the pending index shows something else of it. */
function listWhileWriting(sound: RecordStore, show: (record: StoredRecord) => readonly StoredRecord[]): RecordStore {
  const writing = new Map<string, number>()
  return {
    ...sound,
    async compareAndSet(key, expectedVersion, input, expiresAt) {
      writing.set(key, (writing.get(key) ?? 0) + 1)
      try {
        return await sound.compareAndSet(key, expectedVersion, input, expiresAt)
      } finally {
        for (let step = 0; step < STEPS; step += 1) await sound.read(key)
        writing.set(key, (writing.get(key) ?? 0) - 1)
      }
    },
    async list(index, cursor) {
      const page = await sound.list(index, cursor)
      if ('subject' in index) return page
      return { ...page, records: page.records.flatMap((record) => (writing.get(record.key) ? show(record) : [record])) }
    },
  }
}

/** Long enough for somebody to look. */
const STEPS = 32
