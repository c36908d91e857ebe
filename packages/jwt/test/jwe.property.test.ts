// Whatever is sealed opens to the same bytes; whatever else is tried is refused, and what we open, jose opens too.
import * as fc from 'fast-check'
import { compactDecrypt, importJWK } from 'jose'
import { expect, test } from 'vitest'
import type { DecryptionKey } from '../src/jwe.ts'
import { decrypt, encrypt, exportDecryptionKey } from '../src/jwe.ts'
import { entropy, jweKey, joseToken, KINDS, sealText } from './jwe-keys.ts'
import { segment } from './tokens.ts'

const FULL = process.env['TALLYSTICK_PROOF'] === 'full'
const runs = (few: number) => (FULL ? few * 25 : few)
// Fixed, so that a run repeats; the full proof searches on.
const randomly = (few: number) => ({ numRuns: runs(few), ...(FULL ? {} : { seed: 20_261_123 }) })
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const context = fc.option(
  fc.string({ minLength: 1, maxLength: 256 }).filter((text) => /^[ -~]+$/.test(text)),
  {
    nil: undefined,
  },
)

test('any bytes under any key and context open to the same bytes, and under another context to nothing', async () => {
  const outcomes = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 2000 }),
      fc.constantFrom(...KINDS),
      context,
      context,
      async (payload, [algorithm, encryption, curve], bound, asked) => {
        const key = await jweKey(algorithm, encryption, curve)
        const before = payload.slice()
        const token = await encrypt(payload, { key, context: bound }, entropy)
        expect(payload).toEqual(before)
        const opened = await decrypt(token, { keys: [key], context: asked })
        const outcome = opened.ok ? 'ok' : opened.reason
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
        expect(outcome).toBe(bound === asked ? 'ok' : 'jwt/wrong_context')
        if (opened.ok) expect(Buffer.from(opened.payload).equals(payload)).toBe(true)
        const right = await decrypt(token, { keys: [key], context: bound })
        expect(right.ok && Buffer.from(right.payload).equals(payload)).toBe(true)
      },
    ),
    randomly(400),
  )
  expect(outcomes.get('ok')).toBeGreaterThan(10)
  expect(outcomes.get('jwt/wrong_context')).toBeGreaterThan(100)
})

const mutation = fc.oneof(
  fc.record({ kind: fc.constant('replace' as const), at: fc.nat(3000), text: fc.constantFrom(...ALPHABET) }),
  fc.record({
    kind: fc.constant('replace' as const),
    at: fc.nat(3000),
    text: fc.constantFrom('=', '.', ' ', '\n', '+', '/', '\u0141', '\u0000', '😀', ''),
  }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: fc.nat(3000),
    text: fc.string({ maxLength: 4, unit: 'binary' }),
  }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(3000), text: fc.constant('') }),
  fc.record({ kind: fc.constant('repeat' as const), at: fc.nat(3000), text: fc.constant('') }),
)

test('A10 JW-9 no mutation of a sealed token opens, and none makes it throw', async () => {
  const outcomes = new Map<string, number>()
  const keys: DecryptionKey[] = [
    await jweKey('dir'),
    await jweKey('A256GCMKW', 'A128CBC-HS256'),
    await jweKey('ECDH-ES', 'A256CBC-HS512', 'P-256'),
    await jweKey('ECDH-ES+A256KW', 'A256GCM', 'X25519'),
    await jweKey('RSA-OAEP-256', 'A192CBC-HS384'),
  ]
  const tokens = await Promise.all(keys.map((key) => encrypt(Uint8Array.of(1, 2, 3), { key }, entropy)))
  await fc.assert(
    fc.asyncProperty(fc.nat(keys.length - 1), mutation, async (which, { kind, at, text }) => {
      const token = tokens[which] ?? ''
      const place = at % token.length
      const changed = {
        replace: () => token.slice(0, place) + text + token.slice(place + 1),
        insert: () => token.slice(0, place) + text + token.slice(place),
        cut: () => token.slice(0, place),
        repeat: () => token + token.slice(place),
      }[kind]()
      const opened = await decrypt(changed, { keys })
      const outcome = opened.ok ? 'ok' : opened.reason
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      expect(opened.ok, changed).toBe(changed === token)
    }),
    randomly(2000),
  )
  for (const outcome of ['jwt/malformed', 'jwt/decryption_failed', 'jwt/unknown_key']) {
    expect(outcomes.get(outcome), outcome).toBeGreaterThan(10)
  }
  expect(outcomes.has('ok')).toBe(true)
})

test('JW-3 JW-12 JW-23 hostile headers, authentic under the key: what we open, jose opens', async () => {
  const key = await jweKey('dir')
  const loaded = await importJWK({ ...exportDecryptionKey(key), alg: 'dir' } as never)
  const value = fc.oneof(
    fc.constantFrom('dir', 'A256GCM', 'none', 'RSA1_5', 'A256GCMKW', 'DEF', 'JWT', key.keyId, '', 'x'.repeat(300)),
    fc.constantFrom(null, true, 0, -1, 1e308, [], {}, ['exp']),
  )
  const names = ['alg', 'enc', 'kid', 'zip', 'crit', 'cty', 'ctx', 'jwk', 'p2c', 'epk', 'typ', '__proto__', 'x']
  const outcomes = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4, noNullPrototype: true }),
      fc.constantFrom({}, {}, {}, { cty: 'JWT' }, { ctx: 'x' }),
      async (others, named) => {
        const changes = { ...others, ...named }
        const token = await sealText(key, JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid: key.keyId, ...changes }))
        const opened = await decrypt(token, { keys: [key] })
        const outcome = opened.ok ? 'ok' : opened.reason
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
        if (opened.ok) await expect(compactDecrypt(token, loaded)).resolves.toBeDefined()
      },
    ),
    randomly(1500),
  )
  for (const outcome of [
    'ok',
    'jwt/malformed',
    'jwt/critical_header',
    'jwt/forbidden_header',
    'jwt/algorithm_not_allowed',
    'jwt/unknown_key',
    'jwt/wrong_type',
    'jwt/wrong_context',
  ]) {
    expect(outcomes.get(outcome), outcome).toBeGreaterThan(3)
  }
})

test('A14 hostile tokens of every size cost little, and none makes it throw', async () => {
  const key = await jweKey('ECDH-ES', 'A256GCM', 'P-521')
  const good = await joseToken(key, {})
  const rest = good.slice(good.indexOf('.'))
  const hostile = [
    '.'.repeat(16_000),
    `${'A'.repeat(16_000)}....`,
    `....${'A'.repeat(16_000)}`,
    `${segment('['.repeat(3000))}${rest}`,
    `${segment(`{"alg":${'{"a":'.repeat(500)}1${'}'.repeat(500)}}`)}${rest}`,
    `${segment({ alg: 'ECDH-ES', enc: 'A256GCM', epk: { kty: 'EC', crv: 'P-521', x: '_'.repeat(88), y: '_'.repeat(88) } })}${rest}`,
    `${segment({ alg: 'ECDH-ES', enc: 'A256GCM', epk: 'x'.repeat(3000) })}${rest}`,
    `${segment({ alg: 'ECDH-ES', enc: 'A256GCM', kid: key.keyId, p2c: 2 ** 31 })}${rest}`,
  ]
  const before = process.memoryUsage().rss
  const started = performance.now()
  for (let times = 0; times < runs(40); times += 1) {
    for (const token of hostile) expect((await decrypt(token, { keys: [key] })).ok).toBe(false)
  }
  const each = (performance.now() - started) / (runs(40) * hostile.length)
  expect(each).toBeLessThan(5)
  expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000)
  expect((await decrypt(good, { keys: [key] })).ok).toBe(true)
})
