// Certificates beside a key: x5c must be of that key (RFC 7517 §4.7), x5t#S256 of that certificate (§4.9).
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { certificateThumbprint } from '../src/certificate.ts'
import { generateKey } from '../src/generate-key.ts'
import { importSigningKey, importVerificationKey } from '../src/import-key.ts'
import type { Jwk } from '../src/jwk.ts'
import { toJwks } from '../src/jwks.ts'
import { describeVectors, readVectors } from './vector-files.ts'

function element(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >>> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), content])
}

/** A certificate of RFC 5280 §4.1 with nothing in it but a key, a name and a time, signed by itself. */
function certificateOf({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }): Buffer {
  const ecdsaSha256 = element(0x30, Buffer.from('06082a8648ce3d040302', 'hex'))
  const name = element(
    0x30,
    element(0x31, element(0x30, Buffer.from('0603550403', 'hex'), element(0x0c, Buffer.from('a')))),
  )
  const time = element(0x17, Buffer.from('260101000000Z'))
  const content = element(
    0x30,
    element(0xa0, Buffer.of(2, 1, 2)),
    Buffer.of(2, 1, 1),
    ecdsaSha256,
    name,
    element(0x30, time, time),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  return element(0x30, content, ecdsaSha256, element(0x03, Buffer.of(0), sign('sha256', content, privateKey)))
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64url')
const pem = (der: Buffer) =>
  `-----BEGIN CERTIFICATE-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`

const ec = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ES256 = { algorithm: 'ES256' } as const

describe('certificateThumbprint', () => {
  test('KM-3 is the SHA-256 of the DER form, from DER or PEM', () => {
    for (const keys of [ec(), generateKeyPairSync('rsa', { modulusLength: 2048 })]) {
      const der = certificateOf(keys)
      expect(certificateThumbprint(der)).toBe(sha256(der))
      expect(certificateThumbprint(pem(der))).toBe(sha256(der))
      expect(certificateThumbprint(`\n${pem(der).replaceAll('\n', '\r\n')}`)).toBe(sha256(der))
    }
  })

  test('what is not one certificate has none', () => {
    const der = certificateOf(ec())
    for (const wrong of [
      '',
      der.toString('base64'),
      pem(der).replace('BEGIN CERTIFICATE', 'BEGIN PUBLIC KEY'),
      `${pem(der)}${pem(der)}`,
      pem(Buffer.concat([der, Buffer.of(0)])),
      pem(der.subarray(1)),
      pem(Buffer.alloc(20_000, der)),
      Buffer.concat([der, Buffer.of(0)]),
      der.subarray(0, -1),
      Buffer.of(0x30, 0x84, 0, 0, 0, 0),
      Buffer.of(0x30, 0),
      new Uint8Array(),
      null,
      undefined,
      5,
      {},
    ]) {
      expect(() => certificateThumbprint(wrong as never)).toThrow(/certificate must be one certificate, DER or PEM/)
    }
  })
})

describe('a JWK with certificates', () => {
  test('W25 the first certificate must be of this key, and x5t#S256 of that certificate', async () => {
    const [keys, others] = [ec(), ec()]
    const jwk = keys.publicKey.export({ format: 'jwk' }) as Jwk
    const [own, other] = [certificateOf(keys), certificateOf(others)]
    const text = own.toString('base64')
    const bring = (change: Record<string, unknown>) => importVerificationKey({ ...jwk, ...change }, ES256)
    for (const [field, change] of [
      ['x5c', { x5c: [other.toString('base64')] }],
      ['x5c', { x5c: [other.toString('base64'), text] }],
      ['x5c', { x5c: [certificateOf(generateKeyPairSync('ec', { namedCurve: 'P-384' })).toString('base64')] }],
      ['x5c', { x5c: [] }],
      ['x5c', { x5c: Array.from({ length: 11 }, () => text) }],
      ['x5c', { x5c: text }],
      ['x5c\\.0', { x5c: [5] }],
      ['x5c\\.0', { x5c: [own.toString('base64url')] }],
      ['x5c\\.0', { x5c: [`${text.slice(0, 64)}\n${text.slice(64)}`] }],
      ['x5c\\.0', { x5c: [pem(own)] }],
      ['x5c\\.0', { x5c: ['MII'] }],
      ['x5c\\.0', { x5c: [Buffer.concat([own, Buffer.alloc(3)]).toString('base64')] }],
      ['x5c\\.1', { x5c: [text, 'AAAA'] }],
      ['x5t#S256', { x5c: [text], 'x5t#S256': sha256(other) }],
      ['x5t#S256', { 'x5t#S256': 'AAAA' }],
      ['x5t#S256', { 'x5t#S256': `${sha256(own)}=` }],
      ['x5t#S256', { 'x5t#S256': 5 }],
    ] as const) {
      await expect(bring(change)).rejects.toThrow(new RegExp(`^importVerificationKey: ${field} must`))
    }
    // Unused bits set: a second spelling of the same bytes.
    let padded = text
    while (!padded.endsWith('=')) padded = certificateOf(keys).toString('base64')
    const at = padded.indexOf('=') - 1
    const letter = String.fromCharCode(padded.charCodeAt(at) + 1)
    const second = padded.slice(0, at) + letter + padded.slice(at + 1)
    expect(Buffer.from(second, 'base64').equals(Buffer.from(padded, 'base64'))).toBe(true)
    await expect(bring({ x5c: [padded] })).resolves.toBeDefined()
    await expect(bring({ x5c: [second] })).rejects.toThrow(/: x5c\.0 must be/)
    // Bytes that are DER and no certificate at all.
    await expect(bring({ x5c: [element(0x30, Buffer.alloc(200)).toString('base64')] })).rejects.toThrow(
      /: x5c must start/,
    )
    expect((await bring({ x5c: [text, other.toString('base64')], 'x5t#S256': sha256(own) })).kind).toBe('verification')
  })

  test('KM-2 what was checked is published, and nothing where there was none', async () => {
    const keys = ec()
    const own = certificateOf(keys)
    const x5c = [own.toString('base64')]
    const signing = await importSigningKey({ ...(keys.privateKey.export({ format: 'jwk' }) as Jwk), x5c }, ES256)
    const { x, y } = keys.publicKey.export({ format: 'jwk' })
    expect(toJwks([signing]).keys[0]).toEqual({
      kty: 'EC',
      crv: 'P-256',
      x,
      y,
      x5c,
      'x5t#S256': sha256(own),
      kid: signing.keyId,
      alg: 'ES256',
      use: 'sig',
    })
    x5c[0] = 'changed'
    expect(toJwks([signing]).keys[0]?.x5c?.[0]).toBe(own.toString('base64'))
    const named = await importVerificationKey({ kty: 'EC', crv: 'P-256', x, y, 'x5t#S256': sha256(own) } as Jwk, ES256)
    expect(toJwks([named]).keys[0]).toMatchObject({ 'x5t#S256': sha256(own) })
    expect(Object.keys(toJwks([await generateKey('ES256')]).keys[0] ?? {})).not.toContain('x5t#S256')
    const again = await importVerificationKey({ ...toJwks([signing]).keys[0] }, ES256)
    expect(toJwks([again])).toEqual(toJwks([signing]))
  })

  test('W2 a secret has no certificate', async () => {
    const k = Buffer.from(Array.from({ length: 32 }, (_, at) => at * 5)).toString('base64url')
    for (const change of [{ x5c: ['MII'] }, { 'x5t#S256': sha256(new Uint8Array()) }]) {
      await expect(importSigningKey({ kty: 'oct', k, ...change } as Jwk, { algorithm: 'HS256' })).rejects.toThrow(
        /must be absent from a symmetric key/,
      )
    }
  })
})

describeVectors('RFC 7517', () => {
  test('KM-3 W25 appendix B: the certificate is of the key, and of no other', async () => {
    const jwk = readVectors<Jwk>('latchset-jose/tests/vectors/rfc7517_B.jwk')
    const key = await importVerificationKey(jwk, { algorithm: 'RS256' })
    const published = toJwks([key]).keys[0]
    expect(published).toMatchObject({ kid: '1b94c', x5c: jwk.x5c })
    const der = Buffer.from(jwk.x5c?.[0] ?? '', 'base64')
    expect(published?.['x5t#S256']).toBe(sha256(der))
    expect(certificateThumbprint(der)).toBe(sha256(der))
    const { n } = { ...toJwks([await generateKey('RS256')]).keys[0] } as Jwk
    await expect(importVerificationKey({ ...jwk, n }, { algorithm: 'RS256' })).rejects.toThrow(/: x5c must start/)
  })
})
