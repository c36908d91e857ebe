// What every algorithm verifies, and what the answers are like.
import { describe, expect, test } from 'vitest'
import { encodeBase64url } from '@tallystick/core/base64url'
import { verifyCompact } from '../src/compact.ts'
import { decode } from '../src/decode.ts'
import { generateKey } from '../src/generate-key.ts'
import type { SigningKey } from '../src/key.ts'
import { materialOf } from '../src/key.ts'
import { createSyncVerifier } from '../src/verify.ts'
import {
  ALGORITHMS,
  everyDriver,
  forge,
  goodClaims,
  headerOf,
  keyFor,
  NOW,
  parties,
  segment,
  signText,
  tokenWith,
  verdict,
} from './tokens.ts'

const optionsFor = (key: SigningKey) => ({ ...parties, algorithms: [key.algorithm], keys: [key] }) as const

describe('every algorithm', () => {
  test.each(ALGORITHMS)('%s: a good token is accepted, with its claims and header frozen', async (algorithm) => {
    const key = await keyFor(algorithm)
    const result = await everyDriver(optionsFor(key))(tokenWith(key, { roles: ['a'] }))
    expect(result).toMatchObject({ ok: true, claims: { ...goodClaims, roles: ['a'] }, header: headerOf(key) })
    if (!result.ok) throw new Error('unreachable')
    expect(Object.isFrozen(result.claims) && Object.isFrozen(result.claims['roles'])).toBe(true)
    expect(Object.isFrozen(result.header)).toBe(true)
  })

  test.each(ALGORITHMS)('%s: a token of another key is refused, whatever kid it names', async (algorithm) => {
    const key = await keyFor(algorithm)
    const other = await generateKey(algorithm, { keyId: key.keyId })
    expect(await verdict(key, tokenWith(other))).toBe('jwt/bad_signature')
  })

  test.each(ALGORITHMS)(
    'W28 %s: every changed, missing or added byte of the signature is refused',
    async (algorithm) => {
      const key = await keyFor(algorithm)
      const token = tokenWith(key)
      const verify = everyDriver(optionsFor(key))
      const dot = token.lastIndexOf('.')
      for (let at = dot + 1; at < token.length; at += algorithm.endsWith('S256') ? 9 : 3) {
        const other = token[at] === 'A' ? 'g' : 'A'
        expect((await verify(token.slice(0, at) + other + token.slice(at + 1))).ok).toBe(false)
      }
      for (const end of [dot + 1, token.length - 4, token.length - 8]) {
        expect((await verify(token.slice(0, end))).ok).toBe(false)
      }
      expect((await verify(`${token}AAAA`)).ok).toBe(false)
    },
  )

  test.each(ALGORITHMS)(
    'W24 A9 %s: a signature of zero bytes, of ones, and of twice the length is refused',
    async (algorithm) => {
      const key = await keyFor(algorithm)
      const input = `${segment(headerOf(key))}.${segment(goodClaims)}`
      const length = materialOf(key)?.signatureBytes ?? 0
      for (const fill of [0, 1, 255]) {
        for (const size of [length, 2 * length, 0, length - 1]) {
          const signature = encodeBase64url(new Uint8Array(size).fill(fill))
          expect(await verdict(key, `${input}.${signature}`)).toBe('jwt/bad_signature')
        }
      }
    },
  )
})

describe('the answer', () => {
  test('W44 a forged token that is expired as well is told about the signature alone', async () => {
    const key = await keyFor('ES256')
    const token = tokenWith(key, { exp: 1, iss: 'https://evil.example' })
    expect(await verdict(key, `${token.slice(0, -8)}AAAAAAAA`)).toBe('jwt/bad_signature')
    expect(await verdict(key, tokenWith(key, { exp: 1 }))).toBe('jwt/expired')
  })

  test('W38 the same token gets the same answer a hundred times', async () => {
    const key = await keyFor('HS256')
    const verify = everyDriver(optionsFor(key))
    const [good, bad] = [tokenWith(key), tokenWith(key, { exp: 1 })]
    for (let at = 0; at < 100; at += 1) {
      expect((await verify(good)).ok).toBe(true)
      expect(await verify(bad)).toMatchObject({ reason: 'jwt/expired' })
    }
  })

  test('AT-4 JW-31 each refusal is one frozen object that says invalid_token, 401, and nothing of the token', async () => {
    const key = await keyFor('HS256')
    const verifier = createSyncVerifier(optionsFor(key))
    const first = verifier.verify(tokenWith(key, { exp: 1, sub: 'a_secret_subject' }), NOW)
    expect(verifier.verify(tokenWith(key, { exp: 2 }), NOW)).toBe(first)
    expect(Object.isFrozen(first)).toBe(true)
    expect(first).toMatchObject({ ok: false, error: { code: 'invalid_token', status: 401 } })
    expect(JSON.stringify(first)).not.toContain('a_secret_subject')
  })

  test('verifyCompact gives bytes, asks nothing of the payload, and needs algorithms too', async () => {
    const key = await keyFor('ES256')
    const token = forge(key, { alg: 'ES256' }, 'not JSON')
    const result = await verifyCompact(token, { keys: [key], algorithms: ['ES256'] })
    expect(result.ok && new TextDecoder().decode(result.payload)).toBe('not JSON')
    expect(await verifyCompact(`${token.slice(0, -8)}AAAAAAAA`, { keys: [key], algorithms: ['ES256'] })).toMatchObject({
      reason: 'jwt/bad_signature',
    })
    await expect(verifyCompact(token, { keys: [key] } as never)).rejects.toThrow(/algorithms/)
    expect(
      (await verifyCompact(signText(key, `${segment({ alg: 'ES256' })}.`), { keys: [key], algorithms: ['ES256'] })).ok,
    ).toBe(true)
  })

  test('decode says what a token says and never throws', async () => {
    const key = await keyFor('HS256')
    expect(decode(`${tokenWith(key).split('.').slice(0, 2).join('.')}.`)).toMatchObject({
      ok: true,
      claims: goodClaims,
      header: headerOf(key),
    })
    for (const text of ['', 'a', 'a.b.c', '..', tokenWith(key).replace('.', ''), undefined as never]) {
      expect(decode(text)).toMatchObject({ reason: 'jwt/malformed' })
    }
  })
})
