// Scenarios 12 and 16: the store fails over to a replica that lost the last writes.
import { createFailover, type Failover, interceptStorage } from '@tallystick/storage/faults'
import { openClient, signIn } from '../client.ts'
import type { Jar } from '../jar.ts'
import { countEvents, nameOf, standingOf } from '../outcome.ts'
import type { Act, Scenario, Stage } from '../scenario.ts'
import { steal } from '../thief.ts'
import { createWorld, ISSUER, type World } from '../world.ts'

/** The lost write was a rotation. */
export const lostRotation: Scenario = {
  number: 12,
  title: 'The store fails over to a replica that lost the last rotation',
  mustHappen: 'with a log: the user stays in · else: a refusal without harm · an event',
  acts: {
    'with a log': loseRotation('readable'),
    'log unreadable': loseRotation('unreadable'),
    'no log': loseRotation('none'),
  },
}

/** The lost write was a tombstone. */
export const lostTombstone: Scenario = {
  number: 16,
  title: 'A caught or signed-out family, then a failover that lost the tombstone',
  mustHappen: 'not adopted when the log is readable',
  acts: {
    caught: loseTombstone(async (world, jar) => {
      const thief = steal(world, jar)
      world.clock.advance(60)
      await openClient(world, jar).refresh()
      world.clock.advance(60)
      return nameOf(await thief.refresh())
    }),
    'signed out': loseTombstone(async (world, jar) => {
      await openClient(world, jar).refresh()
      const { revoked } = await world.server.revoke({ token: jar.read().refreshToken })
      return `${revoked} revoked`
    }),
    'all of the subject': loseTombstone(async (world, jar) => {
      await openClient(world, jar).refresh()
      const { revoked } = await world.server.revokeSubject(jar.subject, 'password_changed')
      return `${revoked} revoked`
    }),
  },
}

function loseRotation(log: 'readable' | 'unreadable' | 'none'): Act {
  return async (stage) => {
    const { world, failover } = await failoverWorld(stage, log)
    const jar = await signIn(world, { keyed: true })
    const app = openClient(world, jar)
    world.clock.advance(600)
    await app.refresh()
    const replicated = jar.read().refreshToken
    await failover.replicate()
    world.clock.advance(600)
    await app.refresh()
    failover.failOver()
    world.clock.advance(600)
    const answer = await app.refresh()
    const events = countEvents(world, 'refresh_token.ahead')
    stage.check('events of a store that is behind', events, 1)
    if (log === 'readable') {
      stage.check('the newer token', nameOf(answer), 'rotated')
      world.clock.advance(600)
      const standing = await standingOf(world, jar)
      stage.check('the user', standing, 'signed in')
      return `${nameOf(answer)}; ${standing}; ${events} event`
    }
    const status = answer.ok ? 200 : answer.error.status
    stage.check('the newer token', nameOf(answer), 'ahead')
    stage.check('the status', status, 503)
    const family = await world.server.introspect({ token: replicated, resourceServer: ISSUER })
    stage.check('the family is alive', family.active, true)
    return `${nameOf(answer)} (${status}); the family ${family.active ? 'unharmed' : 'ended'}; ${events} event`
  }
}

function loseTombstone(end: (world: World, jar: Jar) => Promise<string>): Act {
  return async (stage) => {
    const { world, failover } = await failoverWorld(stage, 'readable')
    const jar = await signIn(world, { keyed: true })
    world.clock.advance(600)
    await openClient(world, jar).refresh()
    const replicated = jar.read()
    await failover.replicate()
    world.clock.advance(60)
    const ended = await end(world, jar)
    failover.failOver()
    // Nothing that the old process remembers may help.
    world.restart()
    world.clock.advance(60)
    const newest = await world.server.refresh(jar.read())
    const older = await world.server.refresh({ refreshToken: replicated.refreshToken })
    stage.check('the newest token', nameOf(newest), 'revoked')
    stage.check("the replica's token", nameOf(older), 'revoked')
    stage.check('adopted', world.events.filter((event) => 'adopted' in event && event.adopted).length, 0)
    return `${ended}; after the failover ${nameOf(newest)} and ${nameOf(older)}`
  }
}

async function failoverWorld(
  stage: Stage,
  log: 'readable' | 'unreadable' | 'none',
): Promise<{ readonly world: World; readonly failover: Failover }> {
  const failovers: Failover[] = []
  const replicas = await createWorld(stage.ground)
  const world = await stage.world({
    log: log !== 'none',
    around(primary) {
      const failover = createFailover(primary, replicas.storage)
      failovers.push(failover)
      if (log !== 'unreadable') return failover.storage
      return interceptStorage(failover.storage, {
        before({ method }) {
          if (method === 'since') throw new Error('the log cannot be read')
        },
      })
    },
  })
  const [failover] = failovers
  if (failover === undefined) throw new Error('a world puts its storage into what is around it')
  return { world, failover }
}
