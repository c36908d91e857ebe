// The anti-forgery token of a session: of this session, of this server, the same twice; and no way to a naive one.
import { resolveSecretRing } from '@tallystick/core/secret-ring'
import { decodeBase64url, encodeBase64url } from '@tallystick/core/base64url'
import { describe, expect, test } from 'vitest'
import * as csrf from '../src/csrf.ts'
import { numericDate } from '@tallystick/core'

const { issueCsrfToken, issueLoginState, verifyCsrfToken, verifyLoginState } = csrf
const one = { id: 1, secret: Uint8Array.from({ length: 32 }, (_, at) => at) }
const two = { id: 2, secret: Uint8Array.from({ length: 32 }, (_, at) => at + 100) }
const ring = resolveSecretRing([one], 'secrets')
const fixed = (fill: number) => ({ bytes: (length: number) => new Uint8Array(length).fill(fill) })
const token = issueCsrfToken(ring, 'session A', fixed(7))

function verify(
  sessionId: string,
  submitted?: string | null,
  cookie: string | null | undefined = submitted,
  by = ring,
): string {
  const result = verifyCsrfToken(by, { sessionId, submitted, cookie })
  return result.ok ? 'ok' : result.reason
}

test('CS-5 SE-12 a token is taken in its session, where form and cookie agree', () => {
  expect(verify('session A', token)).toBe('ok')
  expect(token).toMatch(/^[A-Za-z0-9_-]{67}$/)
})

test('CS-5 a token of session A fails in B, and so it changes with the session', () => {
  expect(verify('session B', token)).toBe('csrf/token_invalid')
  expect(verify('', token)).toBe('csrf/token_invalid')
  expect(issueCsrfToken(ring, 'session B', fixed(7))).not.toBe(token)
})

test('two tokens of one session differ by chance, and one does not stand for the other', () => {
  const other = issueCsrfToken(ring, 'session A', fixed(8))
  expect(other).not.toBe(token)
  expect(verify('session A', other)).toBe('ok')
  expect(verify('session A', token, other)).toBe('csrf/token_invalid')
})

test.each<[string, string | null | undefined, string | null | undefined]>([
  ['nothing submitted', undefined, token],
  ['nothing in the cookie', token, null],
  ['neither', '', ''],
])('%s', (_, submitted, cookie) => {
  expect(verify('session A', submitted, cookie)).toBe('csrf/token_missing')
})

test('CS-5 two copies of what the server never signed are worth nothing', () => {
  for (const forged of [
    'x',
    'A'.repeat(67),
    'a'.repeat(10_000),
    `${token}A`,
    token.slice(1),
    `${token}=`,
    '\u00e9'.repeat(67),
  ])
    expect(verify('session A', forged), forged.slice(0, 80)).toBe('csrf/token_invalid')
})

test('CS-5 any bit of a token that is turned ends it', () => {
  const bytes = decodeBase64url(token) ?? new Uint8Array()
  expect(bytes).toHaveLength(50)
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const turned = bytes.slice()
    turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(verify('session A', encodeBase64url(turned)), String(bit)).toBe('csrf/token_invalid')
  }
})

test('CS-5 the length of the session id is signed: ids that end alike are not confused', () => {
  for (const id of ['session', 'session A\0', 'session A ', ' session A', 'A'])
    expect(verify(id, token)).toBe('csrf/token_invalid')
})

describe('secrets are replaced without a break', () => {
  test('the first signs, all verify, a compromised one no more', () => {
    expect(verify('session A', token, token, resolveSecretRing([two, one], 'secrets'))).toBe('ok')
    const gone = resolveSecretRing([two, { ...one, compromised: true }], 'secrets')
    expect(verify('session A', token, token, gone)).toBe('csrf/token_invalid')
    expect(issueCsrfToken(resolveSecretRing([two, one], 'secrets'), 'session A', fixed(7))).not.toBe(token)
  })

  test('another secret of the same id does not', () => {
    const other = resolveSecretRing([{ ...two, id: 1 }], 'secrets')
    expect(verify('session A', token, token, other)).toBe('csrf/token_invalid')
  })
})

test('a token without a session, or from an empty ring, is a mistake', () => {
  expect(() => issueCsrfToken(ring, '', fixed(7))).toThrow(TypeError)
  expect(() => issueCsrfToken({ ids: [], mac: () => undefined }, 'a', fixed(7))).toThrow(/at least one secret/)
})

test('F37 a log-in state is no token, whatever session it is shown to', () => {
  const { state, cookieValue } = issueLoginState(ring, {}, numericDate(1_800_000_000), fixed(7))
  expect(verify(cookieValue, state)).toBe('csrf/token_invalid')
})

test('CS-5 the naive variant does not exist: nothing issues or verifies without a ring of secrets', () => {
  const none = undefined as unknown as typeof ring
  const now = numericDate(1_800_000_000)
  const { state, cookieValue } = issueLoginState(ring, {}, now, fixed(7))
  const calls: Readonly<Record<string, () => unknown>> = {
    issueCsrfToken: () => issueCsrfToken(none, 'a', fixed(7)),
    verifyCsrfToken: () => verifyCsrfToken(none, { sessionId: 'a', submitted: token, cookie: token }),
    issueLoginState: () => issueLoginState(none, {}, now, fixed(7)),
    verifyLoginState: () => verifyLoginState(none, { state, held: cookieValue }, now),
  }
  // A function that is added to this entry is looked at here before it goes out.
  const others = ['judgeRequest', 'resolveCsrfPolicy']
  const functions = Object.entries(csrf).filter(([, value]) => typeof value === 'function')
  expect(functions.map(([name]) => name).toSorted()).toEqual([...Object.keys(calls), ...others].toSorted())
  for (const call of Object.values(calls)) expect(call).toThrow(TypeError)
})
