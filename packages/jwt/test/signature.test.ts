// What a signature must be made like: padding, salt and encoding are fixed by the algorithm, for every driver.
import { constants, createPrivateKey, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { concatSignature, derSignature } from '../src/der.ts'
import { exportKey, generateKey } from '../src/generate-key.ts'
import { goodClaims, headerOf, segment, verdict } from './tokens.ts'

test('A9 PS256 has a salt of 32 bytes and is not PKCS#1 v1.5; RS256 is nothing else', async () => {
  for (const algorithm of ['PS256', 'RS256'] as const) {
    const key = await generateKey(algorithm, { extractable: true })
    const privateKey = createPrivateKey({ key: exportKey(key) as never, format: 'jwk' })
    const input = `${segment(headerOf(key))}.${segment(goodClaims)}`
    const { RSA_PKCS1_PSS_PADDING: pss, RSA_PKCS1_PADDING: plain } = constants
    const rows = [
      [pss, 'sha256', 32, algorithm === 'PS256'],
      [pss, 'sha256', 0, false],
      [pss, 'sha256', 20, false],
      [pss, 'sha256', 31, false],
      [pss, 'sha256', 33, false],
      [pss, 'sha256', 222, false],
      [pss, 'sha384', 48, false],
      [plain, 'sha256', undefined, algorithm === 'RS256'],
      [plain, 'sha1', undefined, false],
      [plain, 'sha512', undefined, false],
    ] as const
    for (const [padding, hash, saltLength, isGood] of rows) {
      const options = { key: privateKey, padding, ...(saltLength === undefined ? {} : { saltLength }) }
      const signature = sign(hash, Buffer.from(input), options).toString('base64url')
      const answer = await verdict(key, `${input}.${signature}`)
      expect([padding, hash, saltLength, answer]).toEqual([
        padding,
        hash,
        saltLength,
        isGood ? 'ok' : 'jwt/bad_signature',
      ])
    }
  }
})

test('A9 an ES256 signature is r and s side by side, never DER, and neither is 0 or the order', async () => {
  const key = await generateKey('ES256', { extractable: true })
  const privateKey = createPrivateKey({ key: exportKey(key) as never, format: 'jwk' })
  const input = `${segment(headerOf(key))}.${segment(goodClaims)}`
  const raw = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
  const [r, s, zero] = [raw.subarray(0, 32), raw.subarray(32), Buffer.alloc(32)]
  const signatures = [
    sign('sha256', Buffer.from(input), privateKey),
    ...[
      [zero, s],
      [r, zero],
      [zero, zero],
      [order, s],
      [r, order],
      [order, order],
      [s, r],
    ].map((halves) => Buffer.concat(halves)),
  ]
  for (const signature of signatures) {
    expect(await verdict(key, `${input}.${signature.toString('base64url')}`)).toBe('jwt/bad_signature')
  }
  expect(await verdict(key, `${input}.${raw.toString('base64url')}`)).toBe('ok')
})

test('r and s keep their value through DER, with leading zeros and high bits', () => {
  const halves = [
    Buffer.alloc(32, 1),
    Buffer.alloc(32, 0xff),
    Buffer.concat([Buffer.alloc(31), Buffer.of(1)]),
    Buffer.concat([Buffer.alloc(31), Buffer.of(0x80)]),
    Buffer.concat([Buffer.alloc(1), Buffer.alloc(31, 0x80)]),
    Buffer.concat([Buffer.alloc(4), Buffer.alloc(28, 0x7f)]),
  ]
  for (const r of halves) {
    for (const s of halves) {
      const signature = Buffer.concat([r, s])
      const der = derSignature(signature, 32)
      expect([der[0], der[1], der[2]]).toEqual([0x30, der.length - 2, 0x02])
      expect(Buffer.from(concatSignature(der, 32)).equals(signature)).toBe(true)
    }
  }
})
