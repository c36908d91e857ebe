// A ring of secrets for HMACs (RFC 2104): the first signs, all verify, so that a secret can be replaced without a break.
import { decodeBase64url } from './base64url.ts'
import { hmacSha256 } from './crypto.ts'
import { mistake, secretMistake } from './options.ts'

/** One secret of a ring. */
export interface RingSecret {
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
 * To replace a secret: append the new one everywhere, then move it to the front; remove the old one when nothing that it
 * signed is in use any more.
 *
 * @param owner - Whose option the secrets are, for the message.
 * @throws TypeError or RangeError where a secret is not 32 random bytes, an id is not 0 to 255 or stands twice, or none is
 *   left.
 */
export function resolveSecretRing(secrets: readonly RingSecret[], owner: string): SecretRing {
  if (!Array.isArray(secrets)) throw secretMistake(owner, '', 'must be an array of { id, secret }', secrets)
  const macs = new Map<number, (data: Uint8Array) => Uint8Array>()
  const seen = new Set<number>()
  for (const [index, { id, secret, compromised }] of (secrets as readonly RingSecret[]).entries()) {
    if (!Number.isInteger(id) || id < 0 || id > 255) throw mistake(owner, `${index}.id`, 'must be 0 to 255', id)
    if (seen.has(id)) throw mistake(owner, `${index}.id`, 'must be unique and never used again', id)
    seen.add(id)
    const bytes = typeof secret === 'string' ? decodeBase64url(secret) : secret
    if (!(bytes instanceof Uint8Array) || bytes.length !== SECRET_BYTES) {
      const allowed = `must be ${SECRET_BYTES} random bytes, or their base64url text`
      throw secretMistake(owner, `${index}.secret`, allowed, secret)
    }
    if (bytes.every((byte) => byte === bytes[0]))
      throw secretMistake(owner, `${index}.secret`, 'must be random', secret)
    if (compromised !== true) macs.set(id, hmacSha256(bytes))
  }
  if (macs.size === 0) throw new TypeError(`${owner} must hold at least one secret that is not compromised`)
  const ids = Object.freeze([...macs.keys()])
  return Object.freeze({ ids, mac: (id: number, data: Uint8Array) => macs.get(id)?.(data) })
}

const SECRET_BYTES = 32
