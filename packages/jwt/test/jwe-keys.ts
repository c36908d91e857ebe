// Keys and texts for the tests of encryption: every `alg` with every `enc`, on every curve.
import type { Entropy } from '@tallystick/core'
import { systemEntropy } from '@tallystick/core/system'
import type { DecryptionKey, JweAlgorithm, JweCurve, JweEncryption } from '../src/jwe.ts'
import { generateDecryptionKey } from '../src/jwe.ts'

export const ENCRYPTIONS: readonly JweEncryption[] = [
  'A128GCM',
  'A192GCM',
  'A256GCM',
  'A128CBC-HS256',
  'A192CBC-HS384',
  'A256CBC-HS512',
]
export const MANAGEMENTS: readonly (readonly [algorithm: JweAlgorithm, curve?: JweCurve])[] = [
  ['dir'],
  ['A256GCMKW'],
  ['ECDH-ES', 'P-256'],
  ['ECDH-ES', 'P-384'],
  ['ECDH-ES', 'P-521'],
  ['ECDH-ES', 'X25519'],
  ['ECDH-ES+A256KW', 'P-256'],
  ['ECDH-ES+A256KW', 'P-384'],
  ['ECDH-ES+A256KW', 'P-521'],
  ['ECDH-ES+A256KW', 'X25519'],
  ['RSA-OAEP-256'],
]
/** Every `alg`, curve and `enc`. */
export const KINDS: readonly (readonly [algorithm: JweAlgorithm, encryption: JweEncryption, curve?: JweCurve])[] =
  MANAGEMENTS.flatMap(([algorithm, curve]) => ENCRYPTIONS.map((encryption) => [algorithm, encryption, curve] as const))

export const entropy: Entropy = systemEntropy

const made = new Map<string, Promise<DecryptionKey>>()

/** One extractable key of each kind, made once a file. */
export function jweKey(
  algorithm: JweAlgorithm,
  encryption: JweEncryption = 'A256GCM',
  curve?: JweCurve,
): Promise<DecryptionKey> {
  const name = `${algorithm} ${encryption} ${curve}`
  const key = made.get(name) ?? generateDecryptionKey({ algorithm, encryption, curve, extractable: true })
  made.set(name, key)
  return key
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const utf8 = (text: string): Uint8Array => encoder.encode(text)
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes)

/** The answer in one word: the payload as text, or the reason. */
export function told(
  opened: { readonly ok: true; readonly payload: Uint8Array } | { readonly ok: false; readonly reason: string },
): string {
  return opened.ok ? textOf(opened.payload) : opened.reason
}
