// What is refused as text, before anything is decoded.
import { describe, expect, test } from 'vitest'
import { importSecret } from '../src/import-key.ts'
import type { SigningKey } from '../src/key.ts'
import { createSyncVerifier } from '../src/verify.ts'
import { keyFor, NOW, parties, tokenUnder, tokenWith, verdict } from './tokens.ts'

const optionsFor = (key: SigningKey) => ({ ...parties, algorithms: [key.algorithm], keys: [key] }) as const

describe('the gate', () => {
  test('JW-8 JW-9 W26 W27 A10 every second spelling of a token is refused', async () => {
    const key = await keyFor('HS256')
    const token = tokenWith(key)
    const [header = '', payload = '', signature = ''] = token.split('.')
    const loose = signature.slice(0, -1) + nextLetter(signature.at(-1) ?? '')
    const spellings = [
      `${token}=`,
      `${token}==`,
      `${token}\n`,
      `${token} `,
      `\t${token}`,
      ` ${token}`,
      `\uFEFF${token}`,
      `${token}\u0000`,
      `${header}.${payload}.${signature.slice(0, 20)}\t${signature.slice(20)}`,
      `${header}.${payload} .${signature}`,
      `${header}=.${payload}.${signature}`,
      `${header}.${payload}=.${signature}`,
      `${token}.`,
      `.${token}`,
      `${header}.${payload}.${loose}`,
      `${header}..${signature}.`,
      `"${token}"`,
      `{"token":"${token}"}`,
      token.replaceAll('.', '%2E'),
      `${header}.${payload}`,
      header,
      '',
      '.',
      '..',
      '...',
      `${token}\u200B`,
    ]
    for (const spelling of spellings)
      expect([spelling, await verdict(key, spelling)]).toEqual([spelling, 'jwt/malformed'])
    expect(await verdict(key, token)).toBe('ok')
  })

  test('W26 the standard alphabet is refused', async () => {
    const key = await importSecret(
      new Uint8Array(32).map((_, at) => at * 7),
      { algorithm: 'HS256', keyId: 'k' },
    )
    let count = 0
    for (let jti = 0; jti < 40; jti += 1) {
      const token = tokenWith(key, { jti: `token_${jti}` })
      const standard = token.replaceAll('-', '+').replaceAll('_', '/')
      if (standard === token) continue
      count += 1
      expect(await verdict(key, standard)).toBe('jwt/malformed')
    }
    expect(count).toBeGreaterThan(0)
  })

  test('a letter outside ASCII whose low byte is a base64url letter is refused in every segment', async () => {
    const key = await keyFor('HS256')
    const token = tokenWith(key, { jti: 'AAAAAAAAAAAA' })
    for (let at = 0; at < token.length; at += 1) {
      if (token[at] === '.') continue
      const wide = String.fromCharCode(token.charCodeAt(at) + 0x100)
      expect(await verdict(key, token.slice(0, at) + wide + token.slice(at + 1))).toBe('jwt/malformed')
    }
  })

  test('JW-30 W50 W51 a token that is too long is refused before it is read', async () => {
    const key = await keyFor('HS256')
    expect(await verdict(key, '.'.repeat(1_000_000))).toBe('jwt/too_long')
    expect(await verdict(key, '.'.repeat(16_384))).toBe('jwt/malformed')
    expect(await verdict(key, tokenWith(key, { pad: 'x'.repeat(12_100) }))).toBe('jwt/too_long')
    expect(await verdict(key, tokenWith(key, { pad: 'x'.repeat(11_500) }))).toBe('ok')
    expect(await verdict(key, tokenUnder(key, { pad: 'x'.repeat(4000) }))).toBe('jwt/too_long')
    const short = createSyncVerifier({ ...optionsFor(key), lengthMax: 256 })
    expect(short.verify(tokenWith(key), NOW)).toMatchObject({ reason: 'jwt/too_long' })
  })

  test('no value throws that is not a string', async () => {
    const key = await keyFor('HS256')
    for (const value of [undefined, null, 1, {}, [], Symbol('x'), new Uint8Array(3), { toString: () => 'a.b.c' }]) {
      expect(await verdict(key, value as string)).toBe('jwt/malformed')
    }
  })

  test('JW-10 A4 A5 A6 W23 W19 a JWE and a JSON serialization are refused', async () => {
    const key = await keyFor('ES256')
    expect(await verdict(key, 'eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA')).toBe('jwt/malformed')
    const [protectedHeader, payload, signature] = tokenWith(key).split('.')
    expect(await verdict(key, JSON.stringify({ protected: protectedHeader, payload, signature }))).toBe('jwt/malformed')
    expect(await verdict(key, tokenUnder(key, { enc: 'A256GCM' }))).toBe('jwt/forbidden_header')
  })
})

function nextLetter(letter: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet[alphabet.indexOf(letter) ^ 1] ?? ''
}
