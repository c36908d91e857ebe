// What was read last of a sign-in: a record whose text has not changed is not taken apart again at every request.
import { decodeSignIn, type SignIn } from './sign-in-cell.ts'

/** Reads the text that stands under a key. */
export type ReadSignIn = (text: string, key: string) => SignIn

/**
 * Makes a reader that remembers the sign-ins it read last.
 *
 * The store is asked all the same: what is remembered counts only for the very text that it has just answered. What it
 * gives is frozen, because the next caller gets the same. A refresh token's record alone is new at every reading, and
 * never remembered.
 *
 * @param signInsMax - How many are remembered; each takes about two kilobytes.
 */
export function createSignInReader(signInsMax: number = SIGN_INS_MAX): ReadSignIn {
  const known = new Map<string, { readonly text: string; readonly signIn: SignIn }>()
  return (text, key) => {
    const last = known.get(key)
    if (last?.text === text) return last.signIn
    const signIn = decodeSignIn(text)
    if (signIn.session === undefined) return signIn
    known.delete(key)
    for (const oldest of known.size < signInsMax ? [] : known.keys()) {
      known.delete(oldest)
      break
    }
    known.set(key, { text, signIn: freeze(signIn) })
    return signIn
  }
}

function freeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  for (const inner of Object.values(value)) freeze(inner)
  return Object.freeze(value)
}

const SIGN_INS_MAX = 1024
