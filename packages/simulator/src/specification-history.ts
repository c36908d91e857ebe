// Parallel clients of real token servers over one storage: what they asked and were answered, held against the
// sequential specification.
import { isTokenError } from '@tallystick/core'
import { createTokenServer, type TokenServer, type TokenServerOptions } from '@tallystick/server'
import type { Storage } from '@tallystick/storage'
import { failAtRandom, resendWrites, scatterCalls } from '@tallystick/storage/faults'
import { isLinearizable, type RecordedCall } from '@tallystick/storage/linearizability'
import { memoryStorage } from '@tallystick/storage-memory'
import type { Chance } from './chance.ts'
import { createSimulatedClock } from './clock.ts'
import { type FamilyAction, specifyFamily } from './specification.ts'
import { AUDIENCE, type Ground, ISSUER } from './world.ts'

/** What came of one recorded history. */
export interface SpecificationReport {
  /** How often each answer was given: `refresh served`, `refresh replayed`, `introspect true`, `refresh unanswered`. */
  readonly answers: ReadonlyMap<string, number>
  /** What the specification does not allow; each names the family and its history. */
  readonly violations: readonly string[]
}

/** A family that the clients know, and its history. */
interface Family {
  readonly name: string
  readonly status: 'unknown' | 'active'
  readonly familyId: string
  /** Its tokens by place, as far as anybody was answered them. */
  readonly tokens: string[]
  readonly calls: RecordedCall<FamilyAction>[]
  readonly breaches: string[]
}

/** Five clients at two servers, over three families of which one was never issued here; all from the ground's chance. */
export async function recordSpecification(ground: Ground): Promise<SpecificationReport> {
  const chance = ground.chance.fork(PURPOSE)
  const { calm, stormy, storm, known, stranger } = await openServers(ground, chance)
  let events = 0
  const makeCall = async (family: Family, verb: Verb, server: TokenServer, place: number): Promise<void> => {
    const begin = (events += 1)
    const { action, isAnswered } = await ask(family, verb, server, place)
    events += 1
    if (action === undefined) return
    family.calls.push({ begin, end: isAnswered ? events : undefined, action })
    if (storm.resends && isOvertaken(action)) family.calls.push({ begin, action: { ...action, answer: undefined } })
  }
  const refreshShare = chance.pick(REFRESH_SHARES)
  const client = async (draws: Chance, server: TokenServer): Promise<void> => {
    for (let round = 0; round < CALLS_PER_CLIENT; round += 1) {
      const family = draws.happens(STRANGER_SHARE) ? stranger : draws.pick(known)
      const latest = family.tokens.length - 1
      const place = draws.happens(LATEST_SHARE) ? latest : draws.below(latest + 1)
      await makeCall(family, drawVerb(draws, refreshShare), server, place)
    }
  }
  await Promise.all(
    Array.from({ length: CLIENTS }, (_, number) => client(chance.fork(number), stormy[number % stormy.length] ?? calm)),
  )
  await storm.settled()
  const families = [...known, stranger]
  for (const family of families) {
    for (const place of family.tokens.keys()) await makeCall(family, 'introspect', calm, place)
  }
  return { answers: countAnswers(families), violations: families.flatMap(judge) }
}

/**
 * Whether a refresh may have rotated and been told otherwise.
 *
 * Where a driver sends a write twice, another call can end the family between the two; the caller then hears of the end.
 */
function isOvertaken(action: FamilyAction): action is Extract<FamilyAction, { verb: 'refresh' }> {
  return action.verb === 'refresh' && nameAnswer(action) === 'revoked'
}

type Verb = FamilyAction['verb']

function drawVerb(draws: Chance, refreshShare: number): Verb {
  if (draws.happens(REVOKE_SHARE)) return 'revokeFamily'
  return draws.happens(refreshShare) ? 'refresh' : 'introspect'
}

/** Asks a server. A call that failed stands in the history as one that nobody was answered for. */
async function ask(
  family: Family,
  verb: Verb,
  server: TokenServer,
  presentedPlace: number,
): Promise<{ readonly action: FamilyAction | undefined; readonly isAnswered: boolean }> {
  try {
    return { action: await askVerb(family, verb, server, presentedPlace), isAnswered: true }
  } catch (thrown) {
    if (!isTokenError(thrown) || !FAILURES.has(thrown.code)) family.breaches.push(`${verb} threw ${String(thrown)}`)
    if (verb === 'introspect') return { action: undefined, isAnswered: false }
    return { action: verb === 'refresh' ? { verb, presentedPlace } : { verb }, isAnswered: false }
  }
}

async function askVerb(family: Family, verb: Verb, server: TokenServer, presentedPlace: number): Promise<FamilyAction> {
  const token = family.tokens[presentedPlace] ?? ''
  switch (verb) {
    case 'introspect': {
      const { active } = await server.introspect({ token, resourceServer: ISSUER })
      return { verb, presentedPlace, active }
    }
    case 'revokeFamily': {
      const { revoked } = await server.revokeFamily(family.familyId, 'sign_out')
      return { verb, revoked }
    }
    case 'refresh': {
      const answer = await server.refresh({ refreshToken: token })
      if (!answer.ok) return { verb, presentedPlace, answer: { reason: answer.reason.replace('refresh_token/', '') } }
      return { verb, presentedPlace, answer: { servedPlace: placeOf(family, presentedPlace, answer.refreshToken) } }
    }
  }
}

/** The place of a token that was just served; there is one token at each place, and it was answered for the one before. */
function placeOf({ tokens, breaches }: Family, presented: number, token: string): number {
  const known = tokens.indexOf(token)
  const place = known === -1 ? presented + 1 : known
  const standing = tokens[place] ?? token
  if (standing !== token) breaches.push(`token ${presented} was answered with two successors`)
  tokens[place] = standing
  return place
}

/** The servers, and families that were issued before any fault. */
async function openServers(
  ground: Ground,
  chance: Chance,
): Promise<{
  /** Without faults. */
  readonly calm: TokenServer
  /** Two processes over the same storage, whose calls are scattered and, in two of three histories, fail or come twice. */
  readonly stormy: readonly TokenServer[]
  readonly storm: Storm
  readonly known: readonly Family[]
  readonly stranger: Family
}> {
  const clock = createSimulatedClock()
  const options: Omit<TokenServerOptions, 'storage'> = {
    issuer: ISSUER,
    audience: AUDIENCE,
    clientId: 'app',
    keys: [ground.key],
    refreshTokenSecrets: [{ id: 1, secret: chance.bytes(32) }],
    policy: { ...ground.policy, gracePeriodSeconds: 0 },
    clock,
    entropy: chance.fork(ENTROPY_PURPOSE),
  }
  const storage = await ground.openStorage(clock)
  const storm = raiseStorm(storage, chance)
  const calm = createTokenServer({ ...options, storage })
  const elsewhere = createTokenServer({ ...options, storage: memoryStorage({ clock }) })
  const issue = async (name: string, server: TokenServer, status: Family['status']): Promise<Family> => {
    const { refreshToken, familyId } = await server.issue({ subject: name })
    return { name, status, familyId, tokens: [refreshToken], calls: [], breaches: [] }
  }
  return {
    calm,
    stormy: [0, 1].map(() => createTokenServer({ ...options, storage: storm.storage })),
    storm,
    known: [await issue('first', calm, 'active'), await issue('second', calm, 'active')],
    stranger: await issue('stranger', elsewhere, 'unknown'),
  }
}

interface Storm {
  readonly storage: Storage
  /** Whether writes come twice. */
  readonly resends: boolean
  /** Fulfilled once every call that was given up has ended. */
  settled(): Promise<void>
}

function raiseStorm(storage: Storage, chance: Chance): Storm {
  const scattered = scatterCalls(storage, { seed: chance.below(SEEDS), turnsMax: chance.pick([2, 8, 30]) })
  const resendEvery = chance.pick([0, 1, 3])
  const resending = resendEvery === 0 ? scattered : resendWrites(scattered, { every: resendEvery }).storage
  const failing = failAtRandom(resending, { seed: chance.below(SEEDS), failingPercent: chance.pick([0, 5, 15]) })
  return {
    storage: scatterCalls(failing.storage, { seed: chance.below(SEEDS) }),
    resends: resendEvery > 0,
    settled: () => failing.settled(),
  }
}

function judge({ name, status, calls, breaches }: Family): readonly string[] {
  if (breaches.length === 0 && isLinearizable(specifyFamily(status), calls)) return []
  return [`${name}: ${breaches.join(', ') || 'no order explains'} ${JSON.stringify(calls)}`]
}

function countAnswers(families: readonly Family[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { action, end } of families.flatMap(({ calls }) => calls)) {
    const name = `${action.verb} ${end === undefined ? 'unanswered' : nameAnswer(action)}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

function nameAnswer(action: FamilyAction): string {
  switch (action.verb) {
    case 'refresh':
      return action.answer === undefined || 'servedPlace' in action.answer ? 'served' : action.answer.reason
    case 'revokeFamily':
      return String(action.revoked)
    case 'introspect':
      return action.active ? 'active' : 'inactive'
  }
}

const CLIENTS = 5
const CALLS_PER_CLIENT = 6
/** Shares of 1. A spent token ends its family, so that many refreshes make short lives. */
const REFRESH_SHARES: readonly number[] = [0.15, 0.3, 0.6]
const REVOKE_SHARE = 0.04
const LATEST_SHARE = 0.95
const STRANGER_SHARE = 0.06
/** The failures of planted faults; no verdict was given. */
const FAILURES: ReadonlySet<string> = new Set([
  'ERR_STORAGE_UNAVAILABLE',
  'ERR_STORAGE_CONTENDED',
  'ERR_REVOCATION_LOG_UNAVAILABLE',
])
const PURPOSE = 20
const ENTROPY_PURPOSE = 100
const SEEDS = 2 ** 31
