// The life of a sign-in on memory storage: issue, refresh in every verdict, step up, introspect, verify, revoke.
import { failAt } from '@tallystick/storage/faults'
import { holds, same, throws, type Register } from './checks.ts'
import { API, createWorld, ISSUER, outcome, served, type World } from './world.ts'

/** Registers the checks of `@tallystick/server` and what it stands on. */
export function rotationChecks(check: Register): void {
  for (const format of ['jwt', 'opaque'] as const) accessTokenChecks(check, format)
  servedChecks(check)
  endingChecks(check)
  revocationChecks(check)
  failureChecks(check)
}

function accessTokenChecks(check: Register, format: 'jwt' | 'opaque'): void {
  check(`server ${format}: an issued access token verifies and is active, until it expires`, async () => {
    const world = await createWorld({ accessToken: { format, lifetimeSeconds: 300 } })
    const { server, clock } = world
    const tokens = await server.issue({ subject: 'user_42', scope: 'orders:read', claims: { plan: 'gold' } })
    same([tokens.tokenType, tokens.expiresInSeconds], ['Bearer', 300])
    const verified = await server.verify(tokens.accessToken)
    holds(verified.ok, 'it verifies')
    const { sub, scope, plan, gen } = verified.claims
    same([sub, scope, plan, gen], ['user_42', 'orders:read', 'gold', 1])
    const found = await server.introspect({ token: tokens.accessToken, resourceServer: API })
    same([found.active, found.active && found['sub']], [true, 'user_42'])
    const asked = await server.introspect({ token: tokens.refreshToken, resourceServer: ISSUER })
    same([asked.active, asked.active && asked['token_use']], [true, 'refresh_token'])
    same(await server.introspect({ token: tokens.refreshToken, resourceServer: API }), { active: false })
    await clock.advance(299)
    same(await isAlive(world, tokens.accessToken), true)
    await clock.advance(10)
    same(await isAlive(world, tokens.accessToken), false)
  })
  check(`server ${format}: a revoked access token is refused at once, and revoking it again is no error`, async () => {
    const world = await createWorld({ accessToken: { format } })
    const { accessToken } = await world.server.issue({ subject: 'user_42', refreshToken: false })
    same(await isAlive(world, accessToken), true)
    same((await world.server.revoke({ token: accessToken })).revoked, 1)
    same(await isAlive(world, accessToken), false)
    same((await world.server.revoke({ token: accessToken })).revoked, 0)
  })
  check(`server ${format}: a bound token without its proof is refused`, async () => {
    const { server } = await createWorld({ accessToken: { format } })
    const binding = { type: 'dpop', thumbprint: 'a'.repeat(43) } as const
    const { accessToken, tokenType } = await server.issue({ subject: 'user_42', binding })
    same(tokenType, 'DPoP')
    same((await server.verify(accessToken)).ok, false)
    same((await server.verify(accessToken, { binding })).ok, true)
  })
}

function servedChecks(check: Register): void {
  check('server: a refresh rotates, and a second tab gets the same successor', async () => {
    const { server, clock } = await createWorld()
    const first = await server.issue({ subject: 'user_42', scope: 'read write' })
    const next = served(await server.refresh({ refreshToken: first.refreshToken, scope: 'read' }))
    same([next.verdict, next.scope, next.familyId], ['rotated', 'read', first.familyId])
    holds(next.refreshToken !== first.refreshToken, 'the token changes')
    await clock.advance(5)
    const tab = served(await server.refresh({ refreshToken: first.refreshToken }))
    same([tab.verdict, tab.refreshToken, tab.scope], ['concurrent', next.refreshToken, 'read write'])
  })
  check('server: a lost answer is given again an hour later, for the attempt key', async () => {
    const { server, clock } = await createWorld()
    const first = await server.issue({ subject: 'user_42' })
    const attempt = { refreshToken: first.refreshToken, attemptKey: 'attempt-key-of-the-first-tab' }
    const next = served(await server.refresh(attempt))
    same(outcome(await server.refresh({ ...attempt, attemptKey: 'somebody-else-who-has-a-key' })), SUPERSEDED)
    await clock.advance(3600)
    const retried = served(await server.refresh(attempt))
    same([retried.verdict, retried.refreshToken], ['retried', next.refreshToken])
  })
  check('server: 64 parallel refreshes of one token give one successor', async () => {
    const { server, count } = await createWorld()
    const { refreshToken } = await server.issue({ subject: 'user_42' })
    const all = await Promise.all(Array.from({ length: 64 }, () => server.refresh({ refreshToken })))
    same(new Set(all.map((result) => served(result).refreshToken)).size, 1)
    same(all.filter((result) => outcome(result) === 'rotated').length, 1)
    same(count('refresh_token.rotated'), 1)
  })
  check('server: a step-up raises the authentication, and the predecessor gets nothing of it', async () => {
    const { server, clock } = await createWorld()
    const first = await server.issue({ subject: 'user_42', authentication: { methods: ['pwd'] } })
    await clock.advance(60)
    const authentication = { methods: ['pwd', 'otp'], acr: 'urn:example:high' }
    const high = served(await server.elevate({ refreshToken: first.refreshToken, authentication }))
    const verified = await server.verify(high.accessToken)
    same(verified.ok && [verified.claims.acr, verified.claims.amr], ['urn:example:high', ['pwd', 'otp']])
    same((await server.refresh({ refreshToken: first.refreshToken })).ok, false)
  })
}

function endingChecks(check: Register): void {
  check('server: a replayed token ends its family, its access tokens too, and it is told once', async () => {
    const world = await createWorld()
    const { server, clock } = world
    const first = await server.issue({ subject: 'user_42' })
    const next = served(await server.refresh({ refreshToken: first.refreshToken }))
    await clock.advance(60)
    same(await isAlive(world, next.accessToken), true)
    const replayed = await server.refresh({ refreshToken: first.refreshToken })
    same([outcome(replayed), !replayed.ok && replayed.error.code], ['refresh_token/replayed', 'invalid_grant'])
    same(outcome(await server.refresh({ refreshToken: next.refreshToken })), REVOKED)
    same(await isAlive(world, next.accessToken), false)
    same([world.count('refresh_token.replayed'), world.count('refresh_token.revoked')], [1, 1])
  })
  check('server: the idle and the absolute time-out end a family', async () => {
    const policy = { idleTimeoutSeconds: 600, absoluteTimeoutSeconds: 1000, clockToleranceSeconds: 0 }
    const { server, clock } = await createWorld({ policy })
    const idle = await server.issue({ subject: 'user_42' })
    const busy = await server.issue({ subject: 'user_42' })
    await clock.advance(599)
    const next = served(await server.refresh({ refreshToken: busy.refreshToken }))
    await clock.advance(2)
    same((await server.refresh({ refreshToken: idle.refreshToken })).ok, false)
    await clock.advance(398)
    const last = served(await server.refresh({ refreshToken: next.refreshToken }))
    await clock.advance(2)
    same((await server.refresh({ refreshToken: last.refreshToken })).ok, false)
  })
}

function revocationChecks(check: Register): void {
  check('server: a token, a family and a subject are revoked, and nothing of them lives', async () => {
    const world = await createWorld()
    const { server, clock } = world
    const [one, two, three, other] = await Promise.all([
      server.issue({ subject: 'user_42' }),
      server.issue({ subject: 'user_42' }),
      server.issue({ subject: 'user_42' }),
      server.issue({ subject: 'user_43' }),
    ])
    await clock.advance(60)
    same((await server.revoke({ token: one.refreshToken })).revoked, 1)
    same((await server.revokeFamily(two.familyId, 'support_request')).revoked, 1)
    same((await server.revokeSubject('user_42', 'password_changed')).revoked, 1)
    for (const { refreshToken, accessToken } of [one, two, three]) {
      same(outcome(await server.refresh({ refreshToken })), REVOKED)
      same(await isAlive(world, accessToken), false)
    }
    same(outcome(await server.refresh({ refreshToken: other.refreshToken })), 'rotated')
    same(await isAlive(world, other.accessToken), true)
  })
  check('server: another process learns of a revocation from the log', async () => {
    const { server, clock } = await createWorld()
    const { accessToken, familyId } = await server.issue({ subject: 'user_42' })
    await clock.advance(60)
    await server.revokeFamily(familyId, 'support_request')
    await server.syncRevocations()
    same((await server.verify(accessToken)).ok, false)
    same(await server.sweep(), { announced: 0 })
  })
  check('events: every event has an id and a time, and none holds a token', async () => {
    const world = await createWorld()
    const { server, clock } = world
    const first = await server.issue({ subject: 'user_42', context: { userAgent: 'x' } })
    const context = { userAgent: `Bearer ${first.accessToken}`, place: first.refreshToken }
    const next = served(await server.refresh({ refreshToken: first.refreshToken, context }))
    await server.refresh({ refreshToken: 'trt_nothing', context })
    await clock.advance(60)
    await server.refresh({ refreshToken: first.refreshToken, context })
    const events = JSON.parse(world.told()) as readonly { id?: string; time?: number; type: string }[]
    holds(events.length >= 5, `${events.length} events were told`)
    same(new Set(events.map(({ id }) => id)).size, events.length)
    holds(
      events.every(({ time }) => Number.isInteger(time)),
      'each has a time',
    )
    for (const { refreshToken, accessToken } of [first, next]) {
      for (const secret of [refreshToken, accessToken]) holds(!world.told().includes(secret), 'no event holds a token')
    }
    holds(world.told().includes('[redacted]'), 'a token in a context is cut out')
  })
}

function failureChecks(check: Register): void {
  check('server: forged, cut and re-encoded tokens are refused without a storage call', async () => {
    const { server, operations } = await createWorld()
    const { refreshToken } = await server.issue({ subject: 'user_42' })
    const before = operations()
    const last = refreshToken.endsWith('A') ? 'B' : 'A'
    const forged = [refreshToken.slice(0, -1) + last, refreshToken.slice(0, -1), `${refreshToken}=`, 'trt_', '', 'ł']
    for (const token of forged) same(outcome(await server.refresh({ refreshToken: token })), 'refresh_token/malformed')
    same(operations(), before)
  })
  check(
    'server: a store that fails at any call is a failure, never a verdict, and the next try is served',
    async () => {
      let failures = 0
      for (let index = 0, failed = true; failed; index += 1) {
        let plan: ReturnType<typeof failAt> | undefined
        const { server } = await createWorld(
          {},
          (storage) => (plan = failAt(storage, { index, when: 'after' })).storage,
        )
        try {
          const { refreshToken } = await server.issue({ subject: 'user_42' })
          await server.refresh({ refreshToken }).catch(async (error: unknown) => {
            same((error as { retryable?: unknown }).retryable, true)
            failures += 1
            served(await server.refresh({ refreshToken }))
          })
        } catch (error) {
          same((error as { code?: unknown }).code, 'ERR_STORAGE_UNAVAILABLE')
          failures += 1
        }
        failed = plan?.failed() ?? false
      }
      holds(failures >= 3, `${failures} failures were met`)
    },
  )
  check('server: mistakes name the field, and validation needs no eval', async () => {
    await throws(
      () => createWorld({ policy: { gracePeriodSeconds: 61 } }),
      /^RangeError: .*gracePeriodSeconds must be 0 to 60/,
    )
    await throws(() => createWorld({ issuer: 'http://auth.example.com' }), /^TypeError: .*issuer must be an https URL/)
    const refreshTokenSecrets = [{ id: 1, secret: 'c2VjcmV0' }]
    await throws(() => createWorld({ refreshTokenSecrets }), /^(?!.*c2VjcmV0).*Error: .*refreshTokenSecrets/)
    const { server } = await createWorld()
    await throws(() => server.issue({ subject: '\uD800' }), /^TypeError: issue: subject must be well-formed text/)
  })
}

/** Introspection and the same server's own verification must agree. */
async function isAlive({ server }: World, accessToken: string): Promise<boolean> {
  const verified = await server.verify(accessToken)
  const introspected = await server.introspect({ token: accessToken, resourceServer: API })
  same(verified.ok, introspected.active, 'verify and introspect')
  return introspected.active
}

const REVOKED = 'refresh_token/revoked'
const SUPERSEDED = 'refresh_token/superseded'
