// Scenario 15: the process dies between storing a revocation and announcing it.
import { isTokenError } from '@tallystick/core'
import { interceptStorage } from '@tallystick/storage/faults'
import { openClient, signIn } from '../client.ts'
import type { Jar } from '../jar.ts'
import { nameOf, standingOf } from '../outcome.ts'
import type { Act, Scenario } from '../scenario.ts'
import { steal } from '../thief.ts'
import type { World } from '../world.ts'

/** The revocation stands in the record, but not in the log. */
export const crashBeforeAnnouncing: Scenario = {
  number: 15,
  title: 'A crash between revoking and announcing',
  mustHappen: 'announced by the next touch or sweep, before any acknowledgement',
  acts: {
    'next touch': crashThen(async (world, jar) => nameOf(await openClient(world, jar).refresh())),
    sweep: crashThen(async (world) => `${(await world.server.sweep()).announced} swept`),
  },
}

function crashThen(next: (world: World, jar: Jar) => Promise<string>): Act {
  return async (stage) => {
    let isDying = false
    const world = await stage.world({
      around: (storage) =>
        interceptStorage(storage, {
          before({ method }) {
            if (isDying && method === 'append') throw new Error('the process died here')
          },
        }),
    })
    const jar = await signIn(world, { keyed: true })
    const thief = steal(world, jar)
    world.clock.advance(600)
    await openClient(world, jar).refresh()
    world.clock.advance(600)
    isDying = true
    const acknowledged = await thief
      .refresh()
      .then(nameOf, (error: unknown) => (isTokenError(error) ? `no answer (${error.code})` : 'no answer'))
    stage.check('acknowledged before the log knew', acknowledged.startsWith('no answer'), true)
    stage.check('entries in the log', await countEntries(world), 0)
    isDying = false
    world.restart()
    const touched = await next(world, jar)
    const announced = await countEntries(world)
    stage.check('entries in the log afterwards', announced, 1)
    const standing = await standingOf(world, jar)
    stage.check('the family', standing, 'signed out')
    stage.check('entries in the log at the end', await countEntries(world), 1)
    return `${touched}, ${announced} announced; the family ${standing}`
  }
}

async function countEntries({ storage }: World): Promise<number> {
  const page = await storage.revocations?.since()
  return page?.entries.length ?? 0
}
