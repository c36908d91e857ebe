// How a session begins, and what its context may hold.
import { expect, test } from 'vitest'
import { establishSession, type SessionGrant } from '../src/establish.ts'
import { sessionEvents } from '../src/event.ts'
import { resolveSessionPolicy } from '../src/policy.ts'
import type { SessionId } from '../src/state.ts'
import { drive, START } from './driver.ts'

const grant: SessionGrant = { sessionId: 'id' as SessionId, subject: 'user_42', lineageHash: 'l', credentialHash: 'c' }
const policy = resolveSessionPolicy()

test('a new session is current, unannounced, dated by its sign-in, and bounded by its absolute end', () => {
  expect(drive().state()).toMatchObject({
    generation: 1,
    predecessorClosed: false,
    usedAt: START,
    renewedAt: START,
    establishedAt: START,
    lastPresentedAt: START,
    absoluteExpiresAt: START + 86_400,
    status: 'active',
    announced: false,
  })
  const { state, events } = establishSession({ ...grant, clientId: 'web' }, START, policy)
  const facts = { sessionId: 'id', subject: 'user_42', clientId: 'web', generation: 1 }
  expect(events).toEqual([{ type: 'session.established', ...facts }])
  expect(state.previousHash).toBeUndefined()
  expect(establishSession({ ...grant, establishedAt: START }, START, policy).state.establishedAt).toBe(START)
})

test('an event without a client does not name one', () => {
  expect(Object.keys(establishSession(grant, START, policy).events[0] ?? {})).not.toContain('clientId')
  expect(Object.keys(sessionEvents)).toContain('session.established')
})

test('a field of the context that is longer than 256 characters is a mistake, and is named', () => {
  for (const field of ['networkPrefix', 'userAgent', 'place'] as const) {
    const context = (length: number): SessionGrant => ({ ...grant, context: { [field]: 'x'.repeat(length) } })
    expect(establishSession(context(256), START, policy).state.context?.[field]).toHaveLength(256)
    expect(() => establishSession(context(257), START, policy)).toThrow(
      `context.${field} must be at most 256 characters`,
    )
    const wrong = { ...grant, context: { [field]: 7 as unknown as string } }
    expect(() => establishSession(wrong, START, policy)).toThrow(RangeError)
  }
})
