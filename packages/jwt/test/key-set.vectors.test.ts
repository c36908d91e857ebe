// Keys and thumbprints that the RFCs print, and what of theirs is refused, by name (RFC 7517, 7638, 7797, 8037).
import { expect, test } from 'vitest'
import type { JwtAlgorithm } from '../src/algorithms.ts'
import { verifyCompact } from '../src/compact.ts'
import { importKey, importVerificationKey } from '../src/import-key.ts'
import type { Jwk } from '../src/jwk.ts'
import { toJwks } from '../src/jwks.ts'
import { keyThumbprint } from '../src/key.ts'
import { describeVectors, readText, readVectors } from './vector-files.ts'

const RFC = 'latchset-jose/tests/vectors'
const bare = ({ kid: _kid, use: _use, ...jwk }: Jwk): Jwk => jwk as Jwk

describeVectors('keys in RFCs', () => {
  test('KM-2 RFC 7517 A.1 and A.2: the public key is what is published of the private one', async () => {
    const publicSet = readVectors<{ keys: readonly Jwk[] }>(`${RFC}/rfc7517_A.1.jwkset`).keys
    const privateSet = readVectors<{ keys: readonly Jwk[] }>(`${RFC}/rfc7517_A.2.jwkset`).keys
    const algorithms: readonly JwtAlgorithm[] = ['ES256', 'RS256']
    for (const [at, algorithm] of algorithms.entries()) {
      const [shown, hidden] = [publicSet[at] as Jwk, privateSet[at] as Jwk]
      const key = await importKey(bare(hidden), { algorithm, keyId: hidden.kid })
      expect(key.kind).toBe('signing')
      expect(toJwks([key]).keys[0]).toEqual({ ...bare(shown), kid: shown.kid, alg: algorithm, use: 'sig' })
      expect(await importKey(bare(shown), { algorithm, keyId: shown.kid })).toMatchObject({ kind: 'verification' })
      expect(keyThumbprint(key)).not.toBe(key.keyId)
    }
    // The first is published for encryption.
    await expect(importVerificationKey(publicSet[0] as Jwk, { algorithm: 'ES256' })).rejects.toThrow(/: use must be/)
  })

  test('JW-4 JW-6 RFC 7517 A.3: a key of A128KW is none of HS256, and one without alg is what the caller says', async () => {
    const [wrap, mac] = readVectors<{ keys: readonly Jwk[] }>(`${RFC}/rfc7517_A.3.jwkset`).keys
    await expect(importKey(wrap as Jwk, { algorithm: 'HS256' })).rejects.toThrow(/: alg must be HS256/)
    for (const algorithm of ['HS256', 'HS384', 'HS512'] as const) {
      expect(await importKey(mac as Jwk, { algorithm })).toMatchObject({ kind: 'signing', algorithm })
    }
  })

  test('KM-3 RFC 7638 3.1 and RFC 8037 A.3: the thumbprint, whatever the key id', async () => {
    const rsa = readVectors<Jwk>(`${RFC}/rfc7638_3.1.jwk`)
    for (const algorithm of ['RS256', 'PS512'] as const) {
      const key = await importVerificationKey({ ...rsa, alg: algorithm }, { algorithm, keyId: 'mine' })
      expect([key.keyId, keyThumbprint(key)]).toEqual(['mine', readText(`${RFC}/rfc7638_3.1.thp`)])
    }
    const { input } = readVectors<{ input: { key: Jwk } }>('rfc7520-cookbook/curve25519/jws.json')
    for (const algorithm of ['Ed25519', 'EdDSA'] as const) {
      const key = await importKey({ ...input.key, alg: undefined, kid: undefined }, { algorithm })
      expect([key.keyId, keyThumbprint(key)]).toEqual(Array.from({ length: 2 }, () => RFC_8037_A3))
    }
    for (const wrong of [{}, null, 'x', rsa]) expect(() => keyThumbprint(wrong as never)).toThrow(TypeError)
  })

  test('JW-28 RFC 8037 A.4: a signature under EdDSA is good where that name is listed', async () => {
    const { input, output } = readVectors<{ input: { key: Jwk }; output: { compact: string } }>(
      'rfc7520-cookbook/curve25519/jws.json',
    )
    for (const algorithm of ['Ed25519', 'EdDSA'] as const) {
      const keys = [await importKey({ ...input.key, alg: undefined }, { algorithm })]
      const result = await verifyCompact(output.compact, { keys, algorithms: [algorithm, 'EdDSA'] })
      expect(result.ok && new TextDecoder().decode(result.payload)).toBe('Example of Ed25519 signing')
    }
  })

  test('JW-13 A15 RFC 7797 4.2: its unencoded payload is refused, detached and attached', async () => {
    const file = readVectors<{ input: { key: Jwk }; output: { json_flat: Record<'protected' | 'signature', string> } }>(
      'rfc7520-cookbook/rfc7797/4.2.hmac-sha2_b64_false.json',
    )
    const key = await importKey(file.input.key, { algorithm: 'HS256' })
    const { protected: header, signature } = file.output.json_flat
    for (const [payload, reason] of [
      ['', 'jwt/forbidden_header'],
      ['JC4wMg', 'jwt/forbidden_header'],
      ['$.02', 'jwt/malformed'],
    ] as const) {
      const result = await verifyCompact(`${header}.${payload}.${signature}`, { keys: [key], algorithms: ['HS256'] })
      expect(result).toMatchObject({ ok: false, reason })
    }
  })

  test('JW-8 A4 A6 RFC 7515 A.6 and A.7, RFC 7520 4.6 to 4.8: JSON serializations are refused', async () => {
    const keys = [await importKey(readVectors<Jwk>(`${RFC}/rfc7515_A.3.jwk`), { algorithm: 'ES256' })]
    for (const name of [
      'rfc7515_A.6.jwsg',
      'rfc7515_A.7.jwsf',
      'rfc7520_4.6.jwsf',
      'rfc7520_4.7.jwsg',
      'rfc7520_4.8.jwsg',
    ]) {
      const result = await verifyCompact(readText(`${RFC}/${name}`), { keys, algorithms: ['ES256'] })
      expect(result).toMatchObject({ ok: false, reason: 'jwt/malformed' })
    }
  })
})

const RFC_8037_A3 = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'
