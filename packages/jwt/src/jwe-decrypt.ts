// Decrypts a compact JWE (RFC 7516 §5.2). It is no verification: whose text it was, decryption does not say.
import type { DecryptOptions, Opened } from './jwe-open.ts'
import { openToken, resolveOpenRules } from './jwe-open.ts'

/**
 * Decrypts a compact JWE and gives its payload as bytes.
 *
 * **It is never a proof of who wrote the payload.** With a public key anybody can encrypt; only of a secret that one party
 * alone holds does the payload come from who holds it. A token whose content is a JWT is refused here, as `jwt/wrong_type`:
 * `decryptNested` verifies it.
 *
 * @param token - Any text; none makes it throw.
 * @returns Payload and header; or a refusal, `jwt/decryption_failed` for all that can only be seen with the key.
 * @throws TypeError or RangeError where an option is missing or not allowed (as a rejection).
 * @example
 * const key = await generateDecryptionKey({ algorithm: 'dir', encryption: 'A256GCM' })
 * const cookie = await encrypt(new TextEncoder().encode('text'), { key, context: '__Host-Http-session' }, systemEntropy)
 * const opened = await decrypt(cookie, { keys: [key], context: '__Host-Http-session' })
 * if (opened.ok) new TextDecoder().decode(opened.payload) // => 'text'
 * @see {@link https://www.rfc-editor.org/rfc/rfc7516.html#section-5.2 RFC 7516 §5.2}
 */
export async function decrypt(token: string, options: DecryptOptions): Promise<Opened> {
  return openToken(token, resolveOpenRules('decrypt', options, false))
}
