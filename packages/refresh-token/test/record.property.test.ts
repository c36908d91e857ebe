// Round trip of the stored text for any family.
import { type NumericDate, numericDate } from '@tallystick/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeRecord, encodeRecord } from '../src/record.ts'
import type { FamilyId, RefreshTokenFamily } from '../src/state.ts'
import { settings } from './settings.ts'

const time: fc.Arbitrary<NumericDate> = fc.integer({ min: 0, max: 100_000_000_000 }).map(numericDate)
const maybe = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(values, { nil: undefined })
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown)
// Objects have no own name `__proto__` when they come back: a claim of that name is not carried.
const claimName = fc.string().filter((name) => name !== '__proto__')

const families: fc.Arbitrary<RefreshTokenFamily> = fc.record({
  familyId: fc.string().map((text) => text as FamilyId),
  subject: fc.string(),
  clientId: fc.string(),
  sessionId: maybe(fc.string()),
  scope: fc.string(),
  resources: fc.array(fc.string()),
  binding: maybe(fc.record({ type: fc.constantFrom('dpop' as const, 'mtls' as const), thumbprint: fc.string() })),
  authentication: maybe(fc.record({ methods: fc.array(fc.string()), acr: maybe(fc.string()), authenticatedAt: time })),
  claims: maybe(fc.dictionary(claimName, json, { noNullPrototype: true })),
  generation: fc.integer({ min: 1, max: 4_294_967_295 }),
  rotatedAt: time,
  attempt: maybe(fc.string()),
  attemptBy: fc.constantFrom('client' as const, 'call' as const),
  previousAttempt: maybe(fc.string()),
  successorUsed: fc.boolean(),
  predecessorClosed: fc.boolean(),
  secretId: fc.integer({ min: 0, max: 255 }),
  issuedAt: time,
  lastUsedAt: time,
  absoluteExpiresAt: time,
  status: fc.constantFrom('active' as const, 'revoked' as const),
  revokedAt: maybe(time),
  revokedBy: maybe(fc.string()),
  cause: maybe(fc.string()),
  announced: fc.boolean(),
})

test('any family is read back as it was stored', () => {
  fc.assert(
    fc.property(families, (family) => {
      const text = encodeRecord(family)
      expect(decodeRecord(text)).toEqual(family)
      expect(decodeRecord(encodeRecord(decodeRecord(text)))).toEqual(family)
    }),
    settings(300),
  )
})

test('any text with one character lost is read as damage or as another family, never as the same', () => {
  fc.assert(
    // The application's claims are left out: the same value can be written in more than one way.
    fc.property(families, fc.nat(), (given, where) => {
      const family = { ...given, claims: undefined }
      const text = encodeRecord(family)
      const at = where % text.length
      let read: RefreshTokenFamily
      try {
        read = decodeRecord(text.slice(0, at) + text.slice(at + 1))
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'ERR_STORAGE_CORRUPT' })
        return
      }
      expect(read).not.toEqual(family)
    }),
    settings(300),
  )
})
