// JWE: every key management with every content encryption, held against WebCrypto; what a runtime lacks is a typed failure.
import { createIssuer, createVerifier } from '@tallystick/jwt'
import { decodeBase64url, encodeBase64url } from '@tallystick/core/base64url'
import { systemEntropy } from '@tallystick/core/system'
import { generateKey, type Jwk } from '@tallystick/jwt/keys'
import {
  decrypt,
  type DecryptionKey,
  decryptNested,
  encrypt,
  encryptNested,
  exportDecryptionKey,
  exportEncryptionKey,
  generateDecryptionKey,
  importDecryptionKey,
  importEncryptionKey,
  type JweAlgorithm,
  type JweCurve,
  type JweEncryption,
} from '@tallystick/jwt/jwe'
import { holds, same, throws, type Register } from './checks.ts'
import { API, ISSUER, START } from './world.ts'

/** Every key management algorithm, with each curve it agrees on. */
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
/** Every content encryption algorithm. */
export const ENCRYPTIONS: readonly JweEncryption[] = [
  'A128GCM',
  'A192GCM',
  'A256GCM',
  'A128CBC-HS256',
  'A192CBC-HS384',
  'A256CBC-HS512',
]

/** Registers the checks of `@tallystick/jwt/jwe`. */
export function encryptionChecks(check: Register): void {
  for (const [algorithm, curve] of MANAGEMENTS)
    for (const encryption of ENCRYPTIONS) {
      const name = [algorithm, curve, encryption].filter((part) => part !== undefined).join(' ')
      check(`jwe ${name}: what is sealed opens, and nothing else does; or it is a failure that says so`, async () => {
        const key = await keyOrAbsence(algorithm, encryption, curve)
        if (key !== undefined) await roundTrip(key)
      })
    }
  subtleChecks(check)
  keyChecks(check)
  absenceChecks(check)
  nestedChecks(check)
}

function subtleChecks(check: Register): void {
  for (const algorithm of ['dir', 'A256GCMKW', 'RSA-OAEP-256'] as const) {
    check(`jwe ${algorithm}: WebCrypto opens what we seal`, async () => {
      const key = await keyFor(algorithm, 'A256GCM')
      const token = await encrypt(PAYLOAD, { key }, systemEntropy)
      same(await openWithSubtle(token, exportDecryptionKey(key)), PAYLOAD)
    })
  }
  check('jwe dir: we open what WebCrypto sealed', async () => {
    const key = await keyFor('dir', 'A256GCM')
    const token = await sealWithSubtle(key)
    const opened = await decrypt(token, { keys: [key] })
    holds(opened.ok, opened.ok ? '' : opened.reason)
    same(opened.payload, PAYLOAD)
  })
}

function keyChecks(check: Register): void {
  check('jwe: a key that is too short, or public for a secret, is a mistake that shows no key', async () => {
    const task = { algorithm: 'dir', encryption: 'A256GCM' } as const
    const k = 'c2VjcmV0IHRoYXQ'
    await throws(() => importDecryptionKey({ kty: 'oct', k }, task), /^(?!.*c2VjcmV0)(Type|Range)Error: /)
    const { n = '', e = '' } = exportEncryptionKey(await keyFor('RSA-OAEP-256', 'A256GCM'))
    await throws(() => importDecryptionKey({ kty: 'RSA', n, e }, task), /^TypeError: /)
  })
}

function absenceChecks(check: Register): void {
  for (const [algorithm, curve] of MANAGEMENTS) {
    const name = [algorithm, curve].filter((part) => part !== undefined).join(' ')
    check(`jwe ${name}: in a runtime that has it not, it is a failure that says so`, async () => {
      const { subtle } = crypto
      Object.defineProperty(subtle, 'importKey', { configurable: true, value: refuseImport })
      try {
        await throws(
          () => generateDecryptionKey({ algorithm, encryption: 'A192GCM', curve }),
          /^TokenError ERR_ALGORITHM_UNAVAILABLE: /,
        )
      } finally {
        Reflect.deleteProperty(subtle, 'importKey')
      }
    })
  }
}

function nestedChecks(check: Register): void {
  check('jwe: a nested token is decrypted and then verified, by the keys of both', async () => {
    const [own, signing] = await Promise.all([keyFor('ECDH-ES', 'A256GCM', 'P-256'), generateKey('ES256')])
    const parties = { issuer: ISSUER, audience: API, type: 'at+jwt' } as const
    const issuer = createIssuer({ ...parties, lifetimeSeconds: 60, keys: [signing] })
    const token = await issuer.issue({ sub: 'alice', client_id: 'web' }, START, systemEntropy)
    const nested = await encryptNested(token, { key: own }, systemEntropy)
    const verifying = (keys: readonly Awaited<ReturnType<typeof generateKey>>[]) =>
      createVerifier({ ...parties, algorithms: ['ES256'], keys })
    const good = await decryptNested(nested, { keys: [own], verifier: verifying([signing]) }, START)
    same(good.ok && [good.claims.sub, good.outerHeader.cty], ['alice', 'JWT'])
    const others = verifying([await generateKey('ES256', { keyId: signing.keyId })])
    const bad = await decryptNested(nested, { keys: [own], verifier: others }, START)
    same(!bad.ok && bad.reason, 'jwt/bad_signature')
    const plain = await decrypt(nested, { keys: [own] })
    same(!plain.ok && plain.reason, 'jwt/wrong_type')
  })
}

/** The key, or `undefined` where the runtime says that it has not got it; whatever else it says, fails. */
export async function keyOrAbsence(
  algorithm: JweAlgorithm,
  encryption: JweEncryption,
  curve?: JweCurve,
): Promise<DecryptionKey | undefined> {
  try {
    return await keyFor(algorithm, encryption, curve)
  } catch (error) {
    same((error as { code?: string }).code, 'ERR_ALGORITHM_UNAVAILABLE', 'the code of the failure')
    return undefined
  }
}

async function roundTrip(key: DecryptionKey): Promise<void> {
  const context = '__Host-Http-session'
  const { algorithm, encryption, keyId } = key
  const isPublic = algorithm.startsWith('ECDH') || algorithm.startsWith('RSA')
  // As the other party does it, which has the public part alone.
  const sealing = isPublic ? await importEncryptionKey(exportEncryptionKey(key), { algorithm, encryption }) : key
  same(sealing.keyId, keyId)
  const token = await encrypt(PAYLOAD, { key: sealing, context }, systemEntropy)
  const opened = await decrypt(token, { keys: [key], context })
  holds(opened.ok, opened.ok ? '' : opened.reason)
  same([opened.payload, opened.header.alg, opened.header.enc], [PAYLOAD, algorithm, encryption])
  const elsewhere = await decrypt(token, { keys: [key], context: 'other' })
  same(!elsewhere.ok && elsewhere.reason, 'jwt/wrong_context')
  for (const part of [2, 3, 4]) {
    const bad = await decrypt(turnBit(token, part), { keys: [key], context })
    same(!bad.ok && bad.reason, 'jwt/decryption_failed')
  }
  same(Object.keys(JSON.parse(JSON.stringify(key)) as object).sort(), ['algorithm', 'encryption', 'keyId', 'kind'])
}

/** One key of each kind, made once. */
function keyFor(algorithm: JweAlgorithm, encryption: JweEncryption, curve?: JweCurve): Promise<DecryptionKey> {
  const name = [algorithm, curve, encryption].join(' ')
  const key = made.get(name) ?? makeKey(algorithm, encryption, curve)
  made.set(name, key)
  return key
}

/** RSA keys are slow to make: one serves every content encryption. */
async function makeKey(algorithm: JweAlgorithm, encryption: JweEncryption, curve?: JweCurve): Promise<DecryptionKey> {
  if (algorithm !== 'RSA-OAEP-256' || encryption === 'A256GCM')
    return generateDecryptionKey({ algorithm, encryption, curve, extractable: true })
  return importDecryptionKey(exportDecryptionKey(await keyFor(algorithm, 'A256GCM')), { algorithm, encryption })
}

/** What WebCrypto answers where it knows no such algorithm. */
function refuseImport(): Promise<never> {
  return Promise.reject(new DOMException('none', 'NotSupportedError'))
}

function turnBit(token: string, part: number): string {
  const parts = token.split('.')
  const bytes = Uint8Array.from(decodeBase64url(parts[part] ?? '') ?? [])
  bytes[0] = (bytes[0] ?? 0) ^ 1
  parts[part] = encodeBase64url(bytes)
  return parts.join('.')
}

async function openWithSubtle(token: string, jwk: Jwk): Promise<Uint8Array> {
  const [head = '', wrapped = '', iv = '', ciphertext = '', tag = ''] = token.split('.')
  const header = JSON.parse(new TextDecoder().decode(bytesOf(head))) as { alg: string; iv?: string; tag?: string }
  const content = await contentKey(header, bytesOf(wrapped), jwk)
  const aes = { name: 'AES-GCM', iv: bytesOf(iv), additionalData: new TextEncoder().encode(head) }
  return new Uint8Array(await crypto.subtle.decrypt(aes, content, joined(bytesOf(ciphertext), bytesOf(tag))))
}

/** The content encryption key that a token's header and second part stand for (RFC 7518 §4.3, §4.5, §4.7). */
async function contentKey(
  { alg, iv = '', tag = '' }: { readonly alg: string; readonly iv?: string; readonly tag?: string },
  wrapped: Uint8Array<ArrayBuffer>,
  { kty, k = '', n, e, d, p, q, dp, dq, qi }: Jwk,
): Promise<CryptoKey> {
  if (alg === 'dir') return importAes(bytesOf(k))
  if (alg === 'A256GCMKW') {
    const aes = { name: 'AES-GCM', iv: bytesOf(iv) }
    const key = await importAes(bytesOf(k))
    return importAes(await crypto.subtle.decrypt(aes, key, joined(wrapped, bytesOf(tag))))
  }
  const rsa = { name: 'RSA-OAEP', hash: 'SHA-256' }
  const members = { kty, n, e, d, p, q, dp, dq, qi } as JsonWebKey
  const key = await crypto.subtle.importKey('jwk', members, rsa, false, ['decrypt'])
  return importAes(await crypto.subtle.decrypt(rsa, key, wrapped))
}

async function sealWithSubtle(key: DecryptionKey): Promise<string> {
  const header = JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid: key.keyId })
  const head = encodeBase64url(new TextEncoder().encode(header))
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const aes = { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(head) }
  const content = await importAes(bytesOf(secretOf(exportDecryptionKey(key))))
  const sealed = new Uint8Array(await crypto.subtle.encrypt(aes, content, PAYLOAD))
  return [head, '', ...[iv, sealed.slice(0, -16), sealed.slice(-16)].map((part) => encodeBase64url(part))].join('.')
}

function importAes(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(decodeBase64url(text) ?? [])
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...left, ...right])
}

function secretOf({ d, k }: Jwk): string {
  return String(d ?? k)
}

const made = new Map<string, Promise<DecryptionKey>>()
const PAYLOAD = new TextEncoder().encode('{"city":"łódź"}')
