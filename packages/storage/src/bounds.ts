// What an adapter may be handed: the bounds of keys, texts and columns, so that every adapter refuses the same mistakes.
import type { NumericDate } from '@tallystick/core'
import { mistake, secretMistake } from '@tallystick/core/options'
import { KEY_LENGTH_MAX, REVOCATION_ID_LENGTH_MAX, SUBJECT_LENGTH_MAX, TEXT_BYTES_MAX } from './limits.ts'
import type { RecordIndex, RecordInput } from './record-store.ts'
import type { RevocationEntry } from './revocation-log.ts'

/**
 * Throws where a key is not 1 to 256 characters of `A-Za-z0-9:._-`.
 *
 * @throws TypeError, without the key.
 */
export function assertKey(key: string): void {
  if (typeof key === 'string' && KEY.test(key)) return
  throw secretMistake('RecordStore', 'key', `must be 1 to ${KEY_LENGTH_MAX} characters of A-Za-z0-9:._-`, key)
}

/**
 * Throws where an index is not `{ subject }` with a subject of 1 to 512 characters, nor `{ pending: true }`.
 *
 * @throws TypeError, without the subject.
 */
export function assertIndex(index: RecordIndex): void {
  if ('subject' in index) return assertSubject(index.subject)
  if (Object.is(index.pending, true)) return
  throw mistake('RecordStore', 'index', 'must be { subject } or { pending: true }', index)
}

/**
 * Throws where the arguments of a compare-and-set break the contract's bounds.
 *
 * @param expiresAt - Seconds since the epoch.
 * @throws TypeError or RangeError, without key, text or subject.
 */
export function assertWrite(key: string, expectedVersion: string, record: RecordInput, expiresAt: NumericDate): void {
  assertKey(key)
  if (typeof expectedVersion !== 'string' || expectedVersion === '') {
    throw secretMistake('RecordStore', 'expectedVersion', "must be a version or 'absent'", expectedVersion)
  }
  assertText('record.text', record.text)
  if (utf8BytesExceed(record.text, TEXT_BYTES_MAX)) {
    throw secretMistake('RecordStore', 'record.text', `must be at most ${TEXT_BYTES_MAX} bytes of UTF-8`, record.text)
  }
  if (record.subject !== undefined) assertSubject(record.subject)
  if (record.pending !== undefined && typeof record.pending !== 'boolean') {
    throw secretMistake('RecordStore', 'record.pending', 'must be a boolean', record.pending)
  }
  assertSeconds('RecordStore', 'expiresAt', expiresAt)
}

/**
 * Throws where an entry's `id` is not 1 to 640 characters, or its `expiresAt` is no point in time.
 *
 * @throws TypeError or RangeError, without the id.
 */
export function assertEntry(entry: RevocationEntry): void {
  const { id, expiresAt } = entry
  if (typeof id !== 'string' || id === '' || id.length > REVOCATION_ID_LENGTH_MAX || UNSTORABLE.test(id)) {
    throw secretMistake('RevocationLog', 'entry.id', `must be 1 to ${REVOCATION_ID_LENGTH_MAX} characters`, id)
  }
  assertSeconds('RevocationLog', 'entry.expiresAt', expiresAt)
}

function assertSubject(subject: string): void {
  assertText('subject', subject)
  if (subject !== '' && subject.length <= SUBJECT_LENGTH_MAX) return
  throw secretMistake('RecordStore', 'subject', `must be 1 to ${SUBJECT_LENGTH_MAX} characters`, subject)
}

function assertText(field: string, text: string): void {
  if (typeof text === 'string' && !UNSTORABLE.test(text)) return
  throw secretMistake('RecordStore', field, 'must be well-formed Unicode without U+0000', text)
}

function assertSeconds(owner: string, field: string, seconds: number): void {
  if (Number.isSafeInteger(seconds) && seconds >= 0) return
  throw mistake(owner, field, 'must be whole seconds since the epoch', seconds)
}

/** A UTF-16 unit is at most three bytes of UTF-8, so that most texts are never encoded to be measured. */
function utf8BytesExceed(text: string, bytesMax: number): boolean {
  if (text.length * 3 <= bytesMax) return false
  return text.length > bytesMax || new TextEncoder().encode(text).length > bytesMax
}

const KEY = new RegExp(`^[A-Za-z0-9:._-]{1,${KEY_LENGTH_MAX}}$`)
/** U+0000 has no place in some stores' text, and a lone surrogate has no UTF-8. */
// oxlint-disable-next-line no-control-regex -- U+0000 is what it looks for
const UNSTORABLE = /[\0\p{Surrogate}]/u
