// Refusals: one frozen value per reason, made once.
import { expect, test } from 'vitest'
import { defineRefusals } from '../src/refusals.ts'

const refuse = defineRefusals({
  'shop/closed': {
    code: 'temporarily_unavailable',
    status: 503,
    description: 'closed',
    headers: { 'retry-after': '5' },
  },
  'shop/unknown': { code: 'invalid_request', status: 400, description: 'no such shop' },
})

test('MO-3 a reason gives what the outside may see, the same object each time', () => {
  expect(refuse('shop/closed')).toEqual({
    ok: false,
    reason: 'shop/closed',
    error: { code: 'temporarily_unavailable', status: 503, description: 'closed', headers: { 'retry-after': '5' } },
  })
  expect(refuse('shop/unknown').error.headers).toEqual({})
  expect(refuse('shop/closed')).toBe(refuse('shop/closed'))
})

test('nobody can change a refusal for the next one who gets it', () => {
  const refusal = refuse('shop/closed')
  expect([refusal, refusal.error, refusal.error.headers].every((part) => Object.isFrozen(part))).toBe(true)
})

test.each(['shop/other', 'toString', '__proto__', ''])('“%s” is not a reason of the table', (reason) => {
  expect(() => refuse(reason as never)).toThrow(TypeError)
})
