// Every character changed, every length shortened, and bombs: past the header there is one answer for all.
import { encodeBase64url } from '@tallystick/core/base64url'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { DecryptionKey } from '../src/jwe.ts'
import { decrypt, encrypt, exportDecryptionKey, importDecryptionKey } from '../src/jwe.ts'
import { entropy, jweKey, joseToken, MANAGEMENTS, sealText, told, utf8 } from './jwe-keys.ts'
import { segment } from './tokens.ts'

let key: DecryptionKey
beforeAll(async () => {
  key = await jweKey('dir')
})

const answer = async (token: unknown, keys: readonly DecryptionKey[] = [key]) =>
  told(await decrypt(token as string, { keys }))

describe('tampering', () => {
  test.each(MANAGEMENTS)(
    'F28 JW-31 %s on %s: every other character anywhere is refused; past the header with one answer for all',
    async (algorithm, curve) => {
      for (const encryption of ['A256GCM', 'A128CBC-HS256'] as const) {
        const recipient = await jweKey(algorithm, encryption, curve)
        const token = await encrypt(utf8('hello'), { key: recipient, context: 'a' }, entropy)
        const end = token.indexOf('.')
        const outcomes = new Map<string, number>()
        for (let at = 0; at < token.length; at += 1) {
          if (token[at] === '.') continue
          // Sixteen up, so that the last character of a segment stays canonical.
          const changed = `${token.slice(0, at)}${shifted(token[at] ?? '')}${token.slice(at + 1)}`
          const opened = await decrypt(changed, { keys: [recipient], context: 'a' })
          expect(opened.ok, `character ${at}`).toBe(false)
          if (at > end) expect(told(opened)).toMatch(/^jwt\/(?:decryption_failed|malformed)$/)
          outcomes.set(told(opened), (outcomes.get(told(opened)) ?? 0) + 1)
        }
        expect(outcomes.get('jwt/decryption_failed')).toBeGreaterThan(40)
      }
    },
  )

  test('F28 a tag or vector of any other length is refused, and so is an encrypted key where there is none', async () => {
    for (const encryption of ['A256GCM', 'A128CBC-HS256', 'A192CBC-HS384', 'A256CBC-HS512'] as const) {
      const recipient = await jweKey('dir', encryption)
      const token = await encrypt(utf8('hello'), { key: recipient }, entropy)
      const [header = '', , iv = '', ciphertext = '', tag = ''] = token.split('.')
      const cut = (text: string, bytes: number) =>
        Buffer.from(text, 'base64url').subarray(0, bytes).toString('base64url')
      const length = Buffer.from(tag, 'base64url').length
      for (let bytes = 0; bytes < length; bytes += 1) {
        const truncated = [header, '', iv, ciphertext, cut(tag, bytes)].join('.')
        expect(await answer(truncated, [recipient])).toBe('jwt/decryption_failed')
      }
      for (const [index, text] of [
        [1, 'AAAA'],
        [2, ''],
        [2, `${iv}${iv}`],
        [3, ''],
        [3, cut(ciphertext, 3)],
        [4, `${tag}AAAA`],
      ] as const) {
        const parts = [header, '', iv, ciphertext, tag]
        parts[index] = text
        expect(await answer(parts.join('.'), [recipient])).toMatch(/^jwt\/(?:decryption_failed|malformed)$/)
      }
    }
  })

  test('JW-31 each cryptographic failure is the same frozen refusal', async () => {
    const recipient = await jweKey('RSA-OAEP-256', 'A128CBC-HS256')
    const token = await encrypt(utf8('hello'), { key: recipient }, entropy)
    const [header = '', wrapped = '', iv = '', ciphertext = '', tag = ''] = token.split('.')
    const turned = (text: string) => `${shifted(text[0] ?? '')}${text.slice(1)}`
    const wrong = [
      [header, turned(wrapped), iv, ciphertext, tag],
      [header, '', iv, ciphertext, tag],
      [header, wrapped.slice(4), iv, ciphertext, tag],
      [header, encodeBase64url(new Uint8Array(256)), iv, ciphertext, tag],
      [header, encodeBase64url(new Uint8Array(256).fill(255)), iv, ciphertext, tag],
      [header, wrapped, turned(iv), ciphertext, tag],
      [header, wrapped, iv, turned(ciphertext), tag],
      [header, wrapped, iv, ciphertext, turned(tag)],
      [header, wrapped, iv, '', tag],
    ]
    const answers = await Promise.all(wrong.map((parts) => decrypt(parts.join('.'), { keys: [recipient] })))
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toMatchObject({ ok: false, reason: 'jwt/decryption_failed', error: { status: 401 } })
    expect(Object.isFrozen(answers[0])).toBe(true)
  })

  test('JW-31 what can be refused without the key is refused before any cryptography runs', async () => {
    const recipient = await jweKey('ECDH-ES+A256KW', 'A128CBC-HS256', 'P-256')
    const token = await encrypt(utf8('hello'), { key: recipient, context: 'a' }, entropy)
    const [header = '', wrapped = '', iv = '', ciphertext = '', tag = ''] = token.split('.')
    const members = JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<string, unknown>
    const headed = (changes: object) => [segment({ ...members, ...changes }), wrapped, iv, ciphertext, tag]
    const wrong = [
      [header, wrapped, iv],
      [header, wrapped.slice(4), iv, ciphertext, tag],
      [header, `${wrapped}AAAA`, iv, ciphertext, tag],
      [header, '', iv, ciphertext, tag],
      [header, wrapped, iv.slice(4), ciphertext, tag],
      [header, wrapped, iv, ciphertext.slice(4), tag],
      [header, wrapped, iv, '', tag],
      [header, wrapped, iv, ciphertext, tag.slice(4)],
      [header, wrapped, iv, ciphertext, `${tag}AAAA`],
      headed({ ctx: 'b' }),
      headed({ kid: 'x' }),
      headed({ alg: 'ECDH-ES' }),
      headed({ enc: 'A256GCM' }),
      headed({ epk: { ...(members['epk'] as object), x: 'AAAA' } }),
      headed({ crit: ['x'] }),
      headed({ zip: 'DEF' }),
      headed({ cty: 'JWT' }),
    ]
    const names = ['decrypt', 'deriveBits', 'deriveKey', 'unwrapKey', 'importKey', 'sign', 'verify', 'digest'] as const
    const spies = names.map((name) => vi.spyOn(crypto.subtle, name))
    const calls = () => spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0)
    for (const parts of wrong) {
      expect((await decrypt(parts.join('.'), { keys: [recipient], context: 'a' })).ok).toBe(false)
      expect(calls(), parts.join('.')).toBe(0)
    }
    expect((await decrypt(token, { keys: [recipient], context: 'a' })).ok).toBe(true)
    expect(calls()).toBeGreaterThan(3)
    vi.restoreAllMocks()
  })

  test('a key encrypted for a content key of another length is refused', async () => {
    const recipient = await jweKey('RSA-OAEP-256', 'A256GCM')
    const shorter = await importDecryptionKey(exportDecryptionKey(recipient), {
      algorithm: 'RSA-OAEP-256',
      encryption: 'A128GCM',
    })
    const token = await encrypt(utf8('hello'), { key: shorter }, entropy)
    const [, ...rest] = token.split('.')
    const renamed = [segment({ alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: recipient.keyId }), ...rest].join('.')
    expect(await answer(renamed, [recipient, shorter])).toBe('jwt/decryption_failed')
    expect(await answer(token, [recipient, shorter])).toBe('hello')
  })
})

describe('compression', () => {
  const bomb = 'a'.repeat(10_000_000)

  test('JW-25 F47 F48 F49 A14 zip is refused by default, and nothing is inflated to find out', async () => {
    const token = await joseToken(key, { zip: 'DEF' }, bomb)
    expect(token.length).toBeLessThan(16_384)
    const started = performance.now()
    expect(await answer(token)).toBe('jwt/forbidden_header')
    expect(performance.now() - started).toBeLessThan(50)
  })

  test('JW-25 F47 F48 F49 where it is allowed, what inflates past the bound is refused with little memory', async () => {
    const token = await joseToken(key, { zip: 'DEF' }, bomb)
    const small = await joseToken(key, { zip: 'DEF' }, 'a'.repeat(250_000))
    const options = { keys: [key], dangerouslyInflate: true }
    const before = process.memoryUsage().rss
    for (let times = 0; times < 20; times += 1) {
      expect(told(await decrypt(token, options))).toBe('jwt/decryption_failed')
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(80_000_000)
    expect(told(await decrypt(small, options))).toHaveLength(250_000)
    expect(told(await decrypt(small, { ...options, inflatedBytesMax: 249_999 }))).toBe('jwt/decryption_failed')
    for (const zip of ['GZIP', 'def', '', null, 1]) {
      const other = await sealText(key, JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid: key.keyId, zip }))
      expect(told(await decrypt(other, options))).toBe('jwt/forbidden_header')
    }
  })

  test('JW-25 ours is never compressed', async () => {
    const token = await encrypt(utf8('a'.repeat(9000)), { key }, entropy)
    expect(token.length).toBeGreaterThan(12_000)
  })
})

/** Another character of base64url, with the same low bits. */
function shifted(character: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet[(alphabet.indexOf(character) + 16) % 64] ?? ''
}
