// Key objects of encryption: bound to one `alg` and one `enc` (RFC 8725 §3.1), their material where nothing prints it.
import type { JweAlgorithm, JweAlgorithmRow, JweEncryption, JweEncryptionRow } from './jwe-algorithms.ts'
import type { JwkMembers } from './node-crypto.ts'

declare const jweKeyBrand: unique symbol

/** A public key: it encrypts to somebody. Signing and verification keys are of another kind, and never stand for it. */
export interface EncryptionKey {
  readonly kind: 'encryption'
  /** The only `alg` it is used with. */
  readonly algorithm: JweAlgorithm
  /** The only `enc` it is used with. */
  readonly encryption: JweEncryption
  /** The `kid` in headers; the RFC 7638 thumbprint where the caller chose none. */
  readonly keyId: string
  readonly [jweKeyBrand]: 'encryption'
}

/** A private or symmetric key: it decrypts, and encrypts what it can decrypt. */
export interface DecryptionKey {
  readonly kind: 'decryption'
  /** The only `alg` it is used with. */
  readonly algorithm: JweAlgorithm
  /** The only `enc` it is used with. */
  readonly encryption: JweEncryption
  /** The `kid` in headers; the RFC 7638 thumbprint where the caller chose none. */
  readonly keyId: string
  readonly [jweKeyBrand]: 'decryption'
}

/** What a key is imported for. */
export type JwePurpose = 'encrypt' | 'decrypt'

/** What stands behind a key object of encryption. */
export interface JweMaterial {
  readonly row: JweAlgorithmRow
  readonly encryption: JweEncryptionRow
  /** RFC 7638; tells one key material from another whatever its key id. */
  readonly thumbprint: string
  /** How long the encrypted key in a token is, in bytes. */
  readonly encryptedKeyBytes: number
  /** Absent for a symmetric key, which has no public part. */
  readonly publicJwk: JwkMembers | undefined
  readonly encrypting: CryptoKey | Uint8Array
  /** Absent where the key only encrypts. */
  readonly decrypting: CryptoKey | Uint8Array | undefined
  /** The whole key, only where the caller asked for an extractable one. */
  readonly exported: JwkMembers | undefined
}

/** Makes the object that stands for public material. */
export function encryptionKey(keyId: string, material: JweMaterial): EncryptionKey {
  return keep({ kind: 'encryption', ...namesOf(material), keyId } as EncryptionKey, material)
}

/** Makes the object that stands for private or symmetric material. */
export function decryptionKey(keyId: string, material: JweMaterial): DecryptionKey {
  return keep({ kind: 'decryption', ...namesOf(material), keyId } as DecryptionKey, material)
}

/**
 * The material behind a key object, or `undefined` where the value is not a key object of encryption.
 *
 * Nothing is read from or called on a foreign value.
 */
export function jweMaterialOf(key: unknown): JweMaterial | undefined {
  return typeof key === 'object' && key !== null ? materials.get(key) : undefined
}

function namesOf({ row, encryption }: JweMaterial): { algorithm: JweAlgorithm; encryption: JweEncryption } {
  return { algorithm: row.name, encryption: encryption.name }
}

function keep<Key extends EncryptionKey | DecryptionKey>(key: Key, material: JweMaterial): Key {
  materials.set(key, material)
  return Object.freeze(key)
}

const materials = new WeakMap<object, JweMaterial>()
