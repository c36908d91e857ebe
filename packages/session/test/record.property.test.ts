// Round trip of the stored text for any session.
import { type NumericDate, numericDate } from '@tallystick/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeRecord, encodeRecord } from '../src/record.ts'
import type { Session, SessionId } from '../src/state.ts'
import { settings } from './settings.ts'

const time: fc.Arbitrary<NumericDate> = fc.integer({ min: 0, max: 100_000_000_000 }).map(numericDate)
const maybe = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(values, { nil: undefined })
const bounded = maybe(fc.string({ maxLength: 256 }))
const authentication = { methods: fc.array(fc.string()), acr: maybe(fc.string()), authenticatedAt: time }

const sessions: fc.Arbitrary<Session> = fc.record({
  sessionId: fc.string().map((text) => text as SessionId),
  subject: fc.string(),
  clientId: maybe(fc.string()),
  scope: maybe(fc.string()),
  lineageHash: fc.string(),
  credentialHash: fc.string(),
  previousHash: maybe(fc.string()),
  predecessorClosed: fc.boolean(),
  generation: fc.integer({ min: 1, max: 4_294_967_295 }),
  renewedAt: time,
  renewedBy: maybe(fc.string()),
  secretId: maybe(fc.integer({ min: 0, max: 255 })),
  usedAt: maybe(time),
  authentication: maybe(fc.record(authentication)),
  elevation: maybe(fc.record({ ...authentication, expiresAt: time })),
  context: maybe(fc.record({ networkPrefix: bounded, userAgent: bounded, place: bounded })),
  establishedAt: time,
  lastPresentedAt: time,
  absoluteExpiresAt: time,
  status: fc.constantFrom('active' as const, 'revoked' as const),
  revokedAt: maybe(time),
  revokedBy: maybe(fc.string()),
  cause: maybe(fc.string()),
  announced: fc.boolean(),
})

test('any session is read back as it was stored, on one line', () => {
  fc.assert(
    fc.property(sessions, (session) => {
      const text = encodeRecord(session)
      expect(decodeRecord(text)).toEqual(session)
      expect(text).not.toContain('\n')
    }),
    settings(300),
  )
})

test('any text with one character lost is read as damage or as another session, never as the same', () => {
  fc.assert(
    fc.property(sessions, fc.nat(), (session, where) => {
      const text = encodeRecord(session)
      const at = where % text.length
      let read: Session
      try {
        read = decodeRecord(text.slice(0, at) + text.slice(at + 1))
      } catch (thrown) {
        expect(thrown).toMatchObject({ code: 'ERR_STORAGE_CORRUPT' })
        return
      }
      expect(read).not.toEqual(session)
    }),
    settings(300),
  )
})
