// Checks of the record store: keys, texts and subjects come back as they were given, and none is taken for another.
import type { NumericDate } from '@tallystick/core'
import { KEY_LENGTH_MAX, SUBJECT_LENGTH_MAX, TEXT_BYTES_MAX } from '../limits.ts'
import type { RecordStore } from '../record-store.ts'
import { ABSENT } from '../record-store.ts'
import { ensureEqual, ensureMistake, ensureRecord, ensureWon } from './assertions.ts'
import type { Check, RecordsUnderTest } from './check.ts'
import { listAll } from './check.ts'

/** Characters, lengths and bounds. */
export const textChecks: readonly Check<RecordsUnderTest>[] = [
  {
    name: 'a text comes back as it was given, whatever characters it has',
    async run({ records, later }) {
      for (const [index, text] of TEXTS.entries()) await ensureKept(records, `text:${index}`, text, later)
    },
  },
  {
    name: 'a text of 64 KiB is kept, in characters of one, two, three and four bytes',
    async run({ records, later }) {
      for (const [index, character] of ['a', 'é', '€', '😀'].entries()) {
        const bytes = new TextEncoder().encode(character).length
        const text = character.repeat(Math.floor(TEXT_BYTES_MAX / bytes))
        await ensureKept(records, `long:${index}`, text, later)
      }
    },
  },
  {
    name: 'keys of the whole alphabet, of one and of 256 characters are kept apart',
    async run({ records, later }) {
      for (const key of KEYS) ensureWon(await records.compareAndSet(key, ABSENT, { text: `at ${key}` }, later), key)
      for (const key of KEYS) ensureRecord(await records.read(key), { key, text: `at ${key}` }, 'read')
      ensureEqual(await records.delete('a'), true, 'delete')
      for (const key of KEYS.filter((other) => other !== 'a')) {
        ensureRecord(await records.read(key), { key, text: `at ${key}` }, 'read after another was deleted')
      }
    },
  },
  {
    name: 'subjects that differ in case, accents or spaces are different subjects',
    async run({ records, later }) {
      for (const [index, subject] of SUBJECTS.entries()) {
        ensureWon(await records.compareAndSet(`s:${index}`, ABSENT, { text: 'x', subject }, later), 'write')
      }
      for (const [index, subject] of SUBJECTS.entries()) {
        const listed = await listAll(records, { subject })
        ensureEqual(
          listed.map(({ key }) => key),
          [`s:${index}`],
          `records of subject ${index}`,
        )
        ensureEqual(listed[0]?.subject, subject, 'the subject of a listed record')
      }
    },
  },
  {
    name: 'arguments outside the bounds reject as mistakes and store nothing',
    async run({ records, later }) {
      for (const key of BAD_KEYS) {
        await ensureMistake(() => records.read(key), 'read with a bad key')
        await ensureMistake(() => records.delete(key), 'delete with a bad key')
        await ensureMistake(() => records.compareAndSet(key, ABSENT, { text: '' }, later), 'write with a bad key')
      }
      for (const text of BAD_TEXTS) {
        await ensureMistake(() => records.compareAndSet('a', ABSENT, { text }, later), 'write of a bad text')
      }
      for (const subject of ['', 's'.repeat(SUBJECT_LENGTH_MAX + 1), 'a\0b', '\ud800']) {
        const write = { text: '', subject }
        await ensureMistake(() => records.compareAndSet('a', ABSENT, write, later), 'write with a bad subject')
        await ensureMistake(() => records.list({ subject }), 'list of a bad subject')
      }
      for (const expiresAt of [-1, 1.5, Number.NaN] as NumericDate[]) {
        await ensureMistake(
          () => records.compareAndSet('a', ABSENT, { text: '' }, expiresAt),
          'write with a bad expiry',
        )
      }
      await ensureMistake(() => records.compareAndSet('a', '', { text: '' }, later), 'write with an empty version')
      ensureEqual(await records.read('a'), undefined, 'read')
    },
  },
]

async function ensureKept(records: RecordStore, key: string, text: string, later: NumericDate): Promise<void> {
  ensureWon(await records.compareAndSet(key, ABSENT, { text }, later), 'write')
  ensureRecord(await records.read(key), { key, text }, 'read')
}

const TEXTS = [
  '',
  ' ',
  'trailing space ',
  '007',
  'null',
  'absent',
  '{"a":"\\u0000 \\ud800"}',
  `quotes ' " \` backslash \\ percent % under _ dollar $1 question ?`,
  'line\nfeed, carriage\r\nreturn, tab\t',
  '\u{1}\u{1f}\u{7f}\u{80}\u{2028}\u{2029}',
  '\u{feff}with a byte order mark',
  'e\u{301} is not \u{e9}',
  '\u{ffff}\u{fffd}',
  '😀 𝒳 👩‍👩‍👧',
  'שלום العربية 漢字',
]

const KEYS = [
  'a',
  'A',
  'ab',
  'a:',
  'a:b',
  'a:B',
  'a_b',
  'a.b',
  'a-b',
  'axb',
  '_',
  '-',
  '.',
  '..',
  ':',
  '0',
  '00',
  '__proto__',
  'constructor',
  'absent',
  'null',
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:._-',
  'k'.repeat(KEY_LENGTH_MAX),
  'k'.repeat(KEY_LENGTH_MAX - 1),
  `${'k'.repeat(KEY_LENGTH_MAX - 1)}K`,
]

const BAD_KEYS = ['', 'k'.repeat(KEY_LENGTH_MAX + 1), 'a b', 'a/b', 'a\n', 'a\0', 'é', 'a%', 'a*', 'a{b}']

const BAD_TEXTS = [
  'a\0b',
  'lone \ud800 surrogate',
  '\udc00',
  'a'.repeat(TEXT_BYTES_MAX + 1),
  `${'€'.repeat(Math.floor(TEXT_BYTES_MAX / 3))}é`,
  5 as unknown as string,
]

const SUBJECTS = [
  'alice',
  'Alice',
  'alice ',
  ' alice',
  'al_ce',
  'al%',
  'a',
  'é',
  'e\u{301}',
  'e',
  'straße',
  'strasse',
  'İ',
  'i',
  '😀',
  "o'brien",
  'https://issuer.example/users?id=1#a',
  '__proto__',
  's'.repeat(SUBJECT_LENGTH_MAX),
  's'.repeat(SUBJECT_LENGTH_MAX - 1),
  '€'.repeat(SUBJECT_LENGTH_MAX),
]
