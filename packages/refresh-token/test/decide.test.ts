// The requirements on rotation, one sentence each, on a simulated clock.
import { describe, expect, test } from 'vitest'
import { openQuestion } from '../src/decide.ts'
import type { RefreshTokenEvent } from '../src/event.ts'
import { issueFamily } from '../src/issue.ts'
import { resolvePolicy } from '../src/policy.ts'
import { decodeRecord, encodeRecord } from '../src/record.ts'
import { resolveSecrets } from '../src/secrets.ts'
import { apply, type Asked, commandOf, type Driver, drive, PASSWORD, SECRETS, START } from './driver.ts'

const KEY = { type: 'dpop', thumbprint: 'the phone’s key' } as const
const CERTIFICATE = { type: 'mtls', thumbprint: 'the certificate' } as const
const STRICT = { gracePeriodSeconds: 0 } as const

/** Presents a token that must be served. */
function next(driver: Driver, token: string, asked: Asked = {}): string {
  const answer = driver.present(token, asked)
  expect(answer.reason).toBeUndefined()
  return answer.token ?? ''
}

function typesOf(events: readonly RefreshTokenEvent[]): readonly string[] {
  return events.map(({ type }) => type.slice('refresh_token.'.length))
}

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
      expect(driver.present(driver.first, { call: 'mine' })).toMatchObject({ verdict: 'retried', token })
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
