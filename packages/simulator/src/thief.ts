// A thief: holds a copy of what a client kept, and uses it as a client would.
import type { RefreshResult } from '@tallystick/server'
import { drawAttemptKey, type Jar, type Kept } from './jar.ts'
import type { World } from './world.ts'

/** What the thief sends as attempt key: none, one of his own, or the client's own from a copy of its whole store. */
export type ThiefKey = 'none' | 'own' | 'stolen'

/** A thief. */
export interface Thief {
  readonly key: ThiefKey
  /** The newest token he holds. */
  readonly refreshToken: string
  /** Presents it, and keeps the successor if he gets one. */
  refresh(): Promise<RefreshResult>
}

/** Copies what is in a jar now. */
export function steal(world: World, jar: Jar, key: ThiefKey = 'none'): Thief {
  let { refreshToken, attemptKey }: Pick<Kept, 'refreshToken' | 'attemptKey'> = jar.read()
  if (key !== 'stolen') attemptKey = drawKey()
  function drawKey(): string | undefined {
    return key === 'none' ? undefined : drawAttemptKey(world.chance)
  }
  return {
    key,
    get refreshToken() {
      return refreshToken
    },
    async refresh() {
      const answer = await world.server.refresh({ refreshToken, attemptKey })
      if (answer.ok && answer.refreshToken !== refreshToken) {
        refreshToken = answer.refreshToken
        attemptKey = drawKey()
      }
      return answer
    },
  }
}
