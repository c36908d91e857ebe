// Keys of records that are named by text of any alphabet and length, or by text that the store must not hold.
import { encodeBase64url } from '@tallystick/core/base64url'
import { sha256 } from '@tallystick/core/crypto'

/** The key of a record: what it is of, and the SHA-256 of its name, base64url. */
export function hashedKey(kind: 'subject' | 'token' | 'opaque' | 'sessions' | 'session-data', name: string): string {
  return `${kind}:${encodeBase64url(sha256(TEXT.encode(name)))}`
}

const TEXT = new TextEncoder()
