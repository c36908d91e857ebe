// Record stores that make something of what is out of bounds, built around a sound one.
import { numericDate } from '@tallystick/core'
import { ABSENT } from '../record-store.ts'
import type { BrokenRecords } from './atomicity.ts'

const OUT_OF_BOUNDS = 'arguments outside the bounds reject as mistakes and store nothing'

/** Faults that only a wrong argument shows, one for each argument. */
export const brokenBounds: readonly BrokenRecords[] = [
  {
    name: 'writes under another key where the key is none',
    caughtBy: OUT_OF_BOUNDS,
    breakRecords: (sound) => ({
      ...sound,
      compareAndSet: (key, version, input, expiresAt) =>
        sound.compareAndSet(/^[\w:.-]+$/.test(key) ? key : 'key', version, input, expiresAt),
    }),
  },
  {
    name: 'drops characters that no text may have',
    caughtBy: OUT_OF_BOUNDS,
    breakRecords: (sound) => ({
      ...sound,
      compareAndSet(key, version, { text, subject, pending }, expiresAt) {
        const clean = typeof text === 'string' ? text.replaceAll(/[\0\p{Surrogate}]/gu, '') : text
        return sound.compareAndSet(key, version, { text: clean, subject, pending }, expiresAt)
      },
    }),
  },
  {
    name: 'cuts a subject that is too long',
    caughtBy: OUT_OF_BOUNDS,
    breakRecords: (sound) => ({
      ...sound,
      compareAndSet: (key, version, { text, subject, pending }, expiresAt) =>
        sound.compareAndSet(key, version, { text, subject: subject?.slice(0, 512), pending }, expiresAt),
    }),
  },
  {
    name: 'lists nothing under a subject that is none',
    caughtBy: OUT_OF_BOUNDS,
    breakRecords: (sound) => ({
      ...sound,
      async list(index, cursor) {
        if ('subject' in index && (index.subject === '' || index.subject.length > 512)) return { records: [] }
        return sound.list(index, cursor)
      },
    }),
  },
  {
    name: 'takes an expiry that is no number for the last one',
    caughtBy: OUT_OF_BOUNDS,
    breakRecords: (sound) => ({
      ...sound,
      compareAndSet: (key, version, input, expiresAt) =>
        sound.compareAndSet(key, version, input, Number.isNaN(expiresAt) ? LAST : expiresAt),
    }),
  },
  {
    name: 'takes an empty version for none',
    caughtBy: OUT_OF_BOUNDS,
    breakRecords: (sound) => ({
      ...sound,
      compareAndSet: (key, version, input, expiresAt) =>
        sound.compareAndSet(key, version === '' ? ABSENT : version, input, expiresAt),
    }),
  },
]

const LAST = numericDate(100_000_000_000)
