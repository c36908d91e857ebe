// The sixteen situations in which rotation fails somebody elsewhere, as far as one family and a clock can tell them.
import { describe, expect, test } from 'vitest'
import { type Driver, drive, START } from './driver.ts'

/** All orders of a few things. */
function ordersOf<Value>(values: readonly Value[]): ReadonlyArray<readonly Value[]> {
  if (values.length < 2) return [values]
  return values.flatMap((value, at) => ordersOf(values.toSpliced(at, 1)).map((rest) => [value, ...rest]))
}

function rotated(driver: Driver, key?: string): string {
  return driver.present(driver.first, { key }).token ?? ''
}

describe('the scenarios', () => {
  test('1 two to ten parallel tabs, in any order, with old or new token: one successor, all are served', () => {
    for (let tabs = 2; tabs <= 10; tabs += 1) {
      const driver = drive()
      const successor = rotated(driver)
      // Each tab that comes later holds the old token, or the new one where an answer reached it first.
      for (const newer of ordersOf([true, false, true, false]).map((order) => order.concat(order))) {
        for (let tab = 1; tab < tabs; tab += 1) {
          const answer = driver.present(newer[tab - 1] ? successor : driver.first)
          expect(answer).toMatchObject({ verdict: 'concurrent', token: successor })
        }
      }
      expect(driver.state().generation).toBe(2)
    }
  })

  test('2 the first tab already used its new access token: the second is served all the same', () => {
    const driver = drive()
    const successor = rotated(driver)
    driver.confirm(2)
    expect(driver.present(driver.first)).toMatchObject({ verdict: 'concurrent', token: successor })
  })

  test('3 a second tab five seconds later: the same successor, with a key and without', () => {
    for (const key of [undefined, 'the jar’s key']) {
      const driver = drive()
      const token = rotated(driver, key)
      driver.wait(5)
      expect(driver.present(driver.first, { key })).toMatchObject({ token })
    }
  })

  test('4 5 a lost answer asked for again after five seconds, an hour, three days: the same successor', () => {
    for (const seconds of [5, 3600, 3 * 86_400]) {
      const driver = drive()
      const token = rotated(driver, 'k')
      driver.wait(seconds)
      expect(driver.present(driver.first, { key: 'k' })).toMatchObject({ verdict: 'retried', token })
    }
  })

  test('6 a thief replays the old token ten minutes after the rotation: refused, the family revoked', () => {
    for (const key of [undefined, 'k']) {
      const driver = drive()
      rotated(driver, key)
      driver.wait(600)
      expect(driver.present(driver.first).reason).toBe('refresh_token/replayed')
      expect(driver.state().status).toBe('revoked')
    }
  })

  test('7 a thief refreshes first, the victim ten minutes later: both out, with an event', () => {
    const driver = drive()
    const thiefs = rotated(driver)
    driver.wait(600)
    const victim = driver.present(driver.first, { key: 'k' })
    expect(victim.reason).toBe('refresh_token/replayed')
    expect(victim.events[0]?.type).toBe('refresh_token.replayed')
    expect(driver.present(thiefs).reason).toBe('refresh_token/revoked')
  })

  test('8 9 a thief within the grace period or in the same instant: nothing where the victim has a key', () => {
    for (const seconds of [0, 1, 9]) {
      const driver = drive()
      rotated(driver, 'k')
      driver.wait(seconds)
      expect(driver.present(driver.first).reason).toBe('refresh_token/superseded')
      expect(driver.present(driver.first, { key: 'guess' }).reason).toBe('refresh_token/superseded')
    }
  })

  test('8 9 without a key: the same token, and caught at the first redemption outside the grace period', () => {
    for (const seconds of [0, 1, 9]) {
      const driver = drive()
      const victims = rotated(driver)
      driver.wait(seconds)
      expect(driver.present(driver.first).token).toBe(victims)
      driver.wait(600)
      expect(driver.present(victims).verdict).toBe('rotated')
      driver.wait(15)
      expect(driver.present(victims).reason).toBe('refresh_token/replayed')
    }
  })

  test('10 a thief and the victim alternate every five minutes: caught at the second', () => {
    const driver = drive()
    const thiefs = rotated(driver)
    driver.wait(300)
    expect(driver.present(driver.first).reason).toBe('refresh_token/replayed')
    driver.wait(300)
    expect(driver.present(thiefs).reason).toBe('refresh_token/revoked')
  })

  test('11 a token six generations old, five seconds after a good refresh: refused, the family revoked', () => {
    const driver = drive()
    let token = driver.first
    for (let turn = 0; turn < 6; turn += 1) {
      driver.wait(60)
      token = driver.present(token).token ?? ''
    }
    driver.wait(5)
    expect(driver.present(driver.first).reason).toBe('refresh_token/replayed')
    expect(driver.state().status).toBe('revoked')
  })

  test('12 the store lost the last rotation: adopted where the log is clear, else refused without harm; an event', () => {
    for (const [log, reason] of [
      ['absent', 'refresh_token/ahead'],
      ['unread', 'refresh_token/ahead'],
      ['unreadable', 'refresh_token/ahead'],
      ['clear', undefined],
    ] as const) {
      const driver = drive()
      const before = driver.stored
      const token = rotated(driver)
      driver.stored = before
      driver.wait(60)
      const answer = driver.present(token, { log })
      expect(answer.reason).toBe(reason)
      expect(answer.events[0]).toMatchObject({ type: 'refresh_token.ahead', adopted: log === 'clear' })
      expect(driver.state().generation).toBe(log === 'clear' ? 3 : 1)
      expect(driver.state().status).toBe('active')
    }
  })

  test('12 a token that is ahead by more than allowed is refused without harm, whatever the log says', () => {
    const driver = drive({ policy: { aheadGenerationsMax: 3 } })
    const record = driver.stored
    expect(driver.present(driver.tokenOf(5), { log: 'clear' }).reason).toBe('refresh_token/ahead')
    expect(driver.stored).toBe(record)
    driver.wait(60)
    expect(driver.present(driver.tokenOf(4), { log: 'clear' }).verdict).toBe('rotated')
    expect(driver.state().generation).toBe(5)
  })

  test('12 adoption closes the predecessor: nobody knows whether the lost rotation did', () => {
    const resting = drive({ policy: { gracePeriodSeconds: 60 } })
    const issued = resting.stored
    const second = rotated(resting)
    resting.stored = issued
    expect(resting.present(second, { log: 'clear' })).toMatchObject({ verdict: 'concurrent', token: second })
    expect(resting.state()).toMatchObject({ generation: 2, predecessorClosed: true, rotatedAt: START })
    expect(resting.present(resting.first).reason).toBe('refresh_token/superseded')
  })

  test('12 what the lost rotation recorded is unknown: a request without a key never passes for its duplicate', () => {
    const driver = drive()
    const before = driver.stored
    const second = rotated(driver)
    driver.stored = before
    driver.wait(60)
    expect(driver.present(second, { log: 'clear' }).verdict).toBe('rotated')
    expect(driver.state().generation).toBe(3)
    expect(driver.state().previousAttempt).toBeUndefined()
    expect(driver.present(driver.first).reason).toBe('refresh_token/replayed')
  })

  test('13 a duplicate of a finished attempt, and a frozen tab with its old attempt: superseded, nobody signed out', () => {
    const driver = drive()
    const second = rotated(driver, 'k1')
    driver.wait(600)
    driver.present(second, { key: 'k2' })
    driver.wait(600)
    expect(driver.present(driver.first, { key: 'k1' }).reason).toBe('refresh_token/superseded')
    expect(driver.state().status).toBe('active')
    driver.confirm(3)
    expect(driver.present(second, { key: 'k2' }).reason).toBe('refresh_token/superseded')
    expect(driver.state().status).toBe('active')
  })

  test('14 the victim steps up while a thief holds the current token: the thief never gets the elevated session', () => {
    const passkey = { methods: ['hwk'], acr: 'high', authenticatedAt: START }
    for (const seconds of [0, 1, 9, 10, 600]) {
      const driver = drive()
      expect(driver.present(driver.first, { elevate: passkey }).verdict).toBe('rotated')
      driver.wait(seconds)
      const thief = driver.present(driver.first)
      expect(thief.token).toBeUndefined()
      expect(thief.reason).toBe(seconds < 10 ? 'refresh_token/superseded' : 'refresh_token/replayed')
    }
  })

  test('16 a caught or signed-out family whose tombstone the store lost: not served where the log names it', () => {
    for (const cause of ['replay', 'sign_out']) {
      const driver = drive()
      const token = rotated(driver)
      const before = driver.stored
      driver.revoke(cause)
      driver.stored = before
      driver.wait(60)
      expect(driver.present(token, { log: 'named' }).reason).toBe('refresh_token/revoked')
      expect(driver.state()).toMatchObject({ status: 'revoked', cause: 'log', announced: true })
      expect(driver.present(token, { log: 'clear' }).reason).toBe('refresh_token/revoked')
    }
  })
})
