// JWK Sets (RFC 7517 §5): whatever the keys, only what everybody may see is in them (KM-2).
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JwtAlgorithm } from '../src/algorithms.ts'
import { algorithms } from '../src/algorithms.ts'
import { exportKey, generateKey } from '../src/generate-key.ts'
import { importKey, importSigningKey, importVerificationKey } from '../src/import-key.ts'
import { toJwks } from '../src/jwks.ts'
import type { SigningKey, VerificationKey } from '../src/key.ts'
import { ALGORITHMS, isSymmetric, keyFor } from './tokens.ts'

const ASYMMETRIC = ALGORITHMS.filter((algorithm) => !isSymmetric(algorithm))
/** RFC 7518 §6, RFC 8037 §2, RFC 9964 §3: all that is public of each kind of key. */
const PUBLIC: Readonly<Record<string, readonly string[]>> = {
  EC: ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
  OKP: ['alg', 'crv', 'kid', 'kty', 'use', 'x'],
  RSA: ['alg', 'e', 'kid', 'kty', 'n', 'use'],
  AKP: ['alg', 'kid', 'kty', 'pub', 'use'],
}
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

const extractable = new Map<JwtAlgorithm, SigningKey>()
for (const algorithm of ALGORITHMS) extractable.set(algorithm, await generateKey(algorithm, { extractable: true }))

/** One key in each way that it may have come here. */
async function brought(algorithm: JwtAlgorithm, how: string, keyId: string): Promise<SigningKey | VerificationKey> {
  const own = extractable.get(algorithm) as SigningKey
  const jwk = { ...exportKey(own), kid: keyId }
  if (how === 'generated') return own
  if (how === 'private JWK') return importSigningKey(jwk, { algorithm })
  if (how === 'with foreign members') return importKey({ ...jwk, ext: true, secret: 'x', iat: 5 }, { algorithm })
  return importVerificationKey({ ...toJwks([own]).keys[0], kid: keyId }, { algorithm })
}

const hows = ['generated', 'private JWK', 'with foreign members', 'public JWK'] as const

test('KM-2 a JWK Set shows the public members of each kind of key and no other, whichever way it came', async () => {
  const reached = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(fc.constantFrom(...ASYMMETRIC), fc.constantFrom(...hows), fc.uuid()), {
        minLength: 1,
        maxLength: 4,
        // One key stands under one name of its algorithm.
        selector: ([algorithm]) => algorithms[algorithm].oldNameOf ?? algorithm,
      }),
      async (drawn) => {
        const keys = await Promise.all(drawn.map(([algorithm, how, keyId]) => brought(algorithm, how, keyId)))
        const { keys: published } = toJwks(keys)
        expect(published.map(({ kid }) => kid)).toEqual(keys.map(({ keyId }) => keyId))
        for (const [at, [algorithm, how]] of drawn.entries()) {
          const shown = published[at]
          expect(Object.keys(shown ?? {}).toSorted()).toEqual(PUBLIC[shown?.kty ?? ''])
          expect(shown).toMatchObject({ alg: algorithm, use: 'sig' })
          const secret = exportKey(extractable.get(algorithm) as SigningKey)
          const text = JSON.stringify(published)
          for (const member of PRIVATE) if (secret[member] !== undefined) expect(text).not.toContain(secret[member])
          for (const name of [shown?.kty ?? '', how]) reached.set(name, (reached.get(name) ?? 0) + 1)
        }
      },
    ),
    { numRuns: 60, seed: 20_261_123 },
  )
  const kinds = new Set(ASYMMETRIC.map((algorithm) => algorithms[algorithm].keyType))
  for (const name of [...kinds, ...hows]) expect([name, reached.get(name) ?? 0]).not.toEqual([name, 0])
})

test('KM-2 toJwks refuses symmetric keys, what is no key, and key ids that stand twice', async () => {
  for (const algorithm of ALGORITHMS.filter(isSymmetric)) {
    const secret = await keyFor(algorithm)
    expect(() => toJwks([secret])).toThrow(/symmetric/)
  }
  const twins = [await generateKey('ES256', { keyId: 'a' }), await generateKey('ES256', { keyId: 'a' })]
  expect(() => toJwks(twins)).toThrow(/must have another key id/)
  const cousins = [await generateKey('ES256', { keyId: 'a' }), await generateKey('Ed25519', { keyId: 'a' })]
  expect(() => toJwks(cousins)).toThrow(/different key ids/)
  expect(() => toJwks([{} as never])).toThrow(TypeError)
})
