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
  /** The hash's length in bytes: what an HMAC secret must at least have. */
  readonly hashBytes: number
  /** The length in bytes of the public part: one coordinate, the whole key; for RSA the modulus may choose. */
  readonly publicBytes: number | 'modulus'
  /** The length in bytes of the private part: a scalar or a seed; for RSA the modulus may choose. */
  readonly privateBytes: number | 'modulus'
  /** The signature's length in bytes; for RSA it is the modulus's. */
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

const HASHES: Readonly<Record<HashName, { readonly bytes: number; readonly subtle: string }>> = {
  sha256: { bytes: 32, subtle: 'SHA-256' },
  sha384: { bytes: 48, subtle: 'SHA-384' },
  sha512: { bytes: 64, subtle: 'SHA-512' },
}

/** Every algorithm's row by its name. */
export const algorithms: Readonly<Record<JwtAlgorithm, AlgorithmRow>> = {
  ES256: ecdsa('ES256', 'P-256', 'sha256', 32),
  ES384: ecdsa('ES384', 'P-384', 'sha384', 48),
  ES512: ecdsa('ES512', 'P-521', 'sha512', 66),
  Ed25519: ed25519('Ed25519'),
  // RFC 9864 §2.2: deprecated, because it does not say which curve. Here it never means another than Ed25519.
  EdDSA: { ...ed25519('EdDSA'), oldNameOf: 'Ed25519' },
  PS256: rsa('PS256', 'pss', 'sha256'),
  PS384: rsa('PS384', 'pss', 'sha384'),
  PS512: rsa('PS512', 'pss', 'sha512'),
  RS256: rsa('RS256', 'pkcs1', 'sha256'),
  RS384: rsa('RS384', 'pkcs1', 'sha384'),
  RS512: rsa('RS512', 'pkcs1', 'sha512'),
  HS256: hmac('HS256', 'sha256'),
  HS384: hmac('HS384', 'sha384'),
  HS512: hmac('HS512', 'sha512'),
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

function ecdsa(
  name: JwtAlgorithm,
  curve: 'P-256' | 'P-384' | 'P-521',
  hash: HashName,
  coordinateBytes: number,
): AlgorithmRow {
  return {
    name,
    keyType: 'EC',
    curve,
    hash,
    hashBytes: HASHES[hash].bytes,
    publicBytes: coordinateBytes,
    privateBytes: coordinateBytes,
    signatureBytes: 2 * coordinateBytes,
    subtleImport: { name: 'ECDSA', namedCurve: curve },
    subtleUse: { name: 'ECDSA', hash: HASHES[hash].subtle },
    preferred: 'synchronous',
  }
}

function ed25519(name: JwtAlgorithm): AlgorithmRow {
  return {
    name,
    keyType: 'OKP',
    curve: 'Ed25519',
    hash: null,
    hashBytes: 64,
    publicBytes: 32,
    privateBytes: 32,
    signatureBytes: 64,
    subtleImport: { name: 'Ed25519' },
    subtleUse: { name: 'Ed25519' },
    preferred: 'synchronous',
  }
}

function rsa(name: JwtAlgorithm, padding: 'pkcs1' | 'pss', hash: HashName): AlgorithmRow {
  const { bytes, subtle } = HASHES[hash]
  const subtleName = padding === 'pss' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5'
  return {
    name,
    keyType: 'RSA',
    hash,
    hashBytes: bytes,
    publicBytes: 'modulus',
    privateBytes: 'modulus',
    signatureBytes: 'modulus',
    padding,
    subtleImport: { name: subtleName, hash: subtle },
    // RFC 7518 §3.5: "The size of the salt value is the same size as the hash function output."
    subtleUse: padding === 'pss' ? { name: subtleName, saltLength: bytes } : { name: subtleName },
    preferred: 'synchronous',
  }
}

function hmac(name: JwtAlgorithm, hash: HashName): AlgorithmRow {
  const { bytes, subtle } = HASHES[hash]
  return {
    name,
    keyType: 'oct',
    hash,
    hashBytes: bytes,
    publicBytes: 0,
    privateBytes: bytes,
    signatureBytes: bytes,
    subtleImport: { name: 'HMAC', hash: subtle },
    subtleUse: { name: 'HMAC' },
    preferred: 'synchronous',
  }
}

/** RFC 9964 §3: the context is empty, which is what a runtime assumes that is told none; the message is not hashed before. */
function mlDsa(name: JwtAlgorithm, publicBytes: number, signatureBytes: number): AlgorithmRow {
  return {
    name,
    keyType: 'AKP',
    hash: null,
    hashBytes: 64,
    publicBytes,
    privateBytes: 32,
    signatureBytes,
    subtleImport: { name },
    subtleUse: { name },
    preferred: 'synchronous',
  }
}
