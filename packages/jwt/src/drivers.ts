// The only step in which the two verifiers differ: one boolean, at once or through WebCrypto.
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
