// What a signature must be made like: padding, salt and encoding are fixed by the algorithm, for every driver.
import { constants, createPrivateKey, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { concatSignature, derSignature } from '../src/der.ts'
import type { JwtAlgorithm } from '../src/algorithms.ts'
import { exportKey, generateKey } from '../src/generate-key.ts'
import type { SigningKey } from '../src/key.ts'
import { goodClaims, headerOf, segment, verdict } from './tokens.ts'

const RSA: readonly JwtAlgorithm[] = ['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512']
/** With the order of the curve's group (SP 800-186 §3.2.1). */
const ECDSA: readonly (readonly [JwtAlgorithm, half: number, hash: string, order: string])[] = [
  ['ES256', 32, 'sha256', 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'],
  [
    'ES384',
    48,
    'sha384',
    'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
  ],
  ['ES512', 66, 'sha512', `01${'ff'.repeat(32)}fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409`],
]
const keyFor = (algorithm: JwtAlgorithm): Promise<SigningKey> => generateKey(algorithm, { extractable: true })

test.each(RSA)('A9 %s has its own padding, hash and salt length, and no other', async (algorithm) => {
  const key = await keyFor(algorithm)
  const own = { hash: `sha${algorithm.slice(2)}`, salt: Number(algorithm.slice(2)) / 8, isPss: algorithm[0] === 'P' }
  const privateKey = createPrivateKey({ key: exportKey(key) as never, format: 'jwk' })
  const input = `${segment(headerOf(key))}.${segment(goodClaims)}`
  const { RSA_PKCS1_PSS_PADDING: pss, RSA_PKCS1_PADDING: plain } = constants
  const hashes = ['sha1', 'sha256', 'sha384', 'sha512']
  const salts = [0, 20, 31, 32, 33, 48, 64, 158]
  const rows = [
    ...hashes.flatMap((hash) => salts.map((saltLength) => ({ padding: pss, hash, saltLength }))),
    ...hashes.map((hash) => ({ padding: plain, hash, saltLength: undefined })),
  ]
  let accepted = 0
  for (const { padding, hash, saltLength } of rows) {
    const options = { key: privateKey, padding, ...(saltLength === undefined ? {} : { saltLength }) }
    const signature = sign(hash, Buffer.from(input), options).toString('base64url')
    const isOwn = hash === own.hash && (own.isPss ? saltLength === own.salt : padding === plain)
    const answer = await verdict(key, `${input}.${signature}`)
    expect([padding, hash, saltLength, answer]).toEqual([padding, hash, saltLength, isOwn ? 'ok' : 'jwt/bad_signature'])
    if (isOwn) accepted += 1
  }
  expect(accepted).toBe(1)
})

test.each(ECDSA)(
  'A9 an %s signature is r and s side by side, never DER, and neither is 0 or the order',
  async (...row) => {
    const [algorithm, half, hash, orderText] = row
    const key = await keyFor(algorithm)
    const privateKey = createPrivateKey({ key: exportKey(key) as never, format: 'jwk' })
    const input = `${segment(headerOf(key))}.${segment(goodClaims)}`
    const raw = sign(hash, Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    const order = Buffer.from(orderText, 'hex')
    const [r, s, zero] = [raw.subarray(0, half), raw.subarray(half), Buffer.alloc(half)]
    const signatures = [
      sign(hash, Buffer.from(input), privateKey),
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
  },
)

test.each([32, 48, 66])(
  'r and s of %d bytes keep their value through DER, with leading zeros and high bits',
  (size) => {
    const fill = (zeros: number, byte: number): Buffer =>
      Buffer.concat([Buffer.alloc(zeros), Buffer.alloc(size - zeros, byte)])
    const halves = [
      fill(0, 1),
      fill(0, 0xff),
      fill(size - 1, 1),
      fill(size - 1, 0x80),
      fill(1, 0x80),
      fill(4, 0x7f),
      fill(size / 2, 0x80),
    ]
    for (const r of halves) {
      for (const s of halves) {
        const signature = Buffer.concat([r, s])
        const der = Buffer.from(derSignature(signature, size))
        // X.690 §10.1: the shortest form of the length.
        const head = der.length - 2 < 0x80 ? [0x30, der.length - 2] : [0x30, 0x81, der.length - 3]
        expect([...der.subarray(0, head.length), der[head.length]]).toEqual([...head, 0x02])
        expect(Buffer.from(concatSignature(der, size)).equals(signature)).toBe(true)
      }
    }
  },
)
