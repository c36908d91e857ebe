// The nonce of a content security policy: drawn for one response, never used again (CSP 3 §7.1).
import type { Entropy } from '@tallystick/core'
import { encodeBase64url } from '@tallystick/core/base64url'
import { systemEntropy } from '@tallystick/core/system'

/**
 * Draws the nonce of one response: 128 random bits as 22 characters of base64url.
 *
 * @param entropy - Default: the platform's generator.
 * @example
 * createNonce().length // => 22
 * @see {@link https://www.w3.org/TR/CSP3/#security-nonces CSP 3 §7.1}
 */
export function createNonce(entropy: Entropy = systemEntropy): string {
  return encodeBase64url(entropy.bytes(NONCE_BYTES))
}

const NONCE_BYTES = 16
