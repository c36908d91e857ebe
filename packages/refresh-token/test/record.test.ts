// The stored text of a family: what it looks like, how long it is, and what is no such text.
import { describe, expect, test } from 'vitest'
import { decodeRecord, encodeRecord } from '../src/record.ts'
import { drive } from './driver.ts'

const CORRUPT = expect.objectContaining({ name: 'TokenError', code: 'ERR_STORAGE_CORRUPT', retryable: false })
const driver = drive()
driver.present(driver.first, { key: 'k' })
const family = driver.state()
const text = encodeRecord(family)

function changed(change: Record<string, unknown>): string {
  return JSON.stringify({ ...(JSON.parse(text) as object), ...change })
}

test('a family is read back as it was, and says its version first', () => {
  expect(decodeRecord(text)).toEqual(family)
  expect(text.startsWith('{"v":1,')).toBe(true)
})

test('the record grows by digits alone: after 1, 100 and 10 000 rotations it is as long as before', () => {
  const lengths: number[] = []
  for (const key of [undefined, 'the client’s attempt key, a new one for each token']) {
    const one = drive({ policy: { gracePeriodSeconds: 0, absoluteTimeoutSeconds: 315_360_000 } })
    let token = one.first
    for (let made = 1; made <= 10_000; made += 1) {
      one.wait(60)
      token =
        one.present(token, { key: key === undefined ? undefined : `${key} ${made}`, call: CALL + made }).token ?? ''
      if (made === 1 || made === 100 || made === 10_000) lengths.push(withoutDigits(one.stored))
    }
  }
  const [first, ...rest] = lengths.splice(0, 3)
  // The first rotation has no attempt before it to remember: that field comes with the second, and stays.
  expect(rest[0]).toBe(rest[1])
  expect((rest[0] ?? 0) - (first ?? 0)).toBe(`"previousAttempt":"${CALL}",`.length)
  expect(lengths[1]).toBe(lengths[2])
  expect(lengths[1]).toBeLessThan(800)
})

const CALL = 'c'.repeat(22)

/** The length without the digits of counters and times, and without the test's own counter in the call. */
function withoutDigits(stored: string): number {
  return stored.replaceAll(/:\d+/g, ':').replaceAll(new RegExp(`${CALL}\\d+`, 'g'), CALL).length
}

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
    ['familyId', 7],
    ['generation', 0],
    ['generation', -1],
    ['generation', 1.5],
    ['generation', 4_294_967_296],
    ['generation', '7'],
    ['rotatedAt', -1],
    ['rotatedAt', 1.5],
    ['lastUsedAt', 100_000_000_001],
    ['absoluteExpiresAt', null],
    ['attemptBy', 'nobody'],
    ['successorUsed', 1],
    ['status', 'paused'],
    ['secretId', 256],
    ['secretId', -1],
    ['resources', 'https://api.example.com'],
    ['binding', { type: 'bearer', thumbprint: 'x' }],
    ['binding', { type: 'dpop', thumbprint: 'x', more: true }],
    ['authentication', { methods: [] }],
    ['claims', []],
    ['announced', undefined],
    ['a field of a later release', true],
  ])('%s: %j', (field, value) => {
    expect(() => decodeRecord(changed({ [field]: value }))).toThrow(CORRUPT)
  })

  test('every field but the optional ones is required', () => {
    const optional = new Set(['attempt', 'authentication', 'previousAttempt'])
    let required = 0
    for (const field of Object.keys(JSON.parse(text) as object)) {
      if (optional.has(field)) continue
      required += 1
      expect(() => decodeRecord(changed({ [field]: undefined })), field).toThrow(CORRUPT)
    }
    expect(required).toBe(17)
  })

  test('the failure says what cannot be read, and shows nothing of the text', () => {
    expect(() => decodeRecord('')).toThrow('a stored refresh token family cannot be read or has an unknown version')
    try {
      decodeRecord(changed({ subject: 7, clientId: 'a secret' }))
      expect.unreachable()
    } catch (thrown) {
      expect(JSON.stringify(thrown) + String(thrown)).not.toMatch(/a secret|user_42|subject/)
    }
  })
})
