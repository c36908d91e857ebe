// Scenarios 8 and 9: a thief inside the grace period, where only an attempt key tells him from a second tab.
import type { RefreshResult } from '@tallystick/server'
import { type Client, openClient, signIn } from '../client.ts'
import { compareSuccessors, countEvents, nameOf, standingOf, tally } from '../outcome.ts'
import type { Act, Scenario, Stage } from '../scenario.ts'
import { steal, type Thief, type ThiefKey } from '../thief.ts'
import type { World } from '../world.ts'

/** Right behind the victim. */
export const replayInGrace: Scenario = {
  number: 8,
  title: 'A thief replays within the grace period',
  mustHappen:
    "keyed: nothing served · keyless: the same token, caught at the first redemption outside the grace period of the victim's",
  acts: { keyed: trailKeyed, keyless: trailKeyless },
}

/** At the same instant. */
export const photoFinish: Scenario = {
  number: 9,
  title: 'Thief and victim redeem at the same instant',
  mustHappen: 'as 8; a thief who comes first is caught as in 7',
  acts: { keyed: race(true), keyless: race(false) },
}

async function trailKeyed(stage: Stage): Promise<string> {
  const found: string[] = []
  const standings: string[] = []
  for (const key of ['none', 'own'] as const) {
    for (const ageSeconds of [0, 1, 5, 9, 14]) {
      const world = await stage.world()
      const jar = await signIn(world, { keyed: true })
      world.clock.advance(600)
      const thief = steal(world, jar, key)
      await openClient(world, jar).refresh()
      world.clock.advance(ageSeconds)
      found.push(nameOf(await thief.refresh()))
      world.clock.advance(600)
      standings.push(await standingOf(world, jar))
    }
  }
  stage.check('the thief', tally(found), 'superseded ×10')
  stage.check('the victim', tally(standings), 'signed in ×10')
  return `the thief ${tally(found)}; the victim ${tally(standings)}`
}

async function trailKeyless(stage: Stage): Promise<string> {
  const found: string[] = []
  for (const next of ['victim', 'thief'] as const) {
    const world = await stage.world()
    const jar = await signIn(world, { keyed: false })
    world.clock.advance(600)
    const actors = { thief: steal(world, jar), victim: openClient(world, jar) }
    const honest = await actors.victim.refresh()
    world.clock.advance(3)
    const theft = await actors.thief.refresh()
    stage.check('what the thief got', compareSuccessors(honest, theft), 'same successor')
    const caught = await catchThief(stage, world, actors, next)
    found.push(`${compareSuccessors(honest, theft)}, then ${caught}`)
  }
  return [...new Set(found)].join(' / ')
}

function race(keyed: boolean): Act {
  return async (stage) => {
    const found: string[] = []
    for (const first of ['victim', 'thief'] as const) {
      for (const key of ['none', 'own'] as const) {
        found.push(`${first} first: ${await photo(stage, keyed, first, key)}`)
      }
    }
    return [...new Set(found)].join(', ')
  }
}

/** Both requests are in the server at once; the one that started first wins the write. */
async function photo(stage: Stage, keyed: boolean, first: 'victim' | 'thief', key: ThiefKey): Promise<string> {
  const world = await stage.world()
  const jar = await signIn(world, { keyed })
  world.clock.advance(600)
  const actors = { thief: steal(world, jar, key), victim: openClient(world, jar) }
  const second = first === 'victim' ? 'thief' : 'victim'
  const answers = await Promise.all([actors[first].refresh(), actors[second].refresh()])
  const theft = answers[first === 'thief' ? 0 : 1]
  if (keyed && first === 'victim') {
    stage.check('the thief', nameOf(theft), 'superseded')
    world.clock.advance(600)
    const standing = await standingOf(world, jar)
    stage.check('the victim', standing, 'signed in')
    return `${nameOf(theft)}, the victim ${standing}`
  }
  // The thief's own key shuts the victim out; nobody else is served a second successor.
  if (answers.every(({ ok }) => ok)) {
    stage.check('both', compareSuccessors(...answers), 'same successor')
    return catchThief(stage, world, actors, 'victim')
  }
  return catchAtVictim(stage, world, actors.victim, answers)
}

/** Ten minutes and five later, each redeems again: the second of them is a replay. */
async function catchThief(
  stage: Stage,
  world: World,
  actors: { readonly thief: Thief; readonly victim: Client },
  next: 'victim' | 'thief',
): Promise<string> {
  world.clock.advance(600)
  await actors[next].refresh()
  world.clock.advance(300)
  const caught = await actors[next === 'victim' ? 'thief' : 'victim'].refresh()
  stage.check('the redemption apart', nameOf(caught), 'replayed')
  return endOfFamily(stage, world, actors.victim, caught)
}

/** The victim, shut out by the thief's key, asks again once the grace period is over. */
async function catchAtVictim(
  stage: Stage,
  world: World,
  victim: Client,
  answers: readonly RefreshResult[],
): Promise<string> {
  stage.check('served at the instant', answers.filter(({ ok }) => ok).length, 1)
  world.clock.advance(20)
  const caught = await victim.refresh()
  stage.check("the victim's next try", nameOf(caught), 'replayed')
  return endOfFamily(stage, world, victim, caught)
}

async function endOfFamily(stage: Stage, world: World, victim: Client, caught: RefreshResult): Promise<string> {
  const standing = await standingOf(world, victim.jar)
  stage.check('the family', standing, 'signed out')
  stage.check('events of a replay', countEvents(world, 'refresh_token.replayed'), 1)
  return nameOf(caught) === 'replayed' ? `caught, ${standing}` : `${nameOf(caught)}, ${standing}`
}
