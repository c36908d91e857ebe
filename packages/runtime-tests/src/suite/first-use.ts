// What a first user writes, with the platform's own clock and randomness, through the umbrella package.
import { createTokenServer, generateKey, memoryStorage } from 'tallystick'
import { holds, same, type Register } from './checks.ts'

/** Registers the check of `tallystick`. */
export function firstUseCheck(check: Register): void {
  check('tallystick: the first lines of the README run as they stand', async () => {
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
    holds(next.ok && again.ok, 'both are served')
    same([next.verdict, again.verdict, again.refreshToken], ['rotated', 'concurrent', next.refreshToken])
    same((await tokens.verify(again.accessToken)).ok, true)
  })
}
