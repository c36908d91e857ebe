// What came back, in a few words: the verdict or reason of an answer, and how a session stands.
import type { RefreshResult } from '@tallystick/server'
import { openClient } from './client.ts'
import type { Jar } from './jar.ts'
import { AUDIENCE, type World } from './world.ts'

/** The verdict that served, or the reason without its family name: `rotated`, `replayed`. */
export function nameOf(answer: RefreshResult): string {
  return answer.ok ? answer.verdict : answer.reason.replace('refresh_token/', '')
}

/** `same successor`, where every answer holds the same refresh token, byte for byte; else what there was instead. */
export function compareSuccessors(...answers: readonly RefreshResult[]): string {
  const served = answers.flatMap((answer) => (answer.ok ? [answer.refreshToken] : []))
  if (served.length < answers.length) return `${served.length} of ${answers.length} served`
  const different = new Set(served).size
  return different === 1 ? 'same successor' : `${different} successors`
}

/**
 * How a session stands, found out by using it: a refresh, and its access token at `introspect` and at `verify`.
 *
 * `signed in`: all three serve. `signed out`: the family is known as revoked and both refuse the access token for it.
 * Anything between is told as it is. Play what comes before within the life of the access token, or an expired token
 * hides whether it was revoked.
 */
export async function standingOf(world: World, jar: Jar): Promise<string> {
  const answer = await openClient(world, jar).refresh()
  const { accessToken } = jar.read()
  const verified = await world.server.verify(accessToken)
  const introspected = await world.server.introspect({ token: accessToken, resourceServer: AUDIENCE })
  if (answer.ok && verified.ok && introspected.active) return 'signed in'
  const isRevoked = !answer.ok && answer.reason === 'refresh_token/revoked'
  const isRefused = !verified.ok && verified.reason === 'access_token/revoked'
  if (isRevoked && isRefused && !introspected.active) return 'signed out'
  const seen = introspected.active ? 'active' : 'inactive'
  return `refresh ${nameOf(answer)}, verify ${verified.ok ? 'ok' : verified.reason}, introspect ${seen}`
}

/** How many events of a type there were. */
export function countEvents(world: World, type: World['events'][number]['type']): number {
  return world.events.filter((event) => event.type === type).length
}

/** Names and how often each came, most frequent first: `rotated ×3, concurrent ×1`. */
export function tally(names: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  const sorted = [...counts].toSorted(([leftName, left], [rightName, right]) =>
    left === right ? leftName.localeCompare(rightName, 'en') : right - left,
  )
  return sorted.map(([name, count]) => `${name} ×${count}`).join(', ')
}
