// What may be an HMAC secret, and every disguise in which a public key is offered as one.
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { JwtAlgorithm } from '../src/algorithms.ts'
import { findDisguise } from '../src/disguise.ts'
import { importKey, importSecret, importSigningKey } from '../src/import-key.ts'
import { tokenWith, verdict } from './tokens.ts'

const HS256 = { algorithm: 'HS256' } as const
/** RFC 7518 §3.2: as many bytes as the hash has. */
const LEAST = [
  ['HS256', 32],
  ['HS384', 48],
  ['HS512', 64],
] as const
const text = (value: string) => new TextEncoder().encode(value)

describe('secrets', () => {
  test('JW-6 W9 W10 a secret is as long as its hash, to 1024 bytes, and is no text', async () => {
    for (const [algorithm, least] of LEAST) {
      for (const length of [0, 1, 4, least - 1, 1025]) {
        await expect(importSecret(randomBytes(length), { algorithm })).rejects.toThrow(
          `importSecret: secret must have ${least} to 1024 bytes (given ${length})`,
        )
        const jwk = { kty: 'oct', k: randomBytes(length).toString('base64url') }
        await expect(importKey(jwk, { algorithm })).rejects.toThrow(RangeError)
      }
      for (const length of [least, least + 1, 128, 129, 1024])
        expect((await importSecret(randomBytes(length), { algorithm })).kind).toBe('signing')
    }
    for (const secret of [
      '',
      'a'.repeat(64),
      null,
      undefined,
      5,
      {},
      { toString: () => 'x' },
      [1, 2, 3],
      new ArrayBuffer(32),
    ]) {
      await expect(importSecret(secret as never, HS256)).rejects.toThrow(/must be a Uint8Array/)
    }
    await expect(importKey('a'.repeat(64), HS256)).rejects.toThrow(TypeError)
    const own = randomBytes(32)
    const key = await importSecret(own, HS256)
    expect(key.keyId).toBe(
      createHash('sha256')
        .update(`{"k":"${own.toString('base64url')}","kty":"oct"}`)
        .digest('base64url'),
    )
    const token = tokenWith(key)
    own.fill(0)
    expect(await verdict(key, token)).toBe('ok')
  })

  test('JW-3 W2 W5 W6 W7 W8 W16 W17 A2 every public key text, in any disguise, is refused as a secret', async () => {
    const disguises: Uint8Array[] = []
    for (const algorithm of ['ES256', 'Ed25519', 'RS256'] as const) {
      const { publicKey, privateKey } = pair(algorithm)
      const jwk = publicKey.export({ format: 'jwk' })
      const pems = [
        String(publicKey.export({ type: 'spki', format: 'pem' })),
        String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
      ]
      const ders = [publicKey.export({ type: 'spki', format: 'der' })]
      if (algorithm === 'RS256') {
        pems.push(String(publicKey.export({ type: 'pkcs1', format: 'pem' })))
        ders.push(publicKey.export({ type: 'pkcs1', format: 'der' }))
      }
      for (const pem of pems) {
        disguises.push(
          ...['', ' \n\t', '\uFEFF', '# a comment\n', '\u200B', 'x', '{"pem":"', '\0'].map((prefix) =>
            text(prefix + pem),
          ),
        )
        disguises.push(
          text(pem.trim()),
          text(pem.replaceAll('\n', '\r\n')),
          text(pem.replaceAll('\n', '')),
          text(pem.toLowerCase()),
        )
        disguises.push(
          text(pem.replaceAll('\n', String.raw`\n`)),
          text([...pem].join('\u200B')),
          text([...pem].join(' ')),
        )
        disguises.push(new Uint8Array(Buffer.from(pem, 'utf16le')), text(Buffer.from(pem).toString('base64')))
        disguises.push(text(pem.split('\n').slice(1, -2).join('\n')), text(pem.split('\n').slice(1, -2).join('')))
      }
      for (const value of [jwk, { keys: [jwk] }, [jwk], { key: { nested: jwk } }]) {
        disguises.push(
          text(JSON.stringify(value)),
          text(JSON.stringify(value, null, 2)),
          text(`\uFEFF ${JSON.stringify(value)}`),
        )
        disguises.push(
          text(JSON.stringify(value).replace('kty', String.raw`k\u0074y`)),
          text(`jwk=${JSON.stringify(value)}`),
        )
      }
      for (const der of ders) {
        disguises.push(der, Buffer.concat([Buffer.from('x'), der]).subarray(algorithm === 'RS256' ? 1 : 0))
        disguises.push(
          text(der.toString('base64')),
          text(der.toString('base64url')),
          text(der.toString('hex')),
          text(der.toString('hex').toUpperCase()),
        )
        disguises.push(text(Buffer.from(der.toString('base64')).toString('base64')))
      }
    }
    const ssh = randomBytes(200).toString('base64')
    for (const kind of ['ssh-rsa', 'ssh-ed25519', 'ssh-dss', 'ecdsa-sha2-nistp256', 'sk-ssh-ed25519@openssh.com']) {
      disguises.push(text(`${kind} ${ssh} user@host`), text(`  command="x" ${kind} ${ssh}`))
    }
    disguises.push(text(`AAAAB3NzaC1yc2EAAAADAQABAAABgQ${ssh}`), text(`---- BEGIN SSH2 PUBLIC KEY ----\n${ssh}`))
    disguises.push(text(`-----BEGIN CERTIFICATE-----\n${ssh}\n-----END CERTIFICATE-----`))
    for (const disguise of disguises) {
      const shown = new TextDecoder().decode(disguise).slice(0, 60)
      expect([shown, findDisguise(disguise)]).not.toEqual([shown, undefined])
      await expect(importSecret(Uint8Array.from(disguise.subarray(0, 1024)), HS256)).rejects.toThrow(TypeError)
      const jwk = { kty: 'oct', k: Buffer.from(disguise.subarray(0, 1024)).toString('base64url') }
      await expect(importSigningKey(jwk, HS256)).rejects.toThrow(TypeError)
    }
    expect(disguises.length).toBeGreaterThan(150)
  })

  test('random bytes, and random bytes as base64, base64url or hexadecimal text, are taken', async () => {
    for (let at = 0; at < 300; at += 1) {
      const bytes = randomBytes(32 + (at % 200))
      expect(findDisguise(bytes)).toBeUndefined()
      for (const encoding of ['base64', 'base64url', 'hex'] as const) {
        expect(findDisguise(text(bytes.toString(encoding)))).toBeUndefined()
      }
    }
  })
})

function pair(algorithm: JwtAlgorithm) {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' })
  if (algorithm === 'Ed25519') return generateKeyPairSync('ed25519')
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}
