// ML-DSA (FIPS 204) as JWK and JWS (RFC 9964): what a key is, and a runtime that has none or another.
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { JwtAlgorithm } from '../src/algorithms.ts'
import { algorithms } from '../src/algorithms.ts'
import { requireAvailable } from '../src/availability.ts'
import { exportKey, generateKey } from '../src/generate-key.ts'
import { importKey, importSigningKey, importVerificationKey } from '../src/import-key.ts'
import type { Jwk } from '../src/jwk.ts'
import { toJwks } from '../src/jwks.ts'
import { HAS_ML_DSA, keyFor, tokenWith, verdict } from './tokens.ts'

/** Lengths of FIPS 204 table 2, and the thumbprints of the keys whose seed is 32 zero bytes; RFC 9964 has the first. */
const SETS = [
  ['ML-DSA-44', 1312, 2420, 'T4xl70S7MT6Zeq6r9V9fPJGVn76wfnXJ21-gyo0Gu6o'],
  ['ML-DSA-65', 1952, 3309, 'Suiu29qbfuaBaR4Ats-c6XQBePB_OpAxAwcTR_0KXVM'],
  ['ML-DSA-87', 2592, 4627, 'tRn1JNIkgMsABVQBlXeDHxAIcclh-2IX0UdDEzPt5XU'],
] as const
const NAMES: readonly JwtAlgorithm[] = SETS.map(([name]) => name)
const unavailable = { code: 'ERR_ALGORITHM_UNAVAILABLE', retryable: false }
const base64url = (length: number, byte: number) => Buffer.alloc(length, byte).toString('base64url')

afterEach(() => {
  vi.restoreAllMocks()
  vi.resetModules()
})

// Where the runtime has none, that is what is tested instead.
const withMlDsa = () => {
  test.each(SETS)('KM-4 %s: kty is AKP, alg is there, priv is the seed; lengths are the standard’s', async (...set) => {
    const [algorithm, publicBytes, signatureBytes] = set
    const key = await generateKey(algorithm, { extractable: true })
    const { kty, alg, pub, priv, ...rest } = exportKey(key)
    expect([kty, alg]).toEqual(['AKP', algorithm])
    expect(rest).toEqual({ use: 'sig', kid: key.keyId })
    expect(Buffer.from(pub ?? '', 'base64url')).toHaveLength(publicBytes)
    expect(Buffer.from(priv ?? '', 'base64url')).toHaveLength(32)
    expect(Object.keys(toJwks([key]).keys[0] ?? {}).toSorted()).toEqual(['alg', 'kid', 'kty', 'pub', 'use'])
    expect(Buffer.from(tokenWith(key).split('.')[2] ?? '', 'base64url')).toHaveLength(signatureBytes)
  })

  test.each(SETS)('KM-3 KM-4 %s: the seed of zeros makes the known key, whose id is its thumbprint', async (...set) => {
    const [algorithm, publicBytes, , thumbprint] = set
    const seed = await crypto.subtle.importKey('raw-seed' as 'raw', new Uint8Array(32), algorithm, true, ['sign'])
    const { pub } = (await crypto.subtle.exportKey('jwk', seed)) as object as Jwk
    const jwk = { kty: 'AKP', alg: algorithm, pub, priv: base64url(32, 0) }
    const key = await importSigningKey(jwk, { algorithm })
    expect(key.keyId).toBe(thumbprint)
    expect(await verdict(key, tokenWith(key))).toBe('ok')
    // A public key of other bytes does not fit the seed.
    const other = { ...jwk, pub: base64url(publicBytes, 1) }
    await expect(importSigningKey(other, { algorithm })).rejects.toThrow(TypeError)
  })

  test.each(NAMES)(
    'KM-4 JW-4 %s: without alg, with another’s, or of another length, nothing is imported',
    async (name) => {
      const jwk = exportKey(await generateKey(name, { extractable: true }))
      const { priv: _priv, ...publicJwk } = jwk
      const rows: readonly (readonly [field: string, change: Partial<Jwk>])[] = [
        ['alg', { alg: undefined }],
        ['alg', { alg: NAMES.find((other) => other !== name) }],
        ['alg', { alg: 'ML-DSA' }],
        ['kty', { kty: 'OKP' }],
        ['pub', { pub: undefined }],
        ['pub', { pub: jwk.pub?.slice(0, -4) }],
        ['pub', { pub: `${jwk.pub}AAAA` }],
        ['pub', { pub: `${jwk.pub}=` }],
        ['x', { x: 'AAAA' }],
        ['d', { d: 'AAAA' }],
      ]
      for (const [field, change] of rows) {
        await expect(importVerificationKey({ ...publicJwk, ...change }, { algorithm: name })).rejects.toThrow(
          new RegExp(`: ${field} must be`),
        )
      }
      for (const priv of [base64url(31, 7), base64url(33, 7), base64url(2560, 7), '', 'AA==']) {
        await expect(importSigningKey({ ...jwk, priv }, { algorithm: name })).rejects.toThrow(/: priv must be/)
      }
      const thrown: unknown = await importSigningKey({ ...jwk, priv: `${jwk.priv}AA` }, { algorithm: name }).catch(
        String,
      )
      expect(thrown).not.toContain(jwk.priv?.slice(0, 12))
      expect((await importKey(jwk, { algorithm: name })).kind).toBe('signing')
      expect((await importKey(publicJwk, { algorithm: name })).kind).toBe('verification')
    },
  )

  test('KM-4 a runtime that makes another key of the known seed has no ML-DSA', async () => {
    const { requireAvailable: ask } = await import('../src/availability.ts')
    const exported = vi.spyOn(crypto.subtle, 'exportKey')
    exported.mockResolvedValue({ kty: 'AKP', pub: base64url(1312, 1) } as never)
    await expect(ask(algorithms['ML-DSA-44'])).rejects.toMatchObject(unavailable)
    vi.restoreAllMocks()
    for (const wrong of [true, false]) {
      vi.spyOn(crypto.subtle, 'verify').mockResolvedValue(wrong)
      await expect(ask(algorithms['ML-DSA-65'])).rejects.toMatchObject(unavailable)
      vi.restoreAllMocks()
    }
    await expect(ask(algorithms['ML-DSA-44'])).resolves.toBeUndefined()
  })
}

test('KM-4 a runtime without ML-DSA is a failure with its own code, and the rest goes on', async () => {
  const { generateKey: generate } = await import('../src/generate-key.ts')
  const { importKey: bring } = await import('../src/import-key.ts')
  const given = crypto.subtle.importKey.bind(crypto.subtle)
  vi.spyOn(crypto.subtle, 'importKey').mockImplementation(((...how: Parameters<typeof given>) => {
    const name = typeof how[2] === 'string' ? how[2] : how[2].name
    if (name.startsWith('ML-DSA')) throw new DOMException('Unrecognized algorithm name', 'NotSupportedError')
    return given(...how)
  }) as typeof given)
  for (const algorithm of NAMES) {
    await expect(generate(algorithm)).rejects.toMatchObject(unavailable)
    const jwk = { kty: 'AKP', alg: algorithm, pub: base64url(Number(algorithms[algorithm].publicBytes), 1) }
    await expect(bring(jwk, { algorithm })).rejects.toMatchObject(unavailable)
    await expect(
      bring('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', { algorithm }),
    ).rejects.toMatchObject(unavailable)
  }
  expect(await generate('ES256')).toMatchObject({ algorithm: 'ES256' })
})

const withoutMlDsa = () => {
  test('KM-4 this runtime has no ML-DSA, and says so', async () => {
    for (const algorithm of NAMES) {
      await expect(generateKey(algorithm)).rejects.toMatchObject(unavailable)
      await expect(requireAvailable(algorithms[algorithm])).rejects.toMatchObject(unavailable)
    }
    expect(await verdict(await keyFor('ES256'), tokenWith(await keyFor('ES256')))).toBe('ok')
  })
}

describe('ML-DSA', HAS_ML_DSA ? withMlDsa : withoutMlDsa)
