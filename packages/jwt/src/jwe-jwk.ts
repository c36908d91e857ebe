// What a JWK must be before it encrypts or decrypts (RFC 7517 §4, RFC 7518 §6): one algorithm, strong, unambiguous.
import { mistake, secretMistake } from '@tallystick/core/options'
import type { JweAlgorithmRow, JweCurve, JweEncryptionRow } from './jwe-algorithms.ts'
import { secretBytesOf } from './jwe-algorithms.ts'
import type { JwePurpose } from './jwe-key.ts'
import { coordinateBytesOf, isSoundPoint, keyTypeOf } from './jwe-points.ts'
import type { ReadJwk } from './jwk.ts'
import { bytesOf, KEY_MEMBERS, MEMBERS, PRIVATE_MEMBERS, readJwk, rsaPrivateMembers } from './jwk.ts'
import type { JwkMembers } from './node-crypto.ts'
import { checkRsaStrength } from './rsa.ts'

/** The members that make a key, parted by who may see them. */
export interface JweMembers {
  /** `undefined` for a symmetric key. */
  readonly publicJwk: JwkMembers | undefined
  /** All of the key; `undefined` where it only encrypts. */
  readonly privateJwk: JwkMembers | undefined
}

/**
 * Checks a JWK for one algorithm and purpose, and gives the members that make the key, nothing else.
 *
 * @param owner - Whose caller is wrong, for messages; no message holds a member of the key.
 * @throws TypeError or RangeError at the first thing that is weak, missing, contradicting or ambiguous.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517.html#section-4 RFC 7517 §4}
 */
export function checkJweJwk(
  owner: string,
  given: unknown,
  { row, encryption }: { readonly row: JweAlgorithmRow; readonly encryption: JweEncryptionRow },
  purpose: JwePurpose,
): JweMembers {
  const jwk = readJwk(owner, given)
  const keyType = row.keyTypes.find((type) => type === jwk.kty)
  if (keyType === undefined) {
    throw mistake(owner, 'kty', `must be ${row.keyTypes.join(' or ')} for ${row.name}`, jwk.kty)
  }
  // A key that could be read as two kinds is a way from one algorithm to another.
  const foreign = KEY_MEMBERS.find((name) => jwk[name] !== undefined && !MEMBERS[keyType].includes(name))
  if (foreign !== undefined)
    throw secretMistake(owner, foreign, `must be absent from a key of type ${keyType}`, 'given')
  checkUse(owner, jwk, row, encryption)
  checkOperations(owner, jwk, row, purpose)
  if (keyType === 'oct') {
    const { text: k } = bytesOf(owner, jwk, 'k', secretBytesOf(row, encryption))
    return { publicJwk: undefined, privateJwk: { kty: 'oct', k } }
  }
  const publicJwk = keyType === 'RSA' ? rsaPublicMembers(owner, jwk) : pointMembers(owner, jwk)
  if (purpose === 'decrypt') {
    const secret = keyType === 'RSA' ? rsaPrivateMembers(owner, jwk) : { d: scalarOf(owner, jwk) }
    return { publicJwk, privateJwk: { ...publicJwk, ...secret } }
  }
  const present = PRIVATE_MEMBERS.find((name) => jwk[name] !== undefined)
  if (present !== undefined) throw secretMistake(owner, present, 'must be absent from a public key', 'given')
  return { publicJwk, privateJwk: undefined }
}

function checkUse(owner: string, jwk: ReadJwk, row: JweAlgorithmRow, encryption: JweEncryptionRow): void {
  // A key for direct encryption is the content encryption key, and is published under that name too (RFC 7520 §5.6.1).
  const names: readonly string[] = row.name === 'dir' ? ['dir', encryption.name] : [row.name]
  if (jwk.alg !== undefined && !names.includes(jwk.alg)) {
    throw mistake(owner, 'alg', `must be ${names.join(' or ')}, as the caller said, or absent`, jwk.alg)
  }
  // RFC 7517 §4.2: "sig" or "enc"; a key published for signatures is not for encryption.
  if (jwk.use !== undefined && jwk.use !== 'enc') throw mistake(owner, 'use', "must be 'enc' or absent", jwk.use)
}

function checkOperations(owner: string, { key_ops, kty }: ReadJwk, row: JweAlgorithmRow, purpose: JwePurpose): void {
  if (key_ops === undefined) return
  // RFC 7517 §4.3: "Duplicate key operation values MUST NOT be present in the array."
  if (new Set(key_ops).size !== key_ops.length) {
    throw mistake(owner, 'key_ops', 'must not name an operation twice', key_ops)
  }
  const { encrypt, decrypt } = row.operations
  const foreign = key_ops.find((operation) => !encrypt.includes(operation) && !decrypt.includes(operation))
  if (foreign !== undefined) {
    throw mistake(owner, 'key_ops', `must name ${[...encrypt, ...decrypt].join(', ')} alone`, foreign)
  }
  // A symmetric key object does both.
  const needed = kty === 'oct' ? [encrypt, decrypt] : [row.operations[purpose]]
  for (const names of needed) {
    if (names.length > 0 && !names.some((name) => key_ops.includes(name))) {
      throw mistake(owner, 'key_ops', `must name ${names.join(' or ')}, or be absent`, key_ops)
    }
  }
}

function rsaPublicMembers(owner: string, jwk: ReadJwk): JwkMembers {
  checkRsaStrength(owner, bytesOf(owner, jwk, 'n').bytes, bytesOf(owner, jwk, 'e').bytes)
  return { kty: 'RSA', n: jwk.n ?? '', e: jwk.e ?? '' }
}

function pointMembers(owner: string, jwk: ReadJwk): JwkMembers {
  const { kty } = jwk
  const curve = curveOf(owner, jwk)
  const { text: x } = bytesOf(owner, jwk, 'x', coordinateBytesOf(curve))
  const members: JwkMembers =
    kty === 'EC'
      ? { kty, crv: curve, x, y: bytesOf(owner, jwk, 'y', coordinateBytesOf(curve)).text }
      : { kty, crv: curve, x }
  if (!isSoundPoint(curve, x, members['y'])) {
    throw secretMistake(owner, 'x', `must be a point of ${curve} that is not of small order`, x)
  }
  return members
}

function scalarOf(owner: string, jwk: ReadJwk): string {
  return bytesOf(owner, jwk, 'd', coordinateBytesOf(curveOf(owner, jwk))).text
}

function curveOf(owner: string, { kty, crv }: ReadJwk): JweCurve {
  if (keyTypeOf(crv) === kty) return crv as JweCurve
  throw mistake(owner, 'crv', kty === 'EC' ? 'must be P-256, P-384 or P-521' : 'must be X25519', crv)
}
