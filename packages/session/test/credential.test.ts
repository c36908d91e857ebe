// The credential: what it is made of, what an edit makes of it, and what follows from what.
import { resolveSecretRing } from '@tallystick/core/secret-ring'
import { expect, test } from 'vitest'
import {
  deriveSecret,
  formatCredential,
  formatSecret,
  formatSessionId,
  hashSecret,
  parseCredential,
  proveSecret,
  SECRET_BYTES,
  SESSION_ID_BYTES,
} from '../src/credential.ts'
import { bytesFrom, drive, SECRETS, served } from './driver.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const sessionId = formatSessionId(bytesFrom(SESSION_ID_BYTES, 1))
const secret = formatSecret(bytesFrom(SECRET_BYTES, 2))
const ring = resolveSecretRing(SECRETS, 'test')

test('SE-1 a credential is 128 random bits of public id and 256 of secret, and what is stored of it is a hash', () => {
  expect([SESSION_ID_BYTES * 8, SECRET_BYTES * 8]).toEqual([128, 256])
  expect(formatCredential(sessionId, secret)).toMatch(/^tsn_[A-Za-z0-9_-]{65}$/)
  const { hash, lineageHash } = proveSecret(sessionId, secret)
  expect([hash.length, lineageHash?.length]).toEqual([43, 43])
  expect(new Set([hash, lineageHash, secret, sessionId]).size).toBe(4)
})

test('SE-1 whoever knows a credential knows 21 characters of the next and nothing of the other 22', () => {
  const derived = deriveSecret(ring, 1, sessionId, secret) ?? ''
  const drawn = formatSecret(bytesFrom(SECRET_BYTES, 3), secret)
  for (const next of [derived, drawn]) {
    expect(next).toHaveLength(43)
    expect(next.slice(0, 21)).toBe(secret.slice(0, 21))
    const same = Array.from(next.slice(21)).filter((letter, at) => letter === secret[21 + at])
    expect(same.length).toBeLessThan(5)
  }
})

test('the successor depends on the ring’s secret, the session and the presented secret, and is the same each time', () => {
  const other = formatSessionId(bytesFrom(SESSION_ID_BYTES, 4))
  const edited = `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`
  const all = [
    deriveSecret(ring, 1, sessionId, secret),
    deriveSecret(ring, 2, sessionId, secret),
    deriveSecret(ring, 1, other, secret),
    deriveSecret(ring, 1, sessionId, edited),
  ]
  expect(new Set(all.map((text) => text?.slice(21))).size).toBe(4)
  expect(deriveSecret(ring, 1, sessionId, secret)).toBe(all[0])
  expect(deriveSecret(ring, 9, sessionId, secret)).toBeUndefined()
})

test('F39 every truncation and every extension of a credential is malformed', () => {
  const credential = formatCredential(sessionId, secret)
  for (let length = 0; length < credential.length; length += 1) {
    expect(parseCredential(credential.slice(0, length))).toBeUndefined()
    expect(parseCredential(credential.slice(length + 1))).toBeUndefined()
  }
  for (const more of ['A', '=', ' ', '\n', '\0', '.x']) expect(parseCredential(credential + more)).toBeUndefined()
  for (const text of [undefined, null, 69, {}]) expect(parseCredential(text as unknown as string)).toBeUndefined()
})

test('F39 every edit of one character leads to another record, or is another credential or malformed: never served', () => {
  const driver = drive()
  const { first } = driver
  const { sessionId: own, secret: ownSecret } = parseCredential(first)!
  const hashes = new Set<string>()
  let otherRecords = 0
  for (let at = 0; at < first.length; at += 1) {
    for (const letter of `${ALPHABET}+/=. é\n`) {
      if (letter === first[at]) continue
      const parsed = parseCredential(first.slice(0, at) + letter + first.slice(at + 1))
      if (parsed === undefined) continue
      if (parsed.sessionId !== own) {
        expect(parsed.secret).toBe(ownSecret)
        otherRecords += 1
        continue
      }
      hashes.add(hashSecret(parsed.secret))
      expect(driver.ask('present', formatCredential(own, parsed.secret)).reason).toBe('session/unknown')
    }
  }
  expect(otherRecords).toBe(22 * 63)
  expect(hashes.size).toBe(43 * (63 + 7))
  expect(driver.ask('present', first).verdict).toBe('presented')
})

test('F92 SE-3 an id that the server did not make is nobody’s: whoever brings one changes nothing', () => {
  const driver = drive()
  const brought = formatCredential(driver.state().sessionId, 'A'.repeat(43))
  const stored = driver.stored
  for (const asked of ['present', 'renew', 'elevate', 'reauthenticate'] as const) {
    const answer = driver.ask(asked, brought)
    expect(answer.reason).toBe('session/unknown')
    expect(answer.credential).toBeUndefined()
  }
  expect(driver.stored).toBe(stored)
})

test('F92 SE-2 the credential changes at an elevation and a re-authentication, and the old one is dead at once', () => {
  for (const asked of ['elevate', 'reauthenticate'] as const) {
    const driver = drive()
    const next = served(driver, asked, driver.first)
    expect(next).not.toBe(driver.first)
    expect(next.slice(0, 26)).toBe(driver.first.slice(0, 26))
    for (const use of ['present', 'renew'] as const) {
      const { reason, credential } = driver.ask(use, driver.first)
      expect([reason, credential]).toEqual(['session/superseded', undefined])
    }
    expect(driver.ask('present', next).verdict).toBe('presented')
    driver.wait(60)
    expect(driver.ask('present', driver.first).reason).toBe('session/replayed')
    expect(driver.ask('present', next).reason).toBe('session/revoked')
  }
})

test('a length of random bytes other than the right one is a mistake', () => {
  expect(() => formatSessionId(new Uint8Array(15))).toThrow(RangeError)
  expect(() => formatSecret(new Uint8Array(31))).toThrow(RangeError)
})
