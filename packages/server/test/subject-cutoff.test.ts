// The cut-off of a subject: what was issued until then is dead, what comes after lives, also within one second.
import { resendWrites } from '@tallystick/storage/faults'
import { describe, expect, test } from 'vitest'
import { API, createWorld, isAlive, outcome, START, thrownBy } from './world.ts'

describe.each(['jwt', 'opaque'] as const)('%s access tokens', (format) => {
  test('RV-9 F74 F81 one call ends every family and every access token of a subject, on every device', async () => {
    const world = createWorld({ accessToken: { format } })
    const devices = await Promise.all(Array.from({ length: 250 }, () => world.server.issue({ subject: 'alice' })))
    const alone = await world.server.issue({ subject: 'alice', refreshToken: false })
    const bob = await world.server.issue({ subject: 'bob' })
    expect(await world.server.revokeSubject('alice', 'password_changed')).toEqual({ revoked: 250 })
    for (const { refreshToken } of devices) {
      expect(outcome(await world.server.refresh({ refreshToken }))).toBe('refresh_token/revoked')
    }
    for (const { accessToken } of [alone, ...devices.slice(0, 20)])
      expect(await isAlive(world, accessToken)).toBe(false)
    expect(await isAlive(world, bob.accessToken)).toBe(true)
    expect(outcome(await world.server.refresh({ refreshToken: bob.refreshToken }))).toBe('rotated')
    const announced = await world.announced()
    expect(announced.filter((id) => id.startsWith('subject:'))).toHaveLength(1)
    expect(announced).toEqual(expect.arrayContaining(devices.slice(0, 50).map(({ familyId }) => `family:${familyId}`)))
  })

  test('whoever signs in within the second of the revocation lives, and what was there before is dead', async () => {
    const world = createWorld({ accessToken: { format } })
    const old = await world.server.issue({ subject: 'alice' })
    const oldAlone = await world.server.issue({ subject: 'alice', refreshToken: false })
    await world.server.revokeSubject('alice', 'password_changed')
    const fresh = await world.server.issue({ subject: 'alice' })
    const freshAlone = await world.server.issue({ subject: 'alice', refreshToken: false })
    expect(world.clock.now()).toBe(START)
    const lives: boolean[] = []
    for (const { accessToken } of [old, oldAlone, fresh, freshAlone]) lives.push(await isAlive(world, accessToken))
    expect(lives).toEqual([false, false, true, true])
    expect(outcome(await world.server.refresh({ refreshToken: old.refreshToken }))).toBe('refresh_token/revoked')
    const next = await world.server.refresh({ refreshToken: fresh.refreshToken })
    expect(outcome(next)).toBe('rotated')
    expect(await isAlive(world, next.ok ? next.accessToken : '')).toBe(true)
    // To a process that knows it from the log, too.
    const other = world.anotherServer()
    await other.syncRevocations()
    expect([(await other.verify(old.accessToken)).ok, (await other.verify(fresh.accessToken)).ok]).toEqual([
      false,
      true,
    ])
  })

  test('F74 a second revocation within the same second ends what was issued between the two', async () => {
    const world = createWorld({ accessToken: { format } })
    await world.server.revokeSubject('alice', 'password_changed')
    const between = await world.server.issue({ subject: 'alice' })
    const alone = await world.server.issue({ subject: 'alice', refreshToken: false })
    expect(await world.server.revokeSubject('alice', 'password_changed')).toEqual({ revoked: 1 })
    expect([await isAlive(world, between.accessToken), await isAlive(world, alone.accessToken)]).toEqual([false, false])
    expect(outcome(await world.server.refresh({ refreshToken: between.refreshToken }))).toBe('refresh_token/revoked')
    const after = await world.server.issue({ subject: 'alice' })
    expect(await isAlive(world, after.accessToken)).toBe(true)
  })
})

test.each(['jwt', 'opaque'] as const)(
  'another process learns of the cut-off from the store, without any log (%s)',
  async (format) => {
    const world = createWorld({ accessToken: { format }, withoutLog: true })
    const other = world.anotherServer()
    const old = await world.server.issue({ subject: 'alice', refreshToken: false })
    await world.server.revokeSubject('alice', 'locked')
    const fresh = await world.server.issue({ subject: 'alice', refreshToken: false })
    const asked = await Promise.all(
      [old, fresh].map(({ accessToken }) => other.introspect({ token: accessToken, resourceServer: API })),
    )
    expect(asked.map(({ active }) => active)).toEqual([false, true])
  },
)

test('a hundred revocations within one second hold the subject’s next sign-in up by nothing', async () => {
  const world = createWorld()
  for (let i = 0; i < 100; i += 1) await world.server.revokeSubject('alice', 'test')
  const { accessToken, refreshToken } = await world.server.issue({ subject: 'alice' })
  expect(await isAlive(world, accessToken)).toBe(true)
  expect(outcome(await world.server.refresh({ refreshToken }))).toBe('rotated')
})

test('A34 a clock that stands before the last revocation by more than the tolerance issues nothing', async () => {
  const world = createWorld()
  await world.server.revokeSubject('alice', 'test')
  world.clock.advance(-7)
  expect(await thrownBy(() => world.server.issue({ subject: 'alice' }))).toMatchObject({
    code: 'ERR_CLOCK',
    retryable: true,
  })
  world.clock.advance(1)
  const { accessToken } = await world.server.issue({ subject: 'alice' })
  expect(await isAlive(world, accessToken)).toBe(true)
  // The cut-off does not follow the clock back, so that this one is beyond what stood before.
  await world.server.revokeSubject('alice', 'test')
  expect(await isAlive(world, accessToken)).toBe(false)
})

test('a driver that sends every write twice moves the cut-off all the same', async () => {
  const world = createWorld({ around: (storage) => resendWrites(storage).storage })
  const { accessToken } = await world.server.issue({ subject: 'alice' })
  expect(await world.server.revokeSubject('alice', 'test')).toEqual({ revoked: 1 })
  expect(await isAlive(world, accessToken)).toBe(false)
})

test('subjects are told apart by every character, of any alphabet', async () => {
  const world = createWorld()
  const names = ['\u00E4', 'a\u0308', 'A', 'a', 'a ', '用户', '😀', '../..', 'a:b', "'; drop table"]
  const tokens = await Promise.all(names.map((subject) => world.server.issue({ subject })))
  for (const [at, subject] of names.entries()) {
    expect(await world.server.revokeSubject(subject, 'test')).toEqual({ revoked: 1 })
    const alive = await Promise.all(tokens.map(({ accessToken }) => isAlive(world, accessToken)))
    expect(alive).toEqual(names.map((_, other) => other > at))
  }
})

test.each(['', 'x'.repeat(257), 'a\0', '\uDC00', 7])(
  'a subject that nobody can have is a mistake, not an outage',
  async (subject) => {
    const world = createWorld()
    const thrown = await thrownBy(() => world.server.revokeSubject(subject as string, 'test'))
    expect(thrown.message).toMatch(/^revokeSubject: subject must be well-formed text of 1 to 256 characters/)
  },
)

test.each(['', 'Sign Out', 'trt_AAAA-BBBB', 'x'.repeat(65), undefined])(
  'a cause that is not a short name is a mistake',
  async (cause) => {
    const world = createWorld()
    const call = () => world.server.revokeSubject('alice', cause as string)
    expect((await thrownBy(call)).message).toMatch(/^revokeSubject: cause must be 1 to 64 characters/)
    expect((await thrownBy(() => world.server.revokeFamily('f', cause as string))).message).toMatch(
      /^revokeFamily: cause/,
    )
  },
)
