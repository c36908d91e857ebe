// The ephemeral key of ECDH-ES: a point is looked at before it meets a private key.
import { encodeBase64url } from '@tallystick/core/base64url'
import { describe, expect, test } from 'vitest'
import type { DecryptionKey } from '../src/jwe.ts'
import { decrypt, encrypt, exportEncryptionKey, generateDecryptionKey } from '../src/jwe.ts'
import { entropy, jweKey, joseToken, told, utf8 } from './jwe-keys.ts'
import { segment } from './tokens.ts'

const answer = async (token: unknown, keys: readonly DecryptionKey[]) => told(await decrypt(token as string, { keys }))

describe('the ephemeral key', () => {
  /** The answer for a token of ECDH-ES with some members of its `epk` changed. */
  async function withEpk(recipient: DecryptionKey, change: (epk: Record<string, unknown>) => unknown) {
    const token = await encrypt(utf8('hello'), { key: recipient }, entropy)
    const [header = '', ...rest] = token.split('.')
    const members = JSON.parse(Buffer.from(header, 'base64url').toString()) as { epk: Record<string, unknown> }
    return answer([segment({ ...members, epk: change(members.epk) }), ...rest].join('.'), [recipient])
  }

  test.each(['P-256', 'P-384', 'P-521', 'X25519'] as const)(
    'JW-26 A9 on %s: a point off the curve, in a second spelling or of another curve is refused before the key is used',
    async (curve) => {
      const recipient = await jweKey('ECDH-ES', 'A256GCM', curve)
      const other = exportEncryptionKey(await jweKey('ECDH-ES', 'A256GCM', curve === 'P-256' ? 'P-384' : 'P-256'))
      const { kty, crv, x, y } = other
      const flipped = (text: unknown) => {
        const bytes = Buffer.from(String(text), 'base64url')
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
        return bytes.toString('base64url')
      }
      const bytes = (length: number, byte: number) => encodeBase64url(new Uint8Array(length).fill(byte))
      const length = { 'P-256': 32, 'P-384': 48, 'P-521': 66, X25519: 32 }[curve]
      const changes: ((epk: Record<string, unknown>) => unknown)[] = [
        () => undefined,
        () => null,
        () => [],
        () => 'AAAA',
        () => ({}),
        () => ({ kty, crv, x, y }),
        (epk) => ({ ...epk, x: undefined }),
        (epk) => ({ ...epk, x: `${String(epk['x'])}=` }),
        (epk) => ({ ...epk, x: bytes(length, 0) }),
        (epk) => ({ ...epk, x: bytes(length + 1, 1) }),
        (epk) => ({ ...epk, x: bytes(length - 1, 1) }),
        (epk) => ({ ...epk, d: epk['x'] }),
        (epk) => ({ ...epk, kty: 'RSA' }),
        (epk) => ({ ...epk, crv: undefined }),
        (epk) => ({ ...epk, crv: 'secp256k1' }),
        ...(curve === 'X25519'
          ? [(epk: Record<string, unknown>) => ({ ...epk, y: epk['x'] })]
          : [
              (epk: Record<string, unknown>) => ({ ...epk, x: flipped(epk['x']) }),
              (epk: Record<string, unknown>) => ({ ...epk, y: flipped(epk['y']) }),
              (epk: Record<string, unknown>) => ({ ...epk, y: undefined }),
              (epk: Record<string, unknown>) => ({ ...epk, x: bytes(length, 0), y: bytes(length, 0) }),
              (epk: Record<string, unknown>) => ({ ...epk, x: bytes(length, 255), y: epk['y'] }),
            ]),
      ]
      for (const change of changes) expect(await withEpk(recipient, change), String(change)).toBe('jwt/malformed')
      expect(await withEpk(recipient, (epk) => epk)).toBe('hello')
      // Another good point of the curve: now only the key can tell.
      const { x: otherX, y: otherY } = exportEncryptionKey(
        await generateDecryptionKey({ algorithm: 'ECDH-ES', encryption: 'A256GCM', curve }),
      )
      const swapped = (epk: Record<string, unknown>) => ({ ...epk, x: otherX, ...(otherY && { y: otherY }) })
      expect(await withEpk(recipient, swapped)).toBe('jwt/decryption_failed')
    },
  )

  test('JW-26 on P-521 a coordinate that is written past the prime is another spelling, and refused', async () => {
    const recipient = await jweKey('ECDH-ES', 'A256GCM', 'P-521')
    const past = (text: unknown) => {
      const value = BigInt(`0x${Buffer.from(String(text), 'base64url').toString('hex')}`) + 2n ** 521n - 1n
      return Buffer.from(value.toString(16).padStart(132, '0'), 'hex').toString('base64url')
    }
    expect(await withEpk(recipient, (epk) => ({ ...epk, x: past(epk['x']) }))).toBe('jwt/malformed')
    expect(await withEpk(recipient, (epk) => ({ ...epk, y: past(epk['y']) }))).toBe('jwt/malformed')
  })

  test('JW-26 on X25519 a point of small order is refused in each of its spellings', async () => {
    const recipient = await jweKey('ECDH-ES', 'A256GCM', 'X25519')
    const prime = 2n ** 255n - 19n
    const orders = [
      0n,
      1n,
      prime - 1n,
      prime,
      prime + 1n,
      0xb8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0n,
      0x57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5fn,
    ]
    for (const u of orders.flatMap((one) => [one, one + 2n ** 255n])) {
      const hex = u.toString(16).padStart(64, '0')
      const x = Buffer.from(hex, 'hex').toReversed()
      expect(await withEpk(recipient, (epk) => ({ ...epk, x: encodeBase64url(x) }))).toBe('jwt/malformed')
    }
    // A point of large order is only told by the key.
    const foreign = await withEpk(recipient, (epk) => ({ ...epk, x: encodeBase64url(new Uint8Array(32).fill(9)) }))
    expect(foreign).toBe('jwt/decryption_failed')
  })

  test('apu and apv are read where another sets them, and must be base64url', async () => {
    const recipient = await jweKey('ECDH-ES', 'A256GCM', 'P-256')
    expect(await answer(await joseToken(recipient, { apu: 'QWxpY2U', apv: 'Qm9i' }), [recipient])).toBe('hello')
    const token = await encrypt(utf8('hello'), { key: recipient }, entropy)
    const [header = '', ...rest] = token.split('.')
    const members = JSON.parse(Buffer.from(header, 'base64url').toString()) as object
    for (const apu of ['QWxpY2U=', 7, null]) {
      expect(await answer([segment({ ...members, apu }), ...rest].join('.'), [recipient])).toBe('jwt/malformed')
    }
    expect(await answer([segment({ ...members, apu: 'QWxpY2U' }), ...rest].join('.'), [recipient])).toBe(
      'jwt/decryption_failed',
    )
  })
})
