// Nothing that a refusal, a failure or a mistake says holds a piece of a key, of a value, or of an application's data.
import { inspect } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { authentication, createSealedWorld, forge, NAME, sealFor, secretOf, stronger } from './sealed-world.ts'

/** A piece of a secret as short as this is a leak. */
const PIECE = 16
const DATA = 'data-of-the-application-0123456789'

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

test('F97 MO-1 no error and no refusal holds a piece of a key, a value or the data', async () => {
  const bytes = secretOf(1)
  const secrets = [Buffer.from(bytes).toString('base64url'), Buffer.from(bytes).toString('hex'), bytes.toString(), DATA]
  const outlet: string[] = []
  const reached = { errors: 0, refusals: 0 }
  const take = (value: unknown): void => {
    outlet.push(JSON.stringify(value) ?? '', inspect(value, { depth: 10, showHidden: true }))
    if (value instanceof Error) outlet.push(value.message, value.stack ?? '', inspect(value.cause, { depth: 10 }))
    reached[value instanceof Error ? 'errors' : 'refusals'] += 1
  }
  const quoting = { isRevoked: (() => Promise.reject(new Error(secrets.join(' ')))) as never }
  const world = createSealedWorld()
  const value = await sealFor(world, DATA)
  // The header is no secret: everybody who has the cookie can read it.
  secrets.push(...value.split('.').slice(2))
  const failing = world.another(quoting)
  const dry = world.another({ entropy: { bytes: (length) => new Uint8Array(length === 16 ? 16 : 5) } })
  const parched = world.another({ entropy: { bytes: () => bytes.subarray(0, 5) } })
  const calls: ReadonlyArray<() => unknown> = [
    () => world.sealed.open(`${value}x`),
    () => world.sealed.open(value.slice(0, -1)),
    () => world.another({ cookieName: 'other' }).open(value),
    () => world.sealed.open(value, { requirement: { acr: 'gold', methods: [value] } }),
    () => world.sealed.update(value, () => DATA.repeat(200)),
    () => world.sealed.update(value, () => [DATA, 1n]),
    () => world.sealed.seal({ subject: 'alice', data: DATA.repeat(200) }),
    () => world.sealed.seal({ subject: 'alice', data: { [DATA]: 1n } }),
    () => world.sealed.seal({ subject: `${value}\0` }),
    () => world.sealed.seal({ subject: 'alice', [value]: 1 } as never),
    () => world.sealed.seal({ subject: 'alice', epoch: value } as never),
    () => world.sealed.seal({ subject: 'alice', authentication: { methods: value } } as never),
    () => world.sealed.elevate(value, { ...stronger, [value]: value } as never),
    () => world.sealed.reauthenticate(`${value}x`, authentication),
    async () => world.sealed.open(await forge({ data: DATA })),
    () => failing.open(value),
    () => failing.elevate(value, authentication),
    () => dry.seal({ subject: 'alice', data: DATA }),
    () => parched.seal({ subject: 'alice', data: DATA }),
    () => world.another({ keys: [bytes] as never }),
    () => world.another({ keys: [{ kind: 'decryption', algorithm: 'dir', secret: secrets[0] }, bytes] as never }),
    () => world.another({ cookieName: value }),
    () => world.another({ [value]: bytes } as never),
  ]
  const silent: number[] = []
  for (const [at, call] of calls.entries()) {
    try {
      const answer = (await call()) as { readonly ok?: boolean }
      if (answer.ok === false) take(answer)
      else silent.push(at)
    } catch (thrown) {
      take(thrown)
    }
  }
  expect(silent).toStrictEqual([])
  expect(Math.min(reached.errors, reached.refusals)).toBeGreaterThan(6)
  expect(leakOf(secrets, outlet.join('\n'))).toBeUndefined()
  expect(lines).toStrictEqual([])
  // The search itself finds a planted piece.
  expect(leakOf(secrets, `${outlet.join('\n')} ${DATA.slice(3, 3 + PIECE)}`)).toBe(DATA)
  expect(outlet.join('\n')).not.toContain(`${NAME}=`)
})
