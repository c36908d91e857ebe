// A storage in changing weather: calls that fail before or after their effect, writes sent twice, and pauses in between.
import type { Storage } from '@tallystick/storage'
import { interceptStorage, resendWrites } from '@tallystick/storage/faults'
import type { Chance } from '../chance.ts'

/** How rough it is. */
export interface Climate {
  /** How many of a thousand calls fail, half of them after their effect. */
  readonly failuresPerThousandCalls: number
  /** Every n-th write is sent twice; 0 for none. */
  readonly resendEvery: number
}

/** The weather over one storage. */
export interface Weather {
  readonly around: (storage: Storage) => Storage
  /** Runs something while nothing fails. */
  calmly<Answer>(run: () => Promise<Answer>): Promise<Answer>
  /** How many calls failed, and how many writes were sent twice. */
  count(): { readonly failed: number; readonly resent: number }
}

/** Makes weather; every call also waits a few turns, so that calls under way at once meet in every order. */
export function createWeather(chance: Chance, { failuresPerThousandCalls, resendEvery }: Climate): Weather {
  let calms = 0
  let failed = 0
  const doubles: Array<{ resent(): number }> = []
  const pass = async (): Promise<void> => {
    for (let turns = chance.below(TURNS_MAX); turns > 0; turns -= 1) await Promise.resolve()
    if (calms > 0 || !chance.happens(failuresPerThousandCalls / 2000)) return
    failed += 1
    throw Object.assign(new Error('the connection was lost'), { code: 'ECONNRESET' })
  }
  return {
    around(storage) {
      const stormy = interceptStorage(storage, { before: pass, after: pass })
      if (resendEvery === 0) return stormy
      const doubled = resendWrites(stormy, { every: resendEvery })
      doubles.push(doubled)
      return doubled.storage
    },
    async calmly(run) {
      calms += 1
      try {
        return await run()
      } finally {
        calms -= 1
      }
    },
    count: () => ({ failed, resent: doubles[0]?.resent() ?? 0 }),
  }
}

const TURNS_MAX = 4
