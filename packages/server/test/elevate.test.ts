// Elevate: a step-up is a rotation whose predecessor is closed, so that a thief never inherits it.
import { expect, test } from 'vitest'
import { createWorld, isAlive, outcome, rotations, served, START, thrownBy } from './world.ts'

const authentication = { methods: ['pwd', 'otp'], acr: 'gold' }

test('SU-5 a step-up gives tokens of the authentication that just took place', async () => {
  const world = createWorld()
  const first = await world.server.issue({ subject: 'alice', authentication: { methods: ['pwd'] } })
  world.clock.advance(3600)
  const elevated = served(await world.server.elevate({ refreshToken: first.refreshToken, authentication }))
  const verified = await world.server.verify(elevated.accessToken)
  expect(verified).toMatchObject({ claims: { auth_time: START + 3600, amr: ['pwd', 'otp'], acr: 'gold', gen: 2 } })
  world.clock.advance(3600)
  const next = served(await world.server.refresh({ refreshToken: elevated.refreshToken }))
  expect(await world.server.verify(next.accessToken)).toMatchObject({
    claims: { auth_time: START + 3600, acr: 'gold' },
  })
  expect(world.told('refresh_token.elevated')).toBe(1)
})

test('a thief who waits on the token of before never gets the elevated session', async () => {
  const world = createWorld()
  const stolen = await world.server.issue({ subject: 'alice' })
  const elevated = served(await world.server.elevate({ refreshToken: stolen.refreshToken, authentication }))
  // Within the grace period: nothing, and the victim stays in. After it: the family ends.
  expect(outcome(await world.server.refresh({ refreshToken: stolen.refreshToken }))).toBe('refresh_token/superseded')
  expect(await isAlive(world, elevated.accessToken)).toBe(true)
  world.clock.advance(10)
  expect(outcome(await world.server.refresh({ refreshToken: stolen.refreshToken }))).toBe('refresh_token/replayed')
  expect(await isAlive(world, elevated.accessToken)).toBe(false)
})

test('a token that was rotated a moment ago can be elevated at once', async () => {
  const world = createWorld()
  const [, second] = await rotations(world, await world.server.issue({ subject: 'alice' }), 1)
  expect(outcome(await world.server.elevate({ refreshToken: second!.refreshToken, authentication }))).toBe('rotated')
})

test('RT-3 an old token cannot be elevated: it revokes the family', async () => {
  const world = createWorld()
  const [first] = await rotations(world, await world.server.issue({ subject: 'alice' }), 1)
  world.clock.advance(60)
  expect(outcome(await world.server.elevate({ refreshToken: first!.refreshToken, authentication }))).toBe(
    'refresh_token/replayed',
  )
})

test.each([undefined, {}, { methods: 'pwd' }, { methods: [1] }, { methods: [], acr: '' }, { methods: [], more: 1 }])(
  'an authentication that says nothing usable is a mistake, and nothing is spent (%o)',
  async (given) => {
    const world = createWorld()
    const { refreshToken } = await world.server.issue({ subject: 'alice' })
    const thrown = await thrownBy(() => world.server.elevate({ refreshToken, authentication: given as never }))
    expect(thrown.message).toMatch(/^elevate: authentication: /)
    expect((await world.server.refresh({ refreshToken })).ok).toBe(true)
  },
)
