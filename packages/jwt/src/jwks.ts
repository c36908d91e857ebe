// Publishes keys as a JWK Set (RFC 7517 §5): public members only.
import { type NumericDate, numericDate } from '@tallystick/core'
import { mistake } from '@tallystick/core/options'
import type { JwtAlgorithm } from './algorithms.ts'
import type { Certificates, PublicJwk, SigningKey, VerificationKey } from './key.ts'
import { materialOf } from './key.ts'
import { checkKeys } from './key-set.ts'
import { type KeySchedule, scheduleOf } from './schedule-keys.ts'

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
 * @param keys - Asymmetric keys, or a schedule of such; of signing keys only the public part is taken.
 * @param now - Seconds since the epoch; needed with a schedule, whose retired keys are not published.
 * @throws TypeError where a key is symmetric, is no key, or has the key id of another. RangeError where a schedule is
 * given without `now`.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517.html#section-5 RFC 7517 §5}
 */
export function toJwks(keys: readonly (SigningKey | VerificationKey)[], now?: NumericDate): Jwks
export function toJwks(keys: readonly (SigningKey | VerificationKey)[] | KeySchedule, now: NumericDate): Jwks
export function toJwks(keys: readonly (SigningKey | VerificationKey)[] | KeySchedule, now?: NumericDate): Jwks {
  const scheduled = scheduleOf(keys)?.keysAt(numericDate(now as NumericDate))
  // A schedule that lost its only key publishes none: verifiers must learn of that too.
  const published = (scheduled?.length === 0 ? [] : checkKeys(OWNER, scheduled ?? keys)).map(publish)
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
