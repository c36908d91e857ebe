// A driver under watch: after every request of a history the invariants of the law are checked, and what came is counted.
import { isTokenError } from '@tallystick/core'
import { expect } from 'vitest'
import { decide } from '../../src/decide.ts'
import { expiresAt } from '../../src/expiry.ts'
import { parseToken } from '../../src/token.ts'
import { type Answer, type Asked, commandOf, type Driver } from '../driver.ts'

/** How often each thing happened over all histories. */
export interface Counts {
  readonly verdicts: Map<string, number>
  readonly reasons: Map<string, number>
  readonly actors: Map<string, number>
  readonly turns: Map<string, number>
}

/** Who sends a request. */
export type Party = 'honest' | 'thief'

/** One request that reached the law. */
export interface Redemption {
  readonly party: Party
  readonly generation: number
  readonly at: number
  readonly isServedNewer: boolean
}

/** A family under watch. */
export interface Watched {
  readonly driver: Driver
  readonly counts: Counts
  readonly redemptions: Redemption[]
  /** By whom, when and how each generation was first spent. */
  readonly spent: Map<number, Spending>
  /** Sends a request; `undefined` where there was no verdict (ERR_CLOCK). */
  present(party: Party, token: string, asked?: Asked): Answer | undefined
  /** The store went back: what was spent after that may be spent again. */
  forget(): void
}

export interface Spending {
  readonly party: Party
  readonly at: number
  readonly how: 'keyed' | 'keyless' | 'elevated'
}

export const emptyCounts = (): Counts => ({
  verdicts: new Map(),
  reasons: new Map(),
  actors: new Map(),
  turns: new Map(),
})

/** Adds one. */
export function count(map: Map<string, number>, name: string): void {
  map.set(name, (map.get(name) ?? 0) + 1)
}

/** Puts a driver under watch. */
export function watch(driver: Driver, counts: Counts): Watched {
  const made = new Map<number, string>()
  const absoluteEnd = driver.state().absoluteExpiresAt
  let ended = false
  const watched: Watched = {
    driver,
    counts,
    redemptions: [],
    spent: new Map(),
    forget: () => {
      made.clear()
      watched.spent.clear()
    },
    present: (party, token, asked = {}) => {
      const stored = driver.stored
      const answer = askTwice(watched, token, asked)
      if (answer === undefined) {
        expect(driver.stored).toBe(stored)
        return undefined
      }
      count(counts.verdicts, answer.verdict ?? 'refused')
      if (answer.reason !== undefined) count(counts.reasons, answer.reason)
      const { before, after } = answer
      if (before === undefined || after === undefined) {
        expect(driver.stored).toBe(stored)
        return answer
      }
      if (ended) expect(answer.verdict).toBeUndefined()
      if (before.status === 'revoked') expect(driver.stored).toBe(stored)
      ended ||= after.status === 'revoked'
      expect(after.absoluteExpiresAt).toBe(absoluteEnd)
      checkTime(watched, answer)
      checkGeneration(watched, token, answer)
      if (answer.verdict === 'rotated') made.set(after.generation, answer.token ?? '')
      else if (answer.verdict !== undefined) {
        expect(answer.token).toBe(made.get(after.generation) ?? answer.token)
        made.set(after.generation, answer.token ?? '')
      }
      if (answer.verdict === 'retried') expect(driver.stored).toBe(stored)
      remember(watched, party, token, asked, answer)
      return answer
    },
  }
  return watched
}

/** The same question twice on the same text has one answer, and neither asks the store for more. */
function askTwice({ driver, counts }: Watched, token: string, asked: Asked): Answer | undefined {
  const parsed = parseToken(driver.ring, token)
  const family = driver.state()
  const once = { ...asked, call: asked.call ?? `call ${counts.turns.get('requests') ?? 0}` }
  count(counts.turns, 'requests')
  try {
    if (!parsed.ok) {
      const { reads } = driver
      const answer = driver.present(token, once)
      expect(driver.reads).toBe(reads)
      return answer
    }
    const first = decide(family, commandOf(driver, parsed, once), driver.now, driver.policy)
    const second = decide(driver.state(), commandOf(driver, parsed, once), driver.now, driver.policy)
    expect(second).toEqual(first)
    return driver.present(token, once)
  } catch (thrown) {
    if (!isTokenError(thrown) || thrown.code !== 'ERR_CLOCK') throw thrown
    expect(driver.now).toBeLessThan(family.rotatedAt - driver.policy.clockToleranceSeconds)
    count(counts.turns, 'ERR_CLOCK')
    return undefined
  }
}

/** Time-outs are exact to the second, either way. */
function checkTime({ driver }: Watched, { before, verdict, reason }: Answer): void {
  if (before === undefined) return
  const isOver = before.status === 'active' && driver.now >= expiresAt(before, driver.policy)
  const idleEnd = before.lastUsedAt + driver.policy.idleTimeoutSeconds
  expect(isOver).toBe(before.status === 'active' && (driver.now >= idleEnd || driver.now >= before.absoluteExpiresAt))
  if (verdict !== undefined) expect(isOver).toBe(false)
  expect(reason === 'refresh_token/expired').toBe(isOver)
}

/** Generations go by one, from the recorded one or, where the store lost writes, from the presented one. */
function checkGeneration({ driver, counts }: Watched, token: string, { before, after, events }: Answer): void {
  const parsed = parseToken(driver.ring, token)
  if (before === undefined || after === undefined || !parsed.ok) return
  const isAdopted = events.some((event) => event.type === 'refresh_token.ahead' && event.adopted)
  if (isAdopted) {
    count(counts.turns, 'adopted')
    expect(parsed.generation).toBeGreaterThan(before.generation)
  }
  const from = isAdopted ? parsed.generation : before.generation
  expect([0, 1]).toContain(after.generation - from)
}

function remember(watched: Watched, party: Party, token: string, asked: Asked, answer: Answer): void {
  const parsed = parseToken(watched.driver.ring, token)
  if (!parsed.ok || answer.after === undefined) return
  const { generation } = parsed
  const at = watched.driver.now
  const isServedNewer = answer.verdict !== undefined && answer.after.generation > generation
  watched.redemptions.push({ party, generation, at, isServedNewer })
  if (answer.verdict !== 'rotated') return
  const how = asked.elevate !== undefined ? 'elevated' : answer.after.attemptBy === 'client' ? 'keyed' : 'keyless'
  watched.spent.set(generation, { party, at, how })
}
