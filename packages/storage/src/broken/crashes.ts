// Adapters that keep in their process what must outlive it, built around a sound storage, each call of which is a command.
import { assertKey, assertWrite } from '../bounds.ts'
import { copyRecord } from '../copies.ts'
import type { RecordStore, StoredRecord } from '../record-store.ts'
import { ABSENT } from '../record-store.ts'
import type { BrokenRecords } from './atomicity.ts'

/** Faults that only the death of the process shows. */
export const brokenInCrashes: readonly BrokenRecords[] = [
  {
    name: 'writes the columns in a second command, under a lock of its process and in no transaction',
    caughtBy:
      'where the process dies before or after any command of its client, what was answered stands and no write is half done',
    breakRecords(sound) {
      const oneByOne = createLock()
      return {
        capabilities: sound.capabilities,
        read: (key) => oneByOne(() => sound.read(key)),
        async compareAndSet(key, expectedVersion, given, expiresAt) {
          const input = copyRecord(given)
          assertWrite(key, expectedVersion, input, expiresAt)
          return oneByOne(async () => {
            const { subject, pending } = (await sound.read(key)) ?? {}
            const text = { text: input.text, subject, pending }
            const answer = await sound.compareAndSet(key, expectedVersion, text, expiresAt)
            return answer.won ? sound.compareAndSet(key, answer.version, input, expiresAt) : answer
          })
        },
        delete: (key, expectedVersion) => oneByOne(() => sound.delete(key, expectedVersion)),
        list: (index, cursor) => oneByOne(() => sound.list(index, cursor)),
      }
    },
  },
  {
    name: 'takes the end of its client for a lost race',
    caughtBy:
      'where the process dies before or after any command of its client, what was answered stands and no write is half done',
    breakRecords: (sound) => ({
      ...sound,
      async compareAndSet(key, expectedVersion, given, expiresAt) {
        const input = copyRecord(given)
        assertWrite(key, expectedVersion, input, expiresAt)
        try {
          return await sound.compareAndSet(key, expectedVersion, input, expiresAt)
        } catch {
          return { won: false, current: undefined }
        }
      },
    }),
  },
  {
    name: 'takes the end of its client for the end of a delete',
    caughtBy:
      'where the process dies before or after any command of its client, what was answered stands and no write is half done',
    breakRecords: (sound) => ({
      ...sound,
      async delete(key, expectedVersion) {
        assertKey(key)
        return sound.delete(key, expectedVersion).catch(() => true)
      },
    }),
  },
  {
    name: 'answers a delete before it is sent',
    caughtBy:
      'where the process dies before or after any command of its client, what was answered stands and no write is half done',
    breakRecords: deleteLater,
  },
  {
    name: 'numbers versions anew in each process',
    caughtBy:
      'where the process dies before or after any command of its client, what was answered stands and no write is half done',
    breakRecords: numberVersions,
  },
]

/** Runs one work after another, in the order in which they came. */
export function createLock(): <Answer>(work: () => Promise<Answer>) => Promise<Answer> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const answer = last.then(work)
    last = answer.catch(() => undefined)
    return answer
  }
}

/** A deleted record is remembered, and removed before the next command. */
function deleteLater(sound: RecordStore): RecordStore {
  const lock = createLock()
  let deleted: StoredRecord | undefined
  const oneByOne = <Answer>(work: () => Promise<Answer>): Promise<Answer> =>
    lock(async () => {
      if (deleted !== undefined) await sound.delete(deleted.key, deleted.version)
      deleted = undefined
      return work()
    })
  return {
    capabilities: sound.capabilities,
    read: (key) => oneByOne(() => sound.read(key)),
    async compareAndSet(key, expectedVersion, given, expiresAt) {
      const input = copyRecord(given)
      return oneByOne(() => sound.compareAndSet(key, expectedVersion, input, expiresAt))
    },
    async delete(key, expectedVersion) {
      assertKey(key)
      return oneByOne(async () => {
        const current = await sound.read(key)
        if (current === undefined || current.version !== (expectedVersion ?? current.version)) return false
        deleted = current
        return true
      })
    },
    list: (index, cursor) => oneByOne(() => sound.list(index, cursor)),
  }
}

/** The first version that a process sees is 1, and so on. */
function numberVersions(sound: RecordStore): RecordStore {
  const numbers = new Map<string, string>()
  const versions = new Map<string, string>()
  const numberOf = (key: string, version: string): string => {
    const number = numbers.get(`${key} ${version}`) ?? String(numbers.size + 1)
    numbers.set(`${key} ${version}`, number)
    versions.set(`${key} ${number}`, version)
    return number
  }
  const versionOf = (key: string, number: string): string =>
    number === ABSENT || number === '' ? number : (versions.get(`${key} ${number}`) ?? 'never')
  const tell = (record: StoredRecord): StoredRecord => ({ ...record, version: numberOf(record.key, record.version) })
  return {
    capabilities: sound.capabilities,
    async read(key) {
      const record = await sound.read(key)
      return record && tell(record)
    },
    async compareAndSet(key, expectedVersion, input, expiresAt) {
      const answer = await sound.compareAndSet(key, versionOf(key, expectedVersion), input, expiresAt)
      if (answer.won) return { won: true, version: numberOf(key, answer.version) }
      return { won: false, current: answer.current && tell(answer.current) }
    },
    delete: async (key, version) => sound.delete(key, version === undefined ? undefined : versionOf(key, version)),
    async list(index, cursor) {
      const page = await sound.list(index, cursor)
      return { ...page, records: page.records.map(tell) }
    },
  }
}
