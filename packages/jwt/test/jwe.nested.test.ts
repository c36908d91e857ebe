// Nested tokens: signed inside, encrypted outside, and accepted only where both layers are good.
import { beforeAll, describe, expect, test } from 'vitest'
import type { DecryptionKey } from '../src/jwe.ts'
import { decrypt, decryptNested, encrypt, encryptNested, exportEncryptionKey, importEncryptionKey } from '../src/jwe.ts'
import type { SigningKey } from '../src/keys.ts'
import { generateKey } from '../src/keys.ts'
import { createIssuer } from '../src/issue.ts'
import { createSyncVerifier, createVerifier } from '../src/verify.ts'
import { entropy, jweKey, joseToken, told, utf8 } from './jwe-keys.ts'
import { countingEntropy, forge, goodClaims, keyFor, later, NOW, parties, segment, tokenWith } from './tokens.ts'

let signing: SigningKey
let key: DecryptionKey
beforeAll(async () => {
  signing = await keyFor('ES256')
  key = await jweKey('ECDH-ES', 'A256GCM', 'P-256')
})

const verifierOf = (one: SigningKey) => createVerifier({ ...parties, algorithms: [one.algorithm], keys: [one] })

/** The answer for some text that stands, rightly encrypted, in a token that says `cty: JWT`. */
async function inside(text: string, header: Record<string, unknown> = { cty: 'JWT' }) {
  const token = await joseToken(key, header, text)
  const result = await decryptNested(token, { keys: [key], verifier: verifierOf(signing) }, NOW)
  return result.ok ? 'ok' : result.reason
}

describe('a nested token', () => {
  test('JW-11 is issued, encrypted by whoever has the public key, and verified through every layer', async () => {
    const issuer = createIssuer({ ...parties, lifetimeSeconds: 300, keys: [signing] })
    const inner = await issuer.issue({ sub: 'user_42', client_id: 'web' }, NOW, countingEntropy())
    const sender = await importEncryptionKey(exportEncryptionKey(key), { algorithm: 'ECDH-ES', encryption: 'A256GCM' })
    const token = await encryptNested(inner, { key: sender, context: 'api' }, entropy)
    const options = { algorithms: ['ES256'] as const, keys: [signing] }
    for (const verifier of [
      createVerifier({ ...parties, ...options }),
      createSyncVerifier({ ...parties, ...options }),
    ]) {
      const result = await decryptNested(token, { keys: [key], verifier, context: 'api' }, NOW)
      expect(result).toMatchObject({
        ok: true,
        claims: { sub: 'user_42' },
        header: { alg: 'ES256', typ: 'at+jwt' },
        outerHeader: { alg: 'ECDH-ES', enc: 'A256GCM', cty: 'JWT', ctx: 'api', kid: key.keyId },
      })
      const expired = await decryptNested(token, { keys: [key], verifier, context: 'api' }, later(306))
      expect(expired).toMatchObject({ ok: false, reason: 'jwt/expired' })
      const elsewhere = await decryptNested(token, { keys: [key], verifier }, NOW)
      expect(elsewhere).toMatchObject({ ok: false, reason: 'jwt/wrong_context' })
    }
    expect(told(await decrypt(token, { keys: [key], context: 'api' }))).toBe('jwt/wrong_type')
  })

  test('F19 JW-11 an unsigned token inside is refused, as is anything that no issuer signed', async () => {
    const none = `${segment({ alg: 'none', typ: 'at+jwt' })}.${segment(goodClaims)}.`
    expect(await inside(none)).toBe('jwt/algorithm_not_allowed')
    for (const alg of ['None', 'NONE', 'nOnE', '']) {
      expect(await inside(`${segment({ alg, typ: 'at+jwt' })}.${segment(goodClaims)}.`)).toBe(
        'jwt/algorithm_not_allowed',
      )
    }
    expect(await inside(JSON.stringify(goodClaims))).toBe('jwt/malformed')
    expect(await inside('')).toBe('jwt/malformed')
    const stranger = await generateKey('ES256')
    expect(await inside(tokenWith(stranger))).toBe('jwt/unknown_key')
    const stolenName = forge(stranger, { alg: 'ES256', typ: 'at+jwt', kid: signing.keyId }, goodClaims)
    expect(await inside(stolenName)).toBe('jwt/bad_signature')
    const good = tokenWith(signing)
    expect(await inside(good.slice(0, good.lastIndexOf('.') + 1))).toBe('jwt/bad_signature')
    expect(await inside(good)).toBe('ok')
  })

  test('JW-11 JW-22 the type stands inside: an inner token of another kind is refused whatever the outer header says', async () => {
    const header = { alg: 'ES256', kid: signing.keyId }
    expect(await inside(forge(signing, { ...header, typ: 'logout+jwt' }, goodClaims))).toBe('jwt/wrong_type')
    expect(await inside(forge(signing, header, goodClaims))).toBe('jwt/wrong_type')
    const token = await joseToken(key, { cty: 'JWT', typ: 'at+jwt' }, forge(signing, header, goodClaims))
    const result = await decryptNested(token, { keys: [key], verifier: verifierOf(signing) }, NOW)
    expect(result).toMatchObject({ ok: false, reason: 'jwt/wrong_type' })
  })

  test('JW-11 cty must say JWT, as a media type', async () => {
    const good = tokenWith(signing)
    for (const cty of ['JWT', 'jwt', 'application/jwt', 'APPLICATION/JWT'])
      expect(await inside(good, { cty })).toBe('ok')
    expect(await inside(good, {})).toBe('jwt/wrong_type')
    for (const cty of ['', 'JW', 'JWTs', 'text/jwt', 'json']) {
      expect(await inside(good, { cty })).toBe('jwt/wrong_type')
    }
    for (const cty of [7, null, ['JWT']]) expect(await inside(good, { cty })).toBe('jwt/malformed')
  })

  test('JW-10 a token that is only signed, and one that is encrypted twice, are refused', async () => {
    const options = { keys: [key], verifier: verifierOf(signing) }
    const good = tokenWith(signing)
    expect(await decryptNested(good, options, NOW)).toMatchObject({ ok: false, reason: 'jwt/not_encrypted' })
    expect(await inside(await encryptNested(good, { key }, entropy))).toBe('jwt/malformed')
  })

  test('JW-15 what is no text inside is refused', async () => {
    const bytes = Uint8Array.of(0xff, 0xfe, 0x41)
    const token = await joseToken(key, { cty: 'JWT' }, '')
    expect(await decryptNested(token, { keys: [key], verifier: verifierOf(signing) }, NOW)).toMatchObject({ ok: false })
    const { CompactEncrypt, importJWK } = await import('jose')
    const loaded = await importJWK({ ...exportEncryptionKey(key) } as never)
    const binary = await new CompactEncrypt(bytes)
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', cty: 'JWT' })
      .encrypt(loaded)
    let asked = 0
    const verifier = {
      verify: () => {
        asked += 1
        return { ok: true, claims: {} } as const
      },
    }
    const result = await decryptNested(binary, { keys: [key], verifier }, NOW)
    expect(result).toMatchObject({ ok: false, reason: 'jwt/malformed' })
    expect(asked).toBe(0)
    expect(await inside(`\uFEFF${tokenWith(signing)}`)).toBe('jwt/malformed')
  })

  test('A5 a token encrypted to a public key says nothing of who wrote it, and no verifier takes what was in it', async () => {
    const token = await encrypt(utf8(JSON.stringify(goodClaims)), { key }, entropy)
    const opened = await decrypt(token, { keys: [key] })
    expect(opened.ok && opened.payload).toBeInstanceOf(Uint8Array)
    const verifier = verifierOf(signing)
    expect(await verifier.verify(token, NOW)).toMatchObject({ ok: false })
    expect(await verifier.verify((opened as never)['payload'], NOW)).toMatchObject({ ok: false })
    const result = await decryptNested(token, { keys: [key], verifier }, NOW)
    expect(result).toMatchObject({ ok: false, reason: 'jwt/wrong_type' })
  })

  test('only a signed compact token is nested', async () => {
    const good = tokenWith(signing)
    const unsigned = `${segment({ alg: 'none' })}.${segment(goodClaims)}.`
    const encrypted = await encrypt(utf8('x'), { key }, entropy)
    for (const token of ['', 'a.b', unsigned, encrypted, `${good} `, `${good}.`, undefined, 7, utf8(good)]) {
      await expect(encryptNested(token as string, { key }, entropy)).rejects.toThrow(/^encryptNested: token must be/)
    }
    await expect(encryptNested(good, { key: signing as never }, entropy)).rejects.toThrow(/^encryptNested: key must be/)
    for (const verifier of [undefined, null, {}, { verify: true }, 'x']) {
      const options = { keys: [key], verifier } as never
      await expect(decryptNested('a', options, NOW)).rejects.toThrow(/^decryptNested: verifier must be/)
    }
    await expect(decryptNested(good, { keys: [], verifier: verifierOf(signing) }, NOW)).rejects.toThrow(/keys/)
  })
})
