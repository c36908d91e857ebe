// The bytes of tokens and states, put together a second time with Node's own HMAC, so that other implementations can follow.
import { createHmac } from 'node:crypto'
import { numericDate } from '@tallystick/core'
import { resolveSecretRing } from '@tallystick/core/secret-ring'
import { expect, test } from 'vitest'
import { issueCsrfToken, issueLoginState, verifyCsrfToken, verifyLoginState } from '../src/csrf.ts'

const secret = Buffer.from(Array.from({ length: 32 }, (_, at) => at))
const ring = resolveSecretRing([{ id: 9, secret }], 'secrets')
const seven = { bytes: (length: number) => new Uint8Array(length).fill(7) }
const now = numericDate(1_800_000_000)
const sevens = (count: number): Buffer => Buffer.alloc(count, 7)

/** version | secret id | body | HMAC( label NUL | version | secret id | body | each bound text with its length ). */
function signed(label: string, head: readonly number[], body: Buffer, bound: readonly string[]): string {
  const length = (text: string): Buffer => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(Buffer.byteLength(text))
    return bytes
  }
  const covered = [
    Buffer.from(`${label}\0`),
    Buffer.of(...head),
    body,
    ...bound.flatMap((text) => [length(text), Buffer.from(text)]),
  ]
  const mac = createHmac('sha256', secret).update(Buffer.concat(covered)).digest()
  return Buffer.concat([Buffer.of(...head), body, mac]).toString('base64url')
}

function stateBody(): Buffer {
  const end = Buffer.alloc(8)
  end.writeBigUInt64BE(BigInt(now + 600))
  return Buffer.concat([end, sevens(16)])
}

test('CS-5 a token covers its label, the id of its secret, its chance and the session with its length', () => {
  const token = signed('tallystick csrf', [1, 9], sevens(16), ['session \u00e9'])
  expect(issueCsrfToken(ring, 'session \u00e9', seven)).toBe(token)
})

test('CS-8 a state covers its end, the browser and the context, each with its length', () => {
  const cookieValue = sevens(32).toString('base64url')
  const state = signed('tallystick login', [1, 9], stateBody(), [cookieValue, 'https://idp.example'])
  const issued = issueLoginState(ring, { context: 'https://idp.example' }, now, seven)
  expect(issued).toEqual({ state, cookieValue, expiresAt: now + 600 })
})

test('text of another version, kind or length is refused, however well it is signed', () => {
  const judge = (token: string): boolean =>
    verifyCsrfToken(ring, { sessionId: 'a', submitted: token, cookie: token }).ok
  expect(judge(signed('tallystick csrf', [1, 9], sevens(16), ['a']))).toBe(true)
  expect(judge(signed('tallystick csrf', [2, 9], sevens(16), ['a']))).toBe(false)
  expect(judge(signed('tallystick login', [1, 9], sevens(16), ['a']))).toBe(false)
  expect(judge(signed('tallystick csrf', [1, 9], sevens(15), ['a']))).toBe(false)
  expect(judge(signed('tallystick csrf', [1, 9], sevens(24), ['a']))).toBe(false)
  const held = sevens(32).toString('base64url')
  const take = (state: string): boolean => verifyLoginState(ring, { state, held }, now).ok
  expect(take(signed('tallystick login', [1, 9], stateBody(), [held, '']))).toBe(true)
  expect(take(signed('tallystick csrf', [1, 9], stateBody(), [held, '']))).toBe(false)
  expect(take(signed('tallystick login', [1, 9], stateBody(), [held]))).toBe(false)
  expect(take(signed('tallystick login', [1, 9], stateBody(), ['', held]))).toBe(false)
})
