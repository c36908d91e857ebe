// Step-up, the risk hook, the revocation log, and the commands confirm, revoke and announce.
import { describe, expect, test } from 'vitest'
import { openQuestion } from '../src/decide.ts'
import { issueFamily } from '../src/issue.ts'
import { resolvePolicy } from '../src/policy.ts'
import { decodeRecord, encodeRecord } from '../src/record.ts'
import { type Asked, commandOf, drive, next, START, typesOf } from './driver.ts'

describe('step-up', () => {
  const passkey = { methods: ['hwk'], acr: 'high', authenticatedAt: START }

  test('a step-up moves the family even while it rests, and closes the predecessor to everybody', () => {
    const driver = drive()
    const token = next(driver, driver.first, { key: 'k' })
    const answer = driver.present(token, { elevate: passkey })
    expect(answer.verdict).toBe('rotated')
    expect(typesOf(answer.events)).toEqual(['elevated'])
    expect(driver.state()).toMatchObject({ authentication: passkey, predecessorClosed: true, generation: 3 })
    expect(driver.present(token, { key: 'k' }).reason).toBe('refresh_token/superseded')
    driver.wait(10)
    expect(driver.present(token).reason).toBe('refresh_token/replayed')
  })

  test('a step-up is never served from the token before', () => {
    for (const [wait, reason] of [
      [1, 'refresh_token/superseded'],
      [3600, 'refresh_token/superseded'],
    ] as const) {
      const driver = drive()
      next(driver, driver.first, { key: 'k' })
      driver.wait(wait)
      expect(driver.present(driver.first, { key: 'k', elevate: passkey }).reason).toBe(reason)
    }
    const driver = drive()
    next(driver, driver.first)
    expect(driver.present(driver.first, { elevate: passkey }).reason).toBe('refresh_token/superseded')
    driver.wait(3600)
    expect(driver.present(driver.first, { elevate: passkey }).reason).toBe('refresh_token/replayed')
  })

  test('the rotation after a step-up carries it on and opens the predecessor again', () => {
    const driver = drive()
    const token = next(driver, driver.first, { elevate: passkey })
    driver.wait(60)
    const third = next(driver, token)
    expect(driver.state()).toMatchObject({ authentication: passkey, predecessorClosed: false })
    expect(driver.present(token)).toMatchObject({ verdict: 'concurrent', token: third })
  })

  test('the risk hook is asked for those who would be served, never for a thief, and its word counts', () => {
    const driver = drive()
    const ask = (generation: number, risk?: Asked['risk']): ReturnType<typeof openQuestion> =>
      openQuestion(driver.state(), commandOf(driver, { generation, secretId: 1 }, { risk }), driver.now, driver.policy)
    expect(ask(1, 'unasked')).toBe('risk')
    expect(ask(1)).toBeUndefined()
    expect(driver.present(driver.first, { risk: 'unasked' }).reason).toBe('refresh_token/step_up_required')
    expect(driver.present(driver.first, { risk: 'step_up' }).reason).toBe('refresh_token/step_up_required')
    expect(driver.state().generation).toBe(1)
    next(driver, driver.first, { risk: 'serve' })
    driver.wait(60)
    expect(ask(1, 'unasked')).toBeUndefined()
    const answer = driver.present(driver.tokenOf(2), { risk: 'revoke' })
    expect(answer.reason).toBe('refresh_token/revoked')
    expect(driver.state()).toMatchObject({ status: 'revoked', cause: 'risk', announced: false })
  })

  test('the revocation log is read for a token that is ahead of the store, and for no other', () => {
    const driver = drive()
    const ask = (generation: number, log: Asked['log'], risk?: Asked['risk']): ReturnType<typeof openQuestion> =>
      openQuestion(
        driver.state(),
        commandOf(driver, { generation, secretId: 1 }, { log, risk }),
        driver.now,
        driver.policy,
      )
    expect(ask(1, 'unread')).toBeUndefined()
    expect(ask(2, 'unread')).toBe('log')
    expect(ask(2, 'unread', 'unasked')).toBe('log')
    expect(ask(2, 'clear', 'unasked')).toBe('risk')
    for (const log of ['absent', 'clear', 'unreadable', 'named'] as const) expect(ask(2, log)).toBeUndefined()
    next(driver, driver.first)
    driver.wait(60)
    expect(ask(1, 'unread')).toBeUndefined()
    expect(openQuestion(driver.state(), { type: 'announce' }, driver.now, driver.policy)).toBeUndefined()
  })
})

describe('confirm, revoke, announce', () => {
  test('seeing an access token of the current generation in use closes the retry window, once; any other does nothing', () => {
    const driver = drive()
    next(driver, driver.first, { key: 'k' })
    for (const generation of [0, 1, 3]) expect(driver.confirm(generation)).toMatchObject({ verdict: 'unchanged' })
    expect(driver.state().successorUsed).toBe(false)
    expect(driver.confirm(2)).toMatchObject({ verdict: 'confirmed', events: [] })
    expect(driver.confirm(2)).toMatchObject({ verdict: 'unchanged' })
    expect(driver.present(driver.first, { key: 'k' }).reason).toBe('refresh_token/superseded')
  })

  test('use closes the retry window, not the rest: a second tab is still served', () => {
    const driver = drive()
    const token = next(driver, driver.first)
    driver.confirm(2)
    expect(driver.present(driver.first)).toMatchObject({ verdict: 'concurrent', token })
  })

  test('a revocation is final, keeps its first cause, and waits to be announced', () => {
    const driver = drive()
    expect(driver.revoke('sign_out')).toMatchObject({ verdict: 'revoked' })
    expect(driver.state()).toMatchObject({ status: 'revoked', cause: 'sign_out', revokedAt: START, announced: false })
    driver.wait(60)
    expect(driver.revoke('subject_revoked')).toMatchObject({ verdict: 'unchanged', events: [] })
    expect(driver.state().cause).toBe('sign_out')
    expect(driver.announce()).toMatchObject({ verdict: 'announced' })
    expect(driver.announce()).toMatchObject({ verdict: 'unchanged' })
    expect(driver.confirm(1)).toMatchObject({ verdict: 'unchanged' })
    expect(driver.present(driver.first, { log: 'clear' }).reason).toBe('refresh_token/revoked')
  })

  test('a live family has nothing to announce', () => {
    const driver = drive()
    expect(driver.announce()).toMatchObject({ verdict: 'unchanged' })
  })

  test('a family begins as generation 1, live, with its absolute end set, and the event says whose it is', () => {
    const policy = resolvePolicy({ absoluteTimeoutSeconds: 100, idleTimeoutSeconds: 10 })
    const { familyId, subject, clientId, scope, resources } = drive().state()
    const grant = { familyId, subject, clientId, scope, resources, secretId: 7, sessionId: 'session' }
    const { state, events } = issueFamily(grant, START, policy)
    expect(state).toMatchObject({ generation: 1, status: 'active', absoluteExpiresAt: START + 100, secretId: 7 })
    expect(events).toEqual([
      { type: 'refresh_token.issued', familyId, subject, clientId, sessionId: 'session', generation: 1 },
    ])
    expect(decodeRecord(encodeRecord(state))).toEqual(state)
  })
})
