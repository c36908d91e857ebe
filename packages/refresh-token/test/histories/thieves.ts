// Thieves of every kind beside a victim that keeps the client's law, and what each may and may not get.
import { expect } from 'vitest'
import { decodeRecord } from '../../src/record.ts'
import { issueToken, parseToken } from '../../src/token.ts'
import { type Answer, type Asked, bytesFrom, PASSWORD } from '../driver.ts'
import { count, type Watched } from './watch.ts'

/** What a thief has and when he acts. */
export const THIEVES = [
  'one-shot',
  'persistent',
  'trailing',
  'racing, first',
  'racing, second',
  'with the client’s snapshot',
  'with the database',
  'with a secret',
] as const

export type Thief = (typeof THIEVES)[number]

/** One turn of a history with a thief. */
export interface TheftTurn {
  readonly what: 'victim' | 'victim, answer lost' | 'steal' | 'thief' | 'thief, old token' | 'step-up' | 'sign-out'
  readonly waitSeconds: number
  readonly which: number
}

/** The victim and its thief. */
export interface Theft {
  readonly watched: Watched
  readonly thief: Thief
  readonly isKeyed: boolean
  readonly base: Asked
  /** What the thief sends beside the token: without the bound key, where there is one. */
  readonly thiefs: Asked
}

interface Loot {
  readonly token: string
  readonly key?: string | undefined
}

/** Plays a history and checks each answer to the thief; at its end, whether he was caught. */
export function runTheft(theft: Theft, turns: readonly TheftTurn[]): void {
  const { watched, thief, isKeyed, base } = theft
  const { driver } = watched
  const store: { token: string; key?: string | undefined } = { token: driver.first }
  const loot: Loot[] = []
  let keys = 0
  let shots = 0

  const victim = (isLost: boolean): void => {
    if (isKeyed && store.key === undefined) {
      keys += 1
      store.key = `key ${keys} of the victim`
    }
    const { token, key } = store
    const newest = loot.at(-1)
    if (thief === 'racing, first' && newest?.token === token) attack(newest)
    const answer = watched.present('honest', token, { ...base, key })
    if (answer?.token !== undefined && answer.token !== token && !isLost) {
      store.token = answer.token
      store.key = undefined
    }
    if ((thief === 'trailing' || thief === 'racing, second') && newest?.token === token) {
      if (thief === 'trailing') driver.wait(1)
      attack(newest)
    }
    // Without a key an answer is only had again at once.
    if (isLost && !isKeyed) victim(false)
  }
  const attack = (taken: Loot): void => {
    shots += 1
    if (thief === 'one-shot' && shots > 1) return
    count(watched.counts.actors, `thief ${thief}`)
    const answer = strike(theft, taken)
    if (answer?.token !== undefined && answer.token !== taken.token) loot.push({ token: answer.token })
  }

  for (const { what, waitSeconds, which } of turns) {
    driver.wait(waitSeconds)
    switch (what) {
      case 'victim':
      case 'victim, answer lost':
        victim(what !== 'victim')
        break
      case 'steal':
        loot.push({ token: store.token, key: thief === 'with the client’s snapshot' ? store.key : undefined })
        break
      case 'thief':
      case 'thief, old token': {
        const taken = what === 'thief' ? loot.at(-1) : loot[which % Math.max(1, loot.length)]
        if (thief === 'with a secret') forge(theft, which)
        else if (thief === 'with the database') fish(theft, which, taken)
        else if (taken !== undefined && (thief === 'one-shot' || thief === 'persistent' || taken.key !== undefined)) {
          attack(taken)
        }
        break
      }
      case 'step-up': {
        const answer = watched.present('honest', store.token, { ...base, elevate: { ...PASSWORD, acr: 'high' } })
        if (answer?.token !== undefined) {
          store.token = answer.token
          store.key = undefined
        }
        break
      }
      case 'sign-out':
        if (which % 8 === 0) driver.revoke('sign_out')
        break
    }
  }
  for (let visit = 0; visit < 3; visit += 1) {
    driver.wait(3600)
    victim(false)
  }
  if (thief !== 'with the client’s snapshot') expectCaught(theft)
}

function strike({ watched, thief, thiefs }: Theft, { token, key }: Loot): Answer | undefined {
  const { driver, spent } = watched
  const before = driver.state()
  const answer = watched.present('thief', token, { ...thiefs, key })
  const parsed = parseToken(driver.ring, token)
  if (answer === undefined || !parsed.ok) return answer
  if (answer.reason === 'refresh_token/binding_mismatch') {
    expect(driver.state()).toEqual(before)
    return answer
  }
  const spending = spent.get(parsed.generation)
  if (thief === 'with the client’s snapshot' || spending?.party !== 'honest') {
    if (answer.verdict !== undefined) count(watched.counts.turns, `served: ${thief}`)
    return answer
  }
  const age = driver.now - spending.at
  const { gracePeriodSeconds, clockToleranceSeconds } = driver.policy
  // Where the victim used a key or stepped up, nobody else gets anything from that token, at any time.
  if (spending.how !== 'keyless') expect(answer.token).toBeUndefined()
  if (answer.token !== undefined) expect(age).toBeLessThan(gracePeriodSeconds)
  if (age >= gracePeriodSeconds + clockToleranceSeconds && answer.reason !== 'refresh_token/expired') {
    expect(driver.state().status).toBe('revoked')
  }
  count(watched.counts.turns, `${answer.token === undefined ? 'turned away' : 'served'}: ${spending.how} victim`)
  return answer
}

/** Who has a secret and no token cannot name a family: what he signs belongs to nobody. */
function forge({ watched }: Theft, which: number): void {
  const { driver } = watched
  count(watched.counts.actors, 'thief with a secret')
  const stored = driver.stored
  const { generation, secretId } = decodeRecord(stored)
  const token = issueToken(driver.ring, { handle: bytesFrom(16, which + 100), generation, secretId }) ?? ''
  expect(watched.present('thief', token)?.reason).toBe('refresh_token/unknown')
  expect(driver.stored).toBe(stored)
}

/** Who has the database knows no handle and no secret; with an old token, its attempt hash is no key. */
function fish({ watched, thiefs }: Theft, which: number, taken: Loot | undefined): void {
  const { driver, spent } = watched
  count(watched.counts.actors, 'thief with the database')
  const { familyId, attempt, generation, secretId } = decodeRecord(driver.stored)
  const stored = driver.stored
  const body = Buffer.alloc(54, which & 255)
  body[0] = 1
  body[1] = secretId
  body.set(Buffer.from(familyId, 'base64url'), 2)
  body.writeUInt32BE(generation, 18)
  body.set(Buffer.from(attempt ?? '', 'base64url').subarray(0, 32), 22)
  expect(watched.present('thief', `trt_${body.toString('base64url')}`)?.reason).toBe('refresh_token/malformed')
  expect(driver.stored).toBe(stored)
  const parsed = taken === undefined ? undefined : parseToken(driver.ring, taken.token)
  if (taken === undefined || parsed?.ok !== true || spent.get(parsed.generation)?.how !== 'keyed') return
  expect(watched.present('thief', taken.token, { ...thiefs, key: attempt })?.token).toBeUndefined()
}

/** Each token that a thief was given for one that the victim did not use within a grace period of him ends the family. */
function expectCaught({ watched }: Theft): void {
  const { driver, redemptions } = watched
  const grace = driver.policy.gracePeriodSeconds
  const isBeside = (generation: number, at: number): boolean =>
    redemptions.some(
      (other) =>
        other.party === 'honest' &&
        other.generation === generation &&
        other.isServedNewer &&
        Math.abs(other.at - at) < grace,
    )
  const loose = redemptions.filter(
    ({ party, generation, at, isServedNewer }) => party === 'thief' && isServedNewer && !isBeside(generation, at),
  )
  if (loose.length === 0) return
  count(watched.counts.turns, 'caught')
  expect(driver.state().status).toBe('revoked')
}
