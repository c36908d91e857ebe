// The sweep: every revocation that was stored but not announced is announced, once.
import { expect, test } from 'vitest'
import { createWorld, isAlive, thrownBy } from './world.ts'

/** A world in which some families were revoked by a process that could not reach the log. */
async function unannounced(count: number) {
  const world = createWorld()
  const deaf = world.anotherServer({
    storage: {
      records: world.storage.records,
      revocations: { append: () => Promise.reject(new Error('down')), since: () => Promise.reject(new Error('down')) },
    },
  })
  const tokens = await Promise.all(
    Array.from({ length: count }, (_, i) => world.server.issue({ subject: `user_${i}` })),
  )
  for (const { familyId } of tokens) {
    const thrown = await thrownBy(() => deaf.revokeFamily(familyId, 'sign_out'))
    expect(thrown).toMatchObject({ code: 'ERR_REVOCATION_LOG_UNAVAILABLE' })
  }
  return { world, tokens }
}

test('it announces what a process that died left behind, through every page, and tells of each', async () => {
  const { world, tokens } = await unannounced(250)
  expect(await world.server.sweep()).toEqual({ announced: 250 })
  expect(new Set(await allAnnounced(world))).toEqual(new Set(tokens.map(({ familyId }) => `family:${familyId}`)))
  expect(world.told('revocation.announced')).toBe(250)
  expect((await world.storage.records.list({ pending: true })).records).toEqual([])
  expect(await world.server.sweep()).toEqual({ announced: 0 })
  for (const { accessToken } of tokens.slice(0, 5)) expect(await isAlive(world, accessToken)).toBe(false)
})

test('two sweeps at once announce each once', async () => {
  const { world } = await unannounced(30)
  await Promise.all([world.server.sweep(), world.anotherServer().sweep()])
  const named = await allAnnounced(world)
  expect([named.length, new Set(named).size]).toEqual([30, 30])
  expect(world.told('revocation.announced')).toBe(30)
})

test('it passes by records of other kinds, and without a log there is nothing to do', async () => {
  const { world } = await unannounced(1)
  const end = (await world.storage.records.list({ pending: true })).records[0]!.expiresAt
  await world.storage.records.compareAndSet('session:x', 'absent', { text: '{}', pending: true }, end)
  expect(await world.server.sweep()).toEqual({ announced: 1 })
  expect(await createWorld({ withoutLog: true }).server.sweep()).toEqual({ announced: 0 })
})

async function allAnnounced({ storage }: Awaited<ReturnType<typeof unannounced>>['world']): Promise<readonly string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  for (let more = true; more;) {
    const page = await storage.revocations!.since(cursor)
    ids.push(...page.entries.map(({ id }) => id))
    cursor = page.cursor
    more = page.more
  }
  return ids
}
