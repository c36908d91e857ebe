// Scenarios 1 to 3: several tabs with one jar ask at once, or one after the other.
import { openClient, openClients, signIn } from '../client.ts'
import { compareSuccessors, nameOf, standingOf, tally } from '../outcome.ts'
import type { Act, Scenario } from '../scenario.ts'
import { AUDIENCE } from '../world.ts'
import { playStorms } from './storm.ts'

/** Two to ten tabs in every order of requests and answers, or as many orders as there is time for. */
export const parallelTabs: Scenario = {
  number: 1,
  title: 'Two to ten tabs refresh truly in parallel',
  mustHappen: 'all served, one successor, the user stays in',
  acts: { keyed: storms(true), keyless: storms(false) },
}

/** A tab asks with the old token while another already uses the successor. */
export const successorInUse: Scenario = {
  number: 2,
  title: 'The same, and the first tab has used its new access token',
  mustHappen: 'the user stays in',
  acts: { keyed: afterUse(true), keyless: afterUse(false) },
}

/** A tab's request arrives five seconds after another's. */
export const secondTab: Scenario = {
  number: 3,
  title: 'A second tab presents the old token 5 s later',
  mustHappen: 'same successor',
  acts: { keyed: fiveSecondsLater(true), keyless: fiveSecondsLater(false) },
}

function storms(keyed: boolean): Act {
  return async (stage) => {
    const {
      storms: played,
      requests,
      servedRequests,
      oneSuccessorStorms,
      signedInStorms,
    } = await playStorms(stage, keyed)
    stage.check('requests served', servedRequests, requests)
    stage.check('storms with one successor', oneSuccessorStorms, played)
    stage.check('storms after which the user is in', signedInStorms, played)
    return `${played} orders: ${servedRequests} of ${requests} requests served; one successor ×${oneSuccessorStorms}; signed in ×${signedInStorms}`
  }
}

function afterUse(keyed: boolean): Act {
  return async (stage) => {
    const verdicts: string[] = []
    const standings: string[] = []
    for (const count of [2, 3, 5, 10]) {
      const world = await stage.world()
      const jar = await signIn(world, { keyed })
      world.clock.advance(600)
      const [first, ...others] = openClients(world, jar, count).map((tab) => ({ tab, flight: tab.send() }))
      await first?.flight.deliver()
      const { accessToken } = jar.read()
      const seen = await world.server.introspect({ token: accessToken, resourceServer: AUDIENCE })
      stage.check('the new access token was used', seen.active, true)
      for (const { tab, flight } of others) {
        world.clock.advance(1)
        const answer = await flight.deliver()
        verdicts.push(nameOf(answer))
        // Superseded is not signed out: the tab reads its jar again.
        if (!answer.ok) verdicts.push(nameOf(await tab.refresh()))
      }
      world.clock.advance(600)
      standings.push(await standingOf(world, jar))
    }
    stage.check('the user', tally(standings), 'signed in ×4')
    return `the other tabs ${tally(verdicts)}; ${tally(standings)}`
  }
}

function fiveSecondsLater(keyed: boolean): Act {
  return async (stage) => {
    const world = await stage.world()
    const jar = await signIn(world, { keyed })
    world.clock.advance(600)
    const late = openClient(world, jar).send()
    const first = await openClient(world, jar).refresh()
    world.clock.advance(5)
    const second = await late.deliver()
    world.clock.advance(600)
    const standing = await standingOf(world, jar)
    stage.check('both tabs', compareSuccessors(first, second), 'same successor')
    stage.check('the user', standing, 'signed in')
    return `${nameOf(first)}, then ${nameOf(second)}: ${compareSuccessors(first, second)}; ${standing}`
  }
}
