// The crypto seam of this package: synchronous signatures over node:crypto where the runtime has it (RFC 7518 §3).
import { encodeBase64url } from '@tallystick/core/base64url'
import { equalInConstantTime, hmacSha256 } from '@tallystick/core/crypto'
import type { AlgorithmRow, HashName } from './algorithms.ts'
import { concatSignature, derSignature, rsaPssPkcs8, rsaPssSpki } from './der.ts'
import type { SynchronousDriver } from './key.ts'
import { answersPss, pssAnswerKey } from './pss-answers.ts'

/** A JWK's members, all of them text. */
export type JwkMembers = Readonly<Record<string, string>>

/**
 * Prepares an HMAC secret. For SHA-256 there is always a driver; for the longer hashes `undefined` where the runtime has
 * no `node:crypto`, because nobody else needs them and every bundle would carry them.
 */
export function secretDriver({ hash }: AlgorithmRow, secret: Uint8Array): SynchronousDriver | undefined {
  const mac = hash === 'sha256' ? hmacSha256(secret) : nativeHmac(hash, secret)
  return mac && { verify: (input, signature) => equalInConstantTime(mac(input), signature), sign: mac }
}

/**
 * Prepares an asymmetric key, or gives `undefined` where the runtime has no `node:crypto` or not this algorithm.
 *
 * Keys are handed over as plain key objects: an options bag costs Node 24 some 20 µs a call, more than an RSA
 * verification. ECDSA signatures are therefore turned between r‖s and DER here, and PSS is fixed in the key's own type.
 *
 * @param row - The algorithm.
 * @param members - A checked JWK; with private members where `signs`.
 * @param signs - Whether the driver must sign.
 */
export function asymmetricDriver(
  row: AlgorithmRow,
  members: JwkMembers,
  signs: boolean,
): SynchronousDriver | undefined {
  if (nodeCrypto === undefined) return undefined
  try {
    const publicKey = nodeCrypto.createPublicKey({ key: members, format: 'jwk' })
    const privateKey = signs ? nodeCrypto.createPrivateKey({ key: members, format: 'jwk' }) : undefined
    if (row.padding === 'pss' && row.hash !== null) {
      return heedsPss(nodeCrypto, row.hash) ? pssDriver(nodeCrypto, row.hash, publicKey, privateKey) : undefined
    }
    return row.keyType === 'EC'
      ? ecdsaDriver(nodeCrypto, row, publicKey, privateKey)
      : plainDriver(nodeCrypto, row, publicKey, privateKey)
  } catch {
    return undefined
  }
}

/** Text to base64url of its UTF-8 bytes, by the runtime's own encoder where it has one. */
export function encodeText(text: string): string {
  if (runtimeBuffer === undefined) return encodeBase64url(encoder.encode(text))
  // No character takes more than three bytes a UTF-16 unit. Written and read in one go, so that nobody sees it between.
  if (text.length * 3 > SCRATCH_BYTES) return runtimeBuffer.from(text, 'utf8').toString('base64url')
  scratch ??= runtimeBuffer.allocUnsafeSlow(SCRATCH_BYTES)
  return scratch.toString('base64url', 0, scratch.write(text, 'utf8'))
}

/** Bytes to base64url, by the runtime's own encoder where it has one. */
export function encodeBytes(bytes: Uint8Array): string {
  return runtimeBuffer === undefined
    ? encodeBase64url(bytes)
    : runtimeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64url')
}

/** Hashes bytes at once, or gives `undefined` where the runtime has no `node:crypto`. */
export function nativeHash(hash: HashName, data: Uint8Array): Uint8Array | undefined {
  return nodeCrypto?.createHash?.(hash).update(data).digest()
}

function nativeHmac(hash: HashName | null, secret: Uint8Array): ((data: Uint8Array) => Uint8Array) | undefined {
  const createHmac = nodeCrypto?.createHmac?.bind(nodeCrypto)
  const key = nodeCrypto?.createSecretKey?.(secret)
  if (createHmac === undefined || key === undefined || hash === null) return undefined
  return (data) => createHmac(hash, key).update(data).digest()
}

function plainDriver(
  node: NodeCrypto,
  { hash }: Pick<AlgorithmRow, 'hash'>,
  publicKey: NodeKey,
  privateKey: NodeKey | undefined,
): SynchronousDriver {
  const verify: SynchronousDriver['verify'] = (input, signature) => node.verify(hash, input, publicKey, signature)
  return privateKey === undefined ? { verify } : { verify, sign: (input) => node.sign(hash, input, privateKey) }
}

function ecdsaDriver(
  node: NodeCrypto,
  { hash, signatureBytes }: AlgorithmRow,
  publicKey: NodeKey,
  privateKey: NodeKey | undefined,
): SynchronousDriver {
  const half = Number(signatureBytes) / 2
  const verify: SynchronousDriver['verify'] = (input, signature) =>
    node.verify(hash, input, publicKey, derSignature(signature, half))
  if (privateKey === undefined) return { verify }
  return { verify, sign: (input) => concatSignature(node.sign(hash, input, privateKey), half) }
}

function pssDriver(
  node: NodeCrypto,
  hash: HashName,
  publicKey: NodeKey,
  privateKey: NodeKey | undefined,
): SynchronousDriver {
  const fixedPublic = fixedToPss(hash, () =>
    node.createPublicKey({ key: rsaPssSpki(publicKey.export(PKCS1), hash), format: 'der', type: 'spki' }),
  )
  const fixedPrivate =
    privateKey === undefined
      ? undefined
      : fixedToPss(hash, () =>
          node.createPrivateKey({ key: rsaPssPkcs8(privateKey.export(PKCS1), hash), format: 'der', type: 'pkcs8' }),
        )
  if (fixedPublic !== undefined && (privateKey === undefined) === (fixedPrivate === undefined)) {
    return plainDriver(node, { hash }, fixedPublic, fixedPrivate)
  }
  const bag = (key: NodeKey) => ({ key, padding: RSA_PKCS1_PSS_PADDING, saltLength: SALT_BYTES[hash] })
  const verifying = bag(publicKey)
  const verify: SynchronousDriver['verify'] = (input, signature) => node.verify(hash, input, verifying, signature)
  if (privateKey === undefined) return { verify }
  const signing = bag(privateKey)
  return { verify, sign: (input) => node.sign(hash, input, signing) }
}

/**
 * Whether the runtime pads as it is told, tested once for each hash: the `node:crypto` of Workers verifies and signs
 * PKCS #1 v1.5 where PSS is asked for, and takes no key object with options.
 */
function heedsPss(node: NodeCrypto, hash: HashName): boolean {
  const known = pssIsHeeded.get(hash)
  if (known !== undefined) return known
  let isHeeded = false
  try {
    isHeeded = answersPss(
      pssDriver(node, hash, node.createPublicKey({ key: pssAnswerKey, format: 'jwk' }), undefined),
      hash,
    )
  } catch {
    isHeeded = false
  }
  pssIsHeeded.set(hash, isHeeded)
  return isHeeded
}

/** A key whose own type fixes hash, mask and salt length; `undefined` where the runtime does not honour that. */
function fixedToPss(hash: HashName, create: () => NodeKey): NodeKey | undefined {
  try {
    const key = create()
    const { hashAlgorithm, mgf1HashAlgorithm, saltLength } = key.asymmetricKeyDetails ?? {}
    const isFixed = hashAlgorithm === hash && mgf1HashAlgorithm === hash && saltLength === SALT_BYTES[hash]
    return key.asymmetricKeyType === 'rsa-pss' && isFixed ? key : undefined
  } catch {
    return undefined
  }
}

interface NodeKey {
  readonly asymmetricKeyType?: string
  readonly asymmetricKeyDetails?: { hashAlgorithm?: string; mgf1HashAlgorithm?: string; saltLength?: number }
  export(options: { type: 'pkcs1'; format: 'der' }): Uint8Array
}

type NodeKeyUse = NodeKey | { key: NodeKey; padding: number; saltLength: number }

interface NodeCrypto {
  createPublicKey(input: { key: JwkMembers | Uint8Array; format: 'jwk' | 'der'; type?: 'spki' }): NodeKey
  createPrivateKey(input: { key: JwkMembers | Uint8Array; format: 'jwk' | 'der'; type?: 'pkcs8' }): NodeKey
  sign(hash: string | null, data: Uint8Array, key: NodeKeyUse): Uint8Array
  verify(hash: string | null, data: Uint8Array, key: NodeKeyUse, signature: Uint8Array): boolean
  createSecretKey?(secret: Uint8Array): object
  createHash?(hash: string): { update(data: Uint8Array): { digest(): Uint8Array } }
  createHmac?(hash: string, key: object): { update(data: Uint8Array): { digest(): Uint8Array } }
}

interface RuntimeBytes {
  toString(encoding: 'base64url', start?: number, end?: number): string
  write(text: string, encoding: 'utf8'): number
}

interface Runtime {
  readonly process?: { getBuiltinModule?: (name: string) => unknown }
  readonly Buffer?: {
    from(text: string, encoding: 'utf8'): RuntimeBytes
    from(bytes: ArrayBufferLike, start: number, length: number): RuntimeBytes
    allocUnsafeSlow(bytes: number): RuntimeBytes
  }
}

function findNodeCrypto(): NodeCrypto | undefined {
  const found = runtime.process?.getBuiltinModule?.('node:crypto') as NodeCrypto | undefined
  return typeof found?.verify === 'function' ? found : undefined
}

const pssIsHeeded = new Map<HashName, boolean>()
/** RFC 7518 §3.5: the salt is as long as the hash. */
const SALT_BYTES: Readonly<Record<HashName, number>> = { sha256: 32, sha384: 48, sha512: 64 }
const PKCS1 = { type: 'pkcs1', format: 'der' } as const
const RSA_PKCS1_PSS_PADDING = 6
const SCRATCH_BYTES = 8192
let scratch: RuntimeBytes | undefined
const encoder = new TextEncoder()
const runtime = globalThis as Runtime
const runtimeBuffer = runtime.Buffer
const nodeCrypto: NodeCrypto | undefined = findNodeCrypto()
