// Failures: a stable code, whether to try again, and of a cause only what no driver can fill with secrets.
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { type ErrorCode, failures, isTokenError, orThrow, TokenError } from '../src/index.ts'

test('every code says whether it may pass by itself, and what it means', () => {
  for (const [code, { retryable, meaning }] of Object.entries(failures)) {
    const failure = new TokenError(code as ErrorCode, 'x')
    expect(failure).toMatchObject({ name: 'TokenError', code, retryable, reason: undefined })
    expect(meaning.length).toBeGreaterThan(20)
  }
})

test('MO-1 of a cause its name and code stay, and nothing that a driver may have quoted', () => {
  const secret = 'trt_verysecretverysecret'
  const cause = Object.assign(new Error(`query failed: ${secret}`, { cause: secret }), {
    code: 'ECONNRESET',
    query: secret,
    parameters: [secret],
  })
  const failure = new TokenError('ERR_STORAGE_UNAVAILABLE', 'the record store failed', { cause })
  expect(failure.cause).toEqual({ name: 'Error', code: 'ECONNRESET' })
  expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain(secret)
})

test.each([
  [Object.assign(new Error('x'), { name: 'trt_secret 1', code: 'trt_secret' }), { name: 'Error' }],
  [Object.assign(new TypeError('x'), { code: 23_505 }), { name: 'TypeError' }],
  [Object.assign(new Error('x'), { code: 'E'.repeat(41) }), { name: 'Error' }],
  ['a text that was thrown', { name: 'string' }],
  [{ secret: 'x' }, { name: 'object' }],
  [null, { name: 'object' }],
])('MO-1 a cause of a strange form says as little', (cause, kept) => {
  expect(new TokenError('ERR_HOOK', 'x', { cause }).cause).toEqual(kept)
})

test('a failure without a cause has none', () => {
  expect('cause' in new TokenError('ERR_HOOK', 'x')).toBe(false)
})

test('a failure of another copy of this package is recognised, and nothing else is', () => {
  const foreign = Object.assign(new Error('x'), { name: 'TokenError', code: 'ERR_CLOCK' })
  expect([isTokenError(new TokenError('ERR_CLOCK', 'x')), isTokenError(foreign)]).toEqual([true, true])
  const others = [
    new Error('x'),
    Object.assign(new Error('x'), { name: 'TokenError', code: 'toString' }),
    { name: 'TokenError', code: 'ERR_CLOCK' },
    null,
    undefined,
  ]
  expect(others.map((one) => isTokenError(one))).toEqual([false, false, false, false, false])
})

test('orThrow gives what was served, and throws a refusal with its reason', () => {
  const served = { ok: true, value: 7 } as const
  expect(orThrow(served)).toBe(served)
  const error = { code: 'invalid_grant', description: 'no', status: 400, headers: {} }
  const refused = () => orThrow({ ok: false, reason: 'shop/closed', error })
  expect(refused).toThrow(
    expect.objectContaining({ code: 'ERR_REFUSED', reason: 'shop/closed', retryable: false, message: 'no' }),
  )
})
