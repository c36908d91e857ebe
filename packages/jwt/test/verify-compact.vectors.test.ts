// Vectors that nobody here wrote: Wycheproof signatures and keys, and the RFCs' own examples.
import { expect, test } from 'vitest'
import { decodeBase64url } from '@tallystick/core/base64url'
import type { JwtAlgorithm } from '../src/algorithms.ts'
import { algorithms as rows, isAlgorithm } from '../src/algorithms.ts'
import { verifyCompact } from '../src/compact.ts'
import { checkThroughSubtle } from '../src/drivers.ts'
import { importKey, importVerificationKey } from '../src/import-key.ts'
import type { Jwk } from '../src/jwk.ts'
import type { SigningKey, VerificationKey } from '../src/key.ts'
import { materialOf, verificationKey } from '../src/key.ts'
import { createKeySet } from '../src/key-set.ts'
import { createMaterial } from '../src/material.ts'
import { createPrepare } from '../src/prepare.ts'
import { describeVectors, readText, readVectors } from './vector-files.ts'

interface WycheproofFile {
  readonly numberOfTests: number
  readonly testGroups: readonly {
    readonly public?: Jwk & { readonly keys?: readonly Jwk[] }
    readonly private: Jwk & { readonly keys?: readonly Jwk[] }
    readonly tests: readonly { tcId: number; jws?: string; result: 'valid' | 'invalid' }[]
  }[]
}

interface Tally {
  count: number
  readonly accepted: number[]
  readonly falseAccepts: number[]
  readonly falseRejects: number[]
}

async function run(file: WycheproofFile): Promise<Tally> {
  const tally: Tally = { count: 0, accepted: [], falseAccepts: [], falseRejects: [] }
  for (const group of file.testGroups) {
    const source = group.public ?? group.private
    for (const { tcId, jws = '', result } of group.tests) {
      const isAccepted = await accepts(source.keys ?? [source], jws)
      tally.count += 1
      if (isAccepted) tally.accepted.push(tcId)
      if (isAccepted && result === 'invalid') tally.falseAccepts.push(tcId)
      if (!isAccepted && result === 'valid') tally.falseRejects.push(tcId)
    }
  }
  return tally
}

async function accepts(jwks: readonly Jwk[], jws: string): Promise<boolean> {
  let keys: VerificationKey[]
  try {
    keys = await Promise.all(jwks.map((jwk) => importAsItSays(jwk)))
    createKeySet('test', keys, [...new Set(keys.map((key) => key.algorithm))])
  } catch {
    return false
  }
  return isVerified(jws, keys)
}

/** Both drivers must say the same. */
async function isVerified(jws: string, keys: readonly (SigningKey | VerificationKey)[]): Promise<boolean> {
  const algorithms = [...new Set(keys.map((key) => key.algorithm))]
  const result = await verifyCompact(jws, { keys, algorithms })
  const keySet = createKeySet('test', keys, algorithms)
  const prepared = createPrepare({ keys: keySet, type: undefined, lengthMax: 16_384 })(jws)
  expect(prepared.ok && (await checkThroughSubtle(prepared))).toBe(result.ok)
  return result.ok
}

/** A key without `alg` is taken for the most usual one of its type; what no row has is refused, as a caller must. */
async function importAsItSays(given: Jwk): Promise<VerificationKey> {
  // The file's own note: keys with alg "ES521" mean ES512.
  const jwk = given.alg === 'ES521' ? { ...given, alg: 'ES512' } : given
  const algorithm = jwk.alg ?? (jwk.kty === 'RSA' ? 'RS256' : 'ES256')
  if (!isAlgorithm(algorithm)) throw new TypeError('an algorithm that is not offered')
  if (!/^A+$/.test(jwk.k ?? '')) return importVerificationKey(jwk, { algorithm })
  // Some groups have a secret of zeros, which imports nowhere; what they say of a token's text is asked all the same.
  await expect(importVerificationKey(jwk, { algorithm })).rejects.toThrow(/a repetition of few/)
  const material = await createMaterial(rows.HS256, { kty: 'oct', k: jwk.k ?? '' }, 'verify')
  return verificationKey(jwk.kid ?? material.thumbprint, material)
}

// 367 and 370, marked invalid, are byte for byte 357, marked valid.
const DEFECTIVE = [367, 370]
// 372 and 373 hold an illegal '?', 346 and 350 a PS384 header under a PS256 key; all four are marked valid.
const MARKED_VALID_WRONGLY = [346, 350, 372, 373]

describeVectors('Wycheproof', () => {
  test('A9 W24 W26 W28 json_web_signature has no false accept, and only the named false rejects', async () => {
    const file = readVectors<WycheproofFile>('wycheproof/json_web_signature_test.json')
    const tally = await run(file)
    expect(tally.count).toBe(401)
    expect(tally.accepted).toHaveLength(44)
    expect(tally.falseAccepts).toEqual(DEFECTIVE)
    expect(tally.falseRejects).toEqual(MARKED_VALID_WRONGLY)
  })

  test('JW-5 JW-6 JW-7 JW-29 json_web_key has no false accept and no false reject', async () => {
    const tally = await run(readVectors<WycheproofFile>('wycheproof/json_web_key_test.json'))
    expect(tally.count).toBe(26)
    expect(tally.accepted).toEqual([2, 5, 13, 14, 15])
    expect(tally.falseAccepts).toEqual([])
    expect(tally.falseRejects).toEqual([])
  })
})

const RFC = 'latchset-jose/tests/vectors'

describeVectors('RFC examples', () => {
  const examples: readonly (readonly [example: string, key: string, algorithm: JwtAlgorithm])[] = [
    ['rfc7515_A.1', 'rfc7515_A.1', 'HS256'],
    ['rfc7515_A.2', 'rfc7515_A.2', 'RS256'],
    ['rfc7515_A.3', 'rfc7515_A.3', 'ES256'],
    ['rfc7515_A.4', 'rfc7515_A.4', 'ES512'],
    ['rfc7520_4.1', 'rfc7520_3.4', 'RS256'],
    ['rfc7520_4.2', 'rfc7520_3.4', 'PS384'],
    ['rfc7520_4.3', 'rfc7520_3.2', 'ES512'],
    ['rfc7520_4.4', 'rfc7520_3.5', 'HS256'],
  ]

  test.each(examples)(
    '%s verifies, and not with any character of its signature changed',
    async (example, jwk, algorithm) => {
      const jws = readText(`${RFC}/${example}.jwsc`)
      const key = await importKey(JSON.parse(readText(`${RFC}/${jwk}.jwk`)) as Jwk, { algorithm })
      expect(await isVerified(jws, [key])).toBe(true)
      const dot = jws.lastIndexOf('.')
      for (let at = dot + 1; at < jws.length; at += 7) {
        const other = jws[at] === 'A' ? 'Q' : 'A'
        expect(await isVerified(jws.slice(0, at) + other + jws.slice(at + 1), [key])).toBe(false)
      }
    },
  )

  test('JW-27 RFC 7515 A.5, which is unsigned, is refused', async () => {
    const key = await importKey(JSON.parse(readText(`${RFC}/rfc7515_A.3.jwk`)) as Jwk, { algorithm: 'ES256' })
    const result = await verifyCompact(readText(`${RFC}/rfc7515_A.5.jwsc`), { keys: [key], algorithms: ['ES256'] })
    expect(result).toMatchObject({ ok: false, reason: 'jwt/algorithm_not_allowed' })
  })

  test('KM-3 RFC 7638 3.1 gives the thumbprint as the key id', async () => {
    const jwk = readVectors<Jwk>(`${RFC}/rfc7638_3.1.jwk`)
    const { kid: _kid, ...rest } = jwk
    const key = await importVerificationKey(rest as Jwk, { algorithm: 'RS256' })
    expect(key.keyId).toBe(readText(`${RFC}/rfc7638_3.1.thp`))
  })

  test('JW-28 RFC 8037 A.4 has a good Ed25519 signature under the name EdDSA, which is not the name we accept', async () => {
    const { input, output } = readVectors<{ input: { key: Jwk }; output: { compact: string } }>(
      'rfc7520-cookbook/curve25519/jws.json',
    )
    const key = await importKey({ ...input.key, alg: undefined }, { algorithm: 'Ed25519' })
    const [header = '', payload = '', signature = ''] = output.compact.split('.')
    const signed = new TextEncoder().encode(`${header}.${payload}`)
    const bytes = decodeBase64url(signature) ?? new Uint8Array()
    expect(materialOf(key)?.synchronous?.verify(signed, bytes)).toBe(true)
    expect(await materialOf(key)?.subtle.verify(signed, bytes)).toBe(true)
    const result = await verifyCompact(output.compact, { keys: [key], algorithms: ['Ed25519'] })
    expect(result).toMatchObject({ ok: false, reason: 'jwt/algorithm_not_allowed' })
  })
})
