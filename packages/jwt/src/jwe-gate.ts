// The gate before anything else: length, five segments, each of them canonical base64url (RFC 7516 §7.1, RFC 7515 §2).
import { decodeBase64url } from '@tallystick/core/base64url'
import type { JweRefusal } from './jwe-refusals.ts'

/** A compact JWE, as text and in its parts. */
export interface JweParts {
  readonly token: string
  /** The header segment. */
  readonly header: string
  readonly lengths: {
    readonly encryptedKeyBytes: number
    readonly ivBytes: number
    readonly ciphertextBytes: number
    readonly tagBytes: number
  }
}

/**
 * Looks at a token as text, or names what is wrong.
 *
 * @param token - Anything; only a string can pass.
 * @param lengthMax - In characters.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7516.html#section-7.1 RFC 7516 §7.1}
 */
export function passJweGate(token: unknown, lengthMax: number): JweParts | JweRefusal {
  if (typeof token !== 'string') return 'jwt/malformed'
  if (token.length > lengthMax) return 'jwt/too_long'
  const [header = '', ...rest] = token.split('.', SEGMENTS + 1)
  // RFC 7516 §9: a JWS has three segments, a JWE has five.
  if (rest.length === SIGNED_SEGMENTS - 1) return 'jwt/not_encrypted'
  if (rest.length !== SEGMENTS - 1 || header === '') return 'jwt/malformed'
  if (header.length > HEADER_LENGTH_MAX) return 'jwt/too_long'
  const [encryptedKeyBytes, ivBytes, ciphertextBytes, tagBytes] = rest.map(
    (segment) => decodeBase64url(segment)?.length,
  )
  const isEncoded =
    encryptedKeyBytes !== undefined && ivBytes !== undefined && ciphertextBytes !== undefined && tagBytes !== undefined
  return isEncoded
    ? { token, header, lengths: { encryptedKeyBytes, ivBytes, ciphertextBytes, tagBytes } }
    : 'jwt/malformed'
}

const SEGMENTS = 5
const SIGNED_SEGMENTS = 3
/** The header segment's length at most, in characters: 4 KiB. */
const HEADER_LENGTH_MAX = 4096
