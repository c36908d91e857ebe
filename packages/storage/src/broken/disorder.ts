// Record stores that are at a loss when calls fail, come twice or late, or the clock jumps, built around a sound one.
import type { NumericDate } from '@tallystick/core'
import { numericDate } from '@tallystick/core'
import type { RecordInput, RecordStore, StoredRecord } from '../record-store.ts'
import { ABSENT } from '../record-store.ts'
import type { BrokenRecords } from './atomicity.ts'

/** Faults that a quiet day does not show. */
export const brokenUnderDisorder: readonly BrokenRecords[] = [
  {
    name: 'keeps a lock for every read that no write followed',
    caughtBy: 'a failure before the effect of any call of a job changes nothing, and a second try ends the job',
    breakRecords(sound) {
      const locks = new Map<string, number>()
      return {
        ...sound,
        read(key) {
          locks.set(key, (locks.get(key) ?? 0) + 1)
          return sound.read(key)
        },
        async compareAndSet(key, expectedVersion, input, expiresAt) {
          if ((locks.get(key) ?? 0) > 1) return { won: false, current: await sound.read(key) }
          locks.delete(key)
          return sound.compareAndSet(key, expectedVersion, input, expiresAt)
        },
      }
    },
  },
  {
    name: 'lists a record under its old subject until it is written again',
    caughtBy: 'a failure after the effect of any call of a job leaves it whole, and a second try ends the job',
    breakRecords: listUnderOldSubject,
  },
  {
    name: 'writes the columns in a second step',
    caughtBy: 'a call that is given up under way happens whole or not at all, and a second try ends the job',
    breakRecords: (sound) => ({
      ...sound,
      async compareAndSet(key, expectedVersion, input, expiresAt) {
        const { subject, pending } = (await sound.read(key)) ?? {}
        const text = { text: input.text, subject, pending }
        const answer = await sound.compareAndSet(key, expectedVersion, text, expiresAt)
        return answer.won ? sound.compareAndSet(key, answer.version, input, expiresAt) : answer
      },
    }),
  },
  {
    name: 'says won where the same text stands already',
    caughtBy: 'a write that is delivered again later loses and changes nothing, also where its own text stands',
    breakRecords: (sound) => ({
      ...sound,
      async compareAndSet(key, expectedVersion, input, expiresAt) {
        const answer = await sound.compareAndSet(key, expectedVersion, input, expiresAt)
        if (answer.won || answer.current?.text !== input.text) return answer
        return { won: true, version: answer.current.version }
      },
    }),
  },
  {
    name: 'delivers a write a second time, late and without its version',
    caughtBy: 'six parallel clients count right although answers are lost',
    breakRecords: deliverLate,
  },
  {
    name: 'tells a loser its own text',
    caughtBy: 'six parallel clients count right although every write is delivered twice and the second answer is told',
    breakRecords: (sound) => ({
      ...sound,
      async compareAndSet(key, expectedVersion, input, expiresAt) {
        const answer = await sound.compareAndSet(key, expectedVersion, input, expiresAt)
        if (answer.won) return answer
        return { won: false, current: answer.current && { ...answer.current, text: input.text } }
      },
    }),
  },
  {
    name: 'lets a writer win who is one write behind',
    caughtBy:
      'who read what no longer stands loses and is told what does, so that six clients count right from stale reads',
    breakRecords(sound) {
      const before = new Map<string, string>()
      return {
        ...sound,
        async compareAndSet(key, expectedVersion, input, expiresAt) {
          const current = await sound.read(key)
          const isBehind = current !== undefined && before.get(key) === expectedVersion
          const expected = isBehind ? current.version : expectedVersion
          const answer = await sound.compareAndSet(key, expected, input, expiresAt)
          if (answer.won) before.set(key, expected)
          return answer
        },
      }
    },
  },
  {
    name: 'tries a lost write again in the background',
    caughtBy: 'a call that nobody was answered for took effect once, some time since, or never',
    breakRecords: (sound) => ({
      ...sound,
      async compareAndSet(key, expectedVersion, input, expiresAt) {
        const answer = await sound.compareAndSet(key, expectedVersion, input, expiresAt)
        if (!answer.won) void writeLater(sound, key, input, expiresAt)
        return answer
      },
    }),
  },
  {
    name: 'hides what was written later than now',
    caughtBy: 'a clock that is turned back and forth between write and read loses no record before its time',
    breakRecords(sound, clock) {
      const written = new Map<string, NumericDate>()
      const shown = (record: StoredRecord): boolean => (written.get(record.version) ?? 0) <= clock.now()
      return {
        ...sound,
        async read(key) {
          const record = await sound.read(key)
          return record && shown(record) ? record : undefined
        },
        async compareAndSet(key, expectedVersion, input, expiresAt) {
          const answer = await sound.compareAndSet(key, expectedVersion, input, expiresAt)
          if (answer.won) written.set(answer.version, clock.now())
          return answer
        },
      }
    },
  },
  {
    name: 'writes again what it misses',
    caughtBy: 'an expired record that comes back with the clock is the old one, and never what was written since',
    breakRecords: repairOnRead,
  },
]

function listUnderOldSubject(sound: RecordStore): RecordStore {
  const left = new Map<string, string | undefined>()
  return {
    ...sound,
    async compareAndSet(key, expectedVersion, input, expiresAt) {
      const before = (await sound.read(key))?.subject
      const answer = await sound.compareAndSet(key, expectedVersion, input, expiresAt)
      if (answer.won) left.set(key, before === input.subject ? undefined : before)
      return answer
    },
    async list(index, cursor) {
      const page = await sound.list(index, cursor)
      if (!('subject' in index) || page.cursor !== undefined) return page
      const keys = [...left].filter(([, subject]) => subject === index.subject).map(([key]) => key)
      const late = await Promise.all(keys.map((key) => sound.read(key)))
      return { ...page, records: [...page.records, ...late.filter((record) => record !== undefined)] }
    },
  }
}

/** Every third write that won comes again, three calls later, and is written over whatever stands there. */
function deliverLate(sound: RecordStore): RecordStore {
  let wins = 0
  let delayed: { calls: number; deliver: () => Promise<void> } | undefined
  const tick = async (): Promise<void> => {
    if (delayed === undefined || (delayed.calls -= 1) > 0) return
    const { deliver } = delayed
    delayed = undefined
    await deliver()
  }
  return {
    ...sound,
    async read(key) {
      await tick()
      return sound.read(key)
    },
    async compareAndSet(key, expectedVersion, input, expiresAt) {
      const answer = await sound.compareAndSet(key, expectedVersion, input, expiresAt)
      await tick()
      if (answer.won && (wins += 1) % 3 === 0) {
        delayed = { calls: 3, deliver: () => writeLater(sound, key, input, expiresAt) }
      }
      return answer
    },
  }
}

/** Writes over what stands there, if it can. */
async function writeLater(sound: RecordStore, key: string, input: RecordInput, expiresAt: NumericDate): Promise<void> {
  const current = await sound.read(key)
  await sound.compareAndSet(key, current?.version ?? ABSENT, input, expiresAt)
}

/** As a replica does that still had what the others have dropped. */
function repairOnRead(sound: RecordStore): RecordStore {
  const kept = new Map<string, RecordInput>()
  return {
    ...sound,
    async read(key) {
      const record = await sound.read(key)
      const missed = record === undefined ? kept.get(key) : undefined
      if (missed !== undefined) await sound.compareAndSet(key, ABSENT, missed, FAR)
      return record
    },
    async compareAndSet(key, expectedVersion, input, expiresAt) {
      const answer = await sound.compareAndSet(key, expectedVersion, input, expiresAt)
      if (answer.won) kept.set(key, input)
      return answer
    },
    async delete(key, expectedVersion) {
      const removed = await sound.delete(key, expectedVersion)
      if (removed) kept.delete(key)
      return removed
    },
  }
}

const FAR = numericDate(4_102_444_800)
