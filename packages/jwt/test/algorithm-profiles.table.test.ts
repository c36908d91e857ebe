// Which algorithms other profiles allow, and that their lists are held to.
import { expect, test } from 'vitest'
import { algorithmProfiles } from '../src/algorithm-profiles.ts'
import type { JwtAlgorithm } from '../src/algorithms.ts'
import { algorithms, isAlgorithm } from '../src/algorithms.ts'
import { everyDriver, keyFor, parties, tokenUnder, tokenWith, USUAL } from './tokens.ts'

/** FAPI 2.0 §5.4.1: PS256, ES256 or EdDSA with Ed25519; CAEP interoperability §2.6: RS256. */
const EXPECTED: Readonly<Record<keyof typeof algorithmProfiles, readonly JwtAlgorithm[]>> = {
  fapi2: ['PS256', 'ES256', 'Ed25519'],
  caepInterop: ['RS256'],
}

test('KM-6 each profile’s list is what its text says, of algorithms that are offered, and frozen', () => {
  expect(algorithmProfiles).toEqual(EXPECTED)
  for (const names of Object.values(algorithmProfiles)) {
    expect(names.every(isAlgorithm)).toBe(true)
    expect(Object.isFrozen(names)).toBe(true)
  }
  // RFC 9068 §2.1: both who issues and who verifies must have RS256.
  expect(Object.keys(algorithms)).toContain('RS256')
})

test.each(Object.keys(EXPECTED) as (keyof typeof EXPECTED)[])(
  'KM-6 JW-1 a verifier of %s accepts its algorithms and no other',
  async (profile) => {
    const allowed = algorithmProfiles[profile]
    for (const name of USUAL) {
      const key = await keyFor(name)
      const create = () => everyDriver({ ...parties, algorithms: allowed, keys: [key] })
      if (!allowed.includes(name)) {
        expect(create).toThrow(/keys\.0\.algorithm must be one of algorithms/)
        continue
      }
      expect(await create()(tokenWith(key))).toMatchObject({ ok: true })
      for (const alg of ['HS256', 'RS512', 'EdDSA', 'ES384']) {
        expect(await create()(tokenUnder(key, { alg }))).toMatchObject({ reason: 'jwt/algorithm_not_allowed' })
      }
    }
  },
)
