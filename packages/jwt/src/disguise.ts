// Recognises public keys, and other keys as text, that are offered as HMAC secrets: the way into algorithm confusion
// (RFC 8725 §2.1). What everybody may read must never be a secret.
import { holdsPublicKey } from './public-key-bytes.ts'

/**
 * Names what a secret looks like, or gives `undefined` where it looks like nothing but chance.
 *
 * PEM, OpenSSH, JWK and XML text count wherever they stand and whatever surrounds or escapes them, other JSON in any
 * form, DER and points by their structure; each also as base64 or hexadecimal text of itself, and as UTF-16. A bare
 * modulus or a compressed point cannot be told from chance.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725.html#section-2.1 RFC 8725 §2.1}
 */
export function findDisguise(secret: Uint8Array): string | undefined {
  return new Set(secret).size < DIFFERENT_MIN ? 'a repetition of few' : findKey(secret, LAYERS)
}

function findKey(bytes: Uint8Array, layers: number): string | undefined {
  const raw = latin1(bytes)
  const plain = withoutEscapes(raw)
  const text = visible(plain)
  const found = PATTERNS.find(({ pattern }) => pattern.test(plain) || pattern.test(text))
  if (found !== undefined) return found.name
  if (isJson(raw) || isJson(visible(raw))) return 'a JSON text'
  if (holdsPublicKey(bytes, raw)) return 'a public key'
  if (layers === 0) return undefined
  for (const inner of spelled(text)) {
    const disguise = findKey(inner, layers - 1)
    if (disguise !== undefined) return disguise
  }
  return plain === raw ? undefined : findKey(fromLatin1(plain), layers - 1)
}

/** Text without what is no part of a key: byte order marks, zero bytes of UTF-16, zero-width characters, white space. */
function visible(text: string): string {
  return text.replaceAll(/[^!-~]/g, '')
}

/** Text without percent-encoding and without the escapes of string literals, however often they were put on. */
function withoutEscapes(text: string): string {
  let plain = text
  for (let times = 0; times < LAYERS && /%[0-9a-f]{2}/i.test(plain); times += 1) {
    plain = plain.replaceAll(/%([0-9a-f]{2})/gi, (_, pair: string) => character(pair))
  }
  return plain
    .replaceAll(/\\+u00([0-9a-f]{2})/gi, (_, pair: string) => character(pair))
    .replaceAll(/\\+[nrt]/g, ' ')
    .replaceAll(/\\+/g, '')
}

/** Whether text is JSON that holds members or items, or a text that is such JSON. */
function isJson(text: string): boolean {
  if (!/^(?:\u00EF\u00BB\u00BF|\s)*["[{]/.test(text)) return false
  try {
    const value: unknown = JSON.parse(text.replace(/^(?:\u00EF\u00BB\u00BF|\s)+/, ''))
    return typeof value === 'string' ? isJson(value) : typeof value === 'object' && value !== null
  } catch {
    return false
  }
}

/**
 * The bytes that parts of a text spell in hexadecimal or base64, where such a part is long enough to hide a key. Where a
 * part begins is a guess, since what stands before it may be of the same letters: each alignment is tried.
 */
function* spelled(text: string): Generator<Uint8Array> {
  for (const [run] of text.replaceAll(/0?x|[:,]/gi, '').matchAll(/[0-9a-f]{64,}/gi)) {
    for (const start of [0, 1]) {
      yield Uint8Array.from(run.slice(start).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
    }
  }
  for (const [run] of text.matchAll(/[A-Za-z0-9+/_-]{40,}/g)) {
    const letters = run.replaceAll('-', '+').replaceAll('_', '/')
    for (const start of [0, 1, 2, 3]) {
      // One letter alone spells no byte; two or three at the end spell one or two.
      const end = (letters.length - start) % 4 === 1 ? letters.length - 1 : letters.length
      yield fromLatin1(atob(letters.slice(start, end)))
    }
  }
}

function character(pair: string): string {
  return String.fromCharCode(Number.parseInt(pair, 16))
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0))
}

/** How often a key may be wrapped in another spelling and is still found. */
const LAYERS = 3
/** 32 random bytes with fewer different ones than this do not happen. */
const DIFFERENT_MIN = 8
/** What marks keys as text. Each is long, or strict about its surroundings, so that chance does not meet it. */
const PATTERNS: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  {
    name: 'a PEM text',
    pattern: /-{4,}(?:BEGIN|END)|BEGIN[^\w+/=-]|BEGIN[A-Z0-9+-]*(?:KEY|CERTIFICATE|PARAMETERS)/i,
  },
  {
    name: 'an OpenSSH key',
    pattern:
      /(?:ssh-(?:rsa|dss|ed25519|ed448)|ecdsa-sha2-|sk-(?:ssh|ecdsa)-?|AAAA[BCEI][A-Za-z0-9+/]NzaC1|AAAAE2VjZHNh)/i,
  },
  { name: 'a JWK', pattern: /"kty"|\be\W{1,8}AQAB/i },
  { name: 'a JWK', pattern: /kty\W{1,12}(?:RSA|EC|OKP|oct|AKP)/ },
  { name: 'an RSA key as text', pattern: /RSAKeyValue|<Modulus|Modulus[:=(]|publicExponent/i },
]
