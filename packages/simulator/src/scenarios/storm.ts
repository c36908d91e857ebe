// Storms: tabs that refresh at once, in given orders of arriving requests and answers.
import type { RefreshResult } from '@tallystick/server'
import type { Chance } from '../chance.ts'
import { type Flight, openClient, openClients, signIn } from '../client.ts'
import { compareSuccessors, standingOf } from '../outcome.ts'
import type { Stage } from '../scenario.ts'

/** What many storms added up to. */
export interface StormCount {
  readonly storms: number
  readonly requests: number
  readonly servedRequests: number
  readonly oneSuccessorStorms: number
  readonly signedInStorms: number
}

/** Plays storms of two to ten tabs: every order for two and three, random ones for more. */
export async function playStorms(stage: Stage, keyed: boolean): Promise<StormCount> {
  const count = { storms: 0, requests: 0, servedRequests: 0, oneSuccessorStorms: 0, signedInStorms: 0 }
  for (const order of ordersOf(stage.chance)) {
    // Truly parallel tabs have all read the jar before the first answer; restored ones read it one by one.
    for (const reads of ['together', 'one by one'] as const) {
      const { answers, standing } = await playStorm(stage, keyed, order, reads)
      count.storms += 1
      count.requests += answers.length
      count.servedRequests += answers.filter(({ ok }) => ok).length
      if (compareSuccessors(...answers) === 'same successor') count.oneSuccessorStorms += 1
      if (standing === 'signed in') count.signedInStorms += 1
    }
  }
  return count
}

/** One storm: a tab's number stands in the order twice, for its request's arrival and for its answer's. */
async function playStorm(
  stage: Stage,
  keyed: boolean,
  order: readonly number[],
  reads: 'together' | 'one by one',
): Promise<{ readonly answers: readonly RefreshResult[]; readonly standing: string }> {
  const world = await stage.world()
  const jar = await signIn(world, { keyed })
  world.clock.advance(600)
  const tabs = openClients(world, jar, order.length / 2)
  const flights = new Map<number, Flight>()
  if (reads === 'together') for (const [tab, client] of tabs.entries()) flights.set(tab, client.send())
  const arrived = new Set<number>()
  const answers: RefreshResult[] = []
  for (const [step, tab] of order.entries()) {
    if (step === order.length / 2) world.clock.advance(stage.chance.below(4))
    const flight = flights.get(tab) ?? openClient(world, jar).send()
    flights.set(tab, flight)
    // Requests that arrive next to each other are in the server at once: nobody waits for their answers yet.
    if (arrived.has(tab)) answers.push(await flight.deliver())
    else void flight.arrive()
    arrived.add(tab)
  }
  world.clock.advance(600)
  return { answers, standing: await standingOf(world, jar) }
}

function* ordersOf(chance: Chance): Generator<readonly number[]> {
  yield* arrangementsOf([0, 0, 1, 1])
  yield* arrangementsOf([0, 0, 1, 1, 2, 2])
  for (let tabs = 4; tabs <= TABS_MAX; tabs += 1) {
    const events = Array.from({ length: tabs * 2 }, (_, index) => index >> 1)
    for (let storm = 0; storm < STORMS_PER_SIZE; storm += 1) yield chance.shuffle(events)
  }
}

/** Every different order of values, some of which are equal. */
function* arrangementsOf(values: readonly number[]): Generator<readonly number[]> {
  if (values.length === 0) yield []
  for (const first of new Set(values)) {
    const rest = values.toSpliced(values.indexOf(first), 1)
    for (const order of arrangementsOf(rest)) yield [first, ...order]
  }
}

const TABS_MAX = 10
const STORMS_PER_SIZE = 8
