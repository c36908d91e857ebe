// A key schedule where keys are taken: what is refused at construction, who signs, who is accepted, what is published.
import type { NumericDate } from '@tallystick/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { generateKey } from '../src/generate-key.ts'
import { importVerificationKey } from '../src/import-key.ts'
import { createIssuer } from '../src/issue.ts'
import { toJwks } from '../src/jwks.ts'
import type { SigningKey } from '../src/key.ts'
import { createKeySchedule, decodeKeyPlan, encodeKeyPlan, type KeySchedule } from '../src/schedule.ts'
import { createSyncVerifier, createVerifier } from '../src/verify.ts'
import { countingEntropy, forge, goodClaims, headerOf, later, NOW, parties } from './tokens.ts'

/** Settle 21, lead 81, retention 315. */
const windows = {
  tokenLifetimeSecondsMax: 300,
  jwksCacheSecondsMax: 60,
  clockToleranceSeconds: 5,
  planCacheSecondsMax: 10,
  signingPeriodSeconds: 1000,
}
const algorithms = ['ES256'] as const
let a: SigningKey
let b: SigningKey

beforeAll(async () => {
  ;[a, b] = (await Promise.all([generateKey('ES256'), generateKey('ES256')])) as [SigningKey, SigningKey]
})

/** `a` signs until 91, then `b`. */
function replaced(): KeySchedule {
  const schedule = createKeySchedule({ ...windows, keys: [a], now: NOW })
  const decision = schedule.decide({ type: 'replace', key: b }, later(10))
  expect(schedule.adopt(decision.state, [b])).toBe(true)
  return schedule
}

const given = { sub: 'user_42', client_id: 'web' }
const kidsAt = (schedule: KeySchedule, now: NumericDate) => toJwks(schedule, now).keys.map(({ kid }) => kid)

describe('what cannot work is refused at construction', () => {
  const make = (options: object) => () => createKeySchedule({ ...windows, keys: [a], now: NOW, ...options })

  test('KM-1 a signing period that is shorter than what publishing takes, or crowds the key set', () => {
    expect(make({ signingPeriodSeconds: 101 })).toThrow(/^createKeySchedule: signingPeriodSeconds must be at least 102/)
    expect(make({ signingPeriodSeconds: 102 })).not.toThrow()
    expect(make({ tokenLifetimeSecondsMax: 14_000 })).toThrow(/at least 1002, with it more than 16 keys/)
    expect(make({ tokenLifetimeSecondsMax: 14_000 })).toThrow(RangeError)
  })

  test.each([
    ['tokenLifetimeSecondsMax', 0, 'must be 1 to 31536000'],
    ['tokenLifetimeSecondsMax', undefined, 'must be 1 to 31536000'],
    ['jwksCacheSecondsMax', -1, 'must be 0 to 2592000'],
    ['clockToleranceSeconds', 601, 'must be 0 to 600'],
    ['planCacheSecondsMax', 0.5, 'must be 0 to 86400'],
    ['signingPeriodSeconds', Number.NaN, 'must be 1 to 315360000'],
  ])('KM-1 %s of %s', (field, value, allowed) => {
    expect(make({ [field]: value })).toThrow(`createKeySchedule: ${field} ${allowed}`)
  })

  test('KM-1 an option that nobody knows', () => {
    expect(make({ leadSeconds: 5 })).toThrow(TypeError)
    expect(() => createKeySchedule(undefined as never)).toThrow(TypeError)
  })

  test('KM-1 two keys of one id, no key, a key that cannot sign, more keys than have a place', async () => {
    const twin = await generateKey('ES256', { keyId: a.keyId })
    const [jwk] = toJwks([a]).keys
    const verifies = await importVerificationKey(jwk as never, { algorithm: 'ES256' })
    expect(make({ keys: [a, twin] })).toThrow(/another key id/)
    expect(make({ keys: [a, a] })).toThrow(/another key id/)
    expect(make({ keys: [] })).toThrow(/must hold a signing key that can sign now/)
    expect(make({ keys: [verifies] })).toThrow(/must hold a signing key that can sign now/)
    expect(make({ keys: [a, b], now: undefined })).toThrow(/one key, or two and now/)
    expect(make({ keys: ['secret text'] })).toThrow(/given a string of 11 characters/)
    expect(make({ generate: 'ES256' })).toThrow(/generate must be a function/)
  })

  test('KM-1 a key that ends before the tokens of its signing period', () => {
    expect(make({ keys: [{ key: a, expiresAt: later(1313) }] })).toThrow(
      /^createKeySchedule: keys.0.expiresAt must leave/,
    )
    expect(make({ keys: [{ key: a, expiresAt: later(1314) }] })).not.toThrow()
  })

  test('KM-1 a plan whose keys are not there, or of which none signs', () => {
    const { plan } = replaced()
    expect(make({ plan, keys: [a] })).toThrow(/must hold the ES256 key of each id in the plan/)
    expect(make({ plan, keys: [a, b] })).not.toThrow()
    // Once `a` is retired nobody asks for it.
    const dropped = createKeySchedule({ ...windows, plan, keys: [a, b], now: NOW })
    dropped.adopt(dropped.decide({ type: 'compromised', keyId: a.keyId }, later(20)).state)
    dropped.adopt(dropped.decide({ type: 'compromised', keyId: b.keyId }, later(20)).state)
    expect(make({ plan: dropped.plan, keys: [], now: later(20) })).toThrow(/can sign now/)
  })
})

describe('issuers, verifiers and key sets follow', () => {
  test('KM-1 F36 the issuer changes keys in its second, and verifiers accept both until the first retires', async () => {
    const schedule = replaced()
    const issuer = createIssuer({ ...parties, lifetimeSeconds: 300, keys: schedule })
    const verifier = createVerifier({ ...parties, algorithms, keys: schedule, clockToleranceSeconds: 5 })
    const sync = createSyncVerifier({ ...parties, algorithms, keys: schedule, clockToleranceSeconds: 5 })
    const last = await issuer.issue(given, later(90), countingEntropy())
    const first = await issuer.issue(given, later(91), countingEntropy())
    const kidOf = async (token: string, now: NumericDate) => {
      const result = await verifier.verify(token, now)
      expect(sync.verify(token, now)).toEqual(result)
      return result.ok ? result.header.kid : result.reason
    }
    expect([await kidOf(last, later(90)), await kidOf(first, later(91))]).toEqual([a.keyId, b.keyId])
    expect([await kidOf(last, later(394)), await kidOf(last, later(395))]).toEqual([a.keyId, 'jwt/expired'])
    // A thief's token, which does not expire, ends with the key: also where its header was accepted before.
    const stolen = forge(a, headerOf(a), { ...goodClaims, exp: NOW + 99_999 })
    expect([await kidOf(stolen, later(404)), await kidOf(stolen, later(405))]).toEqual([a.keyId, 'jwt/unknown_key'])
    expect(await kidOf(stolen, later(404))).toBe(a.keyId)
  })

  test('KM-1 F36 a compromised key is refused at once and its successor signs', async () => {
    const schedule = replaced()
    const issuer = createIssuer({ ...parties, lifetimeSeconds: 300, keys: schedule })
    const verifier = createSyncVerifier({ ...parties, algorithms, keys: schedule })
    const token = await issuer.issue(given, later(20), countingEntropy())
    expect(verifier.verify(token, later(20))).toMatchObject({ ok: true })
    schedule.adopt(schedule.decide({ type: 'compromised', keyId: a.keyId }, later(20)).state)
    expect(verifier.verify(token, later(20))).toMatchObject({ ok: false, reason: 'jwt/unknown_key' })
    const next = await issuer.issue(given, later(20), countingEntropy())
    expect(verifier.verify(next, later(20))).toMatchObject({ ok: true, header: { kid: b.keyId } })
    schedule.adopt(schedule.decide({ type: 'compromised', keyId: b.keyId }, later(21)).state)
    expect(verifier.verify(next, later(21))).toMatchObject({ ok: false, reason: 'jwt/unknown_key' })
    expect(toJwks(schedule, later(21))).toEqual({ keys: [] })
    await expect(issuer.issue(given, later(21), countingEntropy())).rejects.toMatchObject({ code: 'ERR_SIGNING' })
  })

  test('KM-1 the key set names the signing key first, then the waiting one, then those that retire', () => {
    const schedule = replaced()
    expect(kidsAt(schedule, later(10))).toEqual([a.keyId, b.keyId])
    expect(kidsAt(schedule, later(91))).toEqual([b.keyId, a.keyId])
    expect(kidsAt(schedule, later(405))).toEqual([b.keyId])
    expect(() => toJwks(schedule, undefined as never)).toThrow(RangeError)
    expect(schedule.keysAt(later(100))).toBe(schedule.keysAt(later(101)))
  })

  test('KM-1 an issuer may not sign longer than the schedule keeps its keys', () => {
    const schedule = replaced()
    const make = (lifetimeSeconds: number) => () => createIssuer({ ...parties, lifetimeSeconds, keys: schedule })
    expect(make(300)).not.toThrow()
    expect(make(301)).toThrow(/^createIssuer: lifetimeSeconds must be a whole number from 1 to 300/)
  })

  test('a verifier lists the algorithms of a schedule, and a key of another that comes later is not for it', async () => {
    const schedule = createKeySchedule({ ...windows, keys: [a], now: NOW })
    expect(() => createVerifier({ ...parties, algorithms: ['Ed25519'], keys: schedule })).toThrow(
      /must be one of algorithms/,
    )
    const verifier = createSyncVerifier({ ...parties, algorithms, keys: schedule })
    const other = await generateKey('Ed25519')
    schedule.adopt(schedule.decide({ type: 'replace', key: other }, NOW).state, [other])
    const token = (key: SigningKey) => forge(key, headerOf(key), goodClaims)
    expect(verifier.verify(token(other), NOW)).toMatchObject({ reason: 'jwt/algorithm_not_allowed' })
    expect(verifier.verify(token(a), NOW)).toMatchObject({ ok: true })
  })
})

describe('the plan', () => {
  test('KM-1 is text without key material, from which another process decides the same', () => {
    const schedule = replaced()
    const text = encodeKeyPlan(schedule.plan)
    expect(text.startsWith('{"v":1,"version":1,')).toBe(true)
    const members = JSON.stringify(JSON.parse(text)).match(/"(\w+)":/g)
    for (const member of ['"d":', '"x":', '"k":', '"n":']) expect(members).not.toContain(member)
    const other = createKeySchedule({ ...windows, keys: [b, a], plan: decodeKeyPlan(text), now: later(10) })
    for (const now of [later(10), later(90), later(91), later(404), later(405)]) {
      expect(other.viewAt(now)).toEqual(schedule.viewAt(now))
      expect(other.decide({ type: 'compromised', keyId: b.keyId }, now)).toEqual(
        schedule.decide({ type: 'compromised', keyId: b.keyId }, now),
      )
    }
  })

  test.each([
    ['no JSON', () => '{'],
    ['another version', (text: string) => text.replace('"v":1', '"v":2')],
    ['an id twice', (text: string) => text.replaceAll(b.keyId, a.keyId)],
    ['an algorithm that nobody knows', (text: string) => text.replace('ES256', 'none')],
    [
      'a key that ends before it begins',
      (text: string) => text.replace(`"signsUntil":${NOW + 91}`, `"signsUntil":${NOW}`),
    ],
    ['key material', (text: string) => text.replace('"algorithm"', '"d":"x","algorithm"')],
    ['a time beyond counting', (text: string) => text.replace(`"changedAt":${NOW + 10}`, '"changedAt":1e300')],
  ])('that has %s is a failure, never a guess', (_, damage) => {
    const text = encodeKeyPlan(replaced().plan)
    expect(damage(text)).not.toBe(text)
    expect(() => decodeKeyPlan(damage(text))).toThrow(expect.objectContaining({ code: 'ERR_STORAGE_CORRUPT' }))
  })

  test('KM-1 that is older than the present one is not taken, and one without its keys leaves all as it was', () => {
    const schedule = replaced()
    const { plan } = schedule
    schedule.adopt(schedule.decide({ type: 'compromised', keyId: a.keyId }, later(20)).state)
    expect(schedule.adopt(plan)).toBe(false)
    expect(kidsAt(schedule, later(20))).toEqual([b.keyId])
    const added = { type: 'announce', key: { keyId: 'c', algorithm: 'ES256' } } as const
    const next = schedule.decide(added, later(200)).state
    expect(() => schedule.adopt(next)).toThrow(/must hold the ES256 key of each id/)
    expect(kidsAt(schedule, later(200))).toEqual([b.keyId])
  })
})

describe('tick', () => {
  test('KM-1 generates a successor when none waits, once for all who ask at the same time', async () => {
    let made = 0
    const generate = () => {
      made += 1
      return generateKey('ES256')
    }
    const schedule = createKeySchedule({ ...windows, generate })
    const issuer = createIssuer({ ...parties, lifetimeSeconds: 300, keys: schedule })
    await expect(issuer.issue(given, NOW, countingEntropy())).rejects.toMatchObject({ code: 'ERR_SIGNING' })
    const [one, other] = await Promise.all([schedule.tick(NOW), schedule.tick(NOW)])
    expect([one, made]).toEqual([other, 1])
    await issuer.issue(given, NOW, countingEntropy())
    expect(await schedule.tick(later(1))).toMatchObject({ outcome: 'accepted', verdict: 'announced' })
    expect(await schedule.tick(later(2))).toMatchObject({ outcome: 'accepted', verdict: 'unchanged' })
    expect([made, kidsAt(schedule, later(2)).length]).toEqual([2, 2])
    expect(schedule.viewAt(later(2)).changesAt).toBe(later(1000))
  })

  test('a generate that fails or makes no key changes nothing', async () => {
    const failing = createKeySchedule({
      ...windows,
      keys: [a],
      now: NOW,
      generate: () => Promise.reject(new Error('x')),
    })
    await expect(failing.tick(NOW)).rejects.toMatchObject({ code: 'ERR_HOOK' })
    const wrong = createKeySchedule({
      ...windows,
      keys: [a],
      now: NOW,
      generate: () => Promise.resolve('key' as never),
    })
    await expect(wrong.tick(NOW)).rejects.toThrow(/generate must give a key made by generateKey \(given a string of 3/)
    expect([failing.plan.version, wrong.plan.version]).toEqual([0, 0])
  })

  test('a key whose age is unknown is followed as soon as its successor has been seen', async () => {
    const schedule = createKeySchedule({ ...windows, keys: [a], generate: () => generateKey('ES256') })
    expect(schedule.viewAt(NOW).signing?.keyId).toBe(a.keyId)
    expect(await schedule.tick(NOW)).toMatchObject({ events: [{ signsFrom: later(81), predecessor: a.keyId }] })
  })
})
