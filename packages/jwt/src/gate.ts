// The gate before anything else: length, alphabet, two dots, canonical segments (RFC 7515 §7.1, §2).

/** Where the three segments of a compact JWS lie. */
export interface Segments {
  readonly token: string
  readonly headerEnd: number
  readonly payloadEnd: number
}

/**
 * Looks at a token as text, or names what is wrong; nothing is decoded yet.
 *
 * Each accepted text is the only spelling of its bytes: base64url without padding, unused bits zero.
 *
 * @param token - Anything; only a string can pass.
 * @param lengthMax - In characters.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515.html#section-7.1 RFC 7515 §7.1}
 */
export function passGate(token: unknown, lengthMax: number): Segments | 'jwt/too_long' | 'jwt/malformed' {
  if (typeof token !== 'string') return 'jwt/malformed'
  if (token.length > lengthMax) return 'jwt/too_long'
  let headerEnd = -1
  let payloadEnd = -1
  for (let at = 0; at < token.length; at += 1) {
    const kind = KINDS[token.charCodeAt(at)]
    if (kind === undefined || kind === FOREIGN) return 'jwt/malformed'
    if (kind !== DOT) continue
    if (payloadEnd !== -1) return 'jwt/malformed'
    if (headerEnd === -1) headerEnd = at
    else payloadEnd = at
  }
  if (headerEnd < 1 || payloadEnd === -1) return 'jwt/malformed'
  if (headerEnd > HEADER_LENGTH_MAX) return 'jwt/too_long'
  const isCanonical =
    endsCanonically(token, 0, headerEnd) &&
    endsCanonically(token, headerEnd + 1, payloadEnd) &&
    endsCanonically(token, payloadEnd + 1, token.length)
  return isCanonical ? { token, headerEnd, payloadEnd } : 'jwt/malformed'
}

/** Whether a segment has a length that base64url can have, and no unused bit set in its last character. */
function endsCanonically(token: string, start: number, end: number): boolean {
  const left = (end - start) % 4
  if (left === 0) return true
  if (left === 1) return false
  const unused = left === 2 ? 0b1111 : 0b11
  return ((KINDS[token.charCodeAt(end - 1)] ?? FOREIGN) & unused) === 0
}

/** The header segment's length at most, in characters: 4 KiB. */
export const HEADER_LENGTH_MAX: number = 4096
const DOT = 64
const FOREIGN = 255
/** The value of each base64url character by its code; `DOT` for the dot. */
const KINDS: Uint8Array = new Uint8Array(128).fill(FOREIGN)
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.'
for (let i = 0; i < ALPHABET.length; i += 1) KINDS[ALPHABET.charCodeAt(i)] = i
