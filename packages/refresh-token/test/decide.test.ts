// Replay and the answer again: what rotation is for, one sentence each, on a simulated clock.
import { describe, expect, test } from 'vitest'
import { resolveSecrets } from '../src/secrets.ts'
import { apply, commandOf, drive, next, SECRETS, START, typesOf } from './driver.ts'

const KEY = { type: 'dpop', thumbprint: 'the phone’s key' } as const
const STRICT = { gracePeriodSeconds: 0 } as const

describe('replay', () => {
  test('RT-2 a used token is known as used, not as unknown, until the family’s absolute end', () => {
    const driver = drive()
    const second = next(driver, driver.first)
    driver.wait(60)
    next(driver, second)
    driver.wait(60)
    expect(driver.present(driver.first).reason).toBe('refresh_token/replayed')
    driver.now = driver.state().absoluteExpiresAt
    driver.wait(-1)
    expect(driver.present(driver.first).reason).toBe('refresh_token/revoked')
  })

  test('RT-3 a replayed token revokes its whole family, and one event says so', () => {
    const driver = drive()
    const second = next(driver, driver.first)
    driver.wait(60)
    const third = next(driver, second)
    driver.wait(60)
    const thief = driver.present(driver.first)
    expect(thief.token).toBeUndefined()
    expect(thief.reason).toBe('refresh_token/replayed')
    expect(thief.events).toEqual([
      expect.objectContaining({
        type: 'refresh_token.replayed',
        presentedGeneration: 1,
        generation: 3,
        ageSeconds: 60,
      }),
      expect.objectContaining({ type: 'refresh_token.revoked', cause: 'replay' }),
    ])
    expect(driver.state()).toMatchObject({
      status: 'revoked',
      cause: 'replay',
      announced: false,
      revokedAt: driver.now,
    })
    const victim = driver.present(third)
    expect(victim.reason).toBe('refresh_token/revoked')
    expect(typesOf(victim.events)).toEqual(['refused'])
    expect(typesOf(driver.present(driver.first).events)).toEqual(['refused'])
  })

  test('A16 the thief comes first: the victim’s next refresh ends both', () => {
    const driver = drive()
    const stolen = next(driver, driver.first)
    driver.wait(3600)
    const thiefs = next(driver, stolen)
    driver.wait(600)
    expect(driver.present(stolen).reason).toBe('refresh_token/replayed')
    expect(driver.present(thiefs).reason).toBe('refresh_token/revoked')
  })

  test('A17 the victim comes first: the thief’s refresh ends both', () => {
    const driver = drive()
    const victims = next(driver, driver.first)
    driver.wait(600)
    expect(driver.present(driver.first).reason).toBe('refresh_token/replayed')
    expect(driver.present(victims).reason).toBe('refresh_token/revoked')
  })

  test('A18 a thief inside the grace period gets nothing where the victim has a key', () => {
    const driver = drive()
    next(driver, driver.first, { key: 'victim' })
    const record = driver.stored
    for (const asked of [{}, { key: 'guess' }, { key: driver.state().attempt }]) {
      expect(driver.present(driver.first, asked).reason).toBe('refresh_token/superseded')
    }
    expect(driver.stored).toBe(record)
  })

  test('A18 a thief inside the grace period gets the victim’s own successor where it has no key, never another', () => {
    const driver = drive()
    const victims = next(driver, driver.first)
    driver.wait(9)
    const thief = driver.present(driver.first)
    expect(thief.verdict).toBe('concurrent')
    expect(thief.token).toBe(victims)
    driver.wait(60)
    next(driver, victims)
    driver.wait(60)
    expect(driver.present(victims).reason).toBe('refresh_token/replayed')
  })

  test('A18 once the successor is used, the lost answer is not given again, and late it ends the family', () => {
    const driver = drive()
    next(driver, driver.first, { key: 'victim' })
    driver.confirm(2)
    driver.wait(3600)
    expect(driver.present(driver.first, { key: 'victim' }).reason).toBe('refresh_token/superseded')
    expect(driver.present(driver.first, { key: 'thief' }).reason).toBe('refresh_token/replayed')
  })

  test('F69 a thousand rotations in one frozen second: each spent token is refused', () => {
    const driver = drive({ policy: STRICT })
    const tokens = [driver.first]
    for (let made = 0; made < 1000; made += 1) tokens.push(next(driver, tokens.at(-1) ?? ''))
    expect(driver.now).toBe(START)
    expect(new Set(tokens).size).toBe(1001)
    const record = driver.stored
    for (const token of tokens.slice(0, -1)) {
      driver.stored = record
      expect(driver.present(token).reason).toBe('refresh_token/replayed')
      expect(driver.present(tokens.at(-1) ?? '').reason).toBe('refresh_token/revoked')
    }
  })

  test('F68 a verdict does not depend on restarts: the law reads the stored text and nothing else', () => {
    const driver = drive()
    const spent = driver.first
    const current = next(driver, spent, { key: 'k' })
    const twin = drive()
    twin.stored = JSON.stringify(JSON.parse(driver.stored))
    for (const each of [driver, twin]) {
      each.now = START
      each.wait(3600)
    }
    expect(twin.present(spent).reason).toBe('refresh_token/replayed')
    expect(driver.present(spent).reason).toBe('refresh_token/replayed')
    expect(twin.present(current).reason).toBe(driver.present(current).reason)
  })

  test('a driver that sends our write twice never makes us our own thief', () => {
    for (const policy of [STRICT, {}, { retryWindowSeconds: 0 }]) {
      const driver = drive({ policy })
      const token = next(driver, driver.first, { call: 'mine' })
      driver.wait(3600)
      expect(driver.present(driver.first, { call: 'mine' })).toMatchObject({ verdict: 'rotated', token })
      next(driver, token, { call: 'another tab' })
      expect(driver.present(driver.first, { call: 'mine' }).reason).toBe('refresh_token/superseded')
      expect(driver.state().status).toBe('active')
    }
  })

  test('a driver that sends our revocation twice: the same answer and the same events', () => {
    const driver = drive({ policy: STRICT })
    next(driver, driver.first)
    const first = driver.present(driver.first, { call: 'mine' })
    const again = driver.present(driver.first, { call: 'mine' })
    expect(again.reason).toBe('refresh_token/replayed')
    expect(again.events).toEqual(first.events)
    expect(driver.present(driver.first, { call: 'other' }).reason).toBe('refresh_token/revoked')
  })
})

describe('the answer again', () => {
  test('RT-13 a lost answer is had again with the same key: the same bytes, after five seconds or three days', () => {
    const driver = drive()
    const token = next(driver, driver.first, { key: 'k' })
    for (const seconds of [5, 3600, 3 * 86_400]) {
      driver.wait(seconds)
      expect(driver.present(driver.first, { key: 'k' })).toMatchObject({ verdict: 'retried', token })
    }
    expect(driver.state().generation).toBe(2)
  })

  test('RT-13 the retry window ends to the second', () => {
    const driver = drive({ policy: { retryWindowSeconds: 300 } })
    next(driver, driver.first, { key: 'k' })
    driver.wait(299)
    expect(driver.present(driver.first, { key: 'k' }).verdict).toBe('retried')
    driver.wait(1)
    expect(driver.present(driver.first, { key: 'k' }).reason).toBe('refresh_token/superseded')
  })

  test('RT-13 a sender-constrained client without a key proves itself by its key and a nonce of ours', () => {
    const driver = drive({ binding: KEY, policy: STRICT })
    const token = next(driver, driver.first, { binding: KEY })
    driver.wait(3600)
    const asking = driver.present(driver.first, { binding: { ...KEY, nonce: 'required' } })
    expect(asking.reason).toBe('refresh_token/nonce_required')
    expect(driver.present(driver.first, { binding: { ...KEY, nonce: 'fresh' } })).toMatchObject({
      verdict: 'retried',
      token,
    })
    expect(driver.present(driver.first, { binding: KEY }).reason).toBe('refresh_token/replayed')
  })

  test('the grace period ends to the second, and is never armed again by an answer', () => {
    const driver = drive()
    const token = next(driver, driver.first)
    for (const seconds of [5, 4]) {
      driver.wait(seconds)
      expect(driver.present(driver.first)).toMatchObject({ verdict: 'concurrent', token })
      expect(driver.present(token)).toMatchObject({ verdict: 'concurrent', token })
    }
    driver.wait(1)
    expect(driver.present(driver.first).reason).toBe('refresh_token/superseded')
    driver.wait(4)
    expect(driver.present(driver.first).reason).toBe('refresh_token/superseded')
    driver.wait(1)
    expect(driver.present(driver.first).reason).toBe('refresh_token/replayed')
  })

  test('the family rests after a rotation, not after it was issued', () => {
    const driver = drive()
    const token = next(driver, driver.first)
    expect(driver.state().generation).toBe(2)
    expect(driver.present(token).verdict).toBe('concurrent')
    driver.wait(10)
    expect(driver.present(token).verdict).toBe('rotated')
  })

  test('a client that uses one key for two tokens gets no retry from it, and an event tells', () => {
    const driver = drive()
    const second = next(driver, driver.first, { key: 'always the same' })
    driver.wait(60)
    const answer = driver.present(second, { key: 'always the same' })
    expect(typesOf(answer.events)).toEqual(['attempt_key_repeated', 'rotated'])
    expect(driver.state().attemptBy).toBe('call')
    driver.wait(60)
    expect(driver.present(second, { key: 'always the same' }).reason).toBe('refresh_token/replayed')
  })

  test('the secret changes between two answers: the repeated answer has the same bytes, the next one the new secret', () => {
    const driver = drive()
    driver.ring = resolveSecrets(SECRETS.slice(0, 2))
    const token = next(driver, driver.first, { key: 'k' })
    driver.ring = resolveSecrets([SECRETS[1], SECRETS[0]].flatMap((secret) => secret ?? []))
    expect(next(driver, driver.first, { key: 'k' })).toBe(token)
    driver.wait(60)
    const third = next(driver, token, { key: 'l' })
    expect(driver.state().secretId).toBe(2)
    driver.ring = resolveSecrets(SECRETS.slice(0, 1))
    const record = driver.stored
    expect(driver.present(token, { key: 'l' }).reason).toBe('refresh_token/unknown_secret')
    expect(driver.present(third).reason).toBe('refresh_token/unknown_secret')
    expect(driver.stored).toBe(record)
  })

  test('the current generation signed by another secret than recorded is served, and the operator is told', () => {
    const driver = drive()
    driver.ring = resolveSecrets(SECRETS.slice(0, 2))
    const answer = driver.present(driver.tokenOf(1, 2))
    expect(answer.verdict).toBe('rotated')
    expect(typesOf(answer.events)).toEqual(['secret_mismatch', 'rotated'])
    expect(answer.events[0]).toMatchObject({ presentedSecretId: 2 })
  })

  test('rotation `never` keeps the token and counts the use', () => {
    const driver = drive({ binding: KEY, policy: { rotation: 'never', idleTimeoutSeconds: 1000 } })
    for (let turn = 0; turn < 5; turn += 1) {
      driver.wait(999)
      expect(driver.present(driver.first, { binding: KEY })).toMatchObject({ verdict: 'kept', token: driver.first })
      expect(driver.state()).toMatchObject({ generation: 1, lastUsedAt: driver.now })
    }
    expect(apply(driver, commandOf(driver, { generation: 1, secretId: 1 }, { binding: KEY })).events).toHaveLength(1)
  })
})
