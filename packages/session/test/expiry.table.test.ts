// The two time-outs against a virtual clock: what is used when, and what that does to either end.
import { establishSession } from '../src/establish.ts'
import { encodeRecord } from '../src/record.ts'
import { numericDate } from '@tallystick/core'
import { describe, expect, test } from 'vitest'
import { effectiveAuthentication, expiresAt, idleEndOf, isActive, isElevated, isRenewalDue } from '../src/expiry.ts'
import { type Asked, drive, PASSWORD, served, START } from './driver.ts'

const IDLE = 600
const ABSOLUTE = 3600

interface Use {
  /** Seconds after sign-in. */
  readonly at: number
  readonly asked: Asked
  readonly told: string
}

const use = (at: number, told: string, asked: Asked = 'present'): Use => ({ at, asked, told })

const table: ReadonlyArray<readonly [string, readonly Use[]]> = [
  ['unused, it lasts to the idle end', [use(599, 'presented')]],
  ['unused, it is over at the idle end', [use(600, 'session/idle')]],
  ['use resets the idle end', [use(599, 'presented'), use(1198, 'presented'), use(1798, 'session/idle')]],
  [
    'use never resets the absolute end',
    [500, 1000, 1500, 2000, 2500, 3000, 3500, 3599]
      .map((at) => use(at, 'presented'))
      .concat(use(3600, 'session/expired')),
  ],
  [
    'a renewal and a step-up are uses, and no more than that',
    [
      use(500, 'renewed', 'renew'),
      use(1000, 'elevated', 'elevate'),
      use(1500, 'presented'),
      use(2000, 'renewed', 'renew'),
      use(2500, 'presented'),
      use(3000, 'presented'),
      use(3599, 'presented'),
      use(3600, 'session/expired'),
    ],
  ],
  [
    'a re-authentication resets both ends',
    [
      use(500, 'presented'),
      use(1000, 'presented'),
      use(1500, 'reauthenticated', 'reauthenticate'),
      ...[2000, 2500, 3000, 3500, 4000, 4500, 5000, 5099].map((at) => use(at, 'presented')),
      use(5100, 'session/expired'),
    ],
  ],
  [
    'after the idle end nothing but a re-authentication helps',
    [
      use(600, 'session/idle'),
      use(700, 'session/idle', 'renew'),
      use(700, 'session/idle', 'elevate'),
      use(1199, 'reauthenticated', 'reauthenticate'),
      use(1798, 'presented'),
    ],
  ],
  ['an idle time-out after the idle end nothing helps', [use(1200, 'session/expired', 'reauthenticate')]],
  ['a refused use is no use', [use(599, 'presented'), use(1199, 'session/idle'), use(1799, 'session/expired')]],
  [
    'after the absolute end nothing helps',
    [
      ...[500, 1000, 1500, 2000, 2500, 3000, 3500].map((at) => use(at, 'presented')),
      use(3600, 'session/expired', 'reauthenticate'),
    ],
  ],
]

describe('SE-4 SU-5 either time-out ends the session, use resets the idle one alone, re-authentication resets both', () => {
  test.each(table)('%s', (_, uses) => {
    const driver = drive({ idleTimeoutSeconds: IDLE, absoluteTimeoutSeconds: ABSOLUTE, touchSeconds: 0 })
    let credential = driver.first
    for (const { at, asked, told } of uses) {
      driver.now = numericDate(START + at)
      const answer = driver.ask(asked, credential)
      expect([at, answer.verdict ?? answer.reason]).toEqual([at, told])
      credential = answer.credential ?? credential
    }
  })
})

test('SE-4 a throttled touch lets a session end early by less than the throttle, and never late', () => {
  const driver = drive({ idleTimeoutSeconds: 600, touchSeconds: 150 })
  driver.wait(149)
  expect(driver.ask('present', driver.first).events).toEqual([])
  expect(driver.state().lastPresentedAt).toBe(START)
  driver.wait(1)
  driver.ask('present', driver.first)
  expect(driver.state().lastPresentedAt).toBe(START + 150)
  driver.now = numericDate(START + 299)
  driver.ask('present', driver.first)
  driver.now = numericDate(START + 750)
  expect(driver.ask('present', driver.first).reason).toBe('session/idle')
})

test('the store may forget a session when nothing can bring it back, and a tombstone at its absolute end', () => {
  const driver = drive({ idleTimeoutSeconds: IDLE, absoluteTimeoutSeconds: ABSOLUTE })
  expect(expiresAt(driver.state(), driver.policy)).toBe(START + 2 * IDLE)
  expect(idleEndOf(driver.state(), driver.policy)).toBe(START + IDLE)
  driver.apply({ type: 'revoke', cause: 'sign_out' })
  expect(expiresAt(driver.state(), driver.policy)).toBe(START + ABSOLUTE)
  expect(isActive(driver.state(), driver.now, driver.policy)).toBe(false)
  const short = drive({ idleTimeoutSeconds: ABSOLUTE, absoluteTimeoutSeconds: ABSOLUTE })
  expect(expiresAt(short.state(), short.policy)).toBe(START + ABSOLUTE)
  const busy = drive({ idleTimeoutSeconds: 'none', absoluteTimeoutSeconds: ABSOLUTE })
  expect(expiresAt(busy.state(), busy.policy)).toBe(START + ABSOLUTE)
  expect(idleEndOf(busy.state(), busy.policy)).toBeUndefined()
  expect(isActive(busy.state(), numericDate(START + ABSOLUTE - 1), busy.policy)).toBe(true)
  expect(isActive(busy.state(), numericDate(START + ABSOLUTE), busy.policy)).toBe(false)
})

test('AT-7 a step-up counts wholly while it lasts, and no use and no renewal freshens how the user was authenticated', () => {
  const driver = drive({ idleTimeoutSeconds: 'none', elevationSeconds: 300 })
  driver.wait(100)
  const otp = { methods: ['otp'], authenticatedAt: driver.now }
  let credential = served(driver, 'elevate', driver.first, { authentication: otp })
  expect(driver.state().authentication).toEqual(PASSWORD)
  // No mixture: the class of the first authentication is not that of the step-up.
  expect(effectiveAuthentication(driver.state(), driver.now)).toEqual(otp)
  for (let step = 0; step < 4; step += 1) {
    driver.wait(74)
    credential = served(driver, 'renew', served(driver, 'present', credential))
    expect(effectiveAuthentication(driver.state(), driver.now)).toEqual(otp)
    expect(isElevated(driver.state(), driver.now)).toBe(true)
  }
  driver.wait(4)
  expect(effectiveAuthentication(driver.state(), driver.now)).toEqual(PASSWORD)
  expect(isElevated(driver.state(), driver.now)).toBe(false)
  served(driver, 'present', credential)
  expect(driver.state().authentication).toEqual(PASSWORD)
})

test('a step-up ends with the session at the latest, and a re-authentication drops it', () => {
  const driver = drive({ idleTimeoutSeconds: 'none', absoluteTimeoutSeconds: 600, elevationSeconds: 900 })
  driver.wait(60)
  const credential = served(driver, 'elevate', driver.first)
  expect(driver.state().elevation?.expiresAt).toBe(START + 600)
  driver.wait(60)
  const authentication = { methods: ['hwk'], authenticatedAt: driver.now }
  served(driver, 'reauthenticate', credential, { authentication })
  expect(driver.state()).toMatchObject({ authentication, absoluteExpiresAt: START + 720 })
  expect(driver.state().elevation).toBeUndefined()
})

test('a renewal is due at its age, where the policy has one and the session does not rest', () => {
  const driver = drive({ idleTimeoutSeconds: 'none', renewal: { afterSeconds: 900 } })
  const due = (): boolean => isRenewalDue(driver.state(), driver.now, driver.policy)
  driver.wait(899)
  expect(due()).toBe(false)
  driver.wait(1)
  expect(due()).toBe(true)
  const second = served(driver, 'renew', driver.first)
  expect(due()).toBe(false)
  driver.wait(900)
  // Nobody has used it yet: its answer may have been lost.
  expect(due()).toBe(false)
  served(driver, 'present', second)
  driver.wait(59)
  expect(due()).toBe(false)
  driver.wait(1)
  expect(due()).toBe(true)
  const never = drive({ idleTimeoutSeconds: 'none' })
  expect(isRenewalDue(never.state(), numericDate(START + 80_000), never.policy)).toBe(false)
})

test('SE-11 an end that the identity provider has set caps the session, and no re-authentication goes beyond it', () => {
  const driver = drive({ idleTimeoutSeconds: 'none', absoluteTimeoutSeconds: 3600 })
  const { sessionId, subject, lineageHash, credentialHash } = driver.state()
  const ending = (upstream: number) =>
    establishSession(
      { sessionId, subject, lineageHash, credentialHash, upstreamExpiresAt: numericDate(START + upstream) },
      numericDate(START),
      driver.policy,
    ).state
  expect(ending(9000).absoluteExpiresAt).toBe(START + 3600)
  expect(ending(1000).absoluteExpiresAt).toBe(START + 1000)
  driver.stored = encodeRecord(ending(1000))
  driver.now = numericDate(START + 900)
  const { credential = '' } = driver.ask('reauthenticate', driver.first)
  expect(driver.state().absoluteExpiresAt).toBe(START + 1000)
  driver.now = numericDate(START + 999)
  expect(driver.ask('present', credential).verdict).toBe('presented')
  driver.now = numericDate(START + 1000)
  expect(driver.ask('present', credential).reason).toBe('session/expired')
})
