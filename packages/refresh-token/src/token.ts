// The refresh token as text: format, gate, MAC, and the ids and hashes that are derived from its handle.
import { decodeBase64url, encodeBase64url } from '@tallystick/core/base64url'
import { equalInConstantTime, sha256 } from '@tallystick/core/crypto'
import type { SecretRing } from '@tallystick/core/secret-ring'
import type { FamilyId } from './state.ts'

/** What a refresh token says, once its MAC is verified. */
export interface ParsedRefreshToken {
  /** 16 random bytes per family; in the token only, never in the store. */
  readonly handle: Uint8Array
  /** Its position in the family; the first is 1. */
  readonly generation: number
  /** The id of the secret that made its MAC: 0 to 255. */
  readonly secretId: number
}

/** The answer of {@link parseToken}. */
export type ParseResult =
  | ({ readonly ok: true } & ParsedRefreshToken)
  | { readonly ok: false; readonly reason: 'refresh_token/malformed' | 'refresh_token/unknown_secret' }

/**
 * Writes the refresh token of a generation. The same arguments give the same bytes.
 *
 * @returns The token, or `undefined` where the ring does not hold the secret.
 */
export function issueToken(ring: SecretRing, { handle, generation, secretId }: ParsedRefreshToken): string | undefined {
  const body = new Uint8Array(BODY_BYTES)
  body[0] = VERSION
  body[1] = secretId
  body.set(handle, 2)
  new DataView(body.buffer).setUint32(2 + HANDLE_BYTES, generation)
  const mac = ring.mac(secretId, concat(LABEL, body))
  if (mac === undefined) return undefined
  return PREFIX + encodeBase64url(concat(body, mac))
}

/**
 * Reads a refresh token and verifies its MAC, in constant time and without any I/O.
 *
 * A forged, truncated, extended, edited or re-encoded token ends here, before anything is looked up.
 *
 * @returns The token's parts, or why not: `refresh_token/malformed`, `refresh_token/unknown_secret`.
 */
export function parseToken(ring: SecretRing, token: string): ParseResult {
  if (typeof token !== 'string' || token.length !== TOKEN_CHARACTERS || !GATE.test(token)) return MALFORMED
  const bytes = decodeBase64url(token.slice(PREFIX.length))
  if (bytes === undefined || bytes[0] !== VERSION) return MALFORMED
  const secretId = bytes[1] ?? 0
  const body = bytes.subarray(0, BODY_BYTES)
  const mac = ring.mac(secretId, concat(LABEL, body))
  if (mac === undefined) return UNKNOWN_SECRET
  if (!equalInConstantTime(mac, bytes.subarray(BODY_BYTES))) return MALFORMED
  const generation = new DataView(bytes.buffer, bytes.byteOffset).getUint32(2 + HANDLE_BYTES)
  return { ok: true, handle: bytes.slice(2, 2 + HANDLE_BYTES), generation, secretId }
}

/** The family's public id and storage key: the first 16 bytes of a labelled SHA-256 of the handle, base64url. */
export function deriveFamilyId(handle: Uint8Array): FamilyId {
  return encodeBase64url(sha256(concat(FAMILY_LABEL, handle)).subarray(0, 16)) as FamilyId
}

/**
 * The hash by which a client's attempt key is recognised again.
 *
 * It covers the handle, which is not in the store, so that a weak key cannot be guessed from a stolen database.
 *
 * @param key - The client's attempt key as it sent it.
 */
export function hashAttempt(handle: Uint8Array, generation: number, key: string): string {
  const text = TEXT.encode(key)
  const input = new Uint8Array(ATTEMPT_LABEL.length + HANDLE_BYTES + 4 + text.length)
  input.set(ATTEMPT_LABEL)
  input.set(handle, ATTEMPT_LABEL.length)
  new DataView(input.buffer).setUint32(ATTEMPT_LABEL.length + HANDLE_BYTES, generation)
  input.set(text, ATTEMPT_LABEL.length + HANDLE_BYTES + 4)
  return encodeBase64url(sha256(input))
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length)
  whole.set(first)
  whole.set(second, first.length)
  return whole
}

/** How many random bytes a family's handle has. */
export const HANDLE_BYTES = 16

const TEXT = new TextEncoder()
const PREFIX = 'trt_'
const VERSION = 1
const LABEL = TEXT.encode('tallystick refresh\0')
const FAMILY_LABEL = TEXT.encode('tallystick family\0')
const ATTEMPT_LABEL = TEXT.encode('tallystick attempt\0')
const BODY_BYTES = 2 + HANDLE_BYTES + 4
const TOKEN_BYTES = BODY_BYTES + 32
const TOKEN_CHARACTERS = PREFIX.length + (TOKEN_BYTES / 3) * 4
const GATE = /^trt_[A-Za-z0-9_-]{72}$/
const MALFORMED = Object.freeze({ ok: false, reason: 'refresh_token/malformed' } as const)
const UNKNOWN_SECRET = Object.freeze({ ok: false, reason: 'refresh_token/unknown_secret' } as const)
