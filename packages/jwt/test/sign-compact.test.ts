// A JWS without claims: any payload, and the header law in both directions.
import { CompactSign, compactVerify, importJWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { verifyCompact } from '../src/compact.ts'
import { exportKey, generateKey } from '../src/generate-key.ts'
import { importVerificationKey } from '../src/import-key.ts'
import { toJwks } from '../src/jwks.ts'
import { signCompact } from '../src/sign-compact.ts'
import { ALGORITHMS, forge, isSymmetric, keyFor, segment } from './tokens.ts'

const bytes = Uint8Array.from({ length: 300 }, (_, at) => at * 7)
const header = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString()) as Record<string, unknown>

describe('signCompact', () => {
  test.each(ALGORITHMS)('%s: signs bytes and text, which verifyCompact gives back as bytes', async (algorithm) => {
    const key = await keyFor(algorithm)
    const options = { keys: [key], algorithms: [algorithm] }
    for (const [payload, expected] of [
      [bytes, bytes],
      ['łódź 🔑', Buffer.from('łódź 🔑')],
      ['', new Uint8Array()],
      [new Uint8Array(), new Uint8Array()],
    ] as const) {
      const token = await signCompact(payload, {
        key,
        header: { typ: 'x+jws', cty: 'text/plain', own: [1, { a: null }] },
      })
      expect(header(token)).toEqual({
        typ: 'x+jws',
        cty: 'text/plain',
        own: [1, { a: null }],
        alg: algorithm,
        kid: key.keyId,
      })
      const result = await verifyCompact(token, options)
      expect(result.ok && Buffer.from(result.payload).equals(Buffer.from(expected))).toBe(true)
      expect(result).toMatchObject({ header: header(token) })
      const [first, , last] = token.split('.')
      expect(await verifyCompact(`${first}.${segment('other')}.${last}`, options)).toMatchObject({
        reason: 'jwt/bad_signature',
      })
    }
  })

  test.each(ALGORITHMS)('jose reads our %s JWS and we read its', async (algorithm) => {
    const key = await generateKey(algorithm, { extractable: true })
    const jwk = exportKey(key)
    const published = isSymmetric(algorithm) ? jwk : { ...toJwks([key]).keys[0] }
    const ours = await signCompact(bytes, { key })
    const read = await compactVerify(ours, await importJWK(published as never, algorithm))
    expect(Buffer.from(read.payload).equals(bytes)).toBe(true)
    const theirs = await new CompactSign(bytes)
      .setProtectedHeader({ alg: algorithm, kid: key.keyId })
      .sign(await importJWK(jwk as never, algorithm))
    expect(await verifyCompact(theirs, { keys: [key], algorithms: [algorithm] })).toMatchObject({ ok: true })
  })

  test('JW-12 JW-13 JW-23 A7 A15 a header that would be refused is not signed', async () => {
    const key = await keyFor('ES256')
    for (const own of [
      { b64: false },
      { b64: false, crit: ['b64'] },
      { crit: [] },
      { jwk: {} },
      { jku: 'https://a.example' },
      { x5u: 'https://a.example' },
      { x5c: [] },
      { zip: 'DEF' },
      { enc: 'A256GCM' },
      { typ: 5 },
      { cty: {} },
      { toJSON: () => ({ alg: 'none' }) },
      { toJSON: () => [] },
      { deep: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) as unknown },
      Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`m${at}`, 1])),
    ]) {
      await expect(signCompact('x', { key, header: own })).rejects.toThrow(/^signCompact: header must be one that/)
    }
    await expect(signCompact('x', { key, header: { alg: 'none' } })).rejects.toThrow(/header\.alg must be left out/)
    await expect(signCompact('x', { key, header: { kid: 'mine' } })).rejects.toThrow(/header\.kid must be left out/)
    for (const wrong of [null, [], 'x', 5]) {
      await expect(signCompact('x', { key, header: wrong as never })).rejects.toThrow(/header must be an object/)
    }
    const inherited = Object.create({ crit: ['x'] }) as Record<string, unknown>
    expect(Object.keys(header(await signCompact('x', { key, header: inherited })))).toEqual(['alg', 'kid'])
  })

  test('JW-30 a token that is too long for our own verifier is not signed', async () => {
    const key = await keyFor('HS256')
    await expect(signCompact(new Uint8Array(13_000), { key })).rejects.toThrow(RangeError)
    await expect(signCompact('x', { key, header: { pad: 'x'.repeat(4000) } })).rejects.toThrow(/header of 4096/)
    expect(await signCompact(new Uint8Array(12_000), { key })).toMatch(/^[\w.-]+$/)
  })

  test('what is no payload and no signing key is a mistake', async () => {
    const key = await keyFor('ES256')
    for (const payload of [undefined, null, 5, {}, [1], new ArrayBuffer(2), '\uD800', 'a\uDFFF']) {
      await expect(signCompact(payload as never, { key })).rejects.toThrow(/payload must be bytes or well-formed text/)
    }
    const verifying = await importVerificationKey({ ...toJwks([key]).keys[0] }, { algorithm: 'ES256' })
    for (const wrong of [verifying, {}, undefined, null, 'x']) {
      await expect(signCompact('x', { key: wrong as never })).rejects.toThrow(/key must be a signing key/)
    }
    await expect(signCompact('x', undefined as never)).rejects.toThrow(TypeError)
  })
})

describe('verifyCompact', () => {
  test('JW-13 W40 A15 an unencoded payload is refused, however it is announced', async () => {
    const key = await keyFor('HS256')
    const verify = (own: Record<string, unknown>) =>
      verifyCompact(forge(key, { alg: 'HS256', kid: key.keyId, ...own }, bytes), { keys: [key], algorithms: ['HS256'] })
    expect(await verify({})).toMatchObject({ ok: true })
    expect(await verify({ b64: false, crit: ['b64'] })).toMatchObject({ reason: 'jwt/critical_header' })
    expect(await verify({ b64: false })).toMatchObject({ reason: 'jwt/forbidden_header' })
    expect(await verify({ b64: true })).toMatchObject({ reason: 'jwt/forbidden_header' })
  })

  test('JW-1 W1 W10 W11 keys are given, never looked up by what a token says', async () => {
    const key = await keyFor('HS256')
    const token = await signCompact('x', { key })
    let calls = 0
    const resolver = () => {
      calls += 1
      return key
    }
    for (const keys of [resolver, [resolver], { keys: resolver }, [], undefined, '', [''], [new Uint8Array()]]) {
      await expect(verifyCompact(token, { keys: keys as never, algorithms: ['HS256'] })).rejects.toThrow(TypeError)
    }
    expect(calls).toBe(0)
    for (const algorithms of [undefined, [], ['none'], 'HS256', ['HS256', 'RS256'], ['hs256']]) {
      await expect(verifyCompact(token, { keys: [key], algorithms: algorithms as never })).rejects.toThrow(/algorithms/)
    }
  })
})
