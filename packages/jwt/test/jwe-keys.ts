// Keys and texts for the tests of encryption: every `alg` with every `enc`, on every curve.
import type { Entropy } from '@tallystick/core'
import { encodeBase64url } from '@tallystick/core/base64url'
import { systemEntropy } from '@tallystick/core/system'
import { CompactEncrypt, importJWK } from 'jose'
import type { DecryptionKey, JweAlgorithm, JweCurve, JweEncryption } from '../src/jwe.ts'
import { exportDecryptionKey, generateDecryptionKey } from '../src/jwe.ts'

export const ENCRYPTIONS: readonly JweEncryption[] = [
  'A128GCM',
  'A192GCM',
  'A256GCM',
  'A128CBC-HS256',
  'A192CBC-HS384',
  'A256CBC-HS512',
]
export const MANAGEMENTS: readonly (readonly [algorithm: JweAlgorithm, curve: JweCurve | undefined])[] = [
  ['dir', undefined],
  ['A256GCMKW', undefined],
  ['ECDH-ES', 'P-256'],
  ['ECDH-ES', 'P-384'],
  ['ECDH-ES', 'P-521'],
  ['ECDH-ES', 'X25519'],
  ['ECDH-ES+A256KW', 'P-256'],
  ['ECDH-ES+A256KW', 'P-384'],
  ['ECDH-ES+A256KW', 'P-521'],
  ['ECDH-ES+A256KW', 'X25519'],
  ['RSA-OAEP-256', undefined],
]
/** Every `alg`, curve and `enc`. */
export const KINDS: readonly (readonly [
  algorithm: JweAlgorithm,
  encryption: JweEncryption,
  curve: JweCurve | undefined,
])[] = MANAGEMENTS.flatMap(([algorithm, curve]) =>
  ENCRYPTIONS.map((encryption) => [algorithm, encryption, curve] as const),
)

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

/** Encrypts under any header through jose, which is not as strict. */
export async function joseToken(
  key: DecryptionKey,
  header: Record<string, unknown>,
  payload = 'hello',
): Promise<string> {
  const jwk = exportDecryptionKey(key)
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...publicJwk } = jwk
  const loaded = await importJWK({ ...publicJwk, alg: key.algorithm } as never)
  return new CompactEncrypt(utf8(payload))
    .setProtectedHeader({ alg: key.algorithm, enc: key.encryption, kid: key.keyId, ...header })
    .encrypt(loaded, { crit: { ctx: true } })
}

/** A token under `dir` with whatever header text, authentic under the key: what only its owner, or a library, could make. */
export async function sealText(key: DecryptionKey, header: string | Uint8Array, payload = 'hello'): Promise<string> {
  const secret = Buffer.from(exportDecryptionKey(key).k ?? '', 'base64url')
  const text = encodeBase64url(typeof header === 'string' ? utf8(header) : header)
  const iv = systemEntropy.bytes(12)
  const loaded = await crypto.subtle.importKey('raw', secret, 'AES-GCM', false, ['encrypt'])
  const use = { name: 'AES-GCM', iv: iv as BufferSource, additionalData: utf8(text) as BufferSource, tagLength: 128 }
  const sealed = new Uint8Array(await crypto.subtle.encrypt(use, loaded, utf8(payload) as BufferSource))
  return [text, '', ...[iv, sealed.slice(0, -16), sealed.slice(-16)].map(encodeBase64url)].join('.')
}
