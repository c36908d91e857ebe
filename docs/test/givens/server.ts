// What examples may use of a running server: the server, and a refresh token that it issued.
import { createTokenServer } from '@tallystick/server'
import { memoryStorage } from '@tallystick/storage-memory'
import { key } from './signing.ts'

/** A token server on memory. */
export const tokens = createTokenServer({
  issuer: 'https://auth.example.com',
  audience: 'https://api.example.com',
  clientId: 'web',
  keys: [key],
  refreshTokenSecrets: [{ id: 1, secret: crypto.getRandomValues(new Uint8Array(32)) }],
  storage: memoryStorage(),
})

/** The first refresh token of a family. */
export const refreshToken = (await tokens.issue({ subject: 'user_42' })).refreshToken ?? ''
