// The sweep: what a process that died left half done is carried through.
import { isTokenError, type TokenError } from '@tallystick/core'
import type { ServerContext } from './context.ts'
import { recordsIn } from './listing.ts'
import { announce } from './settle.ts'
import { decodeSignIn, signInIdOf } from './sign-in-cell.ts'

/**
 * Announces every end that was stored but not announced, and removes what hangs on an ended session.
 *
 * @returns How many sign-ins were announced by this call.
 * @throws TokenError; `ERR_STORAGE_CORRUPT` after all others were announced.
 */
export async function sweep(context: ServerContext): Promise<{ readonly announced: number }> {
  let announced = 0
  let failure: TokenError | undefined
  for await (const { key, text, storeTime } of recordsIn(context.records, { pending: true })) {
    if (signInIdOf(key) === undefined) continue
    try {
      const signIn = decodeSignIn(text)
      // Without a log there is nobody to tell of a family; a session's data go all the same.
      if (context.log === undefined && (signIn.session === undefined || signIn.session.announced)) continue
      await announce(context, signIn, storeTime ?? context.clock())
      announced += 1
    } catch (unreadable) {
      // One unreadable record must not keep the others unannounced. Whatever else fails ends the sweep.
      if (!isTokenError(unreadable) || unreadable.code !== 'ERR_STORAGE_CORRUPT') throw unreadable
      failure ??= unreadable
    }
  }
  if (failure !== undefined) throw failure
  return { announced }
}
