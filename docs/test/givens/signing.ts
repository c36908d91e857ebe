// What examples of the jwt package may use without saying where it comes from: a key, and an access token under it.
import { createIssuer } from '@tallystick/jwt/issue'
import { generateKey } from '@tallystick/jwt/keys'
import { entropy, now } from './time-and-chance.ts'

/** A signing key. */
export const key = await generateKey('ES256')

/** An access token of user_42. */
export const token = await createIssuer({
  issuer: 'https://auth.example.com',
  audience: 'https://api.example.com',
  type: 'at+jwt',
  lifetimeSeconds: 300,
  keys: [key],
}).issue({ sub: 'user_42', client_id: 'web' }, now, entropy)
