// Access tokens that were ended one by one, by their `jti`: a record each, until the token would have expired anyway.
import type { Entropy, NumericDate } from '@tallystick/core'
import { encodeBase64url } from '@tallystick/core/base64url'
import type { RecordStore } from '@tallystick/storage'
import { type Cell, commitNew, readProven } from './commit.ts'
import { hashedKey } from './hashed-key.ts'

/**
 * Stores that a token is revoked. The id counts, not the token's text, which can be spelled in more than one way.
 *
 * @returns Whether this call is the first to do so.
 */
export async function revokeTokenId(
  { records, entropy }: { readonly records: RecordStore; readonly entropy: Entropy },
  tokenId: string,
  expiresAt: NumericDate,
): Promise<boolean> {
  if (await isTokenIdRevoked(records, tokenId)) return false
  // Known to this call alone: of two that revoke at once, one was first, also where the driver sends a write twice.
  const call = encodeBase64url(entropy.bytes(CALL_BYTES))
  const cell: Cell<NumericDate> = {
    decode: () => expiresAt,
    encode: () => JSON.stringify({ v: RECORD_VERSION, call }),
    columns: () => ({}),
    expiresAt: (end) => end,
  }
  return commitNew({ records, key: hashedKey('token', tokenId), cell }, expiresAt)
}

/** Whether a token was ended by itself. */
export async function isTokenIdRevoked(records: RecordStore, tokenId: string): Promise<boolean> {
  return (await readProven(records, hashedKey('token', tokenId))) !== undefined
}

const RECORD_VERSION = 1
const CALL_BYTES = 16
