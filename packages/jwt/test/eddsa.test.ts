// EdDSA, the old name of Ed25519 (RFC 9864 §2.2): asked for by name or not there at all.
import { describe, expect, test } from 'vitest'
import { exportKey, generateKey } from '../src/generate-key.ts'
import { importKey, importVerificationKey } from '../src/import-key.ts'
import { createIssuer } from '../src/issue.ts'
import type { Jwk } from '../src/jwk.ts'
import { toJwks } from '../src/jwks.ts'
import { countingEntropy, everyDriver, forge, goodClaims, NOW, parties, tokenUnder, tokenWith } from './tokens.ts'

const pair = async () => {
  const key = await generateKey('Ed25519', { keyId: 'mine', extractable: true })
  const { alg: _alg, ...jwk } = { ...toJwks([key]).keys[0] } as Jwk
  const old = await importVerificationKey(jwk, { algorithm: 'EdDSA' })
  return { key, jwk, old, today: tokenWith(key), yesterday: tokenUnder(key, { alg: 'EdDSA' }) }
}

describe('EdDSA', () => {
  test('JW-28 is accepted where it is listed, for a key under either name', async () => {
    const { key, old, today, yesterday } = await pair()
    const rows = [
      [key, ['Ed25519'], 'ok', 'jwt/algorithm_not_allowed'],
      [key, ['EdDSA'], 'jwt/algorithm_not_allowed', 'ok'],
      [key, ['Ed25519', 'EdDSA'], 'ok', 'ok'],
      [old, ['EdDSA'], 'jwt/algorithm_not_allowed', 'ok'],
      [old, ['EdDSA', 'Ed25519'], 'ok', 'ok'],
    ] as const
    for (const [own, algorithms, ofToday, ofYesterday] of rows) {
      const verify = everyDriver({ ...parties, algorithms, keys: [own] })
      for (const [token, expected] of [
        [today, ofToday],
        [yesterday, ofYesterday],
      ] as const) {
        const result = await verify(token)
        expect([algorithms, result.ok ? 'ok' : result.reason]).toEqual([algorithms, expected])
      }
    }
    expect(() => everyDriver({ ...parties, algorithms: ['Ed25519'], keys: [old] })).toThrow(
      /keys\.0\.algorithm must be/,
    )
    expect(() => everyDriver({ ...parties, algorithms: ['ES256', 'EdDSA'], keys: [key] })).not.toThrow()
  })

  test('JW-28 JW-4 a key under both names is one key, and another key under its id is a mistake', async () => {
    const { key, old, today, yesterday } = await pair()
    const verify = everyDriver({ ...parties, algorithms: ['Ed25519', 'EdDSA'], keys: [key, old] })
    expect(await verify(today)).toMatchObject({ ok: true })
    expect(await verify(yesterday)).toMatchObject({ ok: true })
    expect(toJwks([key, old]).keys.map(({ alg }) => alg)).toEqual(['Ed25519'])
    const other = await generateKey('EdDSA', { keyId: 'mine' })
    expect(() => everyDriver({ ...parties, algorithms: ['Ed25519', 'EdDSA'], keys: [key, other] })).toThrow(
      /must have another key id/,
    )
  })

  test('JW-28 is issued by a key of that name alone, and published under it', async () => {
    const own = await generateKey('EdDSA', { extractable: true })
    expect(own.algorithm).toBe('EdDSA')
    expect(toJwks([own]).keys[0]).toMatchObject({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA' })
    const again = await importKey(exportKey(own), { algorithm: 'EdDSA' })
    expect(again).toEqual(own)
    const today = await generateKey('Ed25519')
    for (const [key, alg] of [
      [own, 'EdDSA'],
      [today, 'Ed25519'],
    ] as const) {
      const issuer = createIssuer({ ...parties, lifetimeSeconds: 60, keys: [key] })
      const token = await issuer.issue({ sub: 'a', client_id: 'b' }, NOW, countingEntropy())
      expect(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).toContain(`"alg":"${alg}"`)
    }
  })

  test('JW-28 JW-4 a JWK is imported under the name that it says', async () => {
    const { jwk } = await pair()
    await expect(importKey({ ...jwk, alg: 'EdDSA' }, { algorithm: 'Ed25519' })).rejects.toThrow(/: alg must be Ed25519/)
    await expect(importKey({ ...jwk, alg: 'Ed25519' }, { algorithm: 'EdDSA' })).rejects.toThrow(/: alg must be EdDSA/)
    await expect(importKey({ ...jwk, crv: 'Ed448' }, { algorithm: 'EdDSA' })).rejects.toThrow(/: crv must be Ed25519/)
  })

  test('JW-28 W20 a header is matched by its exact text', async () => {
    const { key } = await pair()
    const verify = everyDriver({ ...parties, algorithms: ['Ed25519', 'EdDSA'], keys: [key] })
    for (const alg of ['eddsa', 'EDDSA', 'ed25519', 'EdDSA ', 'Ed448', 'ES256', '']) {
      const token = forge(key, { alg, typ: 'at+jwt', kid: 'mine' }, goodClaims)
      expect(await verify(token)).toMatchObject({ reason: 'jwt/algorithm_not_allowed' })
    }
  })
})
