// The algorithms of encryption as rows (RFC 7518 §4, §5): the closed set, and adding one is adding a row.

/** How the content encryption key reaches the recipient: the `alg` of a JWE. */
export type JweAlgorithm = 'dir' | 'A256GCMKW' | 'ECDH-ES' | 'ECDH-ES+A256KW' | 'RSA-OAEP-256'

/** How the content is encrypted and authenticated: the `enc` of a JWE. */
export type JweEncryption = 'A128GCM' | 'A192GCM' | 'A256GCM' | 'A128CBC-HS256' | 'A192CBC-HS384' | 'A256CBC-HS512'

/** The curves on which keys are agreed. */
export type JweCurve = 'P-256' | 'P-384' | 'P-521' | 'X25519'

/** What is fixed by the name of a key management algorithm. */
export interface JweAlgorithmRow {
  readonly name: JweAlgorithm
  /** The JWK `kty` that a key may have. */
  readonly keyTypes: readonly ('oct' | 'EC' | 'OKP' | 'RSA')[]
  /** How long a symmetric key must be, in bytes: exactly this; 0 where it is the content encryption key itself. */
  readonly secretBytes: number
  /** What the encrypted key in a token has more than the content encryption key, in bytes; `none` where there is none. */
  readonly wrapBytes: number | 'none' | 'modulus'
  /** The members of the header that are this algorithm's own (RFC 7518 §4.6.1, §4.7.1). */
  readonly headerMembers: readonly string[]
  /** The `key_ops` that a JWK may name: for who encrypts, and for who decrypts. */
  readonly operations: Readonly<Record<'encrypt' | 'decrypt', readonly string[]>>
}

/** What is fixed by the name of a content encryption algorithm; lengths in bytes. */
export interface JweEncryptionRow {
  readonly name: JweEncryption
  readonly keyBytes: number
  readonly ivBytes: number
  readonly tagBytes: number
  /** What the length of every ciphertext is a multiple of. */
  readonly blockBytes: 1 | 16
}

const WRAPPING = { encrypt: ['encrypt', 'wrapKey'], decrypt: ['decrypt', 'unwrapKey'] } as const
const AGREEMENT = { encrypt: [], decrypt: ['deriveKey', 'deriveBits'] } as const
const AGREED = ['epk', 'apu', 'apv'] as const

/** Every key management algorithm's row by its name. */
export const jweAlgorithms: Readonly<Record<JweAlgorithm, JweAlgorithmRow>> = {
  dir: {
    name: 'dir',
    keyTypes: ['oct'],
    secretBytes: 0,
    wrapBytes: 'none',
    headerMembers: [],
    operations: { encrypt: ['encrypt'], decrypt: ['decrypt'] },
  },
  A256GCMKW: {
    name: 'A256GCMKW',
    keyTypes: ['oct'],
    secretBytes: 32,
    wrapBytes: 0,
    headerMembers: ['iv', 'tag'],
    operations: WRAPPING,
  },
  'ECDH-ES': {
    name: 'ECDH-ES',
    keyTypes: ['EC', 'OKP'],
    secretBytes: 0,
    wrapBytes: 'none',
    headerMembers: AGREED,
    operations: AGREEMENT,
  },
  'ECDH-ES+A256KW': {
    name: 'ECDH-ES+A256KW',
    keyTypes: ['EC', 'OKP'],
    secretBytes: 0,
    wrapBytes: 8,
    headerMembers: AGREED,
    operations: AGREEMENT,
  },
  'RSA-OAEP-256': {
    name: 'RSA-OAEP-256',
    keyTypes: ['RSA'],
    secretBytes: 0,
    wrapBytes: 'modulus',
    headerMembers: [],
    operations: WRAPPING,
  },
}

/** Every content encryption algorithm's row by its name. */
export const jweEncryptions: Readonly<Record<JweEncryption, JweEncryptionRow>> = {
  A128GCM: { name: 'A128GCM', keyBytes: 16, ivBytes: 12, tagBytes: 16, blockBytes: 1 },
  A192GCM: { name: 'A192GCM', keyBytes: 24, ivBytes: 12, tagBytes: 16, blockBytes: 1 },
  A256GCM: { name: 'A256GCM', keyBytes: 32, ivBytes: 12, tagBytes: 16, blockBytes: 1 },
  'A128CBC-HS256': { name: 'A128CBC-HS256', keyBytes: 32, ivBytes: 16, tagBytes: 16, blockBytes: 16 },
  'A192CBC-HS384': { name: 'A192CBC-HS384', keyBytes: 48, ivBytes: 16, tagBytes: 24, blockBytes: 16 },
  'A256CBC-HS512': { name: 'A256CBC-HS512', keyBytes: 64, ivBytes: 16, tagBytes: 32, blockBytes: 16 },
}

/** How long a symmetric key must be, in bytes: exactly this. */
export function secretBytesOf(row: JweAlgorithmRow, encryption: JweEncryptionRow): number {
  return row.secretBytes === 0 ? encryption.keyBytes : row.secretBytes
}

/** Whether a value is the exact, case-sensitive name of a key management algorithm that is offered. */
export function isJweAlgorithm(name: unknown): name is JweAlgorithm {
  return typeof name === 'string' && Object.hasOwn(jweAlgorithms, name)
}

/** Whether a value is the exact, case-sensitive name of a content encryption algorithm that is offered. */
export function isJweEncryption(name: unknown): name is JweEncryption {
  return typeof name === 'string' && Object.hasOwn(jweEncryptions, name)
}
