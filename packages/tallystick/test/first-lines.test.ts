// What a first user writes runs as it stands, and the umbrella exports what it says.
import { createTokenServer, generateKey, memoryStorage } from 'tallystick'
import * as tallystick from 'tallystick'
import { afterEach, expect, test, vi } from 'vitest'

afterEach(() => void vi.useRealTimers())

test('RT-3 the first lines run as they stand: a sign-in, a rotation, a second tab, and a thief an hour later', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_790_000_000_000 })
  const tokens = createTokenServer({
    issuer: 'https://auth.example.com',
    audience: 'https://api.example.com',
    clientId: 'web',
    keys: [await generateKey('ES256')],
    refreshTokenSecrets: [{ id: 1, secret: crypto.getRandomValues(new Uint8Array(32)) }],
    storage: memoryStorage(),
  })

  const first = await tokens.issue({ subject: 'user_42', scope: 'orders:read' })
  const next = await tokens.refresh({ refreshToken: first.refreshToken })
  const again = await tokens.refresh({ refreshToken: first.refreshToken })
  expect([next.ok && next.verdict, again.ok && again.verdict]).toEqual(['rotated', 'concurrent'])
  expect(again.ok && again.refreshToken).toBe(next.ok && next.refreshToken)

  vi.advanceTimersByTime(3_600_000)
  const thief = await tokens.refresh({ refreshToken: first.refreshToken })
  expect(thief).toMatchObject({ ok: false, reason: 'refresh_token/replayed', error: { code: 'invalid_grant' } })
  const victim = await tokens.refresh({ refreshToken: next.ok ? next.refreshToken : '' })
  expect(victim).toMatchObject({ ok: false, reason: 'refresh_token/revoked' })
})

test('the umbrella exports what a first install needs', () => {
  expect(Object.keys(tallystick).toSorted()).toEqual([
    'TokenError',
    'createTokenServer',
    'generateKey',
    'importKey',
    'isTokenError',
    'memoryStorage',
    'orThrow',
    'toJwks',
  ])
})
