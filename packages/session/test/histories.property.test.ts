// Random histories: honest tabs are never signed out by a renewal, thieves are caught, and no end is ever exceeded.
import { isTokenError, numericDate, plusSeconds } from '@tallystick/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { effectiveAuthentication, isActive } from '../src/expiry.ts'
import { type Answer, type Asked, drive, START } from './driver.ts'
import { OVERLAP_SECONDS, play, requests } from './histories/network.ts'
import { settings } from './settings.ts'

/** Counts outcomes; a property that never reached one proves nothing of it. */
function tally<Name extends string>(...names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>
}

const told = ({ verdict, reason }: Answer): string => verdict ?? reason ?? 'nothing'

test('SE-10 tabs that renew in any order, over a network that delays, doubles and loses, are never signed out', () => {
  const counts = tally('presented', 'renewed', 'rested', 'repeated', 'repeated late', 'answers lost')
  fc.assert(
    fc.property(requests('present', 'renew'), (sent) => {
      const { driver, jar } = play({}, sent, (_, answer, { now }) => {
        expect(answer.reason).toBeUndefined()
        counts[answer.verdict as 'presented'] += 1
        if (answer.verdict === 'repeated' && now - answer.before.renewedAt >= OVERLAP_SECONDS)
          counts['repeated late'] += 1
      })
      counts['answers lost'] += sent.filter(({ fate }) => fate === 'answer lost').length
      driver.wait(3600)
      expect(driver.ask('present', jar).reason).toBeUndefined()
    }),
    settings(600),
  )
  expect(Object.entries(counts).filter(([, count]) => count === 0)).toEqual([])
})

test('SE-10 ten tabs of a restored browser whose renewal was lost yesterday all stay signed in', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom<Asked>('present', 'renew'), { minLength: 10, maxLength: 10 }), (tabs) => {
      const driver = drive({ idleTimeoutSeconds: 'none', absoluteTimeoutSeconds: 7 * 86_400 })
      driver.ask('renew', driver.first)
      driver.wait(86_400)
      const answers = new Set<string | undefined>()
      for (const asked of tabs) {
        const { credential } = driver.ask(asked, driver.first)
        answers.add(credential)
        // Each tab goes on at once with what it was given, while the others are still underway.
        driver.wait(1)
        expect(driver.ask('renew', credential ?? '').verdict).toBe('rested')
        driver.wait(4)
      }
      expect(answers.size).toBe(1)
    }),
    settings(50),
  )
})

test('one tab that loses any answers, of a step-up too, is asked to authenticate again but never signed out', () => {
  const counts = tally(
    'presented',
    'renewed',
    'repeated',
    'elevated',
    'reauthenticated',
    'step_up_required',
    'superseded',
  )
  const steps = fc.array(
    fc.record({
      asked: fc.constantFrom<Asked>('present', 'renew', 'elevate', 'reauthenticate'),
      isLost: fc.boolean(),
      pause: fc.integer({ min: 0, max: 300 }),
    }),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(steps, (history) => {
      const driver = drive({ idleTimeoutSeconds: 'none' })
      let jar = driver.first
      for (const { asked, isLost, pause } of history) {
        driver.wait(pause)
        const answer = driver.ask(asked, jar)
        const name = told(answer).replace('session/', '')
        if (name in counts) counts[name as 'presented'] += 1
        expect(driver.state().status).toBe('active')
        if (!isLost) jar = answer.credential ?? jar
      }
      expect(driver.ask('reauthenticate', jar).verdict).toBe('reauthenticated')
    }),
    settings(400),
  )
  expect(Object.entries(counts).filter(([, count]) => count === 0)).toEqual([])
})

test('SU-5 what a step-up proved never reaches the holder of an earlier credential', () => {
  const counts = tally('superseded', 'step_up_required', 'replayed', 'elevated', 'presented', 'renewed')
  fc.assert(
    fc.property(requests('present', 'renew', 'elevate'), (sent) => {
      const generations = new Map<string, number>()
      let elevatedAt = 0
      play({}, sent, (presented, answer, { now }) => {
        const name = told(answer).replace('session/', '')
        if (name in counts) counts[name as 'superseded'] += 1
        const { credential, after } = answer
        const generation = generations.get(presented) ?? 1
        if (answer.verdict === 'elevated') elevatedAt = after.generation
        if (credential !== undefined && !generations.has(credential) && credential !== presented) {
          generations.set(credential, after.generation)
        }
        if (answer.verdict === 'elevated' || effectiveAuthentication(after, now)?.acr !== 'high') return
        // Served while a step-up counts: only to who holds the credential that it made, or one made from that.
        if (credential !== undefined) expect(generation).toBeGreaterThanOrEqual(elevatedAt)
      })
    }),
    settings(400),
  )
  expect(Object.entries(counts).filter(([, count]) => count === 0)).toEqual([])
})

test('SE-2 thief and victim who use one lineage in turns are caught: an earlier credential is served only in the overlap', () => {
  const counts = tally(
    'replayed',
    'repeated',
    'renewed',
    'presented',
    'thief caught',
    'victim first',
    'generations late',
  )
  const turns = fc.array(
    fc.record({
      isThief: fc.boolean(),
      asked: fc.constantFrom<Asked>('present', 'renew'),
      pause: fc.oneof(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 60, max: 600 })),
    }),
    { minLength: 2, maxLength: 40 },
  )
  fc.assert(
    fc.property(turns, (history) => {
      const driver = drive({ idleTimeoutSeconds: 'none' })
      const jars = { thief: driver.first, victim: driver.first }
      const generations = new Map([[driver.first, 1]])
      let usedAt = START
      let isEnded = false
      for (const { isThief, asked, pause } of history) {
        driver.wait(pause)
        const who = isThief ? 'thief' : 'victim'
        const presented = jars[who]
        const before = driver.state()
        const behind = before.generation - (generations.get(presented) ?? 0)
        const answer = driver.ask(asked, presented)
        if (isEnded) {
          // After a replay nobody is served any more, whichever credential he holds.
          expect(answer.credential).toBeUndefined()
          continue
        }
        // Older than the predecessor is late by more than the overlap: the session had rested before it moved on.
        const isLate = behind > 1 || (before.usedAt !== undefined && driver.now - usedAt >= OVERLAP_SECONDS)
        if (behind > 0) expect(answer.reason).toBe(isLate ? 'session/replayed' : undefined)
        if (behind === 0) expect(answer.reason).toBeUndefined()
        if (answer.reason === 'session/replayed') {
          isEnded = true
          counts['thief caught'] += 1
          if (!isThief) counts['victim first'] += 1
          if (behind > 1) counts['generations late'] += 1
          expect(answer.events.map(({ type }) => type)).toEqual(['session.replayed', 'session.revoked'])
        }
        if (answer.verdict === 'renewed' || (behind === 0 && before.usedAt === undefined)) usedAt = driver.now
        const name = told(answer).replace('session/', '')
        if (name in counts) counts[name as 'replayed'] += 1
        jars[who] = answer.credential ?? presented
        if (answer.verdict === 'renewed') generations.set(jars[who], answer.after.generation)
      }
    }),
    settings(600),
  )
  expect(Object.entries(counts).filter(([, count]) => count === 0)).toEqual([])
})

test('SE-4 no use is served after the idle or the absolute end, and none is refused for idleness too early', () => {
  const counts = tally('presented', 'idle', 'expired', 'reauthenticated', 'renewed')
  const steps = fc.array(
    fc.record({
      asked: fc.constantFrom<Asked>('present', 'present', 'present', 'renew', 'reauthenticate'),
      pause: fc.oneof(
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 0, max: 700 }),
        fc.constantFrom(599, 600, 601),
      ),
    }),
    { minLength: 1, maxLength: 40 },
  )
  fc.assert(
    fc.property(steps, fc.integer({ min: 0, max: 150 }), (history, touchSeconds) => {
      const driver = drive({ idleTimeoutSeconds: 600, absoluteTimeoutSeconds: 3600, touchSeconds })
      let jar = driver.first
      let lastUse = START
      let authenticatedAt = START
      for (const { asked, pause } of history) {
        driver.wait(pause)
        const answer = driver.ask(asked, jar)
        const name = told(answer).replace('session/', '')
        if (name in counts) counts[name as 'idle'] += 1
        const idleSeconds = driver.now - lastUse
        if (answer.credential !== undefined) {
          if (asked !== 'reauthenticate') expect(idleSeconds).toBeLessThan(600)
          expect(driver.now - authenticatedAt).toBeLessThan(3600)
          lastUse = driver.now
          if (asked === 'reauthenticate') authenticatedAt = driver.now
          jar = answer.credential
        } else if (answer.reason === 'session/idle') {
          expect(idleSeconds).toBeGreaterThan(600 - Math.max(1, touchSeconds))
        } else {
          const isOver = driver.now - authenticatedAt >= 3600
          expect(isOver || idleSeconds > 1200 - Math.max(1, touchSeconds)).toBe(true)
        }
        expect(isActive(driver.state(), driver.now, driver.policy)).toBe(answer.credential !== undefined)
      }
    }),
    settings(400),
  )
  expect(Object.entries(counts).filter(([, count]) => count === 0)).toEqual([])
})

test('A34 a clock that leaps gives a failure or the verdict of a clock that stood still; nothing is recorded as earlier', () => {
  const counts = tally('failures', 'served', 'refused', 'backwards and served')
  const steps = fc.array(
    fc.record({
      asked: fc.constantFrom<Asked>('present', 'renew', 'elevate'),
      leap: fc.oneof(
        fc.integer({ min: -5, max: 90 }),
        fc.integer({ min: -5, max: 5 }),
        fc.integer({ min: -900, max: 900 }),
      ),
    }),
    { minLength: 1, maxLength: 40 },
  )
  fc.assert(
    fc.property(steps, (history) => {
      const driver = drive({ idleTimeoutSeconds: 600, absoluteTimeoutSeconds: 3600 })
      let jar = driver.first
      for (const { asked, leap } of history) {
        driver.now = plusSeconds(driver.now, leap)
        const before = driver.state()
        const last = Math.max(before.renewedAt, before.lastPresentedAt)
        let answer: Answer
        try {
          answer = driver.ask(asked, jar)
        } catch (thrown) {
          if (!isTokenError(thrown)) throw thrown
          expect(thrown.code).toBe('ERR_CLOCK')
          expect(driver.now).toBeLessThan(last - 5)
          expect(driver.state()).toEqual(before)
          counts.failures += 1
          continue
        }
        const { after } = answer
        expect(after.renewedAt).toBeGreaterThanOrEqual(before.renewedAt)
        expect(after.lastPresentedAt).toBeGreaterThanOrEqual(before.lastPresentedAt)
        expect(after.usedAt ?? after.renewedAt).toBeGreaterThanOrEqual(after.renewedAt)
        expect(after.absoluteExpiresAt).toBe(before.absoluteExpiresAt)
        if (answer.credential === undefined) counts.refused += 1
        else {
          expect(driver.now).toBeLessThan(before.absoluteExpiresAt)
          counts.served += 1
          if (driver.now < last) {
            counts['backwards and served'] += 1
            const still = drive({ idleTimeoutSeconds: 600, absoluteTimeoutSeconds: 3600 })
            still.stored = JSON.stringify({ v: 1, ...before })
            still.now = numericDate(last)
            expect(still.ask(asked, jar).verdict).toBe(answer.verdict)
          }
          jar = answer.credential
        }
      }
    }),
    settings(400),
  )
  expect(Object.entries(counts).filter(([, count]) => count === 0)).toEqual([])
})
