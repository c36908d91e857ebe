// What leaves the server, and what its store holds, is of no use to whoever reads it.
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { wrapFailing } from './quoting-driver.ts'
import {
  authentication,
  createSessionWorld,
  ok,
  renewing,
  type SessionWorld,
  signIn,
  stronger,
} from './session-world.ts'
import { SECRET } from './world.ts'

/** A piece of a secret as short as this is a leak. */
const PIECE = 16
/** What proves, of a credential: its id is public. */
const secretOf = (credential: string): string => credential.slice(26)

const lines: unknown[][] = []
beforeEach(() => {
  lines.length = 0
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, method).mockImplementation((...line) => void lines.push(line))
  }
})
afterEach(() => void vi.restoreAllMocks())

function leakOf(secrets: readonly string[], text: string): string | undefined {
  return secrets.find((secret) => {
    for (let at = 0; at + PIECE <= secret.length; at += 1) if (text.includes(secret.slice(at, at + PIECE))) return true
    return false
  })
}

/** Every verb, in an order in which each does something; gives every credential and token that was handed out. */
async function life(world: SessionWorld, take?: (answer: unknown) => void): Promise<readonly string[]> {
  const { server, clock } = world
  const secrets: string[] = [Buffer.from(SECRET).toString('base64url')]
  const note = <Answer>(answer: Answer): Answer => {
    const { credential, accessToken, refreshToken, tokens } = answer as Readonly<Record<string, never>>
    for (const one of [credential, accessToken, refreshToken, tokens?.['accessToken'], tokens?.['refreshToken']]) {
      if (typeof one === 'string') secrets.push((one as string).startsWith('tsn_') ? secretOf(one) : one)
    }
    return answer
  }
  const context = { userAgent: 'A browser' }
  const first = note(await signIn(world, { refreshToken: true, context, data: { cart: 1 } }))
  clock.advance(700)
  const second = note(ok(await server.sessions.renew(first.credential, { context })))
  note(ok(await server.sessions.present(first.credential, { context })))
  await server.sessions.present(second.credential, { context })
  const third = note(ok(await server.sessions.elevate(second.credential, stronger, { context })))
  const fourth = note(ok(await server.sessions.reauthenticate(third.credential, authentication, { context })))
  note(ok(await server.sessions.issueAccessToken(fourth.credential)))
  note(ok(await server.sessions.update(fourth.credential, () => ({ cart: 2 }))))
  clock.advance(100)
  // An attacker plants what he has wherever it can be put.
  const plants = take === undefined ? [] : [fourth.credential, secretOf(fourth.credential), third.credential]
  for (const planted of plants) {
    const places = { userAgent: planted, place: `x ${planted}`, networkPrefix: planted }
    const calls: readonly (() => Promise<unknown>)[] = [
      () => server.sessions.present(planted, { context: places }),
      () => server.sessions.present(`${planted}x`, { context: places }),
      () => server.sessions.present(fourth.credential, { requirement: { acr: 'gold' }, context: places }),
      () => server.sessions.renew(secretOf(planted), { context: places }),
      () => server.sessions.elevate(planted, { methods: [planted], [planted]: 1 } as never),
      () => server.sessions.revokeOne(fourth.credential, planted),
      () => server.sessions.establish({ subject: 'bob', clientId: planted, context: places, replaces: `${planted}x` }),
      () => server.sessions.establish({ subject: 'bob', scope: `${planted} "`, sessionId: planted } as never),
      () => server.sessions.update(fourth.credential, () => 1n),
      () => server.sessions.issueAccessToken(fourth.credential, { scope: planted, context: places }),
      () => server.sessions.list(''),
      () => server.revokeSession(planted, 'admin'),
      () => server.revokeSession('A'.repeat(22), planted),
      () => server.issue({ subject: 'alice', sessionId: planted.slice(0, 60) }),
    ]
    for (const call of calls) {
      try {
        const answer = note(await call()) as { readonly ok?: boolean }
        if (answer.ok === false) take?.(answer)
      } catch (thrown) {
        take?.(thrown)
      }
    }
  }
  clock.advance(100)
  await server.sessions.present(first.credential, { context })
  const last = note(await signIn(world))
  await server.sessions.revoke(last.credential)
  return secrets
}

describe('the store', () => {
  test('SE-1 RT-10 holds no piece of a credential or token, and nothing in it can be presented', async () => {
    const world = createSessionWorld({ sessionPolicy: renewing, accessToken: { format: 'opaque' } })
    const secrets = await life(world)
    const dump = [...(await world.dump())].flat().join('\n')
    expect(dump.length).toBeGreaterThan(2000)
    expect(
      leakOf(
        secrets.filter((one) => !one.startsWith('eyJ')),
        dump,
      ),
    ).toBeUndefined()
    const runs = [...new Set(dump.match(/[A-Za-z0-9_-]{43}/g))]
    const ids = [...new Set(dump.match(/(?<=sign-in:)[A-Za-z0-9_-]{22}/g))]
    expect(Math.min(runs.length, ids.length)).toBeGreaterThan(1)
    for (const id of ids) {
      for (const run of runs) {
        const answer = await world.server.sessions.present(`tsn_${id}${run}`)
        expect(answer).toMatchObject({ ok: false, reason: 'session/unknown' })
      }
    }
  })

  test('SE-1 a credential has 256 bits of chance and more, and no two have a piece in common', async () => {
    const world = createSessionWorld()
    const all = new Set<string>()
    for (let at = 0; at < 300; at += 1) {
      const { credential } = await signIn(world)
      for (const piece of [credential.slice(4, 26), credential.slice(26, 47), credential.slice(47)]) all.add(piece)
    }
    expect(all.size).toBe(900)
  })
})

describe('what is told', () => {
  test.each([0, 1, 2, 3, 5])(
    'F97 MO-1 no event, error, refusal or console line holds a piece of a credential, with a driver that quotes (%i)',
    async (failEvery) => {
      const outlet: string[] = []
      const reached = { errors: 0, refusals: 0, events: 0 }
      const driver = { failEvery: 0, quoted: ['placeholder'] as string[] }
      const take = (value: unknown): void => {
        outlet.push(JSON.stringify(value) ?? '', inspect(value, { depth: 10, showHidden: true }))
        if (!(value instanceof Error)) return void (reached.refusals += 1)
        reached.errors += 1
        outlet.push(value.message, value.stack ?? '', inspect(value.cause, { depth: 10 }))
      }
      const world = createSessionWorld({
        sessionPolicy: renewing,
        around: (storage) => wrapFailing(storage, driver),
        onEvent: (event) => {
          reached.events += 1
          outlet.push(JSON.stringify(event))
        },
      })
      const secrets = [...(await life(world, take))]
      driver.quoted.push(...secrets)
      driver.failEvery = failEvery
      for (let round = 0; round < 6; round += 1) {
        try {
          const { credential } = await signIn(world, { refreshToken: true })
          secrets.push(secretOf(credential))
          driver.quoted.push(credential)
          await world.server.sessions.update(credential, () => round)
          await world.server.sessions.revoke(credential)
        } catch (thrown) {
          take(thrown)
        }
      }
      expect(leakOf(secrets, outlet.join('\n'))).toBeUndefined()
      expect(lines).toEqual([])
      expect(Math.min(reached.errors, reached.refusals, reached.events)).toBeGreaterThan(5)
      const log = await world.storage.revocations!.since()
      expect(leakOf(secrets, JSON.stringify(log.entries))).toBeUndefined()
    },
  )

  test('the search itself finds a planted piece', () => {
    const secret = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'
    expect(leakOf([secret], `x ${secret.slice(3, 3 + PIECE)} y`)).toBe(secret)
  })
})
