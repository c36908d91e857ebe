// Ed25519 public keys under which anybody can sign (RFC 8032 §5.1.3, §8.9): none imports, in whatever spelling.
import { describe, expect, test } from 'vitest'
import { importKey, importSigningKey, importVerificationKey } from '../src/import-key.ts'
import { exportKey, generateKey } from '../src/generate-key.ts'
import { toJwks } from '../src/jwks.ts'
import { createSyncVerifier } from '../src/verify.ts'
import { forge, goodClaims, keyFor, NOW, parties, segment } from './tokens.ts'

const Ed25519 = { algorithm: 'Ed25519' } as const
const ORDER_8 = [
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
]
/** Every encoding that decodes to a point of order 1, 2, 4 or 8, canonical or not, besides the sign bit alone. */
const small: readonly string[] = [
  '00'.repeat(32),
  `${'00'.repeat(31)}80`,
  `01${'00'.repeat(31)}`,
  `01${'00'.repeat(30)}80`,
  `ec${'ff'.repeat(30)}7f`,
  `ec${'ff'.repeat(31)}`,
  `ed${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(31)}`,
  `ee${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(31)}`,
  ...ORDER_8,
  ...ORDER_8.map((hex) => `${hex.slice(0, 62)}${(Number.parseInt(hex.slice(62), 16) | 0x80).toString(16)}`),
]
/** y of p + 2 to p + 18: a second spelling of 2 to 18. */
const unreduced = Array.from({ length: 17 }, (_, at) => `${(0xef + at).toString(16)}${'ff'.repeat(30)}7f`)

const jwkOf = (hex: string) => ({ kty: 'OKP', crv: 'Ed25519', x: Buffer.from(hex, 'hex').toString('base64url') })
const pemOf = (hex: string) => {
  const body = Buffer.from(`302a300506032b6570032100${hex}`, 'hex').toString('base64')
  return `-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----\n`
}

describe('an Ed25519 public key', () => {
  test.each(small)('W24 A2 of small order is refused, as JWK and as PEM text: %s', async (hex) => {
    await expect(importVerificationKey(jwkOf(hex), Ed25519)).rejects.toThrow(/^importVerificationKey: x must be/)
    await expect(importKey(jwkOf(hex), Ed25519)).rejects.toThrow(TypeError)
    await expect(importVerificationKey(pemOf(hex), Ed25519)).rejects.toThrow(TypeError)
    const own = exportKey(await generateKey('Ed25519', { extractable: true }))
    await expect(importSigningKey({ ...own, ...jwkOf(hex) }, Ed25519)).rejects.toThrow(/x must be/)
  })

  test('in a second spelling is refused', async () => {
    expect(new Set(small).size).toBe(14)
    for (const hex of unreduced) await expect(importVerificationKey(jwkOf(hex), Ed25519)).rejects.toThrow(/x must be/)
  })

  test('W24 the forgery that holds for every message under the neutral element finds no verifier', async () => {
    const neutral = Buffer.from(small[2] ?? '', 'hex')
    const input = `${segment({ alg: 'Ed25519', typ: 'at+jwt' })}.${segment({ ...goodClaims, sub: 'root' })}`
    const forged = `${input}.${segment(Uint8Array.from([...neutral, ...new Uint8Array(32)]))}`
    const verdict = await importVerificationKey(jwkOf(neutral.toString('hex')), Ed25519).then(
      (key) => createSyncVerifier({ ...parties, algorithms: ['Ed25519'], keys: [key] }).verify(forged, NOW),
      () => 'no key',
    )
    expect(verdict).toBe('no key')
  })

  test('of another kind imports, whatever its sign bit', async () => {
    const signs = new Set<boolean>()
    for (let at = 0; at < 24; at += 1) {
      const key = await generateKey('Ed25519')
      const [published] = toJwks([key]).keys
      const x = Buffer.from((published as { x: string }).x, 'base64url')
      signs.add((x[31] ?? 0) > 127)
      await expect(importVerificationKey({ ...published }, Ed25519)).resolves.toMatchObject({ keyId: key.keyId })
    }
    expect(signs.size).toBe(2)
    const key = await keyFor('Ed25519')
    const verifier = createSyncVerifier({ ...parties, algorithms: ['Ed25519'], keys: [key] })
    expect(verifier.verify(forge(key, { alg: 'Ed25519', typ: 'at+jwt' }, goodClaims), NOW)).toMatchObject({ ok: true })
  })
})
