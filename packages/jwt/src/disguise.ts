// Recognises public keys, and other keys as text, that are offered as HMAC secrets: the way into algorithm confusion
// (RFC 8725 §2.1). What everybody may read must never be a secret.

/**
 * Names what a secret looks like, or gives `undefined` where it looks like nothing but bytes.
 *
 * PEM and OpenSSH text count wherever they stand and whatever surrounds them, JSON in any form, DER by its structure
 * and by the object identifiers of key types; each also as base64 or hexadecimal text of itself, and as UTF-16.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725.html#section-2.1 RFC 8725 §2.1}
 */
export function findDisguise(secret: Uint8Array, layers = 2): string | undefined {
  const raw = latin1(secret)
  // Byte order marks, zero bytes of UTF-16, zero-width characters and white space are no part of what is looked for.
  const text = raw.replaceAll(/[^!-~]/g, '')
  if (/BEGIN[A-Z0-9-]*(?:KEY|CERTIFICATE|PARAMETERS)/i.test(text)) return 'a PEM text'
  if (
    /(?:ssh-(?:rsa|dss|ed25519|ed448)|ecdsa-sha2-|sk-(?:ssh|ecdsa)-?|AAAA[BCEI][A-Za-z0-9+/]NzaC1|AAAAE2VjZHNh)/i.test(
      text,
    )
  ) {
    return 'an OpenSSH key'
  }
  if (isJson(raw) || isJson(text) || /"kty"/i.test(text)) return 'a JSON text'
  if (hasDerKey(secret, raw)) return 'a DER key'
  if (layers === 0) return undefined
  const inner = decodeText(text)
  return inner === undefined ? undefined : findDisguise(inner, layers - 1)
}

function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text.replace(/^(?:\u00EF\u00BB\u00BF|\s)+/, ''))
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}

function hasDerKey(bytes: Uint8Array, raw: string): boolean {
  return KEY_TYPES.some((identifier) => raw.includes(identifier)) || isTwoIntegers(bytes)
}

/** Whether bytes are SEQUENCE { INTEGER, INTEGER }: a PKCS#1 public key, RFC 8017 §A.1.1. */
function isTwoIntegers(bytes: Uint8Array): boolean {
  const whole = readElement(bytes, 0, 0x30)
  if (whole === undefined || whole.end !== bytes.length) return false
  const modulus = readElement(bytes, whole.start, 0x02)
  const exponent = modulus === undefined ? undefined : readElement(bytes, modulus.end, 0x02)
  return exponent?.end === bytes.length
}

function readElement(bytes: Uint8Array, at: number, tag: number): { start: number; end: number } | undefined {
  if (bytes[at] !== tag) return undefined
  const first = bytes[at + 1] ?? 0
  const extra = first > 0x80 && first <= 0x83 ? first - 0x80 : 0
  const length = extra === 0 ? first : bytes.subarray(at + 2, at + 2 + extra).reduce((sum, byte) => sum * 256 + byte, 0)
  const start = at + 2 + extra
  return { start, end: start + length }
}

/** The bytes that text spells in hexadecimal or base64, where it is such text and long enough to hide a key. */
function decodeText(text: string): Uint8Array | undefined {
  if (text.length < 48) return undefined
  if (/^[0-9a-f]+$/i.test(text)) {
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  }
  const letters = text
    .replace(/={0,2}$/, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/')
  if (!/^[A-Za-z0-9+/]+$/.test(letters)) return undefined
  // A piece of such text is no better a secret than the whole: what does not fill a group is left out.
  const groups = letters.slice(0, letters.length - (letters.length % 4))
  return Uint8Array.from(atob(groups), (letter) => letter.charCodeAt(0))
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
}

/** DER object identifiers of key types: rsaEncryption and RSASSA-PSS, EC, DSA, X25519 to Ed448 with their sequence. */
const KEY_TYPES: readonly string[] = [
  '\u002a\u0086\u0048\u0086\u00f7\u000d\u0001\u0001',
  '\u002a\u0086\u0048\u00ce\u003d\u0002\u0001',
  '\u002a\u0086\u0048\u00ce\u0038\u0004\u0001',
  '\u0030\u0005\u0006\u0003\u002b\u0065',
]
