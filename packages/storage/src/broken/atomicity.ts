// Record stores that lose a race, a version or an answer, built around a sound one.
import type { Clock, NumericDate } from '@tallystick/core'
import { numericDate } from '@tallystick/core'
import type { RecordInput, RecordStore, StoredRecord } from '../record-store.ts'
import { ABSENT } from '../record-store.ts'

/** A record store with one fault. */
export interface BrokenRecords {
  readonly name: string
  readonly caughtBy: string
  /** @param clock - The one that the sound store goes by. */
  readonly breakRecords: (sound: RecordStore, clock: Clock) => RecordStore
}

/** Faults of atomicity. */
export const brokenAtomicity: readonly BrokenRecords[] = [
  {
    name: 'reads, compares, then writes',
    caughtBy: 'of 64 parallel writes on absent exactly one wins, and 63 are told the winner’s record',
    breakRecords: (sound) => ({
      ...sound,
      async compareAndSet(key, expectedVersion, input, expiresAt) {
        const current = await sound.read(key)
        if ((current?.version ?? ABSENT) !== expectedVersion) return { won: false, current }
        return { won: true, version: await overwrite(sound, key, input, expiresAt) }
      },
    }),
  },
  {
    name: 'lets the last write win',
    caughtBy: 'a write on absent loses where something stands, changes nothing and is told what stands there',
    breakRecords: (sound) => ({
      ...sound,
      compareAndSet: async (key, _version, input, expiresAt) => ({
        won: true,
        version: await overwrite(sound, key, input, expiresAt),
      }),
    }),
  },
  {
    name: 'loses the answer of a conflict',
    caughtBy: 'a write with an old version loses, changes nothing and is told the winner’s record',
    breakRecords: (sound) => ({
      ...sound,
      async compareAndSet(key, expectedVersion, input, expiresAt) {
        const answer = await sound.compareAndSet(key, expectedVersion, input, expiresAt)
        return answer.won ? answer : { won: false, current: undefined }
      },
    }),
  },
  {
    name: 'answers a conflict with what it read before',
    caughtBy: 'the histories of five parallel clients can be told one call after the other',
    breakRecords: answerFromBefore,
  },
  {
    name: 'declares stale reads, and answers a conflict with what it read before',
    caughtBy: 'the histories of five parallel clients can be told one call after the other',
    breakRecords: (sound) =>
      answerFromBefore({ ...sound, capabilities: { ...sound.capabilities, linearizable: false } }),
  },
  {
    name: 'counts versions anew after a delete',
    caughtBy: 'a version is never used again for a key, not for the same text and not after a delete',
    breakRecords: countVersionsPerLife,
  },
  {
    name: 'reads from a cache that lags behind',
    caughtBy: 'what a write answered is read at once, by the writer and by everybody (where linearizable)',
    breakRecords(sound) {
      const cache = new Map<string, StoredRecord | undefined>()
      return {
        ...sound,
        async read(key) {
          const fresh = await sound.read(key)
          const answer = cache.has(key) ? cache.get(key) : fresh
          cache.set(key, fresh)
          return answer
        },
      }
    },
  },
  {
    name: 'deletes in two steps',
    caughtBy: 'of a delete and a write with the same version exactly one happens',
    breakRecords: (sound) => ({
      ...sound,
      async delete(key, expectedVersion) {
        const current = await sound.read(key)
        if (expectedVersion !== undefined && current?.version !== expectedVersion) return false
        return sound.delete(key)
      },
    }),
  },
  {
    name: 'sends a write again with the version it finds',
    caughtBy: '64 actors that each increment a number leave it at 64',
    breakRecords: (sound) => ({
      ...sound,
      async compareAndSet(key, expectedVersion, input, expiresAt) {
        const answer = await sound.compareAndSet(key, expectedVersion, input, expiresAt)
        if (!answer.won) return answer
        await sound.read(key)
        return { won: true, version: await overwrite(sound, key, input, expiresAt) }
      },
    }),
  },
  {
    name: 'says of every delete that it removed something',
    caughtBy: 'of 64 parallel deletes exactly one removes the record',
    breakRecords: (sound) => ({
      ...sound,
      async delete(key, expectedVersion) {
        const removed = await sound.delete(key, expectedVersion)
        return removed || expectedVersion === undefined
      },
    }),
  },
  {
    name: 'answers something for a key under which nothing stands',
    caughtBy: 'a key under which nothing stands reads as undefined',
    breakRecords: (sound) => ({
      ...sound,
      read: async (key) => (await sound.read(key)) ?? { key, text: '', version: '0', expiresAt: numericDate(0) },
    }),
  },
  {
    name: 'marks records as deleted and never frees their keys',
    caughtBy: 'delete removes a record once, and its key is free again',
    breakRecords(sound) {
      const deleted = new Set<string>()
      return {
        ...sound,
        async compareAndSet(key, expectedVersion, input, expiresAt) {
          if (deleted.has(key)) return { won: false, current: undefined }
          return sound.compareAndSet(key, expectedVersion, input, expiresAt)
        },
        async delete(key, expectedVersion) {
          const removed = await sound.delete(key, expectedVersion)
          if (removed) deleted.add(key)
          return removed
        },
      }
    },
  },
]

/** Writes whatever stands there now. */
async function overwrite(
  records: RecordStore,
  key: string,
  input: RecordInput,
  expiresAt: NumericDate,
): Promise<string> {
  for (let current = await records.read(key); ;) {
    const answer = await records.compareAndSet(key, current?.version ?? ABSENT, input, expiresAt)
    if (answer.won) return answer.version
    current = answer.current
  }
}

function answerFromBefore(sound: RecordStore): RecordStore {
  return {
    ...sound,
    async compareAndSet(key, expectedVersion, input, expiresAt) {
      const before = await sound.read(key)
      const answer = await sound.compareAndSet(key, expectedVersion, input, expiresAt)
      return answer.won ? answer : { won: false, current: before ?? answer.current }
    },
  }
}

/** The version is the number of writes since the record was created. */
function countVersionsPerLife(sound: RecordStore): RecordStore {
  const counts = new Map<string, string>()
  const tell = (record: StoredRecord): StoredRecord => ({
    ...record,
    version: counts.get(record.version) ?? record.version,
  })
  const untell = async (key: string, version: string): Promise<string> => {
    const current = await sound.read(key)
    return current !== undefined && counts.get(current.version) === version ? current.version : 'never'
  }
  return {
    ...sound,
    async read(key) {
      const record = await sound.read(key)
      return record && tell(record)
    },
    async compareAndSet(key, expectedVersion, input, expiresAt) {
      const expected = expectedVersion === ABSENT ? ABSENT : await untell(key, expectedVersion)
      const answer = await sound.compareAndSet(key, expected, input, expiresAt)
      if (!answer.won) return { won: false, current: answer.current && tell(answer.current) }
      const version = expectedVersion === ABSENT ? '1' : String(Number(expectedVersion) + 1)
      counts.set(answer.version, version)
      return { won: true, version }
    },
    delete: async (key, version) => sound.delete(key, version === undefined ? undefined : await untell(key, version)),
  }
}
