// Requirements on an authentication: what meets them, on sessions and on the claims of tokens.
import { numericDate } from '@tallystick/core'
import { describe, expect, test } from 'vitest'
import { type AuthenticationRequirement, claimsMeet, meets, sessionMeets } from '../src/assurance.ts'
import { drive, served } from './driver.ts'

const NOW = numericDate(1_800_000_000)
const OTP_IN_FIVE_MINUTES: AuthenticationRequirement = { methods: ['otp'], authenticationAgeSecondsMax: 300 }

describe('SU-2 a missing claim, or one of another type, meets no requirement that needs it', () => {
  const full = { acr: 'high', amr: ['pwd', 'otp'], auth_time: NOW - 300 }
  const requirement = { acr: ['highest', 'high'], methods: ['otp'], authenticationAgeSecondsMax: 300 }

  test('all there', () => {
    expect(claimsMeet(full, requirement, NOW)).toBe(true)
    expect(claimsMeet({}, {}, NOW)).toBe(true)
  })

  test.each([
    ['acr', undefined],
    ['acr', 'low'],
    ['acr', ['high']],
    ['acr', 'High'],
    ['acr', ''],
    ['amr', undefined],
    ['amr', 'otp'],
    ['amr', 'pwd otp'],
    ['amr', []],
    ['amr', ['pwd']],
    ['amr', { 0: 'otp', length: 1 }],
    ['auth_time', undefined],
    ['auth_time', null],
    ['auth_time', String(NOW)],
    ['auth_time', Number.NaN],
    ['auth_time', [NOW]],
    ['auth_time', true],
    ['auth_time', NOW - 301],
    ['auth_time', NOW + 6],
    ['auth_time', Number.POSITIVE_INFINITY],
  ])('%s: %j', (claim, value) => {
    expect(claimsMeet({ ...full, [claim]: value }, requirement, NOW)).toBe(false)
  })

  test('no authentication at all meets nothing but nothing', () => {
    expect(meets(undefined, {}, NOW)).toBe(true)
    for (const each of [{ acr: 'low' }, { methods: [] }, { authenticationAgeSecondsMax: 1e9 }]) {
      expect(meets(undefined, each, NOW)).toBe(false)
    }
    expect(meets({ methods: ['otp'], acr: 'high', authenticatedAt: NOW }, { acr: [] }, NOW)).toBe(false)
  })
})

test('SU-4 methods are compared letter by letter, and each that is asked for must be there', () => {
  const held = { methods: ['pwd', 'otp'], authenticatedAt: NOW }
  expect(meets(held, { methods: ['otp', 'pwd'] }, NOW)).toBe(true)
  for (const methods of [['OTP'], ['Otp'], ['otp '], ['otp', 'hwk'], ['pwd otp']]) {
    expect(meets(held, { methods }, NOW)).toBe(false)
  }
})

test('“otp within five minutes” is met for five minutes, and by no clock that stands too far ahead', () => {
  for (const [age, isMet] of [
    [-6, false],
    [-5, true],
    [0, true],
    [300, true],
    [301, false],
  ] as const) {
    const held = { methods: ['otp'], authenticatedAt: numericDate(NOW - age) }
    expect([age, meets(held, OTP_IN_FIVE_MINUTES, NOW)]).toEqual([age, isMet])
  }
  const ahead = { methods: ['otp'], authenticatedAt: numericDate(NOW + 1) }
  expect(meets(ahead, OTP_IN_FIVE_MINUTES, NOW, 0)).toBe(false)
})

test('SU-5 a session meets a requirement by its first authentication or by its step-up, each alone, and never by both together', () => {
  const driver = drive({ idleTimeoutSeconds: 'none', elevationSeconds: 600 })
  const requirement = (methods: readonly string[]): boolean => sessionMeets(driver.state(), { methods }, driver.now)
  expect(requirement(['pwd'])).toBe(true)
  expect(requirement(['otp'])).toBe(false)
  const credential = served(driver, 'elevate', driver.first, {
    authentication: { methods: ['otp'], authenticatedAt: driver.now },
  })
  expect(requirement(['pwd'])).toBe(true)
  expect(requirement(['otp'])).toBe(true)
  expect(requirement(['pwd', 'otp'])).toBe(false)
  // The first authentication has the class, the step-up has the method: neither has both.
  expect(sessionMeets(driver.state(), { acr: 'low', methods: ['otp'] }, driver.now)).toBe(false)
  driver.wait(301)
  expect(sessionMeets(driver.state(), OTP_IN_FIVE_MINUTES, driver.now)).toBe(false)
  expect(requirement(['otp'])).toBe(true)
  driver.wait(299)
  expect(requirement(['otp'])).toBe(false)
  served(driver, 'present', credential)
  expect(requirement(['otp'])).toBe(false)
})

test('AT-7 a renewal does not make an authentication younger', () => {
  const driver = drive({ idleTimeoutSeconds: 'none' })
  let credential = driver.first
  for (let step = 0; step < 5; step += 1) {
    driver.wait(61)
    credential = served(driver, 'renew', served(driver, 'present', credential))
  }
  expect(sessionMeets(driver.state(), { authenticationAgeSecondsMax: 305 }, driver.now)).toBe(true)
  expect(sessionMeets(driver.state(), { authenticationAgeSecondsMax: 304 }, driver.now)).toBe(false)
})

test.each([
  ['a field of another name', { method: ['otp'] }],
  ['a field that every object inherits', { toString: 'otp' }],
  ['one method for a list', { methods: 'otp' }],
  ['a method that is no text', { methods: [1] }],
  ['no class', { acr: null }],
  ['an age as text', { authenticationAgeSecondsMax: '300' }],
  ['an age before its time', { authenticationAgeSecondsMax: -1 }],
  ['no age', { authenticationAgeSecondsMax: Number.NaN }],
  ['a list', ['otp']],
  ['a word', 'otp'],
  ['nothing', null],
])('SU-2 a requirement with %s is a mistake, and no door that stands open', (_, given) => {
  const requirement = given as unknown as AuthenticationRequirement
  const authentication = { methods: ['pwd', 'otp'], acr: 'high', authenticatedAt: NOW }
  expect(() => meets(authentication, requirement, NOW)).toThrow(/^requirement: /)
  expect(() => claimsMeet({ acr: 'high', amr: ['otp'], auth_time: NOW }, requirement, NOW)).toThrow(/^requirement: /)
})
