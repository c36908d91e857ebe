// Who may ask and until when: client, key, scope, idle and absolute end, the clock.
import { describe, expect, test } from 'vitest'
import { expiresAt, isActive } from '../src/expiry.ts'
import { drive, next, PASSWORD, START, typesOf } from './driver.ts'

const KEY = { type: 'dpop', thumbprint: 'the phone’s key' } as const
const CERTIFICATE = { type: 'mtls', thumbprint: 'the certificate' } as const
const STRICT = { gracePeriodSeconds: 0 } as const

describe('who asks', () => {
  test('RT-4 RT-12 A20 another client gets nothing and ends nothing, with an old token neither', () => {
    const driver = drive()
    next(driver, driver.first)
    driver.wait(3600)
    const record = driver.stored
    const answer = driver.present(driver.first, { clientId: 'mallory' })
    expect(answer.reason).toBe('refresh_token/client_mismatch')
    expect(typesOf(answer.events)).toEqual(['refused'])
    expect(driver.stored).toBe(record)
  })

  test('RT-12 A20 another key with an old token gets nothing and ends nothing', () => {
    const driver = drive({ binding: KEY })
    next(driver, driver.first, { binding: KEY })
    driver.wait(3600)
    const record = driver.stored
    for (const binding of [undefined, { ...KEY, thumbprint: 'thief' }, { ...KEY, type: 'mtls' as const }]) {
      expect(driver.present(driver.first, { binding }).reason).toBe('refresh_token/binding_mismatch')
    }
    expect(driver.stored).toBe(record)
  })

  test('RT-15 a bound token needs its key on every refresh, and no rotation changes the key', () => {
    const driver = drive({ binding: KEY })
    let token = driver.first
    for (let turn = 0; turn < 3; turn += 1) {
      expect(driver.present(token).reason).toBe('refresh_token/binding_mismatch')
      expect(driver.present(token, { binding: { ...KEY, thumbprint: 'new' } }).reason).toBe(
        'refresh_token/binding_mismatch',
      )
      token = next(driver, token, { binding: KEY })
      expect(driver.state().binding).toEqual(KEY)
      driver.wait(60)
    }
  })

  test('RT-15 a token that was issued unbound stays unbound, whatever proof comes with it', () => {
    const driver = drive()
    next(driver, driver.first, { binding: KEY })
    expect(driver.state().binding).toBeUndefined()
  })

  test('RT-16 a token bound to a certificate needs that certificate', () => {
    const driver = drive({ binding: CERTIFICATE })
    expect(driver.present(driver.first, { binding: { ...CERTIFICATE, thumbprint: 'other' } }).reason).toBe(
      'refresh_token/binding_mismatch',
    )
    next(driver, driver.first, { binding: CERTIFICATE })
  })

  test('RT-5 A22 narrower scope serves and leaves the grant; the whole grant is had again; beyond it is refused', () => {
    const driver = drive({ scope: 'a b c' })
    let token = next(driver, driver.first, { scope: 'b' })
    driver.wait(60)
    token = next(driver, token, { scope: 'c a b' })
    driver.wait(60)
    const record = driver.stored
    for (const scope of ['a d', 'A', '', 'a  b', ' a', 'd']) {
      expect(driver.present(token, { scope }).reason).toBe('refresh_token/scope_exceeded')
    }
    expect(driver.stored).toBe(record)
    expect(driver.state().scope).toBe('a b c')
  })

  test('RT-5 A22 where no scope was granted none can be asked for, not even an empty one', () => {
    const driver = drive({ scope: '' })
    expect(driver.present(driver.first, { scope: '' }).reason).toBe('refresh_token/scope_exceeded')
    expect(driver.present(driver.first, { scope: 'a' }).reason).toBe('refresh_token/scope_exceeded')
    next(driver, driver.first)
  })

  test('RT-4 A22 fewer resource servers serve, another is refused', () => {
    const driver = drive({ resources: ['https://a', 'https://b'] })
    const token = next(driver, driver.first, { resources: ['https://b'] })
    driver.wait(60)
    expect(driver.present(token, { resources: ['https://b', 'https://c'] }).reason).toBe(
      'refresh_token/audience_exceeded',
    )
    expect(driver.state().resources).toEqual(['https://a', 'https://b'])
    next(driver, token)
  })

  test('A22 a thief who also asks for too much is caught as a thief, not sent away', () => {
    const driver = drive()
    next(driver, driver.first)
    driver.wait(60)
    expect(driver.present(driver.first, { scope: 'admin', risk: 'step_up' }).reason).toBe('refresh_token/replayed')
  })

  test('AT-7 RT-5 a refresh freshens neither the authentication nor its methods', () => {
    const driver = drive()
    let token = driver.first
    for (let turn = 0; turn < 5; turn += 1) {
      driver.wait(3600)
      token = next(driver, token)
      expect(driver.state().authentication).toEqual(PASSWORD)
    }
  })
})

describe('ends', () => {
  test('RT-7 eight hours: after ten minutes 7 h 50 min are left, and the last second is the last', () => {
    const driver = drive({ policy: { absoluteTimeoutSeconds: 28_800 } })
    driver.wait(600)
    let token = next(driver, driver.first)
    expect(driver.state().absoluteExpiresAt - driver.now).toBe(7 * 3600 + 50 * 60)
    driver.now = START
    driver.wait(28_799)
    token = next(driver, token)
    driver.wait(1)
    const record = driver.stored
    expect(driver.present(token).reason).toBe('refresh_token/expired')
    expect(driver.stored).toBe(record)
  })

  test('A21 a refresh every hour for a year stops at the absolute end', () => {
    const driver = drive()
    let token = driver.first
    let refreshes = 0
    for (let hour = 0; hour < 365 * 24; hour += 1) {
      driver.wait(3600)
      const answer = driver.present(token)
      if (answer.token === undefined) {
        expect(answer.reason).toBe('refresh_token/expired')
        break
      }
      refreshes += 1
      token = answer.token
    }
    expect(refreshes).toBe(90 * 24 - 1)
    expect(driver.now).toBe(driver.state().absoluteExpiresAt)
  })

  test('RT-8 a family unused for the idle time-out is over, to the second; use begins it anew', () => {
    const driver = drive({ policy: { idleTimeoutSeconds: 1000 } })
    driver.wait(999)
    const token = next(driver, driver.first)
    driver.wait(999)
    const last = next(driver, token)
    driver.wait(1000)
    expect(driver.present(last).reason).toBe('refresh_token/expired')
    driver.wait(-1)
    next(driver, last)
  })

  test('the store may forget a live family at its nearer end, and a revoked one at its absolute end', () => {
    const driver = drive({ policy: { idleTimeoutSeconds: 1000, absoluteTimeoutSeconds: 1500 } })
    expect(expiresAt(driver.state(), driver.policy)).toBe(START + 1000)
    driver.wait(999)
    next(driver, driver.first)
    expect(expiresAt(driver.state(), driver.policy)).toBe(START + 1500)
    const early = drive({ policy: { idleTimeoutSeconds: 1000, absoluteTimeoutSeconds: 1500 } })
    early.revoke('sign_out')
    expect(expiresAt(early.state(), early.policy)).toBe(START + 1500)
    expect(isActive(early.state(), START, early.policy)).toBe(false)
  })

  test('RT-8 answers given again do not count as use', () => {
    const driver = drive({ policy: { idleTimeoutSeconds: 1000 } })
    next(driver, driver.first, { key: 'k' })
    driver.wait(999)
    next(driver, driver.first, { key: 'k' })
    driver.wait(1)
    expect(driver.present(driver.first, { key: 'k' }).reason).toBe('refresh_token/expired')
  })

  test('the last generation is the last: refused without harm, and its answer can still be had again', () => {
    const driver = drive({ policy: { generationsMax: 2 } })
    const token = next(driver, driver.first, { key: 'k' })
    expect(driver.present(driver.first, { key: 'k' })).toMatchObject({ verdict: 'retried', token })
    expect(driver.present(token).verdict).toBe('concurrent')
    driver.wait(60)
    const record = driver.stored
    expect(driver.present(token).reason).toBe('refresh_token/exhausted')
    expect(driver.stored).toBe(record)
  })

  test('a clock before the last rotation: within the tolerance nothing has passed, beyond it there is no verdict', () => {
    const driver = drive()
    const token = next(driver, driver.first)
    driver.wait(-5)
    expect(driver.present(driver.first)).toMatchObject({ verdict: 'concurrent', token })
    driver.wait(-1)
    const record = driver.stored
    for (const each of [driver.first, token]) {
      expect(() => driver.present(each)).toThrow(expect.objectContaining({ code: 'ERR_CLOCK', retryable: true }))
    }
    expect(driver.stored).toBe(record)
    driver.revoke('sign_out')
    expect(driver.present(token).reason).toBe('refresh_token/revoked')
  })

  test('a rotation within the tolerance never sets the record’s clock back', () => {
    const driver = drive({ policy: STRICT })
    const token = next(driver, driver.first)
    const { rotatedAt } = driver.state()
    driver.wait(-3)
    next(driver, token)
    expect(driver.state()).toMatchObject({ rotatedAt, lastUsedAt: rotatedAt, generation: 3 })
  })
})
