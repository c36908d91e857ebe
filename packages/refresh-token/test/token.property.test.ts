// Round trip of the token for any handle, generation and secret, and refusal of any other text.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { resolveSecrets } from '../src/secrets.ts'
import { deriveFamilyId, hashAttempt, issueToken, parseToken } from '../src/token.ts'
import { settings } from './settings.ts'

const secretBytes = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => new Set(bytes).size > 1)
const handles = fc.uint8Array({ minLength: 16, maxLength: 16 })
const generations = fc.integer({ min: 0, max: 4_294_967_295 })
const ids = fc.integer({ min: 0, max: 255 })

test('any token that is issued is read back, and only by a ring with its secret', () => {
  fc.assert(
    fc.property(secretBytes, secretBytes, handles, generations, ids, (secret, other, handle, generation, secretId) => {
      const ring = resolveSecrets([{ id: secretId, secret }])
      const token = issueToken(ring, { handle, generation, secretId }) ?? ''
      expect(parseToken(ring, token)).toEqual({ ok: true, handle, generation, secretId })
      fc.pre(Buffer.compare(secret, other) !== 0)
      const wrong = parseToken(resolveSecrets([{ id: secretId, secret: other }]), token)
      expect(wrong).toEqual({ ok: false, reason: 'refresh_token/malformed' })
      const absent = parseToken(resolveSecrets([{ id: (secretId + 1) % 256, secret }]), token)
      expect(absent).toEqual({ ok: false, reason: 'refresh_token/unknown_secret' })
    }),
    settings(300),
  )
})

test('RT-11 any text that was not issued is refused, however near to the format', () => {
  const ring = resolveSecrets([{ id: 1, secret: Uint8Array.from({ length: 32 }, (_, at) => at) }])
  const near = fc.stringMatching(/^trt_[A-Za-z0-9_-]{72}$/)
  const reached = { malformed: 0, unknown: 0 }
  fc.assert(
    fc.property(fc.oneof(near, fc.string(), fc.string({ unit: 'binary' }), knownVersion()), (text) => {
      const result = parseToken(ring, text)
      expect(result.ok).toBe(false)
      if (!result.ok) reached[result.reason === 'refresh_token/malformed' ? 'malformed' : 'unknown'] += 1
    }),
    settings(600),
  )
  expect(reached.malformed).toBeGreaterThan(0)
  expect(reached.unknown).toBeGreaterThan(0)
})

test('two handles have two family ids, and two attempts two hashes', () => {
  fc.assert(
    fc.property(handles, handles, generations, fc.string(), fc.string(), (one, two, generation, key, other) => {
      expect(deriveFamilyId(one) === deriveFamilyId(two)).toBe(Buffer.compare(one, two) === 0)
      const isSameKey = Buffer.from(key).equals(Buffer.from(other))
      expect(hashAttempt(one, generation, key) === hashAttempt(one, generation, other)).toBe(isSameKey)
    }),
    settings(200),
  )
})

/** Text that passes the version byte, so that the secret's id is looked at. */
function knownVersion(): fc.Arbitrary<string> {
  return fc
    .uint8Array({ minLength: 53, maxLength: 53 })
    .map((rest) => `trt_${Buffer.concat([Buffer.of(1), rest]).toString('base64url')}`)
}
