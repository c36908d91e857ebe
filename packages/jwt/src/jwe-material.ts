// Makes what stands behind a key object of encryption from checked members, and tries it once, at import.
import { TokenError } from '@tallystick/core'
import { decodeBase64url } from '@tallystick/core/base64url'
import { secretMistake } from '@tallystick/core/options'
import { calculateJwkThumbprint, importJWK } from 'jose'
import type { JweAlgorithmRow, JweEncryptionRow } from './jwe-algorithms.ts'
import { openCompact, sealCompact } from './jwe-cipher.ts'
import type { JweMembers } from './jwe-jwk.ts'
import type { JweMaterial } from './jwe-key.ts'
import type { JwkMembers } from './node-crypto.ts'
import { importAesSecret } from './web-crypto.ts'

/**
 * Prepares a key for use.
 *
 * @param isExtractable - Whether the private members are kept, to be exported.
 * @throws TypeError where the members make no key, or its halves do not belong together. TokenError
 * `ERR_ALGORITHM_UNAVAILABLE` where the runtime lacks the algorithm.
 */
export async function createJweMaterial(
  owner: string,
  { row, encryption }: { readonly row: JweAlgorithmRow; readonly encryption: JweEncryptionRow },
  members: JweMembers,
  isExtractable = false,
): Promise<JweMaterial> {
  const { publicJwk, privateJwk } = members
  try {
    const material: JweMaterial = {
      row,
      encryption,
      thumbprint: await calculateJwkThumbprint({ ...(publicJwk ?? privateJwk) }, 'sha256'),
      encryptedKeyBytes: encryptedKeyBytes(row, encryption, publicJwk),
      publicJwk,
      ...(await prepareKeys(row, encryption, members)),
      exported: isExtractable && privateJwk !== undefined ? Object.freeze({ ...privateJwk }) : undefined,
    }
    await tryOut(material)
    return material
  } catch (cause) {
    if (publicJwk === undefined || isUnsupported(cause)) {
      throw new TokenError('ERR_ALGORITHM_UNAVAILABLE', `this runtime has no ${row.name} with ${encryption.name}`, {
        cause,
      })
    }
    throw secretMistake(owner, 'key', `must be a valid key for ${row.name}`, members)
  }
}

/** Whether an error says that the runtime, and not the key, is wanting. */
export function isUnsupported(cause: unknown): boolean {
  const { name, code } = (cause ?? {}) as { readonly name?: unknown; readonly code?: unknown }
  return name === 'NotSupportedError' || code === 'ERR_JOSE_NOT_SUPPORTED'
}

function encryptedKeyBytes(
  { wrapBytes }: JweAlgorithmRow,
  { keyBytes }: JweEncryptionRow,
  publicJwk: JwkMembers | undefined,
): number {
  if (wrapBytes === 'none') return 0
  return wrapBytes === 'modulus' ? (decodeBase64url(publicJwk?.['n'] ?? '')?.length ?? 0) : keyBytes + wrapBytes
}

/** Imports each half for its one use; what WebCrypto holds cannot be exported. */
async function prepareKeys(
  row: JweAlgorithmRow,
  encryption: JweEncryptionRow,
  { publicJwk, privateJwk }: JweMembers,
): Promise<Pick<JweMaterial, 'encrypting' | 'decrypting'>> {
  if (publicJwk === undefined) {
    const secret = decodeBase64url(privateJwk?.['k'] ?? '') ?? new Uint8Array()
    // AES-CBC with HMAC splits its key in two, for which jose needs the bytes.
    const isSplit = row.name === 'dir' && encryption.blockBytes === 16
    const key = isSplit ? secret : await importAesSecret(secret)
    return { encrypting: key, decrypting: key }
  }
  const load = (jwk: JwkMembers) => importJWK({ ...jwk }, row.name, { extractable: false })
  return { encrypting: await load(publicJwk), decrypting: privateJwk && (await load(privateJwk)) }
}

/** Encrypts, and decrypts where the key can: a private key may come with another's public part, and runtimes do not all look. */
async function tryOut(material: JweMaterial): Promise<void> {
  const header = { alg: material.row.name, enc: material.encryption.name }
  const token = await sealCompact(Uint8Array.of(1), header, material)
  if (material.decrypting !== undefined) await openCompact(token, material, 0)
}
