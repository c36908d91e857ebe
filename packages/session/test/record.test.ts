// The stored text of a session: what it looks like, how long it is, and what is no such text.
import { describe, expect, test } from 'vitest'
import { decodeRecord, encodeRecord } from '../src/record.ts'
import { drive, served } from './driver.ts'

const CORRUPT = expect.objectContaining({ name: 'TokenError', code: 'ERR_STORAGE_CORRUPT', retryable: false })
const driver = drive()
const second = served(driver, 'renew', driver.first)
served(driver, 'present', second)
served(driver, 'elevate', second)
const session = { ...driver.state(), context: { networkPrefix: '192.0.2.0/24', userAgent: 'a browser', place: 'Bern' } }
const text = encodeRecord(session)

function changed(change: Record<string, unknown>): string {
  return JSON.stringify({ ...(JSON.parse(text) as object), ...change })
}

test('a session is read back as it was, says its version first, and stands on one line', () => {
  expect(decodeRecord(text)).toEqual(session)
  expect(text.startsWith('{"v":1,')).toBe(true)
  expect(encodeRecord({ ...session, subject: 'two\nlines' })).not.toContain('\n')
})

test('SE-1 the record holds no credential and no part of one but the public id', () => {
  for (const credential of [driver.first, second]) {
    const secret = credential.slice(-43)
    for (let at = 0; at + 12 <= secret.length; at += 1) expect(text).not.toContain(secret.slice(at, at + 12))
  }
})

test('the record grows by digits alone: after 1000 renewals it is as long as after two', () => {
  const one = drive({ idleTimeoutSeconds: 'none', absoluteTimeoutSeconds: 864_000 })
  let credential = one.first
  const lengths: number[] = []
  for (let made = 1; made <= 1000; made += 1) {
    one.wait(120)
    credential = served(one, 'renew', served(one, 'present', credential), { call: 'c'.repeat(22) })
    one.wait(1)
    served(one, 'present', credential)
    lengths.push(one.stored.replaceAll(/:\d+/g, ':').length)
  }
  expect(lengths[999]).toBe(lengths[1])
  expect(lengths[999]).toBeLessThan(700)
})

describe('damage is a failure, never a guess', () => {
  test.each([
    ['no text', ''],
    ['no JSON', '{'],
    ['no object', 'null'],
    ['a list', '[]'],
    ['half of it', text.slice(0, text.length / 2)],
    ['twice', text + text],
  ])('%s', (_, damaged) => {
    expect(() => decodeRecord(damaged)).toThrow(CORRUPT)
  })

  test.each([0, 2, '1', null, undefined])('version %s', (v) => {
    expect(() => decodeRecord(changed({ v }))).toThrow(CORRUPT)
  })

  test.each([
    ['sessionId', 7],
    ['generation', 0],
    ['generation', 1.5],
    ['generation', 4_294_967_296],
    ['renewedAt', -1],
    ['usedAt', '1'],
    ['lastPresentedAt', 100_000_000_001],
    ['absoluteExpiresAt', null],
    ['predecessorClosed', 1],
    ['status', 'paused'],
    ['secretId', 256],
    ['secretId', -1],
    ['authentication', { methods: [] }],
    ['elevation', { methods: [], authenticatedAt: 1 }],
    ['context', { place: 'x'.repeat(257) }],
    ['context', { more: 'x' }],
    ['announced', undefined],
    ['a field of a later release', true],
  ])('%s: %j', (field, value) => {
    expect(() => decodeRecord(changed({ [field]: value }))).toThrow(CORRUPT)
  })

  test('every field but the optional ones is required', () => {
    const optional = new Set(['clientId', 'previousHash', 'renewedBy', 'authentication', 'elevation', 'context'])
    let required = 0
    for (const field of Object.keys(JSON.parse(text) as object)) {
      if (optional.has(field)) continue
      required += 1
      expect(() => decodeRecord(changed({ [field]: undefined })), field).toThrow(CORRUPT)
    }
    expect(required).toBe(13)
  })

  test('the failure shows nothing of the text', () => {
    try {
      decodeRecord(changed({ subject: 7, clientId: 'a secret' }))
      expect.unreachable()
    } catch (thrown) {
      expect(JSON.stringify(thrown) + String(thrown)).not.toMatch(/a secret|user_42|subject/)
    }
  })
})
