// Publishes keys as a JWK Set (RFC 7517 §5): public members only.
import { mistake } from '@tallystick/core/options'
import type { JwtAlgorithm } from './algorithms.ts'
import type { Certificates, PublicJwk, SigningKey, VerificationKey } from './key.ts'
import { materialOf } from './key.ts'
import { checkKeys } from './key-set.ts'

/** A key as anybody may see it. */
export type PublishedJwk = PublicJwk &
  Partial<Certificates> & { readonly kid: string; readonly alg: JwtAlgorithm; readonly use: 'sig' }

/** A JWK Set. */
export interface Jwks {
  /** The keys, in the order they were given. */
  readonly keys: readonly PublishedJwk[]
}

/**
 * Makes the JWK Set of some keys, to be served at `jwks_uri`.
 *
 * @param keys - Asymmetric keys; of signing keys only the public part is taken.
 * @throws TypeError where a key is symmetric, is no key, or has the key id of another.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517.html#section-5 RFC 7517 §5}
 */
export function toJwks(keys: readonly (SigningKey | VerificationKey)[]): Jwks {
  const published = checkKeys(OWNER, keys).map(publish)
  const keyIds = published.map(({ kid }) => kid)
  const twice = keyIds.find((keyId, at) => keyIds.indexOf(keyId) !== at)
  if (twice !== undefined) throw mistake(OWNER, 'keys', 'must have different key ids', twice)
  return { keys: published }
}

function publish(key: SigningKey | VerificationKey, at: number): PublishedJwk {
  const { publicJwk, certificates } = materialOf(key) ?? {}
  if (publicJwk === undefined) throw mistake(OWNER, `keys.${at}`, 'must not be a symmetric key', key.algorithm)
  return { ...publicJwk, ...certificates, kid: key.keyId, alg: key.algorithm, use: 'sig' }
}

const OWNER = 'toJwks'
