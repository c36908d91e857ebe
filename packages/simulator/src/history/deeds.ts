// What people, clients and thieves do in a history, and what each of it must and must not give.
import type { RefreshResult } from '@tallystick/server'
import { type Client, openClients, signIn } from '../client.ts'
import { nameOf } from '../outcome.ts'
import { steal } from '../thief.ts'
import { AUDIENCE, ISSUER } from '../world.ts'
import type { History } from './state.ts'
import { type Household, isOwedService, noteMove, settleIn } from './household.ts'
import { generationOf } from './ledger.ts'
import { ask, type Asked, checkAnnounced, judgeAnyone, judgeHonest } from './judge.ts'

/** Does something to a household. @returns Every household whose record it may have changed. */
export type Deed = (history: History, household: Household) => Promise<readonly Household[]>

/** A client refreshes. */
const refresh: Deed = async (history, household) => {
  await tryRefresh(history, household)
  return [household]
}

/** A client with a key loses the answer. */
const loseAnswer: Deed = async (history, household) => {
  if (!household.jar.keyed) return refresh(history, household)
  const flight = history.chance.pick(household.clients).send()
  await attempt(history, ask(household, flight.presented.refreshToken), () => flight.arrive())
  return [household]
}

/** A request of a client with a key takes its time; an older one arrives. */
const delay: Deed = async (history, household) => {
  if (!household.jar.keyed) return []
  const { flights, past, jar } = household
  const landing = flights.shift()
  flights.push({ flight: history.chance.pick(household.clients).send(), moves: past.length })
  // The network forgets what is older than one move of the jar.
  if (landing === undefined || past.length - landing.moves > 1) return []
  const kept = jar.read()
  await attempt(history, ask(household, landing.flight.presented.refreshToken), () => landing.flight.deliver())
  noteMove(household, kept)
  return [household]
}

/** The network delivers a finished attempt again. */
const duplicate: Deed = async (history, household) => {
  const finished = household.past.at(-1)
  if (!household.jar.keyed || finished === undefined) return []
  await attempt(history, ask(household, finished.refreshToken), () => history.world.server.refresh(finished))
  history.ledger.count('finished attempts delivered again')
  return [household]
}

/** The user authenticates again. Whoever finds a pending attempt repeats it first. */
const elevate: Deed = async (history, household) => {
  const { world, ledger, chance } = history
  const { jar, flights } = household
  if (!(await tryRefresh(history, household))) return [household]
  const kept = jar.read()
  const asked = ask(household, kept.refreshToken)
  flights.length = 0
  // Without a grace period a tab that asks at the same moment presents a closed predecessor.
  if (history.gracePeriodSeconds === 0) household.shaken = true
  try {
    const authentication = { methods: ['hwk'], acr: 'high' }
    const answer = await world.server.elevate({ refreshToken: kept.refreshToken, authentication })
    judgeHonest(history, asked, answer)
    if (!answer.ok) return [household]
    jar.store(kept, answer)
    household.ownGenerations.add(generationOf(answer.refreshToken))
    // Nothing from before an elevation is repeated after it.
    household.past.length = 0
    ledger.count('elevated')
  } catch (error) {
    ledger.failure(error)
    household.shaken = true
  }
  return chance.happens(0.5) ? [household] : refresh(history, household)
}

/** Somebody copies the jar: a token, or everything. */
const theft: Deed = async ({ world, chance, ledger }, household) => {
  if (!chance.happens(0.25)) return []
  household.robbed = true
  household.thieves.push(steal(world, household.jar, chance.pick(['none', 'own', 'stolen'] as const)))
  ledger.count('thefts')
  return []
}

/** A thief presents what he has. */
const misuse: Deed = async (history, household) => {
  const { ledger, chance } = history
  if (household.thieves.length === 0) return []
  const thief = chance.pick(household.thieves)
  const presented = thief.refreshToken
  const asked = ask(household, presented)
  const isBehind = household.ownGenerations.has(generationOf(presented) + 1)
  try {
    const answer = await thief.refresh()
    judgeAnyone(history, asked, answer)
    ledger.count(answer.ok ? 'thief served' : 'thief refused')
    if (!answer.ok || !isBehind || thief.key === 'stolen') return [household]
    ledger.violate(`a thief without the key was served (${nameOf(answer)})`)
  } catch (error) {
    ledger.failure(error)
  }
  return [household]
}

/** The family is ended by its token, by its id, or with all of its subject. */
const revoke: Deed = async ({ world, chance, ledger, households, weather }, household) => {
  if (!chance.happens(0.12)) return []
  const { jar } = household
  const isForAll = chance.happens(0.4)
  const concerned = isForAll ? households.filter((one) => one.jar.subject === jar.subject) : [household]
  for (const one of concerned) one.condemned = true
  try {
    if (isForAll) await world.server.revokeSubject(jar.subject, 'password_changed')
    else if (chance.happens(0.5)) await world.server.revoke({ token: jar.read().refreshToken })
    else await world.server.revokeFamily(jar.familyId, 'sign_out')
    for (const one of concerned) one.ended = true
    ledger.count(isForAll ? 'subjects revoked' : 'families revoked')
    await weather.calmly(() => checkAnnounced(world, ledger, concerned))
  } catch (error) {
    ledger.failure(error)
  }
  // Who signed in meanwhile may be among them, or not.
  const met = isForAll ? households.filter((one) => one.jar.subject === jar.subject) : concerned
  for (const one of met) one.condemned = true
  return met
}

/** A resource server asks about an access token, the issuer about a refresh token. */
const inspect: Deed = async ({ world, ledger }, household) => {
  const wasEnded = household.ended
  const { accessToken, refreshToken } = household.jar.read()
  try {
    const access = await world.server.introspect({ token: accessToken, resourceServer: AUDIENCE })
    const refreshable = await world.server.introspect({ token: refreshToken, resourceServer: ISSUER })
    if (wasEnded && (access.active || refreshable.active)) ledger.violate('a token of an ended family is active')
    ledger.count(access.active ? 'access token active' : 'access token inactive')
  } catch (error) {
    ledger.failure(error)
  }
  return [household]
}

/** Somebody signs in: with tabs or a phone that have attempt keys, or with tabs or workers that have none. */
export async function signInAnew({
  world,
  chance,
  ledger,
  households,
  gracePeriodSeconds,
}: History): Promise<readonly Household[]> {
  if (households.length >= HOUSEHOLDS_MAX) return []
  try {
    const jar = await signIn(world, { keyed: chance.happens(0.6), subject: `user_${chance.below(2)}` })
    const household = settleIn(jar, openClients(world, jar, 1 + chance.below(4)))
    // Strict rotation serves clients with a key, or one at a time.
    household.shaken = gracePeriodSeconds === 0 && !jar.keyed
    households.push(household)
  } catch (error) {
    ledger.failure(error)
  }
  return []
}

/** Whatever a dead process left unannounced is announced. */
const sweep: Deed = async ({ world, ledger, households, chance }) => {
  if (!chance.happens(0.3)) return []
  try {
    const { announced } = await world.server.sweep()
    if (announced > 0) ledger.count('announced by a sweep')
  } catch (error) {
    ledger.failure(error)
  }
  return households
}

/** Each as often as it stands here. */
export const deeds: readonly Deed[] = [
  refresh,
  refresh,
  refresh,
  refresh,
  loseAnswer,
  loseAnswer,
  delay,
  delay,
  duplicate,
  elevate,
  theft,
  misuse,
  misuse,
  revoke,
  inspect,
  signInAnew,
  sweep,
]

/** What a storage failure took, the next try in calm weather gives. @returns Whether the client was served. */
async function tryRefresh(history: History, household: Household): Promise<boolean> {
  const { chance, ledger } = history
  const client = chance.pick(household.clients)
  const kept = household.jar.read()
  const { wasEnded } = ask(household, kept.refreshToken)
  try {
    const { ok } = await client.refresh(({ refreshToken }, answer) =>
      judgeHonest(history, { household, presented: refreshToken, wasEnded }, answer),
    )
    noteMove(household, kept)
    return ok
  } catch (error) {
    ledger.failure(error)
    // A client without a key has only the grace period to ask again; one with a key has all the time there is.
    if (household.jar.keyed && chance.happens(0.5)) return false
    return tryAgain(history, household, client)
  }
}

async function tryAgain(history: History, household: Household, client: Client): Promise<boolean> {
  const { weather, ledger, deedsMax } = history
  const kept = household.jar.read()
  const asked = ask(household, kept.refreshToken)
  const again = await weather.calmly(() =>
    client
      .send()
      .deliver()
      .catch((thrown: unknown) => ledger.failure(thrown)),
  )
  if (again === undefined) return false
  judgeHonest(history, asked, again)
  noteMove(household, kept)
  if (again.ok) ledger.count('served after a storage failure')
  else if (isOwedService(household) && deedsMax === 1) {
    ledger.violate(`a storage failure cost a client its session: ${nameOf(again)}`)
  }
  return again.ok
}

async function attempt(history: History, asked: Asked, run: () => Promise<RefreshResult>): Promise<void> {
  try {
    judgeHonest(history, asked, await run())
  } catch (error) {
    history.ledger.failure(error)
  }
}

const HOUSEHOLDS_MAX = 5
