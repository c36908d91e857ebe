// A revocation of everything of a subject, and a sign-in of that subject, each held at every call while the other goes on.
import { createTokenServer, type TokenServer } from '@tallystick/server'
import { ABSENT, type Storage } from '@tallystick/storage'
import { countOperations, pauseAt } from '@tallystick/storage/faults'
import { memoryStorage } from '@tallystick/storage-memory'
import { expect, test } from 'vitest'
import { createSimulatedClock } from '../src/clock.ts'
import { AUDIENCE, type Ground, ISSUER, layGround } from '../src/world.ts'

interface World {
  readonly storage: Storage
  serve(storage: Storage): TokenServer
}

function createWorld(ground: Ground): World {
  const clock = createSimulatedClock()
  const refreshTokenSecrets = [{ id: 1, secret: ground.chance.bytes(32) }]
  return {
    storage: memoryStorage({ clock }),
    serve: (storage) =>
      createTokenServer({
        issuer: ISSUER,
        audience: AUDIENCE,
        clientId: 'app',
        keys: [ground.key],
        refreshTokenSecrets,
        storage,
        clock,
        entropy: ground.chance,
      }),
  }
}

const revokeAll = (server: TokenServer) => server.revokeSubject('alice', 'locked')
const signIn = (server: TokenServer) => server.sessions.establish({ subject: 'alice', data: 'first' })

/** What the clock shows all the time, and so the cut-off. */
const START = createSimulatedClock().now()

async function countCalls(ground: Ground, run: (server: TokenServer) => Promise<unknown>): Promise<number> {
  const { storage, serve } = createWorld(ground)
  const counted = countOperations(storage)
  await run(serve(counted.storage))
  return counted.count()
}

test('F85 a sign-in that begins while everything of its subject is revoked has its data, or is told that it was revoked', async () => {
  const ground = await layGround(1)
  const holds = async (run: (server: TokenServer) => Promise<unknown>) =>
    Array.from({ length: await countCalls(ground, run) }, (_, index) =>
      (['before', 'after'] as const).map((when) => [index, when] as const),
    ).flat()
  const reached = { served: 0, revoked: 0 }
  for (const [revocationCall, revocationWhen] of await holds(revokeAll)) {
    for (const [signInCall, signInWhen] of await holds(signIn)) {
      const place = `revocation ${revocationWhen} call ${revocationCall}, sign-in ${signInWhen} call ${signInCall}`
      const { storage, serve } = createWorld(ground)
      const revocation = pauseAt(storage, revocationCall, revocationWhen)
      const revoking = revokeAll(serve(revocation.storage))
      await Promise.race([revocation.paused, revoking])
      const sign = pauseAt(storage, signInCall, signInWhen)
      const signing = signIn(serve(sign.storage)).catch((thrown: { readonly code: string }) => thrown)
      await Promise.race([sign.paused, signing])
      revocation.resume()
      await revoking
      sign.resume()
      const answer = await signing
      const calm = serve(storage)
      const live = await calm.sessions.list('alice')
      if ('code' in answer) {
        reached.revoked += 1
        expect([answer.code, live.length], place).toEqual(['ERR_SUBJECT_REVOKED', 0])
        continue
      }
      if (!answer.ok) throw new Error(`${place}: ${answer.reason}`)
      reached.served += 1
      const found = await calm.sessions.read(answer.credential)
      // What lives knew of the cut-off, and is dated after it.
      expect(
        live.filter(({ establishedAt }) => establishedAt <= START),
        place,
      ).toEqual([])
      // Served before the revocation listed the sessions, it is ended like every other.
      const isEnded = found.ok ? 'live' : found.reason
      expect([isEnded, live.length], place).toEqual(live.length === 0 ? ['session/revoked', 0] : ['live', 1])
      expect(found.ok ? found.data : undefined, place).toEqual(live.length === 0 ? undefined : 'first')
    }
  }
  expect(Math.min(reached.served, reached.revoked)).toBeGreaterThan(0)
})

test.each([
  ['that cannot be read', 'not a record', 0],
  ['of before the revocation', '{"v":1,"data":null,"begunAt":1800000000,"writers":[]}', 0],
  ['of a sign-in that began after it', '{"v":1,"data":null,"begunAt":1800000001,"writers":[]}', 1],
])('F93 data %s, and without a session, are looked at when everything is revoked', async (_, text, left) => {
  const { storage, serve } = createWorld(await layGround(1))
  const server = serve(storage)
  const known = await signIn(server)
  if (!known.ok) throw new Error(known.reason)
  // A sign-in whose process died before its session was stored leaves the data alone.
  const found = await storage.records.read(`session-data:${known.session.sessionId}`)
  const key = `session-data:${'A'.repeat(22)}`
  const isStored = await storage.records.compareAndSet(key, ABSENT, { ...found, text }, known.session.expiresAt)
  expect(isStored.won && found?.subject).toMatch(/^session-data:/)
  await revokeAll(server)
  const standing = await Promise.all(
    [key, `session-data:${known.session.sessionId}`].map((one) => storage.records.read(one)),
  )
  expect(standing.filter((record) => record !== undefined)).toHaveLength(left)
})
