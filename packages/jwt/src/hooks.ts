// Calls what the application supplied: whatever fails there, or answers with no answer, is no verdict (ERR_HOOK).
import { TokenError } from '@tallystick/core'
import { readAnswer } from '@tallystick/core/options'
import type { SchemaAnswer } from '@tallystick/core/options'

/**
 * Calls a hook.
 *
 * @param name - How the failure names it.
 * @throws TokenError `ERR_HOOK` where it throws.
 */
export function callHook<Answer>(name: string, call: () => Answer): Answer {
  try {
    return call()
  } catch (cause) {
    throw failed(name, cause)
  }
}

/**
 * Waits for what a hook answered, promise or not.
 *
 * @throws TokenError `ERR_HOOK` where it rejects (as a rejection).
 */
export async function awaitHook(name: string, answer: unknown): Promise<unknown> {
  try {
    return await answer
  } catch (cause) {
    throw failed(name, cause)
  }
}

/**
 * Reads what a claims schema answered: issues, or the object that it made of the claims.
 *
 * @throws TokenError `ERR_HOOK` where it is neither, a promise too: no answer is never a yes.
 */
export function readClaims(answer: unknown): SchemaAnswer<object> {
  const read = callHook(CLAIMS_SCHEMA, () => readAnswer<unknown>(answer))
  if (read?.issues !== undefined) return read
  const value = read?.value
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { value }
  throw new TokenError('ERR_HOOK', `${CLAIMS_SCHEMA} must answer with issues or an object`)
}

/** How failures name the schema. */
export const CLAIMS_SCHEMA = 'the claims schema'

function failed(name: string, cause: unknown): TokenError {
  return new TokenError('ERR_HOOK', `${name} failed`, { cause })
}
