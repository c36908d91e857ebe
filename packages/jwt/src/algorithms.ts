// The signature algorithms as rows (RFC 7518 §3, RFC 8037, RFC 9864, RFC 9964): adding an algorithm is adding a row.

/** The algorithms that are offered; `none` is not one, and `EdDSA` is but the old name of `Ed25519`. */
export type JwtAlgorithm =
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'Ed25519'
  | 'EdDSA'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'HS256'
  | 'HS384'
  | 'HS512'
  | 'ML-DSA-44'
  | 'ML-DSA-65'
  | 'ML-DSA-87'

/** A hash as `node:crypto` names it. */
export type HashName = 'sha256' | 'sha384' | 'sha512'

/** What is fixed by an algorithm's name. */
export interface AlgorithmRow {
  readonly name: JwtAlgorithm
  /** The name to say instead, where this one is an old name of the same algorithm. */
  readonly oldNameOf?: JwtAlgorithm
  /** The JWK `kty` that a key must have. */
  readonly keyType: 'EC' | 'OKP' | 'RSA' | 'oct' | 'AKP'
  /** The JWK `crv` that a key must have, where its type has one. */
  readonly curve?: 'P-256' | 'P-384' | 'P-521' | 'Ed25519'
  /** The hash that signing starts with; `null` where the algorithm hashes by itself. */
  readonly hash: HashName | null
  /** The length in bytes of what a key shows: one coordinate, or all of it; of an RSA key it is the modulus's. */
  readonly publicBytes: number | 'modulus'
  /** The signature's length in bytes, for HMAC the hash's; for RSA it is the modulus's. */
  readonly signatureBytes: number | 'modulus'
  /** How an RSA signature is padded. */
  readonly padding?: 'pkcs1' | 'pss'
  /** What `crypto.subtle.importKey` is told. */
  readonly subtleImport: Readonly<{ name: string; hash?: string; namedCurve?: string }>
  /** What `crypto.subtle.sign` and `verify` are told. */
  readonly subtleUse: Readonly<{ name: string; hash?: string; saltLength?: number }>
  /**
   * Which driver serves the asynchronous verifier and the issuer where the runtime has both.
   *
   * Measured on Node 20 to 26: one HMAC takes 3 µs at once and 20 to 26 µs through `subtle`; RS256 30 against 50, ES256
   * 85 against 110 to 120, Ed25519 130 against 155, ML-DSA-44 91 against 121; ES384 and ES512 take 550 and 1900 either way.
   * Handing over pays only with idle cores and many calls in flight.
   */
  readonly preferred: 'synchronous' | 'subtle'
}

/** Every algorithm's row by its name. */
export const algorithms: Readonly<Record<JwtAlgorithm, AlgorithmRow>> = {
  ES256: ecdsa('ES256', 'P-256', 256, 32),
  ES384: ecdsa('ES384', 'P-384', 384, 48),
  ES512: ecdsa('ES512', 'P-521', 512, 66),
  Ed25519: ed25519('Ed25519'),
  // RFC 9864 §2.2: deprecated, because it does not say which curve. Here it never means another than Ed25519.
  EdDSA: { ...ed25519('EdDSA'), oldNameOf: 'Ed25519' },
  PS256: rsa('PS256', 'pss', 256),
  PS384: rsa('PS384', 'pss', 384),
  PS512: rsa('PS512', 'pss', 512),
  RS256: rsa('RS256', 'pkcs1', 256),
  RS384: rsa('RS384', 'pkcs1', 384),
  RS512: rsa('RS512', 'pkcs1', 512),
  HS256: hmac('HS256', 256),
  HS384: hmac('HS384', 384),
  HS512: hmac('HS512', 512),
  'ML-DSA-44': mlDsa('ML-DSA-44', 1312, 2420),
  'ML-DSA-65': mlDsa('ML-DSA-65', 1952, 3309),
  'ML-DSA-87': mlDsa('ML-DSA-87', 2592, 4627),
}

/** Whether a value is the exact, case-sensitive name of an algorithm that is offered. */
export function isAlgorithm(name: unknown): name is JwtAlgorithm {
  return typeof name === 'string' && Object.hasOwn(algorithms, name)
}

/** The name that an algorithm has today: two names of one algorithm give the same. */
export function nameToday({ name, oldNameOf }: AlgorithmRow): JwtAlgorithm {
  return oldNameOf ?? name
}

/** The names that are offered, for messages. */
export const ALGORITHM_NAMES: string = Object.keys(algorithms).join(', ')

type HashBits = 256 | 384 | 512
type Bytes = AlgorithmRow['publicBytes']

function ecdsa(
  name: JwtAlgorithm,
  curve: 'P-256' | 'P-384' | 'P-521',
  bits: HashBits,
  coordinateBytes: number,
): AlgorithmRow {
  return {
    ...sized(name, 'EC', coordinateBytes, 2 * coordinateBytes),
    hash: `sha${bits}`,
    curve,
    subtleImport: { name: 'ECDSA', namedCurve: curve },
    subtleUse: { name: 'ECDSA', hash: `SHA-${bits}` },
  }
}

function ed25519(name: JwtAlgorithm): AlgorithmRow {
  return { ...unhashed('Ed25519'), ...sized(name, 'OKP', 32, 64), curve: 'Ed25519' }
}

function rsa(name: JwtAlgorithm, padding: 'pkcs1' | 'pss', bits: HashBits): AlgorithmRow {
  const subtleName = padding === 'pss' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5'
  return {
    ...sized(name, 'RSA', 'modulus', 'modulus'),
    hash: `sha${bits}`,
    padding,
    subtleImport: { name: subtleName, hash: `SHA-${bits}` },
    // RFC 7518 §3.5: "The size of the salt value is the same size as the hash function output."
    subtleUse: padding === 'pss' ? { name: subtleName, saltLength: bits / 8 } : { name: subtleName },
  }
}

function hmac(name: JwtAlgorithm, bits: HashBits): AlgorithmRow {
  return {
    ...sized(name, 'oct', 0, bits / 8),
    hash: `sha${bits}`,
    subtleImport: { name: 'HMAC', hash: `SHA-${bits}` },
    subtleUse: { name: 'HMAC' },
  }
}

/** RFC 9964 §5: the context is empty, which is what a runtime assumes that is told none; the message is not hashed before. */
function mlDsa(name: JwtAlgorithm, publicBytes: number, signatureBytes: number): AlgorithmRow {
  return { ...unhashed(name), ...sized(name, 'AKP', publicBytes, signatureBytes) }
}

function unhashed(name: string): Pick<AlgorithmRow, 'hash' | 'subtleImport' | 'subtleUse'> {
  return { hash: null, subtleImport: { name }, subtleUse: { name } }
}

function sized(
  name: JwtAlgorithm,
  keyType: AlgorithmRow['keyType'],
  publicBytes: Bytes,
  signatureBytes: Bytes,
): Pick<AlgorithmRow, 'name' | 'keyType' | 'publicBytes' | 'signatureBytes' | 'preferred'> {
  return { name, keyType, publicBytes, signatureBytes, preferred: 'synchronous' }
}
