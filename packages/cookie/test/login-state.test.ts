// The state of a log-in: bound to the browser that began it, to its context and to a short time.
import { numericDate } from '@tallystick/core'
import { resolveSecretRing } from '@tallystick/core/secret-ring'
import { decodeBase64url, encodeBase64url } from '@tallystick/core/base64url'
import { expect, test } from 'vitest'
import { issueCsrfToken, issueLoginState, verifyLoginState } from '../src/csrf.ts'
import { isCookieValue } from '../src/grammar.ts'

const ring = resolveSecretRing([{ id: 1, secret: Uint8Array.from({ length: 32 }, (_, at) => at) }], 'secrets')
const now = numericDate(1_800_000_000)
let drawn = 0
const entropy = { bytes: (length: number) => new Uint8Array(length).fill((drawn = (drawn + 1) % 256)) }
const victim = issueLoginState(ring, {}, now, entropy)
const attacker = issueLoginState(ring, {}, now, entropy)

function verify(state?: string | null, held?: string | null, at: number = now, context?: string): string {
  const result = verifyLoginState(ring, { state, held, context }, numericDate(at))
  return result.ok ? 'ok' : result.reason
}

test('CS-8 a log-in that this browser began is taken', () => {
  expect(verify(victim.state, victim.cookieValue)).toBe('ok')
  expect(isCookieValue(victim.cookieValue)).toBe(true)
  expect(victim.state).toMatch(/^[A-Za-z0-9_-]{78}$/)
})

test("CS-8 A30 the answer of an attacker's log-in is worth nothing in the victim's browser", () => {
  expect(verify(attacker.state, attacker.cookieValue)).toBe('ok')
  expect(verify(attacker.state, victim.cookieValue)).toBe('csrf/state_invalid')
  expect(verify(attacker.state, undefined)).toBe('csrf/state_missing')
  expect(verify(attacker.state, '')).toBe('csrf/state_missing')
})

test('CS-8 an answer without state, or with one that was never issued, is refused', () => {
  expect(verify(undefined, victim.cookieValue)).toBe('csrf/state_missing')
  expect(verify(null, null)).toBe('csrf/state_missing')
  expect(verify('', victim.cookieValue)).toBe('csrf/state_missing')
  for (const state of ['x', 'A'.repeat(78), `${victim.state}A`, victim.state.slice(1)])
    expect(verify(state, victim.cookieValue)).toBe('csrf/state_invalid')
  for (const held of ['x', `${victim.cookieValue}A`, 'A'.repeat(43)])
    expect(verify(victim.state, held)).toBe('csrf/state_invalid')
})

test('CS-8 any bit of a state that is turned ends it, its end among them', () => {
  const bytes = decodeBase64url(victim.state) ?? new Uint8Array()
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const turned = bytes.slice()
    turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(verify(encodeBase64url(turned), victim.cookieValue), String(bit)).toBe('csrf/state_invalid')
  }
})

test('a state lives ten minutes, or as long as is said, to the second', () => {
  expect(victim.expiresAt).toBe(now + 600)
  expect(verify(victim.state, victim.cookieValue, now + 599)).toBe('ok')
  expect(verify(victim.state, victim.cookieValue, now + 600)).toBe('csrf/state_expired')
  const short = issueLoginState(ring, { lifetimeSeconds: 30 }, now, entropy)
  expect(verify(short.state, short.cookieValue, now + 29)).toBe('ok')
  expect(verify(short.state, short.cookieValue, now + 30)).toBe('csrf/state_expired')
  for (const lifetimeSeconds of [29, 3601, 60.5, Number.NaN])
    expect(() => issueLoginState(ring, { lifetimeSeconds }, now, entropy)).toThrow(RangeError)
})

test('a state is bound to its context: the answer of another issuer does not fit', () => {
  const { state, cookieValue } = issueLoginState(ring, { context: 'https://idp.example' }, now, entropy)
  expect(verify(state, cookieValue, now, 'https://idp.example')).toBe('ok')
  expect(verify(state, cookieValue, now, 'https://evil.example')).toBe('csrf/state_invalid')
  expect(verify(state, cookieValue, now)).toBe('csrf/state_invalid')
})

test('log-ins of two tabs share the cookie and do not end each other', () => {
  const second = issueLoginState(ring, { held: victim.cookieValue }, now, entropy)
  expect(second.cookieValue).toBe(victim.cookieValue)
  expect(second.state).not.toBe(victim.state)
  expect(verify(victim.state, second.cookieValue)).toBe('ok')
  expect(verify(second.state, second.cookieValue)).toBe('ok')
})

test('what the cookie holds is kept only where it may have come from here', () => {
  for (const held of ['x', '', null, 'A'.repeat(44), `${'A'.repeat(42)}!`])
    expect(issueLoginState(ring, { held }, now, entropy).cookieValue).not.toBe(held)
})

test('F37 an anti-forgery token is no state', () => {
  const token = issueCsrfToken(ring, victim.cookieValue, entropy)
  expect(verify(token, victim.cookieValue)).toBe('csrf/state_invalid')
})
