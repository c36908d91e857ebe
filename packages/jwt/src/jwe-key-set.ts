// The keys of one decryption: checked before any token is looked at, selected by `kid`, `alg` and `enc` (RFC 7516 §5.2).
import { mistake, secretMistake } from '@tallystick/core/options'
import type { DecryptionKey, JweMaterial } from './jwe-key.ts'
import { jweMaterialOf } from './jwe-key.ts'

/** What a header says of its key. */
export interface JweKeyNames {
  readonly alg: string
  readonly enc: string
  readonly kid: string | undefined
}

/**
 * Finds the one key for a header, or names why there is none.
 *
 * A header without `kid` leads to a key only where exactly one has its algorithms; keys are never tried in turn.
 */
export type JweSelect = (
  names: JweKeyNames,
) => JweMaterial | 'jwt/algorithm_not_allowed' | 'jwt/unknown_key' | 'jwt/ambiguous_key'

/**
 * Checks the keys of a decryption. Their own algorithms are the allow-list.
 *
 * @throws TypeError where a key is none, or only encrypts; where the same key stands under two `alg`, or with `dir` under
 * two `enc`; where two keys of the same algorithms have one key id.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725.html#section-3.1 RFC 8725 §3.1}
 */
export function createJweSelect(owner: string, keys: unknown): JweSelect {
  const checked = checkJweKeys(owner, keys)
  return ({ alg, enc, kid }) => {
    let found: DecryptionKey | undefined
    let isKnown = false
    for (const key of checked) {
      if (kid !== undefined && key.keyId !== kid) continue
      isKnown = true
      if (key.algorithm !== alg || key.encryption !== enc) continue
      if (found !== undefined) return 'jwt/ambiguous_key'
      found = key
    }
    if (found !== undefined) return jweMaterialOf(found) ?? 'jwt/unknown_key'
    return isKnown ? 'jwt/algorithm_not_allowed' : 'jwt/unknown_key'
  }
}

/** Checks that a list holds decryption keys of this package, and gives each of them once. */
function checkJweKeys(owner: string, keys: unknown): readonly DecryptionKey[] {
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > KEYS_MAX) {
    throw secretMistake(owner, 'keys', `must be an array of 1 to ${KEYS_MAX} keys`, keys)
  }
  const useOf = new Map<string, string>()
  const thumbprintOf = new Map<string, string>()
  const checked: DecryptionKey[] = []
  for (const [at, given] of keys.entries()) {
    const material = jweMaterialOf(given)
    if (material?.decrypting === undefined) {
      throw secretMistake(owner, `keys.${at}`, 'must be a decryption key, imported or generated here', given)
    }
    const key = given as DecryptionKey
    const { algorithm, encryption, keyId } = key
    const use = algorithm === 'dir' ? `dir ${encryption}` : algorithm
    if ((useOf.get(material.thumbprint) ?? use) !== use) {
      throw secretMistake(owner, `keys.${at}`, 'must not be the same key under a second algorithm', key)
    }
    useOf.set(material.thumbprint, use)
    const name = `${algorithm} ${encryption} ${keyId}`
    const known = thumbprintOf.get(name)
    if (known === undefined) checked.push(key)
    else if (known !== material.thumbprint) {
      throw mistake(owner, `keys.${at}`, 'must have another key id than a different key of its algorithms', keyId)
    }
    thumbprintOf.set(name, material.thumbprint)
  }
  return checked
}

/** Each token is compared with all of them. */
const KEYS_MAX = 100
