// Record stores that look at what they are handed too late, too rarely or not at all, built around a sound one.
import { numericDate } from '@tallystick/core'
import type { RecordInput } from '../record-store.ts'
import type { BrokenRecords } from './atomicity.ts'

/** Faults that only a wrong caller meets. */
export const brokenArguments: readonly BrokenRecords[] = [
  {
    name: 'takes an expiry in milliseconds for one in seconds',
    caughtBy: 'an expiry that is no point in time up to the year 5138 rejects as a mistake, milliseconds too',
    breakRecords: (sound) => ({
      ...sound,
      compareAndSet: (key, expectedVersion, input, expiresAt) =>
        sound.compareAndSet(key, expectedVersion, input, expiresAt > LAST ? LAST : expiresAt),
    }),
  },
  {
    name: 'looks at a record and then reads it again',
    caughtBy: 'the fields of a record are read once: what was checked is what is stored',
    breakRecords: (sound) => ({
      ...sound,
      async compareAndSet(key, expectedVersion, input, expiresAt) {
        lookAt(input)
        return sound.compareAndSet(key, expectedVersion, input, expiresAt)
      },
    }),
  },
  {
    name: 'takes an empty cursor for none where it lists a subject',
    caughtBy: 'a cursor that cannot be one rejects as a mistake, the empty text too',
    breakRecords: (sound) => ({
      ...sound,
      list: (index, cursor) => sound.list(index, 'subject' in index && cursor === '' ? undefined : cursor),
    }),
  },
  {
    name: 'takes an empty cursor for none where it lists what is pending',
    caughtBy: 'a cursor that cannot be one rejects as a mistake, the empty text too',
    breakRecords: (sound) => ({
      ...sound,
      list: (index, cursor) => sound.list(index, 'pending' in index && cursor === '' ? undefined : cursor),
    }),
  },
]

function lookAt({ text, subject }: RecordInput): void {
  if (typeof text !== 'string') throw new TypeError('the text is none')
  if (subject === '') throw new TypeError('the subject is empty')
}

const LAST = numericDate(100_000_000_000)
