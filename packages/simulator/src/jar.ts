// The one place where a client keeps its tokens: what it holds, and how an answer gets in.
import { encodeBase64url } from '@tallystick/core/base64url'
import type { TokenSet } from '@tallystick/server'
import type { Chance } from './chance.ts'

/** What a jar holds. */
export interface Kept {
  readonly refreshToken: string
  readonly accessToken: string
  /** One per stored refresh token, drawn with it and sent with every attempt; absent for clients without keys. */
  readonly attemptKey?: string | undefined
}

/** A client's token store. Tabs, workers and processes of one client share one jar. */
export interface Jar {
  readonly subject: string
  readonly familyId: string
  readonly keyed: boolean
  /** What it holds now; read it right before each attempt, and keep it in no variable. */
  read(): Kept
  /**
   * Puts an answer in.
   *
   * A jar with keys takes the successor only in place of the token that was presented, so that answers may arrive in any
   * order. One without is a cookie: each answer overwrites it.
   */
  store(presented: Kept, answer: TokenSet): void
}

/** What makes one jar differ from another. */
export interface JarOptions {
  readonly subject: string
  /** Whether its client sends attempt keys. */
  readonly keyed: boolean
}

/** Makes a jar that holds a sign-in's tokens. */
export function createJar(chance: Chance, { subject, keyed }: JarOptions, first: TokenSet): Jar {
  const keep = ({ refreshToken, accessToken }: TokenSet): Kept => ({
    refreshToken,
    accessToken,
    attemptKey: keyed ? drawAttemptKey(chance) : undefined,
  })
  let kept = keep(first)
  return {
    subject,
    familyId: first.familyId,
    keyed,
    read: () => kept,
    store(presented, answer) {
      // The same successor again only brings a newer access token: its attempt key stays, for others may be using it.
      if (answer.refreshToken === kept.refreshToken) kept = { ...kept, accessToken: answer.accessToken }
      else if (!keyed || presented.refreshToken === kept.refreshToken) kept = keep(answer)
    },
  }
}

/** A fresh attempt key of 22 characters. */
export function drawAttemptKey(chance: Chance): string {
  return encodeBase64url(chance.bytes(16))
}
