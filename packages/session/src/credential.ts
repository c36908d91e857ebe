// The session credential as text: format, gate, hashes, and how a successor follows from its predecessor.
import { encodeBase64url } from '@tallystick/core/base64url'
import { sha256Base64url } from '@tallystick/core/crypto'
import type { SecretRing } from '@tallystick/core/secret-ring'
import type { Proof } from './command.ts'
import type { SessionId } from './state.ts'

/** What a credential says. */
export interface ParsedCredential {
  /** The session's public id, and its storage key. */
  readonly sessionId: SessionId
  /** What proves that the holder may speak for the session. */
  readonly secret: string
}

/**
 * Takes a credential apart: pure slicing, nothing is decoded or hashed.
 *
 * Of the secret only the length is looked at: whatever else stands there has not the hash of a secret (`session/unknown`).
 *
 * @returns Its parts, or `undefined` where the text has not the form of a credential (`session/malformed`).
 */
export function parseCredential(text: string): ParsedCredential | undefined {
  if (typeof text !== 'string' || text.length !== CREDENTIAL_CHARACTERS || !hasPrefix(text)) return undefined
  let unknown = 0
  for (let at = PREFIX.length; at < SECRET_START; at += 1) {
    const code = text.charCodeAt(at)
    unknown |= (code >> 7) | (NO_ID_CHARACTERS[code & 127] ?? 1)
  }
  if (unknown !== 0) return undefined
  return { sessionId: text.slice(PREFIX.length, SECRET_START) as SessionId, secret: text.slice(SECRET_START) }
}

/** Whether a text begins with `tsn_`; `startsWith` would take a third of the time of the whole gate. */
function hasPrefix(text: string): boolean {
  return (
    text.charCodeAt(0) === 0x74 &&
    text.charCodeAt(1) === 0x73 &&
    text.charCodeAt(2) === 0x6e &&
    text.charCodeAt(3) === 0x5f
  )
}

/** Writes a credential: what {@link parseCredential} reads. */
export function formatCredential(sessionId: SessionId, secret: string): string {
  return PREFIX + sessionId + secret
}

/**
 * The id of a new session.
 *
 * @param bytes - 16 random bytes ({@link SESSION_ID_BYTES}).
 */
export function formatSessionId(bytes: Uint8Array): SessionId {
  if (bytes.length !== SESSION_ID_BYTES) throw new RangeError(`a session id is made of ${SESSION_ID_BYTES} bytes`)
  return encodeBase64url(bytes) as SessionId
}

/**
 * A secret that is drawn: at establishment, elevation and re-authentication.
 *
 * @param bytes - 32 random bytes ({@link SECRET_BYTES}).
 * @param predecessor - The secret that it follows, whose lineage it carries on; absent at establishment.
 */
export function formatSecret(bytes: Uint8Array, predecessor?: string): string {
  if (bytes.length !== SECRET_BYTES) throw new RangeError(`a session secret is made of ${SECRET_BYTES} bytes`)
  const drawn = encodeBase64url(bytes)
  return predecessor === undefined ? drawn : follow(predecessor, drawn)
}

/**
 * The secret that follows from a presented one at a renewal. The same arguments give the same text, so that a lost
 * answer can be given again.
 *
 * @returns The secret, or `undefined` where the ring does not hold the one of this id.
 */
export function deriveSecret(
  ring: SecretRing,
  secretId: number,
  sessionId: SessionId,
  presented: string,
): string | undefined {
  const mac = ring.mac(secretId, TEXT.encode(RENEWAL_LABEL + sessionId + presented))
  return mac === undefined ? undefined : follow(presented, encodeBase64url(mac))
}

/**
 * The hash of a secret, as the store keeps it: the one hash on the way of a look-up, of one block.
 *
 * It covers the text and not the bytes that the text may stand for: every edit of a character is another secret.
 */
export function hashSecret(secret: string): string {
  return sha256Base64url(secret)
}

/** The hash of the part that all secrets of a session share. */
export function hashLineage(sessionId: SessionId, secret: string): string {
  return sha256Base64url(LINEAGE_LABEL + sessionId + secret.slice(0, LINEAGE_CHARACTERS))
}

/** Both hashes of a secret. */
export function proveSecret(sessionId: SessionId, secret: string): Proof {
  return { hash: hashSecret(secret), lineageHash: hashLineage(sessionId, secret) }
}

function follow(predecessor: string, drawn: string): string {
  return predecessor.slice(0, LINEAGE_CHARACTERS) + drawn.slice(LINEAGE_CHARACTERS)
}

/** How many random bytes a session's id has. */
export const SESSION_ID_BYTES = 16
/** How many random bytes a drawn secret has. */
export const SECRET_BYTES = 32

const TEXT = new TextEncoder()
const PREFIX = 'tsn_'
const SECRET_START = PREFIX.length + 22
const CREDENTIAL_CHARACTERS = SECRET_START + 43
/** 126 bits that stay, 130 that are new in every generation: whoever knows an old credential knows nothing of the next. */
const LINEAGE_CHARACTERS = 21
const LINEAGE_LABEL = 'tallystick session lineage\0'
const RENEWAL_LABEL = 'tallystick session renewal\0'
/** 0 for A-Z a-z 0-9 - _: a pattern takes three times as long as this table. */
const NO_ID_CHARACTERS: Uint8Array = Uint8Array.from({ length: 128 }, (_, code) =>
  /[A-Za-z0-9_-]/.test(String.fromCharCode(code)) ? 0 : 1,
)
