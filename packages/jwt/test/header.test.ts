// What is refused for its header, whatever its signature.
import { describe, expect, test } from 'vitest'
import { generateKey } from '../src/generate-key.ts'
import { verifyCompact } from '../src/compact.ts'
import { importSecret, importVerificationKey } from '../src/import-key.ts'
import { toJwks } from '../src/jwks.ts'
import { hasMediaType } from '../src/media-type.ts'
import type { SigningKey } from '../src/key.ts'
import { createSyncVerifier, createVerifier } from '../src/verify.ts'
import {
  everyDriver,
  forge,
  goodClaims,
  headerOf,
  keyFor,
  NOW,
  parties,
  segment,
  tokenUnder,
  tokenWith,
  verdict,
} from './tokens.ts'

const optionsFor = (key: SigningKey) => ({ ...parties, algorithms: [key.algorithm], keys: [key] }) as const

describe('the header', () => {
  test('JW-2 A1 W20 every spelling of no algorithm is refused', async () => {
    const key = await keyFor('HS256')
    for (const alg of [
      'none',
      'None',
      'nOnE',
      'none ',
      'hs256',
      'HS256 ',
      'HS512',
      '',
      'xyz',
      'HS256\u0000',
      '__proto__',
    ]) {
      expect(await verdict(key, tokenUnder(key, { alg }))).toBe('jwt/algorithm_not_allowed')
    }
    for (const alg of [undefined, null, 0, ['HS256'], { HS256: true }, true]) {
      expect(await verdict(key, tokenUnder(key, { alg }))).toBe('jwt/malformed')
    }
    const [, payload] = tokenWith(key).split('.')
    const unsigned = `${segment({ alg: 'none', typ: 'at+jwt', kid: key.keyId })}.${payload}.`
    expect(await verdict(key, unsigned)).toBe('jwt/algorithm_not_allowed')
  })

  test('JW-3 A2 A3 W2 W13 W14 W15 a MAC keyed with a public key is refused', async () => {
    for (const algorithm of ['RS256', 'ES256', 'PS256', 'Ed25519'] as const) {
      const key = await keyFor(algorithm)
      const mac = await importSecret(crypto.getRandomValues(new Uint8Array(32)), {
        algorithm: 'HS256',
        keyId: key.keyId,
      })
      expect(await verdict(key, tokenWith(mac))).toBe('jwt/algorithm_not_allowed')
    }
  })

  test('JW-3 JW-4 an allowed algorithm that is not the key’s own is refused', async () => {
    const [ps, rs] = [await generateKey('PS256'), await keyFor('RS256')]
    const verify = everyDriver({ ...parties, algorithms: ['PS256', 'RS256'], keys: [ps, rs] })
    const crossed = forge(rs, { ...headerOf(rs), alg: 'PS256' }, goodClaims)
    expect(await verify(crossed)).toMatchObject({ reason: 'jwt/algorithm_not_allowed' })
    expect(await verify(tokenWith(rs))).toMatchObject({ ok: true })
    const listed = everyDriver({ ...parties, algorithms: ['RS256'], keys: [rs] })
    expect(await listed(tokenWith(ps))).toMatchObject({ reason: 'jwt/algorithm_not_allowed' })
  })

  test('JW-12 A15 W40 W41 W42 W43 any crit is refused', async () => {
    const key = await keyFor('HS256')
    for (const crit of [['foo'], [], ['alg'], ['b64'], ['b64', 'b64'], ['exp', 'exp'], 'exp', null, {}, 0]) {
      expect(await verdict(key, tokenUnder(key, { crit, exp: 1, foo: 1 }))).toBe('jwt/critical_header')
    }
  })

  test('JW-13 JW-23 A7 W18 W25 W47 keys and addresses of its own, unencoded and compressed payloads are refused', async () => {
    const key = await keyFor('ES256')
    const jwk = toJwks([key]).keys[0]
    for (const header of [
      { jwk },
      { jku: 'https://evil.example' },
      { x5u: 'https://evil.example' },
      { x5c: ['AAAA'] },
      { b64: false },
      { b64: true },
      { zip: 'DEF' },
      { jwk: null },
      { cty: 'JWT' },
      { cty: 1 },
    ]) {
      expect(await verdict(key, tokenUnder(key, header))).toBe('jwt/forbidden_header')
    }
  })

  test('JW-21 JW-22 AT-1 A11 W37 typ is compared as a media type and never left out', async () => {
    const key = await keyFor('HS256')
    for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt', 'APPLICATION/at+JWT']) {
      expect(await verdict(key, tokenUnder(key, { typ }))).toBe('ok')
    }
    for (const typ of [
      undefined,
      'JWT',
      'jwt',
      '',
      'at+jwt ',
      ' at+jwt',
      'text/at+jwt',
      'application/application/at+jwt',
      'application/',
      'at+jwt;v=1',
      'dpop+jwt',
      'logout+jwt',
      'statuslist+jwt',
      'secevent+jwt',
      'id+jwt',
      'a\u212Bt+jwt',
      'K'.repeat(300),
    ]) {
      expect([typ, await verdict(key, tokenUnder(key, { typ }))]).toEqual([typ, 'jwt/wrong_type'])
    }
    for (const typ of [1, null, ['at+jwt'], {}])
      expect(await verdict(key, tokenUnder(key, { typ }))).toBe('jwt/malformed')
  })

  test('JW-21 a letter that only lower case makes ASCII is another letter', () => {
    expect(hasMediaType('to\u212Aen-introspection+jwt', 'token-introspection+jwt')).toBe(false)
    expect(hasMediaType('TOKEN-introspection+JWT', 'token-introspection+jwt')).toBe(true)
  })

  test('JW-23 A8 kid is opaque: bounded, compared, never interpreted', async () => {
    const key = await keyFor('HS256')
    for (const kid of [
      '../../etc/passwd',
      "' or 1=1 --",
      'https://evil.example',
      '__proto__',
      'toString',
      '',
      'x'.repeat(256),
    ]) {
      expect(await verdict(key, tokenUnder(key, { kid }))).toBe('jwt/unknown_key')
    }
    for (const kid of ['x'.repeat(257), 1, {}, [key.keyId], null]) {
      expect(await verdict(key, tokenUnder(key, { kid }))).toBe('jwt/malformed')
    }
  })

  test('JW-29 a header without kid needs exactly one key that fits', async () => {
    const [first, second] = [await keyFor('ES256'), await generateKey('ES256')]
    expect(await verdict(first, tokenUnder(first, { kid: undefined }))).toBe('ok')
    const both = everyDriver({ ...parties, algorithms: ['ES256'], keys: [first, second] })
    expect(await both(tokenUnder(first, { kid: undefined }))).toMatchObject({ reason: 'jwt/ambiguous_key' })
    expect(await both(tokenWith(second))).toMatchObject({ ok: true })
    const withEd = everyDriver({ ...parties, algorithms: ['ES256', 'Ed25519'], keys: [first, await keyFor('Ed25519')] })
    expect(await withEd(tokenUnder(first, { kid: undefined }))).toMatchObject({ ok: true })
    expect(
      await everyDriver({ ...parties, algorithms: ['ES256'], keys: [first, first] })(tokenWith(first)),
    ).toMatchObject({ ok: true })
  })

  test('JW-29 the same key twice is one key, two keys of one algorithm under one kid are a mistake', async () => {
    const signing = await generateKey('ES256', { keyId: 'mine' })
    const verifying = await importVerificationKey({ ...toJwks([signing]).keys[0] }, { algorithm: 'ES256' })
    for (const keys of [
      [signing, verifying],
      [verifying, signing],
    ]) {
      const verify = everyDriver({ ...parties, algorithms: ['ES256'], keys })
      expect(await verify(tokenWith(signing))).toMatchObject({ ok: true })
      expect(await verify(tokenUnder(signing, { kid: undefined }))).toMatchObject({ ok: true })
      expect(toJwks(keys).keys).toHaveLength(1)
    }
    const twin = await generateKey('ES256', { keyId: 'mine' })
    const options = { ...parties, algorithms: ['ES256', 'Ed25519'], keys: [signing, twin] } as const
    for (const create of [createVerifier, createSyncVerifier]) {
      expect(() => create(options)).toThrow(/^create(Sync)?Verifier: keys\.1 must have another key id/)
    }
    await expect(verifyCompact(tokenWith(signing), options)).rejects.toThrow(TypeError)
    const other = await generateKey('Ed25519', { keyId: 'mine' })
    const mixed = everyDriver({ ...options, keys: [signing, other] })
    expect(await mixed(tokenWith(signing))).toMatchObject({ ok: true })
    expect(await mixed(tokenWith(other))).toMatchObject({ ok: true })
  })

  test('W56 a header of more than 32 members or values is refused before it is read, whatever its signature', async () => {
    const key = await keyFor('HS256')
    const members = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`m${at}`, at]))
    expect(await verdict(key, tokenUnder(key, members(29)))).toBe('ok')
    expect(await verdict(key, tokenUnder(key, members(30)))).toBe('jwt/malformed')
    expect(await verdict(key, tokenUnder(key, { note: '[{:,'.repeat(100) }))).toBe('ok')
    for (const item of ['{}', '[]', '0', '{"a":1}']) {
      const pad: unknown = JSON.parse(`[${Array(65).fill(item).join(',')}]`)
      expect(await verdict(key, tokenUnder(key, { pad }))).toBe('jwt/malformed')
    }
  })

  test('JW-28 EdDSA is refused where Ed25519 is listed', async () => {
    const key = await keyFor('Ed25519')
    expect(await verdict(key, tokenUnder(key, { alg: 'EdDSA' }))).toBe('jwt/algorithm_not_allowed')
  })

  test('JW-19 A12 a key of another issuer’s verifier does not count, same kid or not', async () => {
    const ours = await keyFor('ES256')
    const theirs = await generateKey('ES256', { keyId: ours.keyId })
    const verifier = everyDriver({ ...optionsFor(theirs), issuer: 'https://other.example' })
    expect(await verifier(tokenWith(ours, { iss: 'https://other.example' }))).toMatchObject({
      reason: 'jwt/bad_signature',
    })
    expect(await verifier(tokenWith(theirs))).toMatchObject({ reason: 'jwt/wrong_issuer' })
  })

  test('an approved header is remembered only under a good signature, and never for another verdict', async () => {
    const key = await keyFor('HS256')
    const verifier = createSyncVerifier(optionsFor(key))
    for (let at = 0; at < 200; at += 1) {
      const token = tokenUnder(key, { note: at })
      const forged = `${token.slice(0, -43)}${'A'.repeat(43)}`
      expect(verifier.verify(forged, NOW)).toMatchObject({ reason: 'jwt/bad_signature' })
      expect(verifier.verify(token, NOW)).toMatchObject({ ok: true, header: { note: at } })
      expect(verifier.verify(forged, NOW)).toMatchObject({ reason: 'jwt/bad_signature' })
    }
  })
})
