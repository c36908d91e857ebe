// Edges of the law that nothing else would notice: each was a mutant that survived.
import { expect, test } from 'vitest'
import { decide, openQuestion } from '../src/decide.ts'
import { commandOf, drive, next, START, typesOf } from './driver.ts'

test('a log that is not configured is never asked about', () => {
  const driver = drive()
  const stored = driver.stored
  next(driver, driver.first)
  driver.stored = stored
  const command = commandOf(driver, { generation: 2, secretId: 1 }, { log: 'absent', risk: 'unasked' })
  expect(openQuestion(driver.state(), command, driver.now, driver.policy)).toBeUndefined()
  expect(openQuestion(driver.state(), { ...command, log: 'unread' }, driver.now, driver.policy)).toBe('log')
})

test('who has nothing left to ask is asked nothing, and decides nothing: the law alone tells of a wrong clock', () => {
  const driver = drive()
  driver.wait(-3600)
  const command = commandOf(driver, { generation: 1, secretId: 1 }, { log: 'clear', risk: 'serve' })
  expect(openQuestion(driver.state(), command, driver.now, driver.policy)).toBeUndefined()
  expect(() => decide(driver.state(), command, driver.now, driver.policy)).toThrow(/clock/)
})

test('a failure of the clock says what is wrong', () => {
  const driver = drive()
  const token = next(driver, driver.first)
  driver.wait(-3600)
  expect(() => driver.present(token)).toThrow(/clock stands before the last rotation/)
})

test('a token that could have been adopted is not reported as adopted when it is refused', () => {
  const driver = drive()
  const stored = driver.stored
  const token = next(driver, driver.first)
  driver.stored = stored
  driver.wait(60)
  const answer = driver.present(token, { log: 'clear', scope: 'more' })
  expect(answer.reason).toBe('refresh_token/scope_exceeded')
  expect(typesOf(answer.events)).toEqual(['ahead', 'refused'])
  expect(answer.events[0]).toMatchObject({ adopted: false })
})

test('where rotation is off, a second use within one second writes nothing', () => {
  const driver = drive({ policy: { rotation: 'never' } })
  driver.wait(5)
  driver.present(driver.first)
  const family = driver.state()
  const decision = decide(family, commandOf(driver, { generation: 1, secretId: 1 }, {}), driver.now, driver.policy)
  expect(decision).toMatchObject({ outcome: 'accepted', verdict: 'kept' })
  expect(decision.state).toBe(family)
})

test('a revocation that the driver sent twice keeps its cause and its age', () => {
  const risky = drive()
  risky.wait(30)
  risky.present(risky.first, { call: 'mine', risk: 'revoke' })
  expect(risky.present(risky.first, { call: 'mine' }).events).toMatchObject([{ cause: 'risk' }])
  const stolen = drive({ policy: { gracePeriodSeconds: 0 } })
  next(stolen, stolen.first)
  stolen.wait(30)
  const once = stolen.present(stolen.first, { call: 'mine' })
  const again = stolen.present(stolen.first, { call: 'mine' })
  expect(once.events[0]).toMatchObject({ type: 'refresh_token.replayed', ageSeconds: 30 })
  expect(again.events).toEqual(once.events)
})

test('a new family is unused, open, unannounced, and dated by its issue', () => {
  expect(drive().state()).toMatchObject({
    generation: 1,
    successorUsed: false,
    predecessorClosed: false,
    announced: false,
    status: 'active',
    issuedAt: START,
    rotatedAt: START,
    lastUsedAt: START,
    attemptBy: 'call',
  })
})
