// Signed text of one shape for anti-forgery tokens and log-in states: version, secret id, body, HMAC.
import { decodeBase64url, encodeBase64url } from '@tallystick/core/base64url'
import { equalInConstantTime } from '@tallystick/core/crypto'
import type { SecretRing } from '@tallystick/core/secret-ring'

/**
 * Writes a body and its code: base64url( version | secret id | body | HMAC-SHA-256 ).
 *
 * @param label - Which kind of text it is: a code of one kind is never valid as another.
 * @param bound - What the code covers beside the body and the text does not show; each with its length in front.
 * @throws TypeError where the ring is empty.
 */
export function sign(ring: SecretRing, label: string, body: Uint8Array, bound: readonly string[]): string {
  const secretId = ring.ids[0]
  const head = Uint8Array.of(VERSION, secretId ?? 0)
  const mac = secretId === undefined ? undefined : ring.mac(secretId, inputOf(label, head, body, bound))
  if (mac === undefined) throw new TypeError('the ring of secrets must hold at least one secret')
  return encodeBase64url(concat([head, body, mac]))
}

/** Gives the body of signed text whose code is right, or `undefined`; codes are compared in constant time. */
export function unsign(
  ring: SecretRing,
  label: string,
  signed: { readonly text: string; readonly bodyBytes: number },
  bound: readonly string[],
): Uint8Array | undefined {
  const bytesExpected = HEAD_BYTES + signed.bodyBytes + MAC_BYTES
  if (typeof signed.text !== 'string' || signed.text.length !== Math.ceil((bytesExpected * 4) / 3)) return undefined
  const bytes = decodeBase64url(signed.text)
  if (bytes === undefined || bytes[0] !== VERSION) return undefined
  const head = bytes.subarray(0, HEAD_BYTES)
  const body = bytes.subarray(HEAD_BYTES, HEAD_BYTES + signed.bodyBytes)
  const mac = ring.mac(head[1] ?? 0, inputOf(label, head, body, bound))
  if (mac === undefined || !equalInConstantTime(mac, bytes.subarray(HEAD_BYTES + signed.bodyBytes))) return undefined
  return body
}

/** label NUL | head | body | for each bound text: its length in 4 bytes, then itself. */
function inputOf(label: string, head: Uint8Array, body: Uint8Array, bound: readonly string[]): Uint8Array {
  const parts: Uint8Array[] = [TEXT.encode(`${label}\0`), head, body]
  for (const text of bound) {
    const bytes = TEXT.encode(text)
    const length = new Uint8Array(4)
    new DataView(length.buffer).setUint32(0, bytes.length)
    parts.push(length, bytes)
  }
  return concat(parts)
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const TEXT = new TextEncoder()
const VERSION = 1
const HEAD_BYTES = 2
const MAC_BYTES = 32
