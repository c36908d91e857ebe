// Encrypts bytes as a compact JWE (RFC 7516 §5.1), under one key and bound to one context.
import type { Entropy } from '@tallystick/core'
import { TokenError } from '@tallystick/core'
import { secretMistake } from '@tallystick/core/options'
import { sealCompact } from './jwe-cipher.ts'
import type { DecryptionKey, EncryptionKey } from './jwe-key.ts'
import { jweMaterialOf } from './jwe-key.ts'
import { checkContext } from './jwe-open.ts'
import { checkRange, defaults } from './policy.ts'

/** The options of encryption. */
export interface EncryptOptions {
  /** Its `alg`, `enc` and `kid` are written into the header. */
  readonly key: EncryptionKey | DecryptionKey
  /**
   * What the token is bound to, such as the name of the cookie it stands in: 1 to 256 printable ASCII characters. Whoever
   * decrypts must name the same. It is authenticated and not secret: the `ctx` of the protected header.
   */
  readonly context?: string | undefined
  /** The longest token that is made, in characters: 256 to 65 536, by default 16 384. */
  readonly lengthMax?: number | undefined
}

/**
 * Encrypts bytes. Nothing is compressed.
 *
 * @param entropy - Gives the content encryption key and every initialization vector. The ephemeral key of ECDH-ES and the
 * padding of RSA-OAEP-256 come from WebCrypto, which takes none from outside; so does the content encryption key of
 * ECDH-ES, which is agreed. Under `dir` a vector that repeats gives the content away: the entropy must be true.
 * @returns A compact JWE.
 * @throws TypeError or RangeError where an option is not allowed or the token gets too long; TokenError `ERR_ENCRYPTION`
 * where the runtime fails (as a rejection).
 * @example
 * const key = await generateDecryptionKey({ algorithm: 'dir', encryption: 'A256GCM' })
 * const cookie = await encrypt(new TextEncoder().encode('text'), { key, context: '__Host-Http-session' }, systemEntropy)
 * cookie.split('.').length // => 5
 * @see {@link https://www.rfc-editor.org/rfc/rfc7516.html#section-5.1 RFC 7516 §5.1}
 */
export async function encrypt(payload: Uint8Array, options: EncryptOptions, entropy: Entropy): Promise<string> {
  if (!(payload instanceof Uint8Array)) throw secretMistake('encrypt', 'payload', 'must be a Uint8Array', payload)
  return seal('encrypt', payload, { ...options, contentType: undefined }, entropy)
}

/** Encrypts bytes of a content type, on behalf of a caller who is told of mistakes. */
export async function seal(
  owner: string,
  payload: Uint8Array,
  options: EncryptOptions & { readonly contentType: 'JWT' | undefined },
  entropy: Entropy,
): Promise<string> {
  const { key, context, contentType, lengthMax = defaults.lengthMax } = options
  const material = jweMaterialOf(key)
  if (material === undefined) {
    throw secretMistake(owner, 'key', 'must be an encryption or decryption key, imported or generated here', key)
  }
  checkContext(owner, context)
  checkRange(owner, 'lengthMax', lengthMax, [256, 65_536])
  const header = {
    alg: material.row.name,
    enc: material.encryption.name,
    kid: key.keyId,
    ...(contentType !== undefined && { cty: contentType }),
    ...(context !== undefined && { ctx: context }),
  }
  let token: string
  try {
    token = await sealCompact(payload, header, material, entropy)
  } catch (cause) {
    throw new TokenError('ERR_ENCRYPTION', 'the token could not be encrypted', { cause })
  }
  if (token.length > lengthMax) {
    throw new RangeError(`${owner}: payload must make a token of at most ${lengthMax} characters`)
  }
  return token
}
