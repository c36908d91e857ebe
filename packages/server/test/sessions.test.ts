// Sessions by their verbs: what each gives, what it writes, and which credential is good afterwards.
import { countOperations } from '@tallystick/storage/faults'
import { describe, expect, test } from 'vitest'
import {
  authentication,
  createSessionWorld,
  ok,
  presented,
  reasonOf,
  renewing,
  signIn,
  stronger,
} from './session-world.ts'
import { START, thrownBy } from './world.ts'

const HOUR = 3600
const DAY = 86_400

describe('establish and present', () => {
  test('a session is what it was established with, and nothing that proves', async () => {
    const world = createSessionWorld()
    const context = { networkPrefix: '203.0.113.0/24', userAgent: 'A browser', place: 'Bern' }
    const { credential, session } = await signIn(world, { scope: 'orders:read', context })
    expect(credential).toMatch(/^tsn_[A-Za-z0-9_-]{65}$/)
    expect(session).toEqual({
      sessionId: credential.slice(4, 26),
      subject: 'alice',
      clientId: 'web',
      scope: 'orders:read',
      establishedAt: START,
      lastPresentedAt: START,
      expiresAt: START + DAY,
      idleExpiresAt: START + HOUR,
      authentication: { ...authentication, authenticatedAt: START },
      isElevated: false,
      context,
    })
    const again = ok(await world.server.sessions.present(credential))
    expect(again).toEqual({ ok: true, session, renewalDue: false })
    expect(await world.anotherServer().sessions.present(credential)).toEqual(again)
    expect([world.told('session.established'), world.told('session.presented')]).toEqual([1, 0])
  })

  test('presenting costs one read, and a write only where a touch is due', async () => {
    const counter: { operations?: () => readonly { readonly method: string }[] } = {}
    const world = createSessionWorld()
    const { credential } = await signIn(world)
    const counted = countOperations(world.storage)
    counter.operations = counted.operations
    const server = world.anotherServer({ storage: counted.storage })
    const methods = () => counter.operations!().map(({ method }) => method)
    for (let at = 0; at < 5; at += 1) await server.sessions.present(credential)
    world.clock.advance(59)
    await server.sessions.present(credential)
    expect(methods()).toEqual(['read', 'read', 'read', 'read', 'read', 'read'])
    world.clock.advance(1)
    await server.sessions.present(credential)
    expect(methods().slice(6)).toEqual(['read', 'compareAndSet'])
    expect(world.told('session.presented')).toBe(1)
  })

  test('SE-3 A28 an id that the server did not make is never adopted', async () => {
    const world = createSessionWorld()
    const foreign = createSessionWorld()
    const planted = [
      `tsn_${'A'.repeat(65)}`,
      (await signIn(foreign)).credential,
      'my-own-id',
      '',
      `tsn_${'A'.repeat(64)}`,
      `tsn_${'A'.repeat(66)}`,
      `tsn_${'A'.repeat(64)}=`,
    ]
    for (const credential of planted) {
      const before = await world.keys()
      expect(await presented(world, credential)).toMatch(/^session\/(unknown|malformed)$/)
      expect(reasonOf(await world.server.sessions.renew(credential))).toMatch(/^session\/(unknown|malformed)$/)
      expect(await world.keys()).toEqual(before)
      const { credential: given, session } = await signIn(world, { replaces: credential })
      expect(given.slice(0, 26)).not.toBe(credential.slice(0, 26))
      expect((await world.session(session.sessionId)).status).toBe('active')
      expect(await presented(world, credential)).toMatch(/^session\/(unknown|malformed)$/)
    }
    expect(world.told('session.turned_away')).toBeGreaterThan(planted.length)
  })

  test('SE-3 every edit of one character of a credential is another credential, and changes nothing', async () => {
    const world = createSessionWorld()
    const { credential, session } = await signIn(world)
    const before = await world.session(session.sessionId)
    let reached = 0
    for (let at = 4; at < credential.length; at += 1) {
      const edited = credential.slice(0, at) + (credential[at] === 'A' ? 'B' : 'A') + credential.slice(at + 1)
      expect(await presented(world, edited)).toBe('session/unknown')
      expect(await world.server.sessions.revoke(edited)).toEqual({ revoked: 0 })
      reached += 1
    }
    expect(reached).toBe(65)
    expect(await world.session(session.sessionId)).toEqual(before)
    expect(await presented(world, credential)).toBe('ok')
  })

  test('SE-2 F92 A28 signing in gives a new id, and the session that the browser came with is dead', async () => {
    const world = createSessionWorld()
    const attacker = await signIn(world, { subject: 'mallory' })
    const victim = await signIn(world, { replaces: attacker.credential })
    expect(victim.session.sessionId).not.toBe(attacker.session.sessionId)
    expect(await presented(world, attacker.credential)).toBe('session/revoked')
    expect(ok(await world.server.sessions.present(victim.credential)).session.subject).toBe('alice')
    expect((await world.session(attacker.session.sessionId)).cause).toBe('replaced')
  })

  test('F91 a thousand sessions have a thousand ids', async () => {
    const world = createSessionWorld()
    const ids = new Set<string>()
    for (let at = 0; at < 1000; at += 1) ids.add((await signIn(world, { subject: `user_${at % 7}` })).session.sessionId)
    expect(ids.size).toBe(1000)
  })

  test('what a browser calls itself is cut, and never stands in the way of a sign-in', async () => {
    const world = createSessionWorld()
    const { session } = await signIn(world, { context: { userAgent: 'x'.repeat(10_000) } })
    expect(session.context?.userAgent).toHaveLength(256)
  })

  test.each([
    [{ subject: '' }, /subject/],
    [{ subject: 'alice', sessionId: 'x' }, /establish/],
    [{ subject: 'alice', data: () => 1 }, /data/],
    [{ subject: 'alice', data: 10n }, /data/],
    [{ subject: 'alice', data: 'x'.repeat(70_000) }, /data must be at most 61440 bytes/],
    [{ subject: 'alice', authentication: { methods: 'pwd' } }, /methods/],
  ])('a wrong request is a mistake, and nothing is stored: %o', async (request, message) => {
    const world = createSessionWorld()
    const thrown = await thrownBy(() => world.server.sessions.establish(request as never))
    expect(thrown.message).toMatch(message)
    expect(await world.keys()).toEqual([])
  })
})

describe('time', () => {
  test('SE-4 F86 an hour without use ends a session, whatever the cookie says, and use puts that off', async () => {
    const world = createSessionWorld()
    const { credential } = await signIn(world)
    for (let at = 0; at < 5; at += 1) {
      world.clock.advance(HOUR - 1)
      expect(await presented(world, credential)).toBe('ok')
    }
    world.clock.advance(HOUR)
    for (const other of [world.server, world.anotherServer()]) {
      expect(reasonOf(await other.sessions.present(credential))).toBe('session/idle')
      expect(reasonOf(await other.sessions.renew(credential))).toBe('session/idle')
      expect(reasonOf(await other.sessions.read(credential))).toBe('session/idle')
      expect(reasonOf(await other.sessions.elevate(credential, stronger))).toBe('session/idle')
      expect(reasonOf(await other.sessions.issueAccessToken(credential))).toBe('session/idle')
    }
  })

  test('SE-4 F86 a day after the sign-in a session ends, however it is used', async () => {
    const world = createSessionWorld({ sessionPolicy: { idleTimeoutSeconds: 'none' } })
    const { credential, session } = await signIn(world)
    expect(session.idleExpiresAt).toBeUndefined()
    let current = credential
    for (let hour = 1; hour < 24; hour += 1) {
      world.clock.advance(HOUR)
      current = ok(await world.server.sessions.renew(current)).credential
    }
    world.clock.advance(HOUR)
    expect(await presented(world, current)).toMatch(/^session\/(expired|unknown)$/)
    expect(reasonOf(await world.server.sessions.reauthenticate(current, authentication))).toMatch(/expired|unknown/)
  })

  test('SE-11 a session ends with that of the identity provider, its tokens too, whatever is proved meanwhile', async () => {
    const world = createSessionWorld()
    const upstreamExpiresAt = world.clock.now() + 1800
    const { credential, session, tokens } = await signIn(world, { upstreamExpiresAt, refreshToken: true })
    expect(session.expiresAt).toBe(upstreamExpiresAt)
    expect(tokens?.refreshTokenExpiresInSeconds).toBeLessThanOrEqual(1800)
    world.clock.advance(1000)
    const again = ok(await world.server.sessions.reauthenticate(credential, stronger))
    expect(again.session.expiresAt).toBe(upstreamExpiresAt)
    world.clock.advance(800)
    expect(await presented(world, again.credential)).toMatch(/^session\/(expired|unknown)$/)
    const late = await world.server.sessions.establish({ subject: 'alice', upstreamExpiresAt })
    expect(reasonOf(late)).toBe('session/expired')
    const wrong = world.server.sessions.establish({ subject: 'alice', upstreamExpiresAt: 1.5 })
    await expect(wrong).rejects.toThrow(/establish: upstreamExpiresAt must be whole seconds since the epoch/)
  })

  test('SE-4 a re-authentication begins both time-outs anew, also after the idle one has passed, and keeps the data', async () => {
    const world = createSessionWorld({ sessionPolicy: { limit: { sessionsMax: 1, atLimit: 'refuse' } } })
    let { credential } = await signIn(world, { data: { cart: 1 } })
    for (let day = 0; day < 4; day += 1) {
      world.clock.advance(HOUR + 1)
      expect(await presented(world, credential)).toBe('session/idle')
      const again = ok(await world.server.sessions.reauthenticate(credential, stronger))
      expect(again.session).toMatchObject({
        expiresAt: world.clock.now() + DAY,
        authentication: { ...stronger, authenticatedAt: world.clock.now() },
        isElevated: false,
      })
      credential = again.credential
      for (let hour = 0; hour < 23; hour += 1) {
        world.clock.advance(HOUR - 1)
        expect(await presented(world, credential)).toBe('ok')
      }
    }
    expect(ok(await world.server.sessions.read(credential)).data).toEqual({ cart: 1 })
    expect(reasonOf(await world.server.sessions.establish({ subject: 'alice' }))).toBe('session/limit_reached')
  })

  test('a clock that stands before the last use gives no verdict', async () => {
    const world = createSessionWorld()
    const { credential } = await signIn(world)
    const late = world.anotherServer({ clock: { now: () => (START - 6) as never } })
    expect(await thrownBy(() => late.sessions.present(credential))).toMatchObject({ code: 'ERR_CLOCK' })
    expect(await presented(world, credential)).toBe('ok')
  })
})

describe('renewal', () => {
  test('SE-10 every tab ends with the same credential, and the old one is answered with it for a while', async () => {
    const world = createSessionWorld({ sessionPolicy: renewing })
    const { credential } = await signIn(world)
    expect(ok(await world.server.sessions.present(credential)).renewalDue).toBe(false)
    world.clock.advance(600)
    expect(ok(await world.server.sessions.present(credential)).renewalDue).toBe(true)
    const [first, second] = await Promise.all([
      world.server.sessions.renew(credential),
      world.anotherServer().sessions.renew(credential),
    ])
    expect(ok(first).credential).toBe(ok(second).credential)
    expect([ok(first).verdict, ok(second).verdict].sort()).toEqual(['renewed', 'repeated'])
    const next = ok(first).credential
    expect(next).not.toBe(credential)
    expect(next.slice(0, 26)).toBe(credential.slice(0, 26))
    // A tab that has not seen it yet is given it, the same bytes.
    expect(ok(await world.server.sessions.present(credential)).credential).toBe(next)
    expect(ok(await world.server.sessions.present(next)).credential).toBeUndefined()
    expect(ok(await world.server.sessions.renew(next))).toMatchObject({ credential: next, verdict: 'repeated' })
    world.clock.advance(61)
    expect(await presented(world, next)).toBe('ok')
    expect(await presented(world, credential)).toBe('session/replayed')
    expect(await presented(world, next)).toBe('session/revoked')
  })

  test('an old credential of three renewals ago that a thief kept ends the session', async () => {
    const world = createSessionWorld({ sessionPolicy: renewing })
    const { credential: stolen, session } = await signIn(world)
    let current = stolen
    for (let at = 0; at < 3; at += 1) {
      world.clock.advance(700)
      current = ok(await world.server.sessions.renew(current)).credential
      expect(await presented(world, current)).toBe('ok')
    }
    expect(await presented(world, stolen)).toBe('session/replayed')
    expect(await presented(world, current)).toBe('session/revoked')
    expect(await world.announced()).toEqual([`session:${session.sessionId}`])
    expect([world.told('session.replayed'), world.told('session.revoked')]).toEqual([1, 1])
  })

  test('an answer is repeated with the secret that it was made with, also by a server that puts another first', async () => {
    const world = createSessionWorld({ sessionPolicy: renewing })
    const { credential } = await signIn(world)
    world.clock.advance(700)
    const next = ok(await world.server.sessions.renew(credential)).credential
    const other = { id: 2, secret: Uint8Array.from({ length: 32 }, (_, at) => at * 3 + 5) }
    const secrets = [other, { id: 1, secret: Uint8Array.from({ length: 32 }, (_, at) => at * 7 + 1) }]
    const promoted = world.anotherServer({ refreshTokenSecrets: secrets })
    expect(ok(await promoted.sessions.present(credential)).credential).toBe(next)
    const without = world.anotherServer({ refreshTokenSecrets: [other] })
    expect(reasonOf(await without.sessions.present(credential))).toBe('session/superseded')
    expect(await presented(world, next)).toBe('ok')
  })
})

describe('step-up and re-authentication', () => {
  test.each(['elevate', 'reauthenticate'] as const)(
    'SE-2 F92 %s gives a new credential, and the old one is dead',
    async (verb) => {
      const world = createSessionWorld()
      const { credential } = await signIn(world)
      world.clock.advance(100)
      const { credential: next, session } = ok(await world.server.sessions[verb](credential, stronger))
      expect(next).not.toBe(credential)
      expect(session).toMatchObject({ authentication: stronger, isElevated: verb === 'elevate' })
      expect(await presented(world, credential)).toBe('session/superseded')
      expect(await presented(world, next)).toBe('ok')
      world.clock.advance(61)
      expect(await presented(world, credential)).toBe('session/replayed')
      expect(await presented(world, next)).toBe('session/revoked')
    },
  )

  test('SU-5 a step-up ends by itself, leaves the sign-in as it was, and raises nothing above its own authentication', async () => {
    const world = createSessionWorld()
    const signedIn = await signIn(world)
    world.clock.advance(100)
    const { credential } = ok(await world.server.sessions.elevate(signedIn.credential, stronger))
    const requirement = { acr: 'gold', methods: ['otp'], authenticationAgeSecondsMax: 300 }
    expect(reasonOf(await world.server.sessions.present(credential, { requirement }))).toBe('ok')
    world.clock.advance(301)
    const refused = await world.server.sessions.present(credential, { requirement })
    expect(refused).toMatchObject({ ok: false, reason: 'session/step_up_required', error: { status: 401 } })
    if (!refused.ok) expect(refused.error.headers['www-authenticate']).toContain('max_age="300"')
    expect(ok(await world.server.sessions.present(credential)).session.isElevated).toBe(true)
    world.clock.advance(600)
    expect(ok(await world.server.sessions.present(credential)).session).toMatchObject({
      isElevated: false,
      authentication: { ...authentication, authenticatedAt: START },
    })
    expect(reasonOf(await world.server.sessions.present(credential, { requirement: { acr: 'gold' } }))).toBe(
      'session/step_up_required',
    )
  })
})

describe('data', () => {
  test('data are what JSON makes of them, and the session is looked at each time', async () => {
    const world = createSessionWorld()
    const { credential } = await signIn(world, { data: { cart: ['a'], at: new Date(0), gone: undefined } })
    expect(ok(await world.server.sessions.read(credential)).data).toEqual({
      cart: ['a'],
      at: '1970-01-01T00:00:00.000Z',
    })
    const updated = await world.server.sessions.update(credential, (data) => ({
      ...(data as object),
      cart: ['a', 'b'],
    }))
    expect(ok(updated).data).toMatchObject({ cart: ['a', 'b'] })
    expect(ok(await world.anotherServer().sessions.read(credential)).data).toMatchObject({ cart: ['a', 'b'] })
    const empty = await signIn(world)
    expect(ok(await world.server.sessions.read(empty.credential)).data).toBeNull()
    expect(ok(await world.server.sessions.update(empty.credential, async () => undefined)).data).toBeNull()
  })

  test('what an update throws is thrown, and nothing is written', async () => {
    const world = createSessionWorld()
    const { credential } = await signIn(world, { data: 1 })
    const own = new Error('of the application')
    expect(await thrownBy(() => world.server.sessions.update(credential, () => Promise.reject(own)))).toBe(own)
    expect((await thrownBy(() => world.server.sessions.update(credential, () => 1n))).message).toMatch(/data must be/)
    expect(ok(await world.server.sessions.read(credential)).data).toBe(1)
  })

  test('a hundred updates at once are all in the data; where too many come before, it is a conflict', async () => {
    const world = createSessionWorld()
    const { credential } = await signIn(world, { data: 0 })
    const add = (server = world.server) => server.sessions.update(credential, (data) => (data as number) + 1)
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, at) => add(at % 2 === 0 ? world.anotherServer() : undefined)),
    )
    const served = results.filter((result) => result.ok).length
    expect(new Set(results.map(reasonOf))).toEqual(new Set(['ok', 'session/conflict']))
    expect(served).toBeGreaterThanOrEqual(32)
    expect(ok(await world.server.sessions.read(credential)).data).toBe(served)
    const few = await Promise.all(Array.from({ length: 20 }, () => add()))
    expect(few.map(reasonOf)).toEqual(Array.from({ length: 20 }, () => 'ok'))
  })
})

describe('sign-out', () => {
  test('SE-8 the session, its data and its listing are gone, for every process, and a second time is no error', async () => {
    const world = createSessionWorld()
    const { credential, session } = await signIn(world, { data: { cart: 1 } })
    expect(await world.server.sessions.revoke(credential)).toEqual({ revoked: 1 })
    expect(await world.keys()).toEqual([`sign-in:${session.sessionId}`])
    for (const server of [world.server, world.anotherServer()]) {
      expect(reasonOf(await server.sessions.present(credential))).toBe('session/revoked')
      expect(reasonOf(await server.sessions.renew(credential))).toBe('session/revoked')
      expect(reasonOf(await server.sessions.elevate(credential, stronger))).toBe('session/revoked')
      expect(reasonOf(await server.sessions.reauthenticate(credential, stronger))).toBe('session/revoked')
      expect(reasonOf(await server.sessions.update(credential, () => 1))).toBe('session/revoked')
      expect(reasonOf(await server.sessions.issueAccessToken(credential))).toBe('session/revoked')
      expect(reasonOf(await server.sessions.revokeOthers(credential))).toBe('session/revoked')
      expect(await server.sessions.revoke(credential)).toEqual({ revoked: 0 })
    }
    expect(await world.server.sessions.list('alice')).toEqual([])
    expect(await world.announced()).toEqual([`session:${session.sessionId}`])
    expect((await world.session(session.sessionId)).announced).toBe(true)
    expect(await world.keys()).toEqual([`sign-in:${session.sessionId}`])
  })

  test('F94 nothing is believed that another process ended a moment ago: every read asks the store', async () => {
    const world = createSessionWorld()
    const other = world.anotherServer()
    const { credential } = await signIn(world, { data: 'secret' })
    expect(ok(await other.sessions.read(credential)).data).toBe('secret')
    await world.server.sessions.revoke(credential)
    expect(reasonOf(await other.sessions.read(credential))).toBe('session/revoked')
    expect(reasonOf(await other.sessions.present(credential))).toBe('session/revoked')
  })

  test('whoever only knows the id ends nothing and learns nothing, whether the session lives or not', async () => {
    const world = createSessionWorld()
    const { credential, session } = await signIn(world)
    const guess = `tsn_${session.sessionId}${'A'.repeat(43)}`
    expect(await world.server.sessions.revoke(guess)).toEqual({ revoked: 0 })
    const alive = await world.server.sessions.present(guess)
    await world.server.sessions.revoke(credential)
    expect(await world.server.sessions.present(guess)).toEqual(alive)
    expect(reasonOf(alive)).toBe('session/unknown')
  })
})
