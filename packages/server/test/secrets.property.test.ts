// No secret leaves: whatever is planted, in whatever path, no event, error, refusal or console line holds a piece of it.
import { inspect } from 'node:util'
import type { Storage } from '@tallystick/storage'
import { wrapFailing } from './quoting-driver.ts'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { API, createWorld, ISSUER, SECRET, type World } from './world.ts'

/** A piece of a secret as short as this is a leak. */
const PIECE = 16

/** Everything that came out of the server and is no token of the caller's own. */
class Outlet {
  readonly texts: string[] = []
  failures = 0
  refusals = 0

  take(value: unknown): void {
    this.texts.push(JSON.stringify(value) ?? '', inspect(value, { depth: 10, showHidden: true }))
    if (!(value instanceof Error)) return
    this.failures += 1
    const { message, stack, cause } = value
    this.texts.push(message, stack ?? '', inspect(cause, { depth: 10 }), JSON.stringify(cause) ?? '', String(value))
  }

  /** The first secret of which a piece came out. */
  leakOf(secrets: readonly string[]): string | undefined {
    const all = this.texts.join('\n')
    return secrets.find((secret) => {
      for (let at = 0; at + PIECE <= secret.length; at += 1) if (all.includes(secret.slice(at, at + PIECE))) return true
      return false
    })
  }
}

const lines: unknown[][] = []
beforeEach(() => {
  lines.length = 0
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, method).mockImplementation((...line) => void lines.push(line))
  }
})
afterEach(() => void vi.restoreAllMocks())

const secretText = Buffer.from(SECRET).toString('base64url')
// In its own place a key may be short; in a wrong one nothing tells a short one from any other name.
const shortKey = fc.stringMatching(/^[A-Za-z0-9+/=_-]{22,64}$/)
const longKey = fc.stringMatching(/^[A-Za-z0-9_-]{43,64}$/)
const hostile = fc.constantFrom('refresh', 'access', 'secret', 'key', 'jwk', 'control')
/** Where a secret is put that has no business there. */
const place = fc.constantFrom('subject', 'clientId', 'userAgent', 'place', 'networkPrefix', 'cause', 'scope', 'tenant')

interface Plan {
  readonly attemptKey: string
  readonly what: string
  readonly where: string
  readonly format: 'jwt' | 'opaque'
  /** Which storage call fails first, and every how many after it; 0: none. */
  readonly failEvery: number
  readonly hook: 'good' | 'bad'
}
const plan: fc.Arbitrary<Plan> = hostile.chain((what) =>
  fc.record({
    attemptKey: what === 'key' ? longKey : shortKey,
    what: fc.constant(what),
    where: place,
    format: fc.constantFrom('jwt', 'opaque'),
    failEvery: fc.constantFrom(0, 0, 1, 2, 3, 5),
    hook: fc.constantFrom('good', 'good', 'bad'),
  }),
)

const authentication = { methods: ['otp'] }

async function run(given: Plan, outlet: Outlet): Promise<readonly string[]> {
  const secrets = [secretText, SECRET.toString(), Buffer.from(SECRET).toString('hex'), given.attemptKey]
  const driver = { failEvery: 0, quoted: secrets }
  const options = {
    accessToken: { format: given.format },
    onEvent: (event: unknown) => {
      outlet.take(event)
      throw new Error(`listener ${secrets.join(' ')}`)
    },
    claimsAtRefresh: async () => {
      if (given.hook === 'bad') throw Object.assign(new Error(`hook ${secrets.join(' ')}`), { code: secrets[4] })
      return {}
    },
  }
  const world = createWorld({ ...options, around: (storage: Storage) => wrapFailing(storage, driver) })
  const seen = await world.server.issue({ subject: 'alice', clientId: 'web' })
  secrets.push(seen.refreshToken, seen.accessToken)
  const planted = { refresh: seen.refreshToken, access: seen.accessToken, secret: secretText, key: given.attemptKey }
  const value = {
    ...planted,
    jwk: `{"kty":"oct","k":"${secretText}"}`,
    control: `a\u0000\u001B[31m${seen.refreshToken}\r\nSet-Cookie: x`,
  }[given.what]!
  driver.failEvery = given.failEvery
  await everyVerb(world, given, { ...seen, value }, secrets, outlet)
  return secrets
}

async function everyVerb(
  world: World,
  { attemptKey, where }: Plan,
  { refreshToken, accessToken, value }: { refreshToken: string; accessToken: string; value: string },
  secrets: string[],
  outlet: Outlet,
): Promise<void> {
  const { server } = world
  const context = { [where]: value }
  const cut = value.slice(0, 256)
  const calls: readonly (() => Promise<unknown>)[] = [
    () =>
      server.issue({
        subject: where === 'subject' ? cut : 'alice',
        clientId: where === 'clientId' ? cut : 'web',
        context,
      }),
    () => server.issue({ subject: 'alice', scope: value, claims: { sub: value } }),
    () => server.issue({ subject: 'alice', binding: { type: 'dpop', thumbprint: value } }),
    () => server.refresh({ refreshToken, attemptKey, context, ...(where === 'scope' ? { scope: value } : {}) }),
    () => server.refresh({ refreshToken, attemptKey: `${attemptKey} ${value}`, context }),
    () => server.refresh({ refreshToken, clientId: where === 'clientId' ? cut : 'other', context }),
    () => server.rotate({ refreshToken, audience: value, context }),
    () => server.elevate({ refreshToken, authentication: { ...authentication, acr: cut }, context }),
    () => server.elevate({ refreshToken: value, authentication: { methods: [value], [value]: value } as never }),
    () => server.refresh({ refreshToken: `${refreshToken}x`, context }),
    () => server.introspect({ token: accessToken, resourceServer: where === 'tenant' ? value : API }),
    () => server.introspect({ token: refreshToken, resourceServer: ISSUER }).then(() => undefined),
    () => server.verify(`${accessToken}x`),
    () => server.verify(value),
    () => server.revoke({ token: accessToken, clientId: 'other' }),
    () => server.revoke({ token: value }),
    () => server.revokeFamily(value, 'sign_out'),
    () => server.revokeFamily('A'.repeat(22), value),
    () => server.revokeSubject(where === 'subject' ? value : 'bob', where === 'cause' ? value : 'sign_out'),
    () => server.sweep(),
    () => server.syncRevocations(),
    () => server.revoke({ token: refreshToken }),
    () => server.refresh({ refreshToken, context }),
  ]
  for (const call of calls) {
    world.clock.advance(7)
    try {
      const answer = (await call()) as { ok?: boolean; refreshToken?: string; accessToken?: string } | undefined
      for (const token of [answer?.refreshToken, answer?.accessToken]) if (token !== undefined) secrets.push(token)
      if (answer?.ok === false) outlet.refusals += 1
      // What is served is the caller's own; everything else may be logged by whoever called.
      if (
        answer !== undefined &&
        !('accessToken' in answer) &&
        !('refreshToken' in answer) &&
        !('active' in answer) &&
        !('claims' in answer)
      )
        outlet.take(answer)
    } catch (thrown) {
      outlet.take(thrown)
    }
  }
}

test('MO-1 no secret, token or attempt key, whole or in pieces, is in any event, error, refusal or console line', async () => {
  const reached = { failures: 0, refusals: 0, events: 0 }
  await fc.assert(
    fc.asyncProperty(plan, async (given) => {
      const outlet = new Outlet()
      const secrets = await run(given, outlet)
      expect(outlet.leakOf(secrets)).toBeUndefined()
      reached.failures += outlet.failures
      reached.refusals += outlet.refusals
      reached.events += outlet.texts.length
    }),
    { numRuns: process.env['PROOF'] === undefined ? 70 : 5000, seed: 20_261_123 },
  )
  expect(lines).toEqual([])
  expect(Math.min(reached.failures, reached.refusals, reached.events)).toBeGreaterThan(100)
}, 120_000)

test('MO-1 the search itself finds a planted piece', () => {
  for (const leak of [
    { a: { b: [secretText.slice(3, 3 + PIECE)] } },
    new Error(`got ${secretText}`),
    Object.assign(new Error('x'), { cause: { sent: secretText } }),
  ]) {
    const outlet = new Outlet()
    outlet.take(leak)
    expect(outlet.leakOf([secretText])).toBe(secretText)
  }
})
