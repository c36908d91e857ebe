// The bounds of the contract, at their edges; no message quotes what was given.
import { numericDate } from '@tallystick/core'
import { expect, test } from 'vitest'
import type { RevocationEntry } from '../src/index.ts'
import {
  assertEntry,
  assertIndex,
  assertKey,
  assertWrite,
  KEY_LENGTH_MAX,
  REVOCATION_ID_LENGTH_MAX,
  SUBJECT_LENGTH_MAX,
  TEXT_BYTES_MAX,
} from '../src/index.ts'
import { CAUSE_LENGTH_MAX, TARGET_LENGTH_MAX } from '../src/limits.ts'

const later = numericDate(4_102_444_800)
const target = { kind: 'family', familyId: 'f' } as const
const entry: RevocationEntry = { id: 'a', target, cause: 'x', revokedAt: later, expiresAt: later }

const allowed: Record<string, () => void> = {
  'the longest key': () => assertKey('k'.repeat(KEY_LENGTH_MAX)),
  'the longest text of one-byte characters': () =>
    assertWrite('a', 'absent', { text: 'x'.repeat(TEXT_BYTES_MAX) }, later),
  'the longest text of three-byte characters': () => assertWrite('a', 'absent', { text: '€'.repeat(21_845) }, later),
  'the longest subject': () => assertIndex({ subject: 's'.repeat(SUBJECT_LENGTH_MAX) }),
  'the pending index': () => assertIndex({ pending: true }),
  'the last expiry': () => assertWrite('a', 'absent', { text: '' }, numericDate(100_000_000_000)),
  'the longest id': () => assertEntry({ ...entry, id: 'i'.repeat(REVOCATION_ID_LENGTH_MAX) }),
  'the longest cause': () => assertEntry({ ...entry, cause: 'c'.repeat(CAUSE_LENGTH_MAX) }),
  'the longest id of a session': () =>
    assertEntry({ ...entry, target: { kind: 'session', sessionId: 's'.repeat(TARGET_LENGTH_MAX) } }),
  'the longest subject of a target': () =>
    assertEntry({ ...entry, target: { kind: 'subject', subject: 's'.repeat(TARGET_LENGTH_MAX), cutoff: later } }),
  'the longest id of a token': () =>
    assertEntry({ ...entry, target: { kind: 'token', tokenId: 't'.repeat(TARGET_LENGTH_MAX) } }),
}

const refused: Record<string, () => void> = {
  'an empty key': () => assertKey(''),
  'a key that is too long': () => assertKey('secret'.repeat(50)),
  'a key with a space': () => assertKey('secret key'),
  'a key that ends in a line feed': () => assertKey('secret\n'),
  'an empty version': () => assertWrite('a', '', { text: '' }, later),
  'a text that is too long': () => assertWrite('a', 'absent', { text: 'secret'.repeat(20_000) }, later),
  'a text of too many bytes': () => assertWrite('a', 'absent', { text: '€'.repeat(21_846) }, later),
  'a text with U+0000': () => assertWrite('a', 'absent', { text: 'secret\0' }, later),
  'a lone surrogate': () => assertWrite('a', 'absent', { text: 'secret\ud800' }, later),
  'an empty subject': () => assertIndex({ subject: '' }),
  'a subject that is too long': () => assertIndex({ subject: 'secret'.repeat(100) }),
  'an index of what is not pending': () => assertIndex({ pending: false } as never),
  'a pending flag that is none': () => assertWrite('a', 'absent', { text: '', pending: 'secret' as never }, later),
  'an expiry in milliseconds and a half': () => assertWrite('a', 'absent', { text: '' }, 1.5 as never),
  'an expiry of a later calendar': () => assertWrite('a', 'absent', { text: '' }, 100_000_000_001 as never),
  'an expiry that is text': () => assertWrite('a', 'absent', { text: '' }, 'secret' as never),
  'an empty id': () => assertEntry({ ...entry, id: '' }),
  'an id that is too long': () => assertEntry({ ...entry, id: 'secret'.repeat(200) }),
  'a cause that is too long': () => assertEntry({ ...entry, cause: 'secret'.repeat(11) }),
  'a kind of target that is none': () => assertEntry({ ...entry, target: { kind: 'secret' } as never }),
  'a token id that is too long': () =>
    assertEntry({ ...entry, target: { kind: 'token', tokenId: 'secret'.repeat(100) } }),
  'a cut-off that is text': () =>
    assertEntry({ ...entry, target: { kind: 'subject', subject: 's', cutoff: 'secret' as never } }),
  'a time of revocation that is text': () => assertEntry({ ...entry, revokedAt: 'secret' as never }),
}

test.each(Object.entries(allowed))('is allowed: %s', (_, run) => {
  expect(run).not.toThrow()
})

test.each(Object.entries(refused))('is refused without being quoted: %s', (_, run) => {
  let thrown: unknown
  try {
    run()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toSatisfy((error) => error instanceof TypeError || error instanceof RangeError)
  expect((thrown as Error).message).not.toContain('secret')
})
