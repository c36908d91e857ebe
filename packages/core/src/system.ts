// The platform's clock and randomness: the only place below the adapters that reads either. For shells (floor 3 and up).
import { numericDate } from './numeric-date.ts'
import type { Clock, Entropy } from './ports.ts'

/** The platform's clock. */
export const systemClock: Clock = {
  now: () => numericDate(Math.floor(Date.now() / 1000)),
  monotonicMilliseconds: () => performance.now(),
}

/**
 * The platform's cryptographic random generator.
 *
 * Small requests are served from a pool, because a call into the generator costs some runtimes more than the bytes;
 * what was handed out is wiped from the pool at once.
 */
export const systemEntropy: Entropy = {
  bytes(length) {
    const bytes = new Uint8Array(length)
    if (length > POOL_BYTES / 16) return fillLarge(bytes)
    if (offset + length > POOL_BYTES) {
      crypto.getRandomValues(pool)
      offset = 0
    }
    bytes.set(pool.subarray(offset, offset + length))
    pool.fill(0, offset, offset + length)
    offset += length
    return bytes
  },
}

function fillLarge(bytes: Uint8Array<ArrayBuffer>): Uint8Array {
  for (let start = 0; start < bytes.length; start += CALL_BYTES_MAX) {
    crypto.getRandomValues(bytes.subarray(start, start + CALL_BYTES_MAX))
  }
  return bytes
}

/** Web Crypto refuses larger requests. */
const CALL_BYTES_MAX = 65_536
const POOL_BYTES = 4096
const pool = new Uint8Array(POOL_BYTES)
let offset = POOL_BYTES
