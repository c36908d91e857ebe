// The keys of one verifier: checked once at construction, selected by `kid` and `alg` for each token (RFC 7515 §4.1.4).
import { mistake, secretMistake } from '@tallystick/core/options'
import type { JwtAlgorithm } from './algorithms.ts'
import { ALGORITHM_NAMES, algorithms as rows, isAlgorithm, nameToday } from './algorithms.ts'
import type { KeyMaterial, SigningKey, VerificationKey } from './key.ts'
import { materialOf } from './key.ts'
import type { JwtRefusal } from './refusals.ts'

/** Keys and the algorithms they may be used with. */
export interface KeySet {
  readonly materials: readonly KeyMaterial[]
  /**
   * Finds the one key for a header, or names why there is none.
   *
   * A header without `kid` leads to a key only where exactly one has its algorithm; keys are never tried in turn.
   */
  select(alg: string, kid: string | undefined): KeyMaterial | JwtRefusal
}

/**
 * Checks the keys and the allow-list of a verifier.
 *
 * @throws TypeError where `algorithms` is missing, empty or unknown; where a key is none, or has an algorithm that is
 * not listed; where the same key stands under two algorithms, or two keys of one algorithm under one key id.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725.html#section-3.1 RFC 8725 §3.1}
 */
export function createKeySet(owner: string, keys: unknown, algorithms: unknown): KeySet {
  const allowed = checkAlgorithms(owner, algorithms)
  const checked = checkKeys(owner, keys)
  checked.forEach((key, at) => {
    // JW-28: an Ed25519 key may be there for tokens of the old name alone.
    const isListed = allowed.has(key.algorithm) || [...allowed].some((name) => rows[name].oldNameOf === key.algorithm)
    if (!isListed) throw mistake(owner, `keys.${at}.algorithm`, 'must be one of algorithms', key.algorithm)
  })
  const select: KeySet['select'] = (alg, kid) => {
    // RFC 8725 §3.1: the allow-list decides first, by exact comparison, whatever the key would fit.
    if (!allowed.has(alg as JwtAlgorithm)) return 'jwt/algorithm_not_allowed'
    let found: SigningKey | VerificationKey | undefined
    let isKnown = false
    for (const key of checked) {
      if (kid !== undefined && key.keyId !== kid) continue
      isKnown = true
      if (nameToday(rows[key.algorithm]) !== nameToday(rows[alg as JwtAlgorithm])) continue
      if (found !== undefined) return 'jwt/ambiguous_key'
      found = key
    }
    if (found !== undefined) return materialOf(found) ?? 'jwt/unknown_key'
    return isKnown && kid !== undefined ? 'jwt/algorithm_not_allowed' : 'jwt/unknown_key'
  }
  return { materials: checked.flatMap((key) => materialOf(key) ?? []), select }
}

/**
 * Checks that a list holds keys of this package, none of them under two algorithms, and gives each of them once.
 *
 * Two keys of one algorithm under one key id could never be told apart, so that each of their tokens would be refused.
 *
 * @throws TypeError otherwise; nothing is read from or called on what is no key.
 */
export function checkKeys(owner: string, keys: unknown): readonly (SigningKey | VerificationKey)[] {
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > KEYS_MAX) {
    throw secretMistake(owner, 'keys', `must be an array of 1 to ${KEYS_MAX} keys`, keys)
  }
  const algorithmOf = new Map<string, JwtAlgorithm>()
  const thumbprintOf = new Map<string, string>()
  const checked: (SigningKey | VerificationKey)[] = []
  for (const [at, key] of keys.entries()) {
    const material = materialOf(key)
    if (material === undefined)
      throw secretMistake(owner, `keys.${at}`, 'must be made by generateKey or importKey', key)
    // Two names of one algorithm are no second algorithm.
    const name = nameToday(material.row)
    // RFC 8725 §3.1: "Each key MUST be used with exactly one algorithm, and this MUST be checked" when it is used.
    if ((algorithmOf.get(material.thumbprint) ?? name) !== name) {
      throw secretMistake(owner, `keys.${at}`, 'must not be the same key under a second algorithm', key)
    }
    algorithmOf.set(material.thumbprint, name)
    const { keyId } = key as SigningKey | VerificationKey
    const known = thumbprintOf.get(`${name} ${keyId}`)
    if (known === undefined) checked.push(key as SigningKey | VerificationKey)
    else if (known !== material.thumbprint)
      throw mistake(owner, `keys.${at}`, `must have another key id than a different key for ${name}`, keyId)
    thumbprintOf.set(`${name} ${keyId}`, material.thumbprint)
  }
  return checked
}

function checkAlgorithms(owner: string, algorithms: unknown): ReadonlySet<JwtAlgorithm> {
  if (!Array.isArray(algorithms) || algorithms.length === 0) {
    throw mistake(owner, 'algorithms', `must name at least one of ${ALGORITHM_NAMES}`, algorithms)
  }
  const allowed = new Set<JwtAlgorithm>()
  for (const [at, name] of algorithms.entries()) {
    if (!isAlgorithm(name)) throw mistake(owner, `algorithms.${at}`, `must be one of ${ALGORITHM_NAMES}`, name)
    allowed.add(name)
  }
  // RFC 8725 §2.1: a list that allows a MAC beside signatures is the opening for a public key used as a secret.
  if (new Set([...allowed].map((name) => rows[name].keyType === 'oct')).size > 1) {
    throw mistake(owner, 'algorithms', 'must not mix HS256, HS384, HS512 with asymmetric algorithms', algorithms)
  }
  return allowed
}

/** More keys than any issuer publishes; each token compares with all of them. */
const KEYS_MAX = 100
