// Key objects: what a caller holds shows an algorithm and a key id; the material lies where nothing prints or lists it.
import { secretMistake } from '@tallystick/core/options'
import type { AlgorithmRow, JwtAlgorithm } from './algorithms.ts'
import { algorithms } from './algorithms.ts'

declare const keyBrand: unique symbol

/** A key that signs, and verifies what it signed; bound to exactly one algorithm. */
export interface SigningKey {
  readonly kind: 'signing'
  /** The only algorithm it signs and verifies with. */
  readonly algorithm: JwtAlgorithm
  /** The `kid` in headers and key sets; the RFC 7638 thumbprint where the caller chose none. */
  readonly keyId: string
  readonly [keyBrand]: 'signing'
}

/** A key that only verifies; bound to exactly one algorithm. */
export interface VerificationKey {
  readonly kind: 'verification'
  /** The only algorithm it verifies with. */
  readonly algorithm: JwtAlgorithm
  /** The `kid` in headers and key sets; the RFC 7638 thumbprint where the caller chose none. */
  readonly keyId: string
  readonly [keyBrand]: 'verification'
}

/** Signature work that is done when the call returns. */
export interface SynchronousDriver {
  readonly verify: (input: Uint8Array, signature: Uint8Array) => boolean
  readonly sign?: (input: Uint8Array) => Uint8Array
}

/** Signature work through WebCrypto. */
export interface SubtleDriver {
  readonly verify: (input: Uint8Array, signature: Uint8Array) => Promise<boolean>
  readonly sign?: (input: Uint8Array) => Promise<Uint8Array>
}

/** The members of a JWK that anybody may see. */
export type PublicJwk =
  | { readonly kty: 'EC'; readonly crv: 'P-256' | 'P-384' | 'P-521'; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
  | { readonly kty: 'RSA'; readonly n: string; readonly e: string }
  | { readonly kty: 'AKP'; readonly alg: JwtAlgorithm; readonly pub: string }

/** The certificates that came with a key, as a JWK shows them (RFC 7517 §4.7, §4.9). */
export interface Certificates {
  /** Base64 of DER, the key's own first. */
  readonly x5c?: readonly string[]
  /** SHA-256 of the key's own, base64url. */
  readonly 'x5t#S256': string
}

/** What stands behind a key object. */
export interface KeyMaterial {
  readonly row: AlgorithmRow
  /** RFC 7638; tells one key material from another whatever its key id. */
  readonly thumbprint: string
  readonly signatureBytes: number
  /** Absent for a symmetric key, which has no public part. */
  readonly publicJwk: PublicJwk | undefined
  /** Absent where no certificate came with the key. */
  readonly certificates?: Certificates | undefined
  /** Absent where the runtime has no synchronous primitive for the algorithm. */
  readonly synchronous: SynchronousDriver | undefined
  readonly subtle: SubtleDriver
  /** The whole key, only where the caller asked for an extractable one. */
  readonly exported: Readonly<Record<string, string>> | undefined
}

/** Makes the object that stands for signing material. */
export function signingKey(keyId: string, material: KeyMaterial): SigningKey {
  return keep({ kind: 'signing', algorithm: material.row.name, keyId } as SigningKey, material)
}

/** Makes the object that stands for verifying material. */
export function verificationKey(keyId: string, material: KeyMaterial): VerificationKey {
  return keep({ kind: 'verification', algorithm: material.row.name, keyId } as VerificationKey, material)
}

/**
 * The material behind a key object, or `undefined` where the value is not a key object of this package.
 *
 * Nothing is read from or called on a foreign value.
 */
export function materialOf(key: unknown): KeyMaterial | undefined {
  return typeof key === 'object' && key !== null ? materials.get(key) : undefined
}

/**
 * Gives the RFC 7638 thumbprint of a key (SHA-256, base64url), whatever its key id: what DPoP calls `jkt`.
 *
 * @throws TypeError where the value is no key object of this package.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7638.html#section-3 RFC 7638 §3}
 */
export function keyThumbprint(key: SigningKey | VerificationKey): string {
  const material = materialOf(key)
  if (material === undefined) {
    throw secretMistake('keyThumbprint', 'key', 'must be made by generateKey or importKey', key)
  }
  return material.thumbprint
}

/** The row of a key's algorithm. */
export function rowOf(key: SigningKey | VerificationKey): AlgorithmRow {
  return algorithms[key.algorithm]
}

function keep<Key extends SigningKey | VerificationKey>(key: Key, material: KeyMaterial): Key {
  materials.set(key, material)
  return Object.freeze(key)
}

const materials = new WeakMap<object, KeyMaterial>()
