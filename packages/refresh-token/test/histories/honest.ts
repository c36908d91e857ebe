// Honest clients that keep the client's law, on bad networks, bad clocks and a store that loses writes.
import { numericDate } from '@tallystick/core'
import { expect } from 'vitest'
import { resolveSecrets } from '../../src/secrets.ts'
import { type Answer, type Asked, PASSWORD, SECRETS } from '../driver.ts'
import { count, type Watched } from './watch.ts'

/** One tab of a storm: when it sends, when the server has its request, when it has the answer; and whether that is lost. */
export interface Tab {
  readonly times: readonly [number, number, number]
  readonly isLost: boolean
}

/** Some tabs that wake at once, after a pause. */
export interface Storm {
  readonly pauseSeconds: number
  readonly tabs: readonly Tab[]
}

/** A token store of a client: one per family; the attempt key belongs to the stored token. */
export interface TokenStore {
  token: string
  key?: string | undefined
}

const expectHonest = ({ reason }: Answer): void => {
  expect(reason).not.toBe('refresh_token/replayed')
  expect(reason).not.toBe('refresh_token/revoked')
}

/**
 * Tabs on one jar, or processes on one store, without keys: whatever the order of requests and answers within one
 * grace period, none is turned away. An answer with the token that was presented is not written again.
 */
export function runStorms(watched: Watched, storms: readonly Storm[]): void {
  const { driver } = watched
  const grace = driver.policy.gracePeriodSeconds
  let jar = driver.first
  for (const { pauseSeconds, tabs } of storms) {
    driver.wait(grace + pauseSeconds)
    const start = driver.now
    const sent: string[] = []
    const answers: Array<string | undefined> = []
    const moments = tabs.flatMap(({ times }, tab) =>
      times
        .map((time) => time % grace)
        .toSorted((left, right) => left - right)
        .map((time, step) => ({ time, tab, step })),
    )
    // A stable order: of what happens in one second, each tab's own steps stay in turn.
    for (const { time, tab, step } of moments.toSorted((left, right) => left.time - right.time)) {
      driver.now = numericDate(start + time)
      if (step === 0) sent[tab] = jar
      if (step === 1) answers[tab] = served(watched, sent[tab] ?? '')
      if (step === 2 && !(tabs[tab]?.isLost ?? true) && answers[tab] !== sent[tab]) jar = answers[tab] ?? jar
    }
    driver.now = numericDate(start + grace - 1)
    if (tabs.some(({ isLost }) => isLost)) jar = served(watched, jar)
  }
  driver.wait(grace + 60)
  served(watched, jar)
}

function served(watched: Watched, token: string): string {
  const answer = watched.present('honest', token)
  expect(answer?.reason).toBeUndefined()
  return answer?.token ?? ''
}

/** One turn of a client with attempt keys; numbers choose what happens. */
export interface Turn {
  readonly what: (typeof TURNS)[number]
  readonly waitSeconds: number
  readonly which: number
}

/** What may happen to a client with attempt keys. */
export const TURNS = [
  'attempt',
  'attempt, answer lost',
  'attempt, answer late',
  'attempt, request held',
  'held request arrives',
  'late answer arrives',
  'duplicate arrives',
  'access token used',
  'clock back a little',
  'clock back too far',
  'step-up',
  'secret appended',
  'secret promoted',
  'secret removed',
  'secret removed too early',
  'writes lost, log clear',
  'writes lost, no log',
  'other client',
  'too much asked',
  'risk',
  'signed out',
] as const

interface Request {
  readonly token: string
  readonly key: string
}

/** A phone, or tabs that share a store and its attempt key: answers lost, late, held and duplicated. */
export function runKeyed(watched: Watched, turns: readonly Turn[], base: Asked = {}): void {
  const { driver, counts } = watched
  const store: TokenStore = { token: driver.first }
  let keys = 0
  let isSignedOut = false
  const held: Request[] = []
  const late: Array<{ readonly request: Request; readonly token: string }> = []
  const past: Request[] = []
  const lostWrites: string[] = [driver.stored]
  let ring = [0]

  const read = (): Request => {
    if (store.key === undefined) {
      keys += 1
      store.key = `key ${keys} of this store`
    }
    return { token: store.token, key: store.key }
  }
  const send = (request: Request, extra: Asked = {}): Answer | undefined => {
    const stored = driver.stored
    const answer = watched.present('honest', request.token, { ...base, key: request.key, ...extra })
    if (driver.stored !== stored) lostWrites.push(stored)
    if (answer !== undefined && !isSignedOut) expectHonest(answer)
    return answer
  }
  const keep = (request: Request, token: string | undefined): void => {
    if (token === undefined || token === request.token || store.token !== request.token) return
    store.token = token
    store.key = undefined
  }
  const attempt = (extra: Asked = {}): Answer | undefined => {
    const request = read()
    past.push(request)
    const answer = send(request, extra)
    keep(request, answer?.token)
    return answer
  }
  /** A duplicate of one of the last two attempts, no older: beyond those it is told from a thief's no more. */
  const isRecent = ({ token }: Request): boolean =>
    [0, 1, 2].some((back) => driver.tokenOf(driver.state().generation - back, secretOf(token)) === token)
  const dropInFlight = (): void => {
    for (const list of [held, late, past]) list.splice(0)
  }
  const setRing = (order: number[]): void => {
    ring = order
    driver.ring = resolveSecrets(order.flatMap((at) => SECRETS[at] ?? []))
  }

  for (const { what, waitSeconds, which } of turns) {
    if (isSignedOut && what !== 'attempt') continue
    driver.wait(waitSeconds)
    count(counts.turns, what)
    switch (what) {
      case 'attempt':
        attempt()
        break
      case 'attempt, answer lost':
        past.push(read())
        send(read())
        break
      case 'attempt, answer late': {
        const request = read()
        const token = send(request)?.token
        if (token !== undefined) late.push({ request, token })
        break
      }
      case 'attempt, request held':
        held.push(read())
        break
      case 'held request arrives':
      case 'duplicate arrives': {
        const [request] = (what === 'duplicate arrives' ? past : held).splice(which % 3, 1)
        if (request !== undefined && isRecent(request)) keep(request, send(request)?.token)
        break
      }
      case 'late answer arrives': {
        const [answer] = late.splice(which % 2, 1)
        if (answer !== undefined) keep(answer.request, answer.token)
        break
      }
      case 'access token used':
        // Only of a generation whose refresh token was persisted first.
        driver.confirm(generationOf(store.token))
        break
      case 'clock back a little':
        driver.wait(-Math.min(which % 6, driver.policy.clockToleranceSeconds))
        attempt()
        break
      case 'clock back too far': {
        const { now } = driver
        driver.now = numericDate(driver.state().rotatedAt - driver.policy.clockToleranceSeconds - 1 - (which % 100))
        attempt()
        driver.now = now
        break
      }
      case 'step-up': {
        // The client asks from the current token: it has finished what was pending.
        attempt()
        dropInFlight()
        const request = read()
        if (driver.tokenOf(driver.state().generation) === request.token) {
          keep(request, send({ ...request }, { key: undefined, elevate: { ...PASSWORD, acr: 'high' } })?.token)
        }
        break
      }
      case 'secret appended':
        if (ring.length < 4) setRing([...ring, [0, 1, 2, 3].find((at) => !ring.includes(at)) ?? 0])
        break
      case 'secret promoted':
        setRing([...ring.slice(-1), ...ring.slice(0, -1)])
        break
      case 'secret removed': {
        const needed = new Set([driver.state().secretId, secretOf(store.token)].map((id) => id - 1))
        dropInFlight()
        lostWrites.splice(0)
        setRing(ring.filter((at, index) => index === 0 || needed.has(at)))
        break
      }
      case 'secret removed too early': {
        const before = ring
        const needed = secretOf(store.token) - 1
        setRing([0, 1, 2, 3].filter((at) => at !== needed))
        expect(send(read())?.reason).toBe('refresh_token/unknown_secret')
        setRing(before)
        break
      }
      case 'writes lost, log clear':
      case 'writes lost, no log': {
        const newest = driver.stored
        const lost = lostWrites.slice(-1 - (which % 3))[0]
        dropInFlight()
        if (lost === undefined) break
        driver.stored = lost
        watched.forget()
        attempt({ log: what === 'writes lost, log clear' ? 'clear' : 'absent' })
        lostWrites.splice(0)
        // Without a log nobody may adopt: the operator brings the newest record back, where it was refused.
        if (driver.stored === lost) driver.stored = newest
        break
      }
      case 'other client':
        expect(send(read(), { clientId: 'other' })?.token).toBeUndefined()
        break
      case 'too much asked':
        expect(send(read(), which % 2 === 0 ? { scope: 'admin' } : { resources: ['https://x'] })?.token).toBeUndefined()
        break
      case 'risk':
        expect(send(read(), { risk: 'step_up' })?.token).toBeUndefined()
        break
      case 'signed out':
        if (which % 10 > 0) break
        driver.revoke('sign_out')
        isSignedOut = true
        expect(attempt()?.token).toBeUndefined()
        break
    }
  }
  driver.wait(120)
  const last = attempt()
  if (isSignedOut) expect(last?.reason).toBe('refresh_token/revoked')
  else if (last?.reason !== 'refresh_token/expired' && last?.reason !== 'refresh_token/exhausted') {
    expect(last?.reason).toBeUndefined()
  }
}

function generationOf(token: string): number {
  return Buffer.from(token.slice(4), 'base64url').readUInt32BE(18)
}

function secretOf(token: string): number {
  return Buffer.from(token.slice(4), 'base64url')[1] ?? 0
}
