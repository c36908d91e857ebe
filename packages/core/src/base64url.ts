// Strict, canonical base64url without padding (RFC 4648 §5 as RFC 7515 §2 uses it): one text for each run of bytes.

/**
 * Encodes bytes as base64url without padding.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc4648.html#section-5 RFC 4648 §5}
 */
export function encodeBase64url(bytes: Uint8Array): string {
  let text = ''
  let at = 0
  for (; at + 2 < bytes.length; at += 3) {
    const group = (byteAt(bytes, at) << 16) | (byteAt(bytes, at + 1) << 8) | byteAt(bytes, at + 2)
    text += (PAIRS[group >>> 12] ?? '') + (PAIRS[group & 0xfff] ?? '')
  }
  const left = bytes.length - at
  if (left === 1) return text + (PAIRS[byteAt(bytes, at) << 4] ?? '')
  if (left === 0) return text
  const group = (byteAt(bytes, at) << 10) | (byteAt(bytes, at + 1) << 2)
  return text + (PAIRS[group >>> 6] ?? '') + ALPHABET.charAt(group & 63)
}

/**
 * Decodes base64url, or gives `undefined`: no padding, no other alphabet, no white space, no unused bits set.
 *
 * What it accepts encodes back to the same text, so one value never has two spellings.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515.html#section-2 RFC 7515 §2}
 */
export function decodeBase64url(text: string): Uint8Array | undefined {
  const left = text.length % 4
  if (left === 1) return undefined
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (let i = 0; i < text.length; i += 1) {
    const value = VALUES[text.charCodeAt(i)]
    if (value === undefined || value === UNKNOWN) return undefined
    bits = ((bits << 6) | value) & 0xffff
    held += 6
    if (held >= 8) {
      held -= 8
      bytes[at] = (bits >>> held) & 0xff
      at += 1
    }
  }
  return (bits & ((1 << held) - 1)) === 0 ? bytes : undefined
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const UNKNOWN = 255
const VALUES = new Uint8Array(128).fill(UNKNOWN)
for (let i = 0; i < ALPHABET.length; i += 1) VALUES[ALPHABET.charCodeAt(i)] = i
/** Two letters for each twelve bits. */
const PAIRS: readonly string[] = Array.from(
  { length: 4096 },
  (_, bits) => ALPHABET.charAt(bits >>> 6) + ALPHABET.charAt(bits & 63),
)
