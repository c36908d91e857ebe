// The token server that a test's processes share: the same secrets and keys, each with its own connection.
import { numericDate } from '@tallystick/core'
import { importSecret } from '@tallystick/jwt'
import type { RefreshPolicy } from '@tallystick/refresh-token'
import type { TokenServer } from '@tallystick/server'
import { createTokenServer } from '@tallystick/server'
import type { Storage } from '@tallystick/storage'

/** A server whose time is told it before each call. */
export async function sharedTokenServer(
  storage: Storage,
  time: { nowSeconds: number },
  policy: RefreshPolicy = {},
): Promise<TokenServer> {
  const secret = Uint8Array.from({ length: 32 }, (_, at) => at * 7 + 1)
  return createTokenServer({
    issuer: 'https://auth.example.com',
    audience: 'https://api.example.com',
    clientId: 'web',
    keys: [await importSecret(secret, { algorithm: 'HS256' })],
    refreshTokenSecrets: [{ id: 1, secret }],
    clock: { now: () => numericDate(time.nowSeconds) },
    policy,
    storage,
  })
}
