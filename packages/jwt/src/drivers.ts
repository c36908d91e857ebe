// The only step in which the two verifiers differ: one boolean, at once or through WebCrypto; and its reverse, signing.
import { TokenError } from '@tallystick/core'
import type { KeyMaterial } from './key.ts'
import type { Prepared } from './prepare.ts'

/** Whether this token's key is checked at once by a verifier that may choose. */
export function prefersSynchronous({ key }: Prepared): boolean {
  return key.synchronous !== undefined && key.row.preferred === 'synchronous'
}

/** Checks a signature at once; a primitive that fails has not said yes. */
export function checkNow({ key, input, signature }: Prepared): boolean {
  try {
    return key.synchronous?.verify(input, signature) === true
  } catch {
    return false
  }
}

/** Checks a signature through WebCrypto; a primitive that fails has not said yes. */
export async function checkThroughSubtle({ key, input, signature }: Prepared): Promise<boolean> {
  try {
    return await key.subtle.verify(input, signature)
  } catch {
    return false
  }
}

/**
 * Signs with the driver that the key's algorithm prefers.
 *
 * @throws TokenError `ERR_SIGNING` (as a rejection) where the key failed or has no signing part.
 */
export async function signWith({ synchronous, subtle, row }: KeyMaterial, input: Uint8Array): Promise<Uint8Array> {
  try {
    if (row.preferred === 'synchronous' && synchronous?.sign !== undefined) return synchronous.sign(input)
    if (subtle.sign !== undefined) return await subtle.sign(input)
  } catch (cause) {
    throw new TokenError('ERR_SIGNING', 'the token could not be signed', { cause })
  }
  throw new TokenError('ERR_SIGNING', 'the key has no signing part')
}
