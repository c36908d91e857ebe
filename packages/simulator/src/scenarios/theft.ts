// Scenarios 6, 7, 10, 11 and 14: a thief with a copied token, outside the grace period.
import { openClient, signIn } from '../client.ts'
import { countEvents, nameOf, standingOf, tally } from '../outcome.ts'
import type { Act, Scenario } from '../scenario.ts'
import { steal } from '../thief.ts'

/** The victim was first. */
export const lateReplay: Scenario = {
  number: 6,
  title: 'A thief replays the old token 10 min after the rotation',
  mustHappen: 'refused, the family is revoked',
  acts: { keyed: replayLate(true), keyless: replayLate(false) },
}

/** The thief was first. */
export const thiefFirst: Scenario = {
  number: 7,
  title: 'A thief refreshes first, the victim 10 min later',
  mustHappen: 'both are out, and an event tells of it',
  acts: { keyed: thiefThenVictim(true), keyless: thiefThenVictim(false) },
}

/** Both live on the same family, far enough apart. */
export const alternating: Scenario = {
  number: 10,
  title: 'Thief and victim alternate every 5 min',
  mustHappen: 'caught at the 2nd',
  acts: { keyed: alternate(true), keyless: alternate(false) },
}

/** A token from an old backup, right after an honest refresh. */
export const staleToken: Scenario = {
  number: 11,
  title: 'A token six generations old comes 5 s after a good refresh',
  mustHappen: 'refused, the family is revoked',
  acts: { keyed: staleReplay(true), keyless: staleReplay(false) },
}

/** Step-up, watched by a thief. */
export const elevation: Scenario = {
  number: 14,
  title: 'The victim elevates while a thief holds the current token',
  mustHappen: 'the thief never gets the elevated session',
  acts: { keyed: elevateUnderTheft(true), keyless: elevateUnderTheft(false) },
}

function replayLate(keyed: boolean): Act {
  return async (stage) => {
    // Without a log, so that the record alone must remember.
    const world = await stage.world({ log: false })
    const jar = await signIn(world, { keyed })
    world.clock.advance(600)
    const thief = steal(world, jar)
    const honest = await openClient(world, jar).refresh()
    world.clock.advance(600)
    const replay = await thief.refresh()
    const standing = await standingOf(world, jar)
    stage.check('the victim', nameOf(honest), 'rotated')
    stage.check('the thief', nameOf(replay), 'replayed')
    stage.check('the family', standing, 'signed out')
    stage.check('events of a replay', countEvents(world, 'refresh_token.replayed'), 1)
    world.restart()
    const restarted = await openClient(world, jar).refresh()
    stage.check('the family, in a process that remembers nothing', nameOf(restarted), 'revoked')
    return `${nameOf(replay)}; the family ${standing}, after a restart ${nameOf(restarted)}`
  }
}

function thiefThenVictim(keyed: boolean): Act {
  return async (stage) => {
    const found: string[] = []
    for (const key of ['none', 'own'] as const) {
      const world = await stage.world()
      const jar = await signIn(world, { keyed })
      const thief = steal(world, jar, key)
      const theft = await thief.refresh()
      stage.check('the thief, first', nameOf(theft), 'rotated')
      world.clock.advance(600)
      const victim = await openClient(world, jar).refresh()
      const again = await thief.refresh()
      stage.check('the victim', nameOf(victim), 'replayed')
      stage.check('the thief, again', nameOf(again), 'revoked')
      stage.check('the family', await standingOf(world, jar), 'signed out')
      stage.check("the thief's access token", await stateOfAccess(world.server, theft), 'access_token/revoked')
      const events = countEvents(world, 'refresh_token.replayed')
      stage.check('events of a replay', events, 1)
      found.push(`the victim ${nameOf(victim)}, the thief ${nameOf(again)}, ${events} event`)
    }
    return [...new Set(found)].join(' / ')
  }
}

function alternate(keyed: boolean): Act {
  return async (stage) => {
    const caughtAt: string[] = []
    for (const first of ['victim', 'thief'] as const) {
      const world = await stage.world()
      const jar = await signIn(world, { keyed })
      const actors = { victim: openClient(world, jar), thief: steal(world, jar) }
      let redemptions = 0
      let caught = false
      for (let turn = first; !caught && redemptions < 10; turn = turn === 'thief' ? 'victim' : 'thief') {
        world.clock.advance(300)
        redemptions += 1
        caught = nameOf(await actors[turn].refresh()) === 'replayed'
      }
      stage.check(`caught at redemption (${first} first)`, caught ? redemptions : 'never', 2)
      stage.check('the family', await standingOf(world, jar), 'signed out')
      caughtAt.push(caught ? `caught at redemption ${redemptions}` : 'never caught')
    }
    return [...new Set(caughtAt)].join(' / ')
  }
}

function staleReplay(keyed: boolean): Act {
  return async (stage) => {
    const world = await stage.world()
    const jar = await signIn(world, { keyed })
    const thief = steal(world, jar)
    const app = openClient(world, jar)
    const honest: string[] = []
    for (let generation = 0; generation < 6; generation += 1) {
      world.clock.advance(600)
      honest.push(nameOf(await app.refresh()))
    }
    world.clock.advance(5)
    const replay = await thief.refresh()
    const standing = await standingOf(world, jar)
    stage.check('the victim before', tally(honest), 'rotated ×6')
    stage.check('the old token', nameOf(replay), 'replayed')
    stage.check('the family', standing, 'signed out')
    return `${nameOf(replay)}; the family ${standing}`
  }
}

function elevateUnderTheft(keyed: boolean): Act {
  return async (stage) => {
    const found: string[] = []
    for (const ageSeconds of [0, 1, 5, 9, 20, 600]) {
      const world = await stage.world()
      const jar = await signIn(world, { keyed })
      world.clock.advance(600)
      const thief = steal(world, jar)
      const presented = jar.read()
      const authentication = { methods: ['hwk', 'user'], acr: 'high' }
      const elevated = await world.server.elevate({ refreshToken: presented.refreshToken, authentication })
      if (elevated.ok) jar.store(presented, elevated)
      const verified = await world.server.verify(jar.read().accessToken)
      stage.check('the elevated session', verified.ok ? String(verified.claims['acr']) : verified.reason, 'high')
      world.clock.advance(ageSeconds)
      const theft = await thief.refresh()
      stage.check(`the thief after ${ageSeconds} s`, theft.ok ? `served (${nameOf(theft)})` : 'refused', 'refused')
      found.push(nameOf(theft))
    }
    return `the thief ${tally(found)}`
  }
}

async function stateOfAccess(
  server: Parameters<typeof standingOf>[0]['server'],
  answer: Awaited<ReturnType<typeof server.refresh>>,
): Promise<string> {
  if (!answer.ok) return 'none was issued'
  const verified = await server.verify(answer.accessToken)
  return verified.ok ? 'valid' : verified.reason
}
