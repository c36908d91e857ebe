// Ending what others have: lists, one, all others, everything of a subject, and what a dead process left undone.
import type { Storage } from '@tallystick/storage'
import { describe, expect, test } from 'vitest'
import { createSessionWorld, ok, presented, reasonOf, signIn } from './session-world.ts'
import { isAlive, outcome, thrownBy } from './world.ts'

describe('a user and his devices', () => {
  test('RV-9 he sees his own live sessions, the one used last first, and nothing that proves', async () => {
    const world = createSessionWorld()
    const [phone, laptop, ended] = [
      await signIn(world),
      await signIn(world, { refreshToken: true }),
      await signIn(world),
    ]
    await signIn(world, { subject: 'bob' })
    await world.server.issue({ subject: 'alice' })
    await world.server.sessions.revoke(ended.credential)
    world.clock.advance(60)
    await world.server.sessions.present(phone.credential)
    const listed = await world.server.sessions.list('alice')
    expect(listed.map(({ sessionId }) => sessionId)).toEqual([phone.session.sessionId, laptop.session.sessionId])
    expect(listed[1]).toEqual(laptop.session)
    expect(JSON.stringify(listed)).not.toMatch(/hash|credential|secret/i)
    world.clock.advance(3590)
    expect((await world.server.sessions.list('alice')).map(({ sessionId }) => sessionId)).toEqual([
      phone.session.sessionId,
    ])
    expect(await world.server.sessions.list('nobody')).toEqual([])
    expect((await thrownBy(() => world.server.sessions.list(''))).message).toMatch(/subject/)
  })

  test('RV-9 he ends one of his own by its id, and nobody else’s', async () => {
    const world = createSessionWorld()
    const [mine, lost, foreign] = [await signIn(world), await signIn(world), await signIn(world, { subject: 'bob' })]
    const end = (sessionId: string) => world.server.sessions.revokeOne(mine.credential, sessionId)
    expect(await end(foreign.session.sessionId)).toEqual({ ok: true, revoked: 0 })
    expect(await end('A'.repeat(22))).toEqual({ ok: true, revoked: 0 })
    expect(await end('../x')).toEqual({ ok: true, revoked: 0 })
    expect(await end(lost.session.sessionId)).toEqual({ ok: true, revoked: 1 })
    expect(await end(lost.session.sessionId)).toEqual({ ok: true, revoked: 0 })
    expect(await presented(world, lost.credential)).toBe('session/revoked')
    expect(await presented(world, foreign.credential)).toBe('ok')
    expect(await end(mine.session.sessionId)).toEqual({ ok: true, revoked: 1 })
    expect(reasonOf(await end(lost.session.sessionId))).toBe('session/revoked')
  })

  test('RV-10 after a change of password everything else of the user ends, and this session stays with its tokens', async () => {
    const world = createSessionWorld()
    const mine = await signIn(world, { refreshToken: true })
    const linked = await world.server.issue({ subject: 'alice', sessionId: mine.session.sessionId })
    const others = [await signIn(world), await signIn(world, { refreshToken: true })]
    const app = await world.server.issue({ subject: 'alice' })
    const appOfOther = await world.server.issue({ subject: 'alice', sessionId: others[0]!.session.sessionId })
    const bob = await signIn(world, { subject: 'bob' })
    // The family of the first ends with it, so that it is nobody's to count any more.
    expect(ok(await world.server.sessions.revokeOthers(mine.credential)).revoked).toBeGreaterThanOrEqual(3)
    for (const { credential } of others) expect(await presented(world, credential)).toBe('session/revoked')
    for (const { refreshToken } of [app, appOfOther, others[1]!.tokens!]) {
      expect(outcome(await world.server.refresh({ refreshToken }))).toBe('refresh_token/revoked')
    }
    expect([await presented(world, mine.credential), await presented(world, bob.credential)]).toEqual(['ok', 'ok'])
    for (const { refreshToken } of [linked, mine.tokens!]) {
      expect(outcome(await world.server.refresh({ refreshToken }))).toBe('rotated')
    }
    expect(await world.server.sessions.revokeOthers(mine.credential)).toEqual({ ok: true, revoked: 0 })
    expect(reasonOf(await world.server.sessions.revokeOthers(others[0]!.credential))).toBe('session/revoked')
  })
})

describe('an administrator', () => {
  test('RV-9 ends one session of anybody by its id, with a cause', async () => {
    const world = createSessionWorld()
    const { credential, session } = await signIn(world)
    expect(await world.server.revokeSession(session.sessionId, 'admin')).toEqual({ revoked: 1 })
    expect(await world.server.revokeSession(session.sessionId, 'admin')).toEqual({ revoked: 0 })
    expect(await world.server.revokeSession('unknown', 'admin')).toEqual({ revoked: 0 })
    expect(await presented(world, credential)).toBe('session/revoked')
    expect((await world.session(session.sessionId)).cause).toBe('admin')
    expect((await thrownBy(() => world.server.revokeSession(session.sessionId, 'Bad cause'))).message).toMatch(/cause/)
  })

  test('RV-9 F74 ends everything of a subject in one call: sessions, refresh tokens, access tokens', async () => {
    const world = createSessionWorld()
    const sessions = [await signIn(world), await signIn(world, { refreshToken: true })]
    const { accessToken } = ok(await world.server.sessions.issueAccessToken(sessions[0]!.credential))
    const app = await world.server.issue({ subject: 'alice' })
    const bob = await signIn(world, { subject: 'bob' })
    expect(await world.server.revokeSubject('alice', 'account_disabled')).toEqual({ revoked: 3 })
    for (const { credential } of sessions) expect(await presented(world, credential)).toBe('session/revoked')
    for (const { refreshToken } of [app, sessions[1]!.tokens!]) {
      expect(outcome(await world.server.refresh({ refreshToken }))).toBe('refresh_token/revoked')
    }
    for (const token of [accessToken, app.accessToken]) expect(await isAlive(world, token)).toBe(false)
    expect(await presented(world, bob.credential)).toBe('ok')
    const told = world.events.find(({ type }) => type === 'subject.revoked')
    expect(told).toMatchObject({ revokedFamilies: 2, revokedSessions: 2 })
    // Whoever signs in afterwards lives, also within the same second.
    const fresh = await signIn(world)
    expect(await presented(world, fresh.credential)).toBe('ok')
    expect(await isAlive(world, ok(await world.server.sessions.issueAccessToken(fresh.credential)).accessToken)).toBe(
      true,
    )
    expect(await world.server.revokeSubject('alice', 'account_disabled')).toEqual({ revoked: 1 })
    expect(await presented(world, fresh.credential)).toBe('session/revoked')
  })

  test('F93 nothing of a deleted subject is left that could be used or read: no data, no list, no live record', async () => {
    const world = createSessionWorld({ sessionPolicy: { limit: { sessionsMax: 3, atLimit: 'evict_oldest' } } })
    for (let at = 0; at < 5; at += 1)
      await signIn(world, { data: { note: `private-${at}` }, refreshToken: at % 2 === 0 })
    // Data whose session never was stored, because a process died in between.
    const dead = world.anotherServer({ storage: withoutSignIns(world.storage) })
    await thrownBy(() => dead.sessions.establish({ subject: 'alice', data: { note: 'private-orphan' } }))
    expect([...(await world.dump()).values()].filter((text) => text.includes('private-'))).toHaveLength(3)
    await world.server.revokeSubject('alice', 'account_deleted')
    const left = await world.dump()
    expect([...left.values()].filter((text) => text.includes('private-'))).toEqual([])
    const kinds = [...left.keys()].map((key) => key.split(':')[0])
    expect(new Set(kinds)).toEqual(new Set(['sign-in', 'subject', 'log']))
    for (const [key, text] of left) if (key.startsWith('sign-in:')) expect(text).not.toContain('"status":"active"')
    world.clock.advance(200 * 86_400)
    expect(await world.keys()).toEqual([])
  })
})

/** A store in which no session's own record can be written, nor removed what was written before. */
function withoutSignIns({ records, revocations }: Storage): Storage {
  return {
    records: {
      ...records,
      compareAndSet: (key, ...rest) =>
        key.startsWith('sign-in:') ? Promise.reject(new Error('down')) : records.compareAndSet(key, ...rest),
      delete: () => Promise.reject(new Error('down')),
    },
    revocations,
  }
}

describe('what a process left undone', () => {
  test.each([true, false])(
    'SE-8 the sweep removes the data and announces, with a log or without (%s)',
    async (hasLog) => {
      const world = createSessionWorld({ withoutLog: !hasLog })
      const { credential, session } = await signIn(world, { data: 'private', refreshToken: true })
      const linked = await world.server.issue({ subject: 'alice', sessionId: session.sessionId })
      const dying = world.anotherServer({
        storage: {
          ...world.storage,
          records: { ...world.storage.records, delete: () => Promise.reject(new Error('gone')) },
        },
      })
      expect(await thrownBy(() => dying.sessions.revoke(credential))).toMatchObject({ code: 'ERR_STORAGE_UNAVAILABLE' })
      expect([...(await world.dump()).values()].join()).toContain('private')
      expect(await world.server.sweep()).toEqual({ announced: 1 })
      expect([...(await world.dump()).values()].join()).not.toContain('private')
      expect((await world.session(session.sessionId)).announced).toBe(true)
      expect((await world.familyOf(session.sessionId)).announced).toBe(hasLog)
      expect(outcome(await world.server.refresh({ refreshToken: linked.refreshToken }))).toBe('refresh_token/revoked')
      expect(await world.server.sweep()).toEqual({ announced: 0 })
      if (hasLog) expect(await world.announced()).toContain(`session:${session.sessionId}`)
    },
  )

  test('a revocation that the store lost is known from the log, and the session is ended again', async () => {
    const world = createSessionWorld()
    const { credential, session } = await signIn(world)
    const key = `sign-in:${session.sessionId}`
    const before = await world.storage.records.read(key)
    await world.server.sessions.revoke(credential)
    const after = await world.storage.records.read(key)
    await world.storage.records.compareAndSet(key, after!.version, before!, before!.expiresAt)
    const other = world.anotherServer()
    await other.syncRevocations()
    expect(reasonOf(await other.sessions.present(credential))).toBe('session/revoked')
    expect(await world.session(session.sessionId)).toMatchObject({ status: 'revoked', cause: 'log', announced: true })
  })

  test('a guess at a session whose end is not announced yet announces nothing', async () => {
    const world = createSessionWorld()
    const { credential, session } = await signIn(world)
    const deaf = world.anotherServer({
      storage: {
        records: world.storage.records,
        revocations: {
          append: () => Promise.reject(new Error('down')),
          since: () => Promise.reject(new Error('down')),
        },
      },
    })
    expect(await thrownBy(() => deaf.sessions.revoke(credential))).toMatchObject({
      code: 'ERR_REVOCATION_LOG_UNAVAILABLE',
    })
    expect(await presented(world, credential.slice(0, 26) + 'A'.repeat(43))).toBe('session/unknown')
    expect(await world.announced()).toEqual([])
    expect(await presented(world, credential)).toBe('session/revoked')
    expect(await world.announced()).toEqual([`session:${session.sessionId}`])
  })

  test('one unreadable record keeps no sign-out from what it does, and is heard of until it is gone', async () => {
    const world = createSessionWorld()
    const [mine, broken] = [await signIn(world, { data: 1 }), await signIn(world)]
    const linked = await world.server.issue({ subject: 'alice', sessionId: mine.session.sessionId })
    const key = `sign-in:${broken.session.sessionId}`
    const found = await world.storage.records.read(key)
    await world.storage.records.compareAndSet(key, found!.version, { ...found!, text: '{"v":99}' }, found!.expiresAt)
    expect(await thrownBy(() => world.server.sessions.list('alice'))).toMatchObject({ code: 'ERR_STORAGE_CORRUPT' })
    const other = await signIn(world)
    expect(await thrownBy(() => world.server.sessions.revokeOthers(mine.credential))).toMatchObject({
      code: 'ERR_STORAGE_CORRUPT',
    })
    expect(await presented(world, other.credential)).toBe('session/revoked')
    for (const end of [() => world.server.sessions.revoke(mine.credential), () => world.server.sweep()]) {
      expect(await thrownBy(end)).toMatchObject({ code: 'ERR_STORAGE_CORRUPT' })
    }
    expect(await world.announced()).toContain(`session:${mine.session.sessionId}`)
    expect(await world.keys()).not.toContain(`session-data:${mine.session.sessionId}`)
    expect((await world.family(linked.familyId)).status).toBe('revoked')
    await world.storage.records.delete(key)
    expect(await world.server.sweep()).toEqual({ announced: 1 })
  })

  test('one unreadable record keeps none of a subject’s other sessions alive, and is heard of', async () => {
    const world = createSessionWorld()
    const all = [await signIn(world), await signIn(world), await signIn(world)]
    const key = `sign-in:${all[1]!.session.sessionId}`
    const found = await world.storage.records.read(key)
    for (const text of ['\n{"v":99}', '{"v":1}\n', 'x\ny', found!.text.trim()]) {
      const now = await world.storage.records.read(key)
      await world.storage.records.compareAndSet(key, now!.version, { ...now!, text }, now!.expiresAt)
      expect(await thrownBy(() => world.server.revokeSubject('alice', 'locked'))).toMatchObject({
        code: 'ERR_STORAGE_CORRUPT',
      })
      expect(await thrownBy(() => world.server.sessions.present(all[1]!.credential))).toMatchObject({
        code: 'ERR_STORAGE_CORRUPT',
      })
    }
    expect(await presented(world, all[0]!.credential)).toBe('session/revoked')
    expect(await presented(world, all[2]!.credential)).toBe('session/revoked')
  })
})
