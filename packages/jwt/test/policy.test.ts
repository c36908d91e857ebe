// What the options of a verifier do, and which are mistakes.
import { TokenError } from '@tallystick/core'
import { describe, expect, test } from 'vitest'
import { importKey, importVerificationKey } from '../src/import-key.ts'
import { createIssuer } from '../src/issue.ts'
import { toJwks } from '../src/jwks.ts'
import type { SigningKey } from '../src/key.ts'
import { createSyncVerifier, createVerifier } from '../src/verify.ts'
import { everyDriver, keyFor, later, NOW, parties, tokenWith } from './tokens.ts'

const optionsFor = (key: SigningKey) => ({ ...parties, algorithms: [key.algorithm], keys: [key] }) as const

describe('options', () => {
  test('JW-18 the tolerance moves both borders and never beyond 60', async () => {
    const key = await keyFor('HS256')
    const strict = everyDriver({ ...optionsFor(key), clockToleranceSeconds: 0 })
    expect(await strict(tokenWith(key), later(299))).toMatchObject({ ok: true })
    expect(await strict(tokenWith(key), later(300))).toMatchObject({ reason: 'jwt/expired' })
    expect(await strict(tokenWith(key, { iat: NOW + 10 }))).toMatchObject({ ok: true })
    expect(await strict(tokenWith(key, { iat: NOW + 11 }))).toMatchObject({ reason: 'jwt/issued_in_future' })
    const loose = everyDriver({ ...optionsFor(key), clockToleranceSeconds: 60 })
    expect(await loose(tokenWith(key), later(359))).toMatchObject({ ok: true })
    expect(await loose(tokenWith(key), later(360))).toMatchObject({ reason: 'jwt/expired' })
    expect(await loose(tokenWith(key, { nbf: NOW + 60 }))).toMatchObject({ ok: true })
    expect(await loose(tokenWith(key, { nbf: NOW + 61 }))).toMatchObject({ reason: 'jwt/not_yet_valid' })
  })

  test('several audiences: any one of ours, exactly', async () => {
    const key = await keyFor('HS256')
    const verify = everyDriver({ ...optionsFor(key), audience: ['one', 'two'] })
    expect(await verify(tokenWith(key, { aud: 'two' }))).toMatchObject({ ok: true })
    expect(await verify(tokenWith(key, { aud: ['three', 'one'] }))).toMatchObject({ ok: true })
    expect(await verify(tokenWith(key, { aud: 'one,two' }))).toMatchObject({ reason: 'jwt/wrong_audience' })
  })

  test('isRevoked is asked last, with claims and time, and its failure is no verdict', async () => {
    const key = await keyFor('HS256')
    const asked: unknown[] = []
    const isRevoked = (claims: { jti: string }, now: number) => (asked.push([claims.jti, now]), claims.jti === 'bad')
    const verify = everyDriver({ ...optionsFor(key), isRevoked })
    expect(await verify(tokenWith(key, { jti: 'bad' }))).toMatchObject({ reason: 'jwt/revoked' })
    expect(await verify(tokenWith(key, { jti: 'good' }))).toMatchObject({ ok: true })
    expect(asked.slice(0, 1)).toEqual([['bad', NOW]])
    const before = asked.length
    await verify(tokenWith(key, { exp: 1 }))
    expect(asked).toHaveLength(before)
    for (const broken of [
      () => {
        throw new Error('down')
      },
      () => undefined,
      () => 'no',
      async () => false,
    ]) {
      const options = { ...optionsFor(key), isRevoked: broken as unknown as () => boolean }
      expect(() => createSyncVerifier(options).verify(tokenWith(key), NOW)).toThrow(TokenError)
      await expect(createVerifier(options).verify(tokenWith(key), NOW)).rejects.toMatchObject({ code: 'ERR_HOOK' })
    }
  })

  test('A37 each option is read once, so that a getter cannot show one and use another', async () => {
    const key = await keyFor('HS256')
    const schema = {
      '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value: value as object }) },
    }
    const good = {
      ...optionsFor(key),
      claims: schema,
      isRevoked: () => false,
      clockToleranceSeconds: 5,
      lengthMax: 4096,
    }
    for (const create of [createVerifier, createSyncVerifier, createIssuer]) {
      const reads = new Map<string, number>()
      const options = new Proxy(
        { ...good, lifetimeSeconds: 300 },
        {
          get(target, name) {
            reads.set(String(name), (reads.get(String(name)) ?? 0) + 1)
            return Reflect.get(target, name) as unknown
          },
        },
      )
      create(options as never)
      expect(reads.size).toBeGreaterThan(5)
      expect([...reads].filter(([, count]) => count !== 1)).toEqual([])
    }
  })

  test('now must be a NumericDate', async () => {
    const key = await keyFor('HS256')
    for (const now of [Number.NaN, 1_790_000_000_000, -1, 1.5, '1790000000', undefined]) {
      expect(() => createSyncVerifier(optionsFor(key)).verify(tokenWith(key), now as never)).toThrow(RangeError)
      await expect(createVerifier(optionsFor(key)).verify(tokenWith(key), now as never)).rejects.toThrow(RangeError)
    }
  })

  test('JW-1 W1 W12 W21 W22 every missing or wrong option is named at construction', async () => {
    const key = await keyFor('HS256')
    const es = await keyFor('ES256')
    const good = optionsFor(key)
    const rows: readonly (readonly [field: string, options: unknown])[] = [
      ['algorithms', { ...good, algorithms: undefined }],
      ['algorithms', { ...good, algorithms: [] }],
      ['algorithms', { ...good, algorithms: 'HS256' }],
      ['algorithms.0', { ...good, algorithms: ['none'] }],
      ['algorithms.0', { ...good, algorithms: ['hs256'] }],
      ['algorithms', { ...good, algorithms: ['HS256', 'ES256'] }],
      ['algorithms', { ...good, algorithms: ['HS512', 'RS256'] }],
      ['algorithms', { ...good, algorithms: ['ML-DSA-44', 'HS384', 'HS256'] }],
      ['keys.0', { ...good, algorithms: ['ES256'] }],
      ['keys.0', { ...good, keys: [es] }],
      ['keys', { ...good, keys: [] }],
      ['keys', { ...good, keys: undefined }],
      ['keys', { ...good, keys: key }],
      ['issuer', { ...good, issuer: undefined }],
      ['issuer', { ...good, issuer: '' }],
      ['issuer', { ...good, issuer: ['https://auth.example.com'] }],
      ['audience', { ...good, audience: undefined }],
      ['audience', { ...good, audience: [] }],
      ['audience', { ...good, audience: ['a', 1] }],
      ['type', { ...good, type: 'JWT' }],
      ['type', { ...good, type: undefined }],
      ['clockToleranceSeconds', { ...good, clockToleranceSeconds: 61 }],
      ['clockToleranceSeconds', { ...good, clockToleranceSeconds: -1 }],
      ['clockToleranceSeconds', { ...good, clockToleranceSeconds: Number.NaN }],
      ['clockToleranceSeconds', { ...good, clockToleranceSeconds: '5' }],
      ['lengthMax', { ...good, lengthMax: 10_000_000 }],
      ['isRevoked', { ...good, isRevoked: true }],
      ['claims', { ...good, claims: {} }],
      ['argument', undefined],
      ['argument', null],
    ]
    for (const [field, options] of rows) {
      for (const create of [createVerifier, createSyncVerifier]) {
        expect(() => create(options as never)).toThrow(new RegExp(`^create(Sync)?Verifier: (the )?${field}`))
      }
    }
  })

  test('W4 W9 W10 what is no key is refused, and nothing is called on it', async () => {
    let calls = 0
    const trap = new Proxy(
      {},
      { get: () => (calls += 1), has: () => (calls += 1) > 0, ownKeys: () => ((calls += 1), []) },
    )
    const good = optionsFor(await keyFor('HS256'))
    for (const key of [
      trap,
      '',
      null,
      undefined,
      new Uint8Array(32),
      'secret',
      { kind: 'signing', algorithm: 'HS256', keyId: 'k' },
    ]) {
      expect(() => createVerifier({ ...good, keys: [key as never] })).toThrow(/keys\.0 must be made by/)
    }
    expect(calls).toBe(0)
  })

  test('JW-4 one RSA key under two algorithms is refused', async () => {
    const jwk = { ...toJwks([await keyFor('RS256')]).keys[0], alg: undefined }
    const keys = [
      await importKey(jwk, { algorithm: 'RS256' }),
      await importKey(jwk, { algorithm: 'PS256', keyId: 'other' }),
    ]
    expect(() => createVerifier({ ...parties, algorithms: ['RS256', 'PS256'], keys })).toThrow(/second algorithm/)
    expect(() => toJwks(keys)).toThrow(/second algorithm/)
  })

  test('a public key verifies and cannot sign; a signing key does both', async () => {
    const key = await keyFor('PS256')
    const published = toJwks([key]).keys[0]
    const publicKey = await importVerificationKey({ ...published }, { algorithm: 'PS256' })
    const verify = everyDriver({ ...parties, algorithms: ['PS256'], keys: [publicKey] })
    expect(await verify(tokenWith(key))).toMatchObject({ ok: true })
    expect(() => tokenWith(publicKey as never)).toThrow(/no synchronous signer/)
  })
})
