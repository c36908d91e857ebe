// The life of a server session on memory storage: establish, present, renew, step up, change data, end, and the limits.
import type { PublicSession, TokenServerOptions } from '@tallystick/server'
import { holds, same, type Register } from './checks.ts'
import { API, createWorld, START, type World } from './world.ts'

/** Registers the checks of `server.sessions` and `@tallystick/session`. */
export function sessionChecks(check: Register): void {
  useChecks(check)
  renewalChecks(check)
  authenticationChecks(check)
  dataChecks(check)
  endingChecks(check)
  limitChecks(check)
}

function useChecks(check: Register): void {
  check('session: an established session is presented as what it is, and its events show no credential', async () => {
    const world = await createWorld()
    const { credential, session } = await signIn(world, { scope: 'orders:read' })
    holds(/^tsn_[\w-]{65}$/.test(credential), 'it is a credential')
    const { sessionId, subject, scope, establishedAt, expiresAt, idleExpiresAt, authentication } = session
    same([sessionId, subject, scope], [credential.slice(4, 26), 'alice', 'orders:read'])
    same([establishedAt, expiresAt, idleExpiresAt], [START, START + DAY_SECONDS, START + HOUR_SECONDS])
    same(authentication, { methods: ['pwd'], acr: 'silver', authenticatedAt: START })
    const answer = served(await world.server.sessions.present(credential))
    same([answer.session, answer.renewalDue, answer.credential], [session, false, undefined])
    same(world.count('session.established'), 1)
    holds(!world.told().includes(credential.slice(26)), 'no event shows the secret')
  })
  check(
    'session: an id that the server did not make is never adopted, and another letter is another credential',
    async () => {
      const world = await createWorld()
      const { credential } = await signIn(world)
      const foreign = await signIn(await createWorld())
      const edited = credential.slice(0, -1) + (credential.endsWith('A') ? 'B' : 'A')
      for (const [presented, reason] of [
        [foreign.credential, 'session/unknown'],
        [edited, 'session/unknown'],
        ['my-own-id', 'session/malformed'],
        ['', 'session/malformed'],
      ] as const) {
        same(await presentedAs(world, presented), reason)
        const { credential: given } = await signIn(world, { replaces: presented })
        holds(given.slice(0, 26) !== presented.slice(0, 26), 'the new session has an id of its own')
      }
      same(await presentedAs(world, credential), 'ok')
    },
  )
  check('session: an hour without use ends it, use puts that off, and a day ends it in any case', async () => {
    const world = await createWorld()
    const { credential } = await signIn(world)
    for (let hour = 0; hour < 24; hour += 1) {
      await world.clock.advance(HOUR_SECONDS - 1)
      same(await presentedAs(world, credential), 'ok')
    }
    await world.clock.advance(24)
    holds(/^session\/(expired|unknown)$/.test(await presentedAs(world, credential)), 'the day is over')
    const idle = await signIn(world)
    await world.clock.advance(HOUR_SECONDS)
    same(await presentedAs(world, idle.credential), 'session/idle')
  })
}

function renewalChecks(check: Register): void {
  check('session: a renewal whose answer was lost gives the same bytes again, also to tabs at once', async () => {
    const world = await createWorld(RENEWING)
    const { credential } = await signIn(world)
    await world.clock.advance(600)
    same(served(await world.server.sessions.present(credential)).renewalDue, true)
    const answers = await Promise.all(Array.from({ length: 8 }, () => world.server.sessions.renew(credential)))
    const next = new Set(answers.map((answer) => served(answer).credential))
    same([next.size, answers.filter((answer) => answer.ok && answer.verdict === 'renewed').length], [1, 1])
    const [successor = ''] = next
    holds(successor !== credential && successor.startsWith(credential.slice(0, 26)), 'the secret alone is another')
    const lost = served(await world.server.sessions.renew(credential))
    same([lost.verdict, lost.credential], ['repeated', successor])
    same(served(await world.server.sessions.present(credential)).credential, successor)
  })
  check('session: a credential that was renewed long ago ends the session', async () => {
    const world = await createWorld(RENEWING)
    const { credential: stolen } = await signIn(world)
    await world.clock.advance(600)
    const { credential } = served(await world.server.sessions.renew(stolen))
    same(await presentedAs(world, credential), 'ok')
    await world.clock.advance(61)
    same(
      [await presentedAs(world, stolen), await presentedAs(world, credential)],
      ['session/replayed', 'session/revoked'],
    )
    same(world.count('session.replayed'), 1)
  })
}

function authenticationChecks(check: Register): void {
  check('session: a step-up closes the earlier credential, counts for its time and no longer', async () => {
    const world = await createWorld()
    const { credential } = await signIn(world)
    const requirement = { acr: 'gold', methods: ['otp'], authenticationAgeSecondsMax: 300 }
    const before = await world.server.sessions.present(credential, { requirement })
    same(!before.ok && [before.reason, before.error.status], ['session/step_up_required', 401])
    await world.clock.advance(100)
    const up = served(await world.server.sessions.elevate(credential, STRONGER))
    same([up.session.isElevated, up.session.authentication?.acr], [true, 'gold'])
    same(await presentedAs(world, credential), 'session/superseded')
    same((await world.server.sessions.present(up.credential, { requirement })).ok, true)
    await world.clock.advance(900)
    const { session } = served(await world.server.sessions.present(up.credential))
    same([session.isElevated, session.authentication?.authenticatedAt], [false, START])
  })
  check('session: a re-authentication after the idle time-out begins both anew and keeps the data', async () => {
    const world = await createWorld()
    const { credential } = await signIn(world, { data: { cart: 1 } })
    await world.clock.advance(HOUR_SECONDS + 1)
    same(await presentedAs(world, credential), 'session/idle')
    const again = served(await world.server.sessions.reauthenticate(credential, STRONGER))
    same(again.session.expiresAt, world.clock.now() + DAY_SECONDS)
    same(served(await world.server.sessions.read(again.credential)).data, { cart: 1 })
  })
  for (const format of ['jwt', 'opaque'] as const) {
    check(`session: its ${format} access token speaks of it, within its scope, and ends with it`, async () => {
      const world = await createWorld({ accessToken: { format, lifetimeSeconds: 300 } })
      const { server } = world
      const { credential, session } = await signIn(world, { scope: 'orders:read orders:write' })
      const tokens = served(await server.sessions.issueAccessToken(credential, { scope: 'orders:read' }))
      const verified = await server.verify(tokens.accessToken)
      holds(verified.ok, 'it verifies')
      const { sub, scope, sid, acr } = verified.claims
      same([sub, scope, sid, acr], ['alice', 'orders:read', session.sessionId, 'silver'])
      same(
        reasonOf(await server.sessions.issueAccessToken(credential, { scope: 'admin' })),
        'access_token/scope_exceeded',
      )
      same((await server.sessions.revoke(credential)).revoked, 1)
      same(await server.introspect({ token: tokens.accessToken, resourceServer: API }), { active: false })
      same(reasonOf(await server.sessions.issueAccessToken(credential)), 'session/revoked')
    })
  }
}

function dataChecks(check: Register): void {
  check('session: of 16 updates at once each is in the data, or is a conflict that says so', async () => {
    const world = await createWorld()
    const { credential } = await signIn(world, { data: [] })
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, at) =>
        world.server.sessions.update(credential, (data) => [...(data as readonly number[]), at]),
      ),
    )
    const reasons = answers.map(reasonOf)
    const kept = reasons.flatMap((reason, at) => (reason === 'ok' ? [at] : []))
    same(
      reasons.filter((reason) => reason !== 'ok' && reason !== 'session/conflict'),
      [],
    )
    const { data } = served(await world.server.sessions.read(credential))
    same(
      [...(data as readonly number[])].sort((left, right) => left - right),
      kept,
    )
    holds(kept.length > 0, 'some are served')
  })
  check('session: an update that ends after the sign-out revives nothing', async () => {
    const world = await createWorld()
    const { credential } = await signIn(world, { data: { cart: 1 } })
    const late = await world.server.sessions.update(credential, async () => {
      await world.server.sessions.revoke(credential)
      return { cart: 2 }
    })
    same(late.ok, false)
    same([await presentedAs(world, credential), reasonOf(await world.server.sessions.read(credential))], REVOKED_TWICE)
  })
}

function endingChecks(check: Register): void {
  check('session: who signs in again gets a new id, and the session that he came with is over', async () => {
    const world = await createWorld()
    const attacker = await signIn(world, { subject: 'mallory' })
    const victim = await signIn(world, { replaces: attacker.credential })
    holds(victim.session.sessionId !== attacker.session.sessionId, 'the id is another')
    same(
      [await presentedAs(world, attacker.credential), await presentedAs(world, victim.credential)],
      ['session/revoked', 'ok'],
    )
  })
  check('session: a sign-out ends it and its refresh token, once', async () => {
    const world = await createWorld()
    const { credential, tokens } = await signIn(world, { refreshToken: true })
    same((await world.server.sessions.revoke(credential)).revoked, 1)
    same((await world.server.sessions.revoke(credential)).revoked, 0)
    same(await presentedAs(world, credential), 'session/revoked')
    same((await world.server.refresh({ refreshToken: tokens?.refreshToken ?? '' })).ok, false)
  })
  check("session: a user's sessions are listed, and one, the others or all of them are ended", async () => {
    const world = await createWorld()
    const { sessions } = world.server
    const all = [await signIn(world), await signIn(world), await signIn(world), await signIn(world)]
    const bob = await signIn(world, { subject: 'bob' })
    const credentials = all.map(({ credential }) => credential)
    const [own = '', other = ''] = credentials
    same((await sessions.list('alice')).length, 4)
    same(served(await sessions.revokeOne(own, bob.session.sessionId)).revoked, 0)
    same(served(await sessions.revokeOne(own, all[1]?.session.sessionId ?? '')).revoked, 1)
    same(await presentedAs(world, other), 'session/revoked')
    same(served(await sessions.revokeOthers(own)).revoked, 2)
    same(
      (await sessions.list('alice')).map(({ sessionId }) => sessionId),
      [all[0]?.session.sessionId],
    )
    await world.server.revokeSubject('alice', 'admin')
    same([await presentedAs(world, own), await presentedAs(world, bob.credential)], ['session/revoked', 'ok'])
  })
}

function limitChecks(check: Register): void {
  for (const [atLimit, outcomes] of [
    ['evict_oldest', ['session/revoked', 'ok', 'ok']],
    ['refuse', ['ok', 'ok', 'session/limit_reached']],
    ['notify', ['ok', 'ok', 'ok']],
  ] as const) {
    check(`session: at the limit of two, a third is met by ${atLimit}`, async () => {
      const world = await createWorld({ sessionPolicy: { limit: { sessionsMax: 2, atLimit } } })
      const answers = []
      for (let at = 0; at < 3; at += 1) {
        answers.push(await world.server.sessions.establish({ subject: 'alice' }))
        await world.clock.advance(1)
      }
      const came = []
      for (const answer of answers) came.push(answer.ok ? await presentedAs(world, answer.credential) : answer.reason)
      same(came, outcomes)
      if (atLimit !== 'refuse') same(world.count('session.limit_reached'), 1)
    })
  }
}

type Grant = Parameters<World['server']['sessions']['establish']>[0]

async function signIn(
  { server }: World,
  grant: Partial<Grant> = {},
): Promise<{ credential: string; session: PublicSession; tokens?: { refreshToken: string } | undefined }> {
  return served(await server.sessions.establish({ subject: 'alice', authentication: WEAKER, ...grant }))
}

function served<Answer extends { readonly ok: boolean }>(answer: Answer): Extract<Answer, { readonly ok: true }> {
  holds(answer.ok, `it is served (${reasonOf(answer)})`)
  return answer as Extract<Answer, { readonly ok: true }>
}

function reasonOf(answer: { readonly ok: boolean; readonly reason?: string }): string {
  return answer.ok ? 'ok' : (answer.reason ?? '')
}

async function presentedAs({ server }: World, credential: string): Promise<string> {
  return reasonOf(await server.sessions.present(credential))
}

const HOUR_SECONDS = 3600
const DAY_SECONDS = 86_400
const WEAKER = { methods: ['pwd'], acr: 'silver' }
const STRONGER = { methods: ['pwd', 'otp'], acr: 'gold' }
const RENEWING: Partial<TokenServerOptions> = { sessionPolicy: { renewal: { afterSeconds: 600 } } }
const REVOKED_TWICE = ['session/revoked', 'session/revoked']
