// The record of a sign-in: a line for each machine, each its own package's text.
import { plusSeconds } from '@tallystick/core'
import { encodeRecord as encodeFamily, resolvePolicy } from '@tallystick/refresh-token'
import { encodeRecord as encodeSession, resolveSessionPolicy } from '@tallystick/session'
import { expect, test } from 'vitest'
import { decodeSignIn, type SignIn, signInCell } from '../src/sign-in-cell.ts'
import { createSignInReader } from '../src/sign-in-memory.ts'
import { createSessionWorld, signIn } from './session-world.ts'

const cell = signInCell(resolvePolicy(), resolveSessionPolicy())
const world = createSessionWorld()
const { session: view } = await signIn(world, { refreshToken: true })
const family = await world.familyOf(view.sessionId)
const session = await world.session(view.sessionId)

test.each<[string, SignIn, string]>([
  ['a family alone', { family }, encodeFamily(family)],
  ['a session alone', { session }, `\n${encodeSession(session)}`],
  ['both', { family, session }, `${encodeFamily(family)}\n${encodeSession(session)}`],
])('%s is one line for each, and reads back as it was written', (_, state, text) => {
  expect(cell.encode(state)).toBe(text)
  expect(cell.decode(text, 'sign-in:x')).toEqual(state)
  expect(cell.encode(decodeSignIn(text))).toBe(text)
  expect(cell.columns(state)).toEqual({ subject: 'alice', pending: false })
})

test('it waits for the sweep while either end is not announced, and stays as long as the longer needs it', () => {
  const dead = { status: 'revoked', cause: 'x', announced: false } as const
  const done = { ...dead, announced: true } as const
  const pending = (state: SignIn) => cell.columns(state).pending
  expect(pending({ family: { ...family, ...dead }, session: { ...session, ...done } })).toBe(true)
  expect(pending({ family: { ...family, ...done }, session: { ...session, ...dead } })).toBe(true)
  expect(pending({ family: { ...family, ...done }, session: { ...session, ...done } })).toBe(false)
  expect(cell.expiresAt({ session })).toBe(plusSeconds(session.lastPresentedAt, 7200 + 5))
  expect(cell.expiresAt({ family, session })).toBe(plusSeconds(session.absoluteExpiresAt, 5))
})

test.each(['', '\n', 'x', '\n\n', encodeSession(session), `\n${encodeFamily(family)}`, `${encodeFamily(family)}\n`])(
  'a text that is none is a failure, not a guess: %#',
  (text) => {
    expect(() => decodeSignIn(text)).toThrow(expect.objectContaining({ code: 'ERR_STORAGE_CORRUPT' }))
  },
)

test('a session that has not changed is not read again, whatever its version; one that has changed always is', () => {
  const read = createSignInReader(2)
  const text = cell.encode({ session })
  const first = read(text, 'sign-in:a')
  expect(read(text, 'sign-in:a')).toBe(first)
  expect(read(text, 'sign-in:b')).not.toBe(first)
  const ended = cell.encode({ session: { ...session, status: 'revoked' } })
  expect(read(ended, 'sign-in:a').session?.status).toBe('revoked')
  expect(read(text, 'sign-in:a')).toEqual(first)
})

test('only so many are remembered, the newest, and no refresh token alone', () => {
  const read = createSignInReader(2)
  const text = cell.encode({ session })
  const oldest = read(text, 'sign-in:a')
  const newer = read(text, 'sign-in:b')
  read(text, 'sign-in:c')
  expect(read(text, 'sign-in:b')).toBe(newer)
  expect(read(text, 'sign-in:a')).not.toBe(oldest)
  const alone = cell.encode({ family })
  expect(read(alone, 'sign-in:d')).not.toBe(read(alone, 'sign-in:d'))
})

test('SU-5 what is remembered is frozen whole: nobody writes himself a better authentication', () => {
  const read = createSignInReader()
  const { session: found } = read(cell.encode({ session }), 'sign-in:a')
  const methods = found?.authentication?.methods as string[]
  expect(() => methods.push('otp')).toThrow(TypeError)
  expect(Object.isFrozen(found)).toBe(true)
})

test('a text that cannot be read is a failure each time, and is not remembered', () => {
  const read = createSignInReader()
  for (const _ of [1, 2]) {
    expect(() => read('\nx', 'sign-in:a')).toThrow(expect.objectContaining({ code: 'ERR_STORAGE_CORRUPT' }))
  }
})
