// Scenarios 4, 5 and 13: answers that were lost, and requests that arrive again after they were answered.
import { openClient, signIn } from '../client.ts'
import { compareSuccessors, nameOf, standingOf, tally } from '../outcome.ts'
import type { Act, Scenario } from '../scenario.ts'
import { AUDIENCE } from '../world.ts'

/** The phone in the tunnel. */
export const retrySoon: Scenario = {
  number: 4,
  title: 'The answer is lost; the client asks again after 5 s',
  mustHappen: 'same successor',
  acts: { keyed: retryAfter(true, 5), keyless: retryAfter(false, 5) },
}

/** The phone that was switched off. */
export const retryLate: Scenario = {
  number: 5,
  title: 'The answer is lost; the client asks again much later with its attempt key',
  mustHappen: 'same successor',
  acts: { 'after 1 h': retryAfter(true, 3600), 'after 3 days': retryAfter(true, 3 * 86_400) },
}

/** A request that the network delivers twice, and a tab that wakes up with one. */
export const duplicates: Scenario = {
  number: 13,
  title: 'A finished attempt arrives again; a frozen tab wakes with its old one',
  mustHappen: 'superseded, nobody signed out',
  acts: { 'delivered twice': deliveredTwice, 'frozen tab': frozenTab },
}

function retryAfter(keyed: boolean, seconds: number): Act {
  return async (stage) => {
    const world = await stage.world()
    const jar = await signIn(world, { keyed })
    const app = openClient(world, jar)
    world.clock.advance(600)
    const lost = await app.send().arrive()
    world.clock.advance(seconds)
    const again = await app.refresh()
    world.clock.advance(600)
    const standing = await standingOf(world, jar)
    stage.check('both answers', compareSuccessors(lost, again), 'same successor')
    stage.check('the user', standing, 'signed in')
    return `${nameOf(lost)} (lost), then ${nameOf(again)}: ${compareSuccessors(lost, again)}; ${standing}`
  }
}

async function deliveredTwice(stage: Parameters<Act>[0]): Promise<string> {
  const found: string[] = []
  const standings: string[] = []
  for (const delaySeconds of [1, 60, 3600]) {
    const world = await stage.world()
    const jar = await signIn(world, { keyed: true })
    const app = openClient(world, jar)
    world.clock.advance(600)
    const duplicate = app.send()
    await app.refresh()
    await world.server.introspect({ token: jar.read().accessToken, resourceServer: AUDIENCE })
    world.clock.advance(delaySeconds)
    found.push(nameOf(await duplicate.arrive()))
    standings.push(await standingOf(world, jar))
  }
  stage.check('the second delivery', tally(found), 'superseded ×3')
  stage.check('the user', tally(standings), 'signed in ×3')
  return `${tally(found)}; ${tally(standings)}`
}

async function frozenTab(stage: Parameters<Act>[0]): Promise<string> {
  const found: string[] = []
  const standings: string[] = []
  for (const rotations of [1, 2]) {
    const world = await stage.world()
    const jar = await signIn(world, { keyed: true })
    const frozen = openClient(world, jar).send()
    const awake = openClient(world, jar)
    for (let rotation = 0; rotation < rotations; rotation += 1) {
      world.clock.advance(600)
      await awake.refresh()
    }
    // Presenting a token uses it: the frozen attempt is no longer the last word.
    await world.server.introspect({ token: jar.read().accessToken, resourceServer: AUDIENCE })
    world.clock.advance(8 * 3600)
    found.push(nameOf(await frozen.deliver()))
    standings.push(await standingOf(world, jar))
  }
  stage.check('the old attempt', tally(found), 'superseded ×2')
  stage.check('the user', tally(standings), 'signed in ×2')
  return `${tally(found)}; ${tally(standings)}`
}
