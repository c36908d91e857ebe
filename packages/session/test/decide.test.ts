// What the law gives in the scenarios it was made for, told one by one.
import { numericDate } from '@tallystick/core'
import { resolveSecretRing } from '@tallystick/core/secret-ring'
import { describe, expect, test } from 'vitest'
import { proveSecret } from '../src/credential.ts'
import { decide } from '../src/decide.ts'
import { encodeRecord } from '../src/record.ts'
import { effectiveAuthentication } from '../src/expiry.ts'
import type { SessionId } from '../src/state.ts'
import { type Asked, drive, type Driver, SECRETS, served, START, typesOf } from './driver.ts'

const ALL: readonly Asked[] = ['present', 'renew', 'elevate', 'reauthenticate']

function proofOf(credential: string): ReturnType<typeof proveSecret> {
  return proveSecret(credential.slice(4, 26) as SessionId, credential.slice(26))
}

/** A session whose third credential has been in use for an hour. */
function usedThrice(): { readonly driver: Driver; readonly credentials: readonly string[] } {
  const driver = drive({ idleTimeoutSeconds: 'none' })
  const credentials = [driver.first]
  for (let step = 0; step < 2; step += 1) {
    driver.wait(100)
    credentials.push(served(driver, 'renew', credentials.at(-1) ?? ''))
    served(driver, 'present', credentials.at(-1) ?? '')
  }
  driver.wait(3600)
  return { driver, credentials }
}

describe('renewal', () => {
  test('SE-10 SE-2 a renewed credential is answered for the overlap after its successor’s first use, then it is a replay', () => {
    const driver = drive({ idleTimeoutSeconds: 'none', renewal: { overlapSeconds: 60 } })
    const second = served(driver, 'renew', driver.first)
    driver.wait(1000)
    served(driver, 'present', second)
    driver.wait(59)
    expect(driver.ask('present', driver.first)).toMatchObject({ verdict: 'repeated', credential: second })
    driver.wait(1)
    const answer = driver.ask('present', driver.first)
    expect(answer.reason).toBe('session/replayed')
    expect(typesOf(answer.events)).toEqual(['replayed', 'revoked'])
    expect(driver.state()).toMatchObject({ status: 'revoked', cause: 'replay', announced: false })
  })

  test('the session rests: within the overlap a second renewal gives the very same credential', () => {
    const driver = drive()
    const second = served(driver, 'renew', driver.first)
    expect(driver.ask('renew', driver.first)).toMatchObject({ verdict: 'repeated', credential: second })
    expect(driver.ask('renew', second)).toMatchObject({ verdict: 'rested', credential: second })
    driver.wait(60)
    expect(driver.ask('renew', second).verdict).toBe('renewed')
  })

  test('without an overlap every renewal moves, and every earlier credential is a replay once its successor is used', () => {
    const driver = drive({ renewal: { overlapSeconds: 0 } })
    const second = served(driver, 'renew', driver.first)
    const third = served(driver, 'renew', second)
    expect(third).not.toBe(second)
    served(driver, 'present', third)
    expect(driver.ask('present', second).reason).toBe('session/replayed')
  })

  test('a secret that left the ring cannot repeat an answer: the overlap is waited for, then the user signs in again', () => {
    const driver = drive({}, SECRETS.slice(0, 2))
    served(driver, 'renew', driver.first)
    driver.ring = resolveSecretRing(SECRETS.slice(1, 3), 'test')
    expect(driver.ask('present', driver.first).reason).toBe('session/superseded')
    driver.wait(60)
    const answer = driver.ask('renew', driver.first)
    expect(answer.reason).toBe('session/unknown_secret')
    expect(answer.after.status).toBe('active')
  })

  test('another secret at the head derives the next one; the one before is still repeated with its own', () => {
    const driver = drive({}, SECRETS.slice(0, 2))
    const second = served(driver, 'renew', driver.first)
    driver.ring = resolveSecretRing([...SECRETS.slice(1, 2), ...SECRETS.slice(0, 1)], 'test')
    expect(driver.ask('present', driver.first).credential).toBe(second)
    driver.wait(60)
    served(driver, 'present', second)
    driver.wait(60)
    served(driver, 'renew', second)
    expect(driver.state().secretId).toBe(2)
  })
})

describe('thieves', () => {
  test('SE-2 a thief who renews first is caught when the victim comes back, however many generations later', () => {
    const { driver, credentials } = usedThrice()
    const answer = driver.ask('present', credentials[0] ?? '')
    expect(answer.reason).toBe('session/replayed')
    for (const credential of credentials) expect(driver.ask('present', credential).reason).toBe('session/revoked')
  })

  test('without its lineage an old credential is told from a guess by nobody, and harms nobody', () => {
    const { driver, credentials } = usedThrice()
    const { hash } = proofOf(credentials[0] ?? '')
    const decision = driver.apply({ type: 'present', proof: { hash }, secretIds: [1] })
    expect(decision).toMatchObject({ outcome: 'refused', reason: 'session/unknown' })
    expect(driver.state().status).toBe('active')
  })

  test('whoever knows the public id alone changes nothing and learns nothing, in whatever state the session is', () => {
    const states: ReadonlyArray<(driver: Driver) => void> = [
      () => undefined,
      (driver) => void driver.ask('renew', driver.first),
      (driver) => void driver.ask('elevate', driver.first),
      (driver) => driver.wait(3600),
      (driver) => driver.wait(86_400),
      (driver) => driver.wait(-3600),
      (driver) => void driver.apply({ type: 'revoke', cause: 'sign_out' }),
    ]
    const seen = new Set<string>()
    for (const enter of states) {
      for (const asked of ALL) {
        const driver = drive()
        const guess = driver.first.slice(0, 26) + 'A'.repeat(43)
        enter(driver)
        const { stored } = driver
        const { reason, events } = driver.ask(asked, guess)
        seen.add(JSON.stringify([reason, typesOf(events)]))
        const revoke = driver.apply({ type: 'revoke', cause: 'sign_out', proof: proofOf(guess) })
        expect(revoke).toMatchObject({ outcome: 'refused', reason: 'session/unknown' })
        expect(driver.stored).toBe(stored)
      }
    }
    expect([...seen]).toEqual(['["session/unknown",["refused"]]'])
  })

  test('SU-5 a thief who waits with the current credential never inherits the step-up', () => {
    const driver = drive({ idleTimeoutSeconds: 'none' })
    const victim = served(driver, 'elevate', driver.first)
    const asThief = (): string | undefined => driver.ask('present', driver.first).reason
    expect(asThief()).toBe('session/superseded')
    expect(driver.ask('renew', driver.first).credential).toBeUndefined()
    // The victim has not been heard of since: nothing is given, and nothing is taken from him.
    driver.wait(60)
    expect(asThief()).toBe('session/step_up_required')
    served(driver, 'present', victim)
    expect(effectiveAuthentication(driver.state(), driver.now)?.acr).toBe('high')
    expect(asThief()).toBe('session/superseded')
    driver.wait(60)
    expect(asThief()).toBe('session/replayed')
  })

  test('a thief who comes back to an idle or ended session is told nothing new', () => {
    const driver = drive()
    served(driver, 'present', served(driver, 'renew', driver.first))
    driver.wait(3600)
    expect(driver.ask('present', driver.first)).toMatchObject({ reason: 'session/idle' })
    expect(driver.state().status).toBe('active')
    expect(driver.ask('reauthenticate', driver.first).reason).toBe('session/replayed')
  })
})

describe('a new authentication', () => {
  test('its lost answer is had again by authenticating again, at any time before the new credential is used', () => {
    for (const asked of ['elevate', 'reauthenticate'] as const) {
      for (const pause of [0, 59, 60, 5000]) {
        const driver = drive({ idleTimeoutSeconds: 'none' })
        const lost = served(driver, asked, driver.first)
        driver.wait(pause)
        const again = served(driver, asked, driver.first)
        expect(again).not.toBe(lost)
        expect(driver.ask('present', lost).reason).toBe('session/superseded')
        expect(driver.ask('present', again).verdict).toBe('presented')
      }
    }
  })

  test('it is served from a tab that has not seen a renewal yet', () => {
    const driver = drive()
    served(driver, 'present', served(driver, 'renew', driver.first))
    const third = served(driver, 'elevate', driver.first)
    expect(driver.ask('present', third).verdict).toBe('presented')
  })

  test('SE-4 SE-2 a session that ended by idleness goes on with a new credential, and its old one is dead', () => {
    const driver = drive()
    driver.wait(3600)
    const { authentication } = driver.state()
    expect(driver.ask('elevate', driver.first).reason).toBe('session/idle')
    const next = served(driver, 'reauthenticate', driver.first)
    expect(driver.state()).toMatchObject({ lastPresentedAt: driver.now, absoluteExpiresAt: driver.now + 86_400 })
    expect(driver.state().authentication).not.toEqual(authentication)
    served(driver, 'present', next)
    expect(driver.ask('present', driver.first).credential).toBeUndefined()
  })

  test('a renewal after it opens the overlap again, for who has the power anyway', () => {
    const driver = drive({ idleTimeoutSeconds: 'none' })
    const second = served(driver, 'elevate', driver.first)
    served(driver, 'present', second)
    driver.wait(60)
    const third = served(driver, 'renew', second)
    expect(driver.ask('present', second)).toMatchObject({ verdict: 'repeated', credential: third })
    expect(driver.ask('present', driver.first).reason).toBe('session/replayed')
  })
})

describe('sign-out', () => {
  test('every credential that the session ever had may end it', () => {
    for (const at of [0, 1, 2]) {
      const { driver, credentials } = usedThrice()
      const proof = proofOf(credentials[at] ?? '')
      const decision = driver.apply({ type: 'revoke', cause: 'sign_out', proof })
      expect(decision).toMatchObject({ outcome: 'accepted', verdict: 'revoked' })
      expect(driver.state()).toMatchObject({
        status: 'revoked',
        cause: 'sign_out',
        revokedAt: driver.now,
        announced: false,
      })
    }
  })

  test('nothing leads back from it, whichever credential asks for whatever', () => {
    const { driver, credentials } = usedThrice()
    driver.apply({ type: 'revoke', cause: 'sign_out' })
    const { stored } = driver
    for (const credential of credentials) {
      for (const asked of ALL) expect(driver.ask(asked, credential).reason).toBe('session/revoked')
    }
    expect(driver.stored).toBe(stored)
    expect(driver.apply({ type: 'revoke', cause: 'limit' })).toMatchObject({ verdict: 'unchanged', events: [] })
  })

  test('a tombstone is announced once', () => {
    const driver = drive()
    expect(driver.apply({ type: 'announce' })).toMatchObject({ verdict: 'unchanged' })
    driver.apply({ type: 'revoke', cause: 'sign_out' })
    expect(driver.apply({ type: 'announce' })).toMatchObject({ verdict: 'announced', state: { announced: true } })
    expect(driver.apply({ type: 'announce' })).toMatchObject({ verdict: 'unchanged' })
  })
})

describe('a write that the driver sent twice', () => {
  test.each(['renew', 'elevate', 'reauthenticate'] as const)(
    '%s is answered as the first time, and changes nothing more',
    (asked) => {
      const once = drive()
      const twice = drive()
      const first = once.ask(asked, once.first, { call: 'mine' })
      const again = twice.ask(asked, twice.first, { call: 'mine', isResent: true })
      expect(again.verdict).toBe(first.verdict)
      expect(again.events).toEqual(first.events)
      expect(again.after.generation).toBe(2)
      expect(twice.ask('present', again.credential ?? '').verdict).toBe('presented')
    },
  )

  test('so is a replay, with its age; another call hears only that the session is over', () => {
    const driver = drive()
    served(driver, 'present', served(driver, 'renew', driver.first))
    driver.wait(90)
    const answer = driver.ask('present', driver.first, { call: 'mine' })
    const again = driver.ask('present', driver.first, { call: 'mine' })
    expect(answer.events[0]).toMatchObject({ type: 'session.replayed', ageSeconds: 90 })
    expect(again).toMatchObject({ reason: 'session/replayed', events: answer.events })
    expect(driver.ask('present', driver.first)).toMatchObject({ reason: 'session/revoked' })
  })

  test('so is a sign-out, with the cause that was recorded', () => {
    const driver = drive()
    const command = { type: 'revoke', cause: 'sign_out', call: 'mine' } as const
    const first = driver.apply(command)
    expect(driver.apply(command)).toEqual(first)
    expect(driver.ask('present', driver.first, { call: 'mine' }).reason).toBe('session/revoked')
  })
})

describe('what is written', () => {
  test('a use within `touchSeconds` writes nothing and tells nothing; the next one does both', () => {
    const driver = drive()
    const session = driver.state()
    const command = { type: 'present', proof: proofOf(driver.first), secretIds: [1] } as const
    for (const [after, isWritten] of [
      [0, false],
      [59, false],
      [60, true],
    ] as const) {
      const decision = decide(session, command, numericDate(START + after), driver.policy)
      expect(decision.state === session).toBe(!isWritten)
      expect(typesOf(decision.events)).toEqual(isWritten ? ['presented'] : [])
    }
  })

  test('with a throttle of 0 a second use within one second still writes nothing', () => {
    const driver = drive({ touchSeconds: 0 })
    driver.wait(1)
    driver.ask('present', driver.first)
    const session = driver.state()
    const command = { type: 'present', proof: proofOf(driver.first), secretIds: [1] } as const
    expect(decide(session, command, driver.now, driver.policy).state).toBe(session)
  })

  test('no event and no refusal shows a credential, a secret or a hash', () => {
    const driver = drive({ idleTimeoutSeconds: 'none' })
    const told: unknown[] = []
    const secrets = [driver.first]
    const note = (asked: Asked, credential: string): string => {
      const answer = driver.ask(asked, credential)
      told.push(answer.events, answer.reason)
      secrets.push(answer.credential ?? '', answer.after.credentialHash, answer.after.lineageHash)
      return answer.credential ?? ''
    }
    const second = note('renew', driver.first)
    note('present', second)
    note('present', driver.first)
    const third = note('elevate', second)
    note('present', second)
    note('present', third)
    driver.wait(600)
    note('present', second)
    note('present', third)
    const text = JSON.stringify(told)
    expect(text).toContain('session.replayed')
    for (const secret of secrets.filter((value) => value !== '')) expect(text).not.toContain(secret.slice(-22))
    expect(encodeRecord(driver.state())).toContain(driver.state().sessionId)
  })
})

test('A34 a clock that stands before the last use by more than the tolerance is a failure, never a verdict', () => {
  const driver = drive()
  driver.wait(600)
  driver.ask('present', driver.first)
  for (const asked of ALL) {
    driver.now = numericDate(START + 594)
    expect(() => driver.ask(asked, driver.first)).toThrow(/clock stands before the last use/)
  }
  driver.now = numericDate(START + 595)
  expect(driver.ask('present', driver.first).verdict).toBe('presented')
})
