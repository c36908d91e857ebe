// The ring of secrets that sign refresh tokens: the first signs, all verify.
import { mistake, secretMistake } from '@tallystick/core/options'
import { decodeBase64url } from '@tallystick/core/base64url'
import { hmacSha256 } from '@tallystick/core/crypto'

/** One secret of the ring. */
export interface RefreshTokenSecret {
  /** 0 to 255, unique, and never used again for another secret. */
  readonly id: number
  /** 32 random bytes, or the same as base64url text. */
  readonly secret: Uint8Array | string
  /** Drops the secret at once: what it signed is refused. */
  readonly compromised?: boolean | undefined
}

/** The ring, prepared; it prints as its ids. */
export interface SecretRing {
  /** The ids of the secrets in use; the first signs. */
  readonly ids: readonly number[]
  /** The code of data under a secret, or `undefined` where the ring has no such secret. */
  mac(id: number, data: Uint8Array): Uint8Array | undefined
}

/**
 * Prepares a ring of secrets.
 *
 * To replace a secret: append the new one everywhere, then move it to the front; remove the old one when an idle
 * time-out has passed since it stopped signing; with `rotation: 'never'`, the absolute time-out.
 *
 * @throws TypeError or RangeError where a secret is not 32 bytes, an id is not 0 to 255 or stands twice, or none is left.
 */
export function resolveSecrets(secrets: readonly RefreshTokenSecret[]): SecretRing {
  if (!Array.isArray(secrets)) throw secretMistake(OWNER, '', 'must be an array of { id, secret }', secrets)
  const macs = new Map<number, (data: Uint8Array) => Uint8Array>()
  const seen = new Set<number>()
  for (const [index, { id, secret, compromised }] of (secrets as readonly RefreshTokenSecret[]).entries()) {
    if (!Number.isInteger(id) || id < 0 || id > 255) throw mistake(OWNER, `${index}.id`, 'must be 0 to 255', id)
    if (seen.has(id)) throw mistake(OWNER, `${index}.id`, 'must be unique and never used again', id)
    seen.add(id)
    const bytes = typeof secret === 'string' ? decodeBase64url(secret) : secret
    if (!(bytes instanceof Uint8Array) || bytes.length !== SECRET_BYTES) {
      throw secretMistake(
        OWNER,
        `${index}.secret`,
        `must be ${SECRET_BYTES} random bytes, or their base64url text`,
        secret,
      )
    }
    if (bytes.every((byte) => byte === bytes[0])) {
      throw secretMistake(OWNER, `${index}.secret`, 'must be random', secret)
    }
    if (compromised !== true) macs.set(id, hmacSha256(bytes))
  }
  if (macs.size === 0) throw new TypeError(`${OWNER} must hold at least one secret that is not compromised`)
  const ids = Object.freeze([...macs.keys()])
  return Object.freeze({ ids, mac: (id: number, data: Uint8Array) => macs.get(id)?.(data) })
}

const OWNER = 'refreshTokenSecrets'
const SECRET_BYTES = 32
