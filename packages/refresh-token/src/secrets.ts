// The ring of secrets that sign refresh tokens: the first signs, all verify.
import { resolveSecretRing, type RingSecret, type SecretRing } from '@tallystick/core/secret-ring'

/** One secret of the ring: 32 random bytes under an id that is never used again. */
export type RefreshTokenSecret = RingSecret

/**
 * Prepares a ring of secrets.
 *
 * To replace a secret: append the new one everywhere, then move it to the front; remove the old one when an idle
 * time-out has passed since it stopped signing; with `rotation: 'never'`, the absolute time-out.
 *
 * @throws TypeError or RangeError where a secret is not 32 bytes, an id is not 0 to 255 or stands twice, or none is left.
 */
export function resolveSecrets(secrets: readonly RefreshTokenSecret[]): SecretRing {
  return resolveSecretRing(secrets, 'refreshTokenSecrets')
}
