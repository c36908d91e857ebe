// Hash, HMAC, base64url, clock and entropy: every form that the runtime has, compared with the others and WebCrypto.
import { decodeBase64url, encodeBase64url } from '@tallystick/core/base64url'
import {
  equalInConstantTime,
  hmacSha256,
  nativePrimitives,
  portablePrimitives,
  type Primitives,
  selfTest,
  sha256,
  sha256Base64url,
} from '@tallystick/core/crypto'
import { systemClock, systemEntropy } from '@tallystick/core/system'
import { holds, same, throws, type Register } from './checks.ts'

/** Registers the checks of `@tallystick/core`. */
export function primitiveChecks(check: Register): void {
  hashChecks(check)
  textChecks(check)
  systemChecks(check)
}

function hashChecks(check: Register): void {
  check('hash: every form of the primitives passes its self-test', () => {
    selfTest(portablePrimitives)
    if (nativePrimitives !== undefined) selfTest(nativePrimitives)
    selfTest({ sha256, sha256Base64url, hmacSha256 })
  })
  check('hash: SHA-256 is the same in every form and in WebCrypto, for 0 to 300 bytes', async () => {
    for (let length = 0; length <= LENGTH_MAX; length += 1) {
      const data = bytesOf(length)
      const expected = new Uint8Array(await crypto.subtle.digest('SHA-256', data))
      for (const form of forms()) same(plain(form.sha256(data)), expected, `SHA-256 of ${length} bytes`)
    }
  })
  check('hash: a text has the hash of its UTF-8 in every form', async () => {
    for (const text of ['', 'tsn_0aZ-_', 'Zürich', '\u{1F511}'.repeat(40)]) {
      const expected = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
      for (const form of forms()) same(form.sha256Base64url(text), encodeBase64url(expected), `SHA-256 of ${text}`)
    }
  })
  check('hash: HMAC-SHA-256 is the same in every form and in WebCrypto, for keys of 32 to 200 bytes', async () => {
    for (const keyLength of [32, 33, 63, 64, 65, 200]) {
      const key = bytesOf(keyLength)
      const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
      const macs = forms().map((form) => form.hmacSha256(key))
      for (const length of DATA_LENGTHS) {
        const data = bytesOf(length)
        const expected = new Uint8Array(await crypto.subtle.sign('HMAC', imported, data))
        for (const mac of macs) same(plain(mac(data)), expected, `HMAC of ${length} bytes under ${keyLength}`)
      }
    }
  })
  check('hash: a code belongs to its caller, and a prepared key is a copy', () => {
    const key = bytesOf(40)
    const mac = hmacSha256(key)
    const first = mac(bytesOf(9))
    const kept = plain(first)
    key.fill(0)
    first.fill(0)
    same(plain(mac(bytesOf(9))), kept)
    const view = bytesOf(100).subarray(7, 40)
    same(plain(sha256(view)), plain(sha256(view.slice())), 'hash of a view')
  })
  check('hash: a short key is a mistake, and comparison tells every differing byte', async () => {
    await throws(() => hmacSha256(new Uint8Array(31)), /^RangeError: .*at least 32 bytes/)
    const left = bytesOf(32)
    holds(equalInConstantTime(left, left.slice()), 'equal bytes are equal')
    for (let at = 0; at < 32; at += 1) {
      const right = left.slice()
      right[at] = (right[at] ?? 0) ^ 1
      holds(!equalInConstantTime(left, right), `byte ${at} counts`)
    }
  })
}

function textChecks(check: Register): void {
  check('base64url: 0 to 300 bytes come back, and the text is what btoa says', () => {
    for (let length = 0; length <= LENGTH_MAX; length += 1) {
      const bytes = bytesOf(length)
      const text = encodeBase64url(bytes)
      const oracle = btoa(String.fromCharCode(...bytes))
        .replace(/=+$/, '')
        .replaceAll('+', '-')
        .replaceAll('/', '_')
      same(text, oracle)
      same(decodeBase64url(text), bytes)
    }
  })
  check('base64url: padding, other alphabets, white space and unused bits are refused', () => {
    for (const text of ['A', 'AA==', 'AB', 'AAB', '+A', '/A', ' AA', 'AA\n', 'AAÄA', 'AA\u{1D7D8}', '=']) {
      same(decodeBase64url(text), undefined, JSON.stringify(text))
    }
  })
}

function systemChecks(check: Register): void {
  check('system: the clock gives whole seconds of this century, and the monotonic one does not go back', () => {
    const now: number = systemClock.now()
    holds(Number.isInteger(now) && now > 1_700_000_000 && now < 4_102_444_800, `${now} is a time`)
    const first = systemClock.monotonicMilliseconds?.() ?? Number.NaN
    holds((systemClock.monotonicMilliseconds?.() ?? Number.NaN) >= first, 'it goes forward')
  })
  check('system: entropy of every size is fresh, and larger than one call of WebCrypto gives', () => {
    const seen = new Set(Array.from({ length: 1000 }, () => encodeBase64url(systemEntropy.bytes(16))))
    same(seen.size, 1000)
    for (const length of [0, 1, 255, 256, 257, 4097, 65_537]) same(systemEntropy.bytes(length).length, length)
    const large = systemEntropy.bytes(200_000)
    holds(
      large.subarray(-64).some((byte) => byte !== 0),
      'the end is filled too',
    )
  })
}

function forms(): readonly Primitives[] {
  const chosen = { sha256, sha256Base64url, hmacSha256 }
  return nativePrimitives === undefined ? [chosen, portablePrimitives] : [chosen, portablePrimitives, nativePrimitives]
}

/** A plain copy, because a Buffer compares as something else. */
function plain(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes)
}

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, at) => (at * 167 + length * 31) & 0xff)
}

const LENGTH_MAX = 300
const DATA_LENGTHS = [0, 1, 41, 55, 56, 63, 64, 65, 119, 191, 192, 193, 1000]
