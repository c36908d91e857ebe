// What an adapter may be handed: the bounds of keys, texts and columns, so that every adapter refuses the same mistakes.
import type { NumericDate } from '@tallystick/core'
import { numericDate } from '@tallystick/core'
import { mistake, secretMistake } from '@tallystick/core/options'
import {
  CAUSE_LENGTH_MAX,
  KEY_LENGTH_MAX,
  REVOCATION_ID_LENGTH_MAX,
  SUBJECT_LENGTH_MAX,
  TARGET_LENGTH_MAX,
  TEXT_BYTES_MAX,
} from './limits.ts'
import type { RecordIndex, RecordInput } from './record-store.ts'
import type { RevocationEntry, RevocationTarget } from './revocation-log.ts'

/**
 * Throws where a key is not 1 to 256 characters of `A-Za-z0-9:._-`.
 *
 * @throws TypeError, without the key.
 */
export function assertKey(key: string): void {
  if (typeof key === 'string' && isKey(key)) return
  throw secretMistake('RecordStore', 'key', `must be 1 to ${KEY_LENGTH_MAX} characters of A-Za-z0-9:._-`, key)
}

/** Character by character: a pattern takes three times as long, and this stands before every read. */
function isKey(key: string): boolean {
  if (key === '' || key.length > KEY_LENGTH_MAX) return false
  let unknown = 0
  for (let at = 0; at < key.length; at += 1) {
    const code = key.charCodeAt(at)
    unknown |= (code >> 7) | (NO_KEY_CHARACTERS[code & 127] ?? 1)
  }
  return unknown === 0
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
 * @param record - A copy, as `copyRecord` makes it: what is read here must be what is stored.
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
 * Throws where an entry could not be read back, or names nothing.
 *
 * The `id` is 1 to 640 characters, the `cause` 1 to 64, every text of the target 1 to 512; times are whole seconds since
 * the epoch.
 *
 * @param entry - A copy, as `copyEntry` makes it: what is read here must be what is stored.
 * @throws TypeError or RangeError, without any text of the entry.
 */
export function assertEntry(entry: RevocationEntry): void {
  assertEntryText('id', entry.id, REVOCATION_ID_LENGTH_MAX)
  assertTarget(entry.target)
  assertEntryText('cause', entry.cause, CAUSE_LENGTH_MAX)
  assertSeconds('RevocationLog', 'entry.revokedAt', entry.revokedAt)
  assertSeconds('RevocationLog', 'entry.expiresAt', entry.expiresAt)
}

function assertTarget(target: RevocationTarget): void {
  switch (target.kind) {
    case 'family':
      return assertEntryText('target.familyId', target.familyId, TARGET_LENGTH_MAX)
    case 'session':
      return assertEntryText('target.sessionId', target.sessionId, TARGET_LENGTH_MAX)
    case 'subject':
      assertEntryText('target.subject', target.subject, TARGET_LENGTH_MAX)
      return assertSeconds('RevocationLog', 'entry.target.cutoff', target.cutoff)
    case 'token':
      return assertEntryText('target.tokenId', target.tokenId, TARGET_LENGTH_MAX)
  }
  const { kind } = target as { readonly kind: unknown }
  throw secretMistake('RevocationLog', 'entry.target.kind', 'must be family, session, subject or token', kind)
}

function assertEntryText(field: string, text: string, lengthMax: number): void {
  if (typeof text === 'string' && text !== '' && text.length <= lengthMax && !UNSTORABLE.test(text)) return
  const allowed = `must be 1 to ${lengthMax} characters of well-formed Unicode without U+0000`
  throw secretMistake('RevocationLog', `entry.${field}`, allowed, text)
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
  try {
    numericDate(seconds)
  } catch {
    // A text in the place of a time may be anything, and is not shown.
    const build = typeof seconds === 'number' ? mistake : secretMistake
    throw build(owner, field, 'must be whole seconds since the epoch, at most 100000000000', seconds)
  }
}

/** A UTF-16 unit is at most three bytes of UTF-8, so that most texts are never encoded to be measured. */
function utf8BytesExceed(text: string, bytesMax: number): boolean {
  if (text.length * 3 <= bytesMax) return false
  return text.length > bytesMax || new TextEncoder().encode(text).length > bytesMax
}

const NO_KEY_CHARACTERS: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) =>
  /[A-Za-z0-9:._-]/.test(String.fromCharCode(code)) ? 0 : 1,
)
/** U+0000 has no place in some stores' text, and a lone surrogate has no UTF-8. */
// oxlint-disable-next-line no-control-regex -- U+0000 is what it looks for
const UNSTORABLE = /[\0\p{Surrogate}]/u
