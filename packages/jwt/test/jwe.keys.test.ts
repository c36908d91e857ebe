// Keys of encryption: what is imported, generated, shown and refused.
import { inspect } from 'node:util'
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { DecryptionKey, JweAlgorithm, JweEncryption } from '../src/jwe.ts'
import {
  decrypt,
  encrypt,
  exportDecryptionKey,
  exportEncryptionKey,
  generateDecryptionKey,
  importDecryptionKey,
  importEncryptionKey,
  importSealingSecret,
} from '../src/jwe.ts'
import type { Jwk } from '../src/keys.ts'
import { exportKey, generateKey, importKey, toJwks } from '../src/keys.ts'
import { ENCRYPTIONS, entropy, jweKey, MANAGEMENTS, told, utf8 } from './jwe-keys.ts'
import { describeVectors, readVectors } from './vector-files.ts'

const DIR = { algorithm: 'dir', encryption: 'A256GCM' } as const
const ECDH = { algorithm: 'ECDH-ES', encryption: 'A256GCM' } as const
const RSA = { algorithm: 'RSA-OAEP-256', encryption: 'A256GCM' } as const
const BYTES: Readonly<Record<JweEncryption, number>> = {
  A128GCM: 16,
  A192GCM: 24,
  A256GCM: 32,
  'A128CBC-HS256': 32,
  'A192CBC-HS384': 48,
  'A256CBC-HS512': 64,
}
const bare = (jwk: Jwk): Jwk => ({ ...jwk, alg: undefined, use: undefined, kid: undefined })
const random = (length: number) => entropy.bytes(length)

describe('what is shown', () => {
  test.each(MANAGEMENTS)(
    'W97 MO-1 %s (%s): nothing prints, lists or serializes the material',
    async (algorithm, curve) => {
      const key = await jweKey(algorithm, 'A256GCM', curve)
      expect(Object.keys(key)).toEqual(['kind', 'algorithm', 'encryption', 'keyId'])
      expect(Object.getOwnPropertySymbols(key)).toEqual([])
      expect(Object.isFrozen(key)).toBe(true)
      expect(key.keyId).toMatch(/^[\w-]{43}$/)
      const jwk = exportDecryptionKey(key)
      const shown = [JSON.stringify(key), inspect(key, { depth: 9, showHidden: true }), String(key)].join('\n')
      for (const member of ['d', 'k', 'p', 'q', 'n', 'x'] as const) {
        if (jwk[member] !== undefined) expect(shown).not.toContain(jwk[member])
      }
      expect(jwk).toMatchObject({ alg: algorithm, use: 'enc', kid: key.keyId })
    },
  )

  test('KM-2 the public part has no private member, and a symmetric key has no public part', async () => {
    for (const [algorithm, curve] of MANAGEMENTS) {
      const key = await jweKey(algorithm, 'A256GCM', curve)
      if (algorithm === 'dir' || algorithm === 'A256GCMKW') {
        expect(() => exportEncryptionKey(key)).toThrow(/public part/)
        continue
      }
      const members = Object.keys(exportEncryptionKey(key))
      for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) expect(members).not.toContain(member)
      expect(
        exportEncryptionKey(
          await importEncryptionKey(exportEncryptionKey(key), {
            algorithm,
            encryption: 'A256GCM',
          }),
        ),
      ).toEqual(exportEncryptionKey(key))
    }
  })

  test('a key that was not generated to be extracted is not exported', async () => {
    const key = await generateDecryptionKey(DIR)
    expect(() => exportDecryptionKey(key)).toThrow(/extractable/)
    const imported = await importDecryptionKey(exportDecryptionKey(await jweKey('dir')), DIR)
    expect(() => exportDecryptionKey(imported)).toThrow(/extractable/)
    expect(() => exportDecryptionKey({ ...key })).toThrow(TypeError)
    expect(() => exportEncryptionKey(undefined as never)).toThrow(TypeError)
  })
})

describe('secrets', () => {
  test.each(ENCRYPTIONS)('JW-6 dir with %s takes a secret of its one length alone', async (encryption) => {
    for (let length = 0; length <= 70; length += 1) {
      const imported = importSealingSecret(random(length), { algorithm: 'dir', encryption })
      if (length === BYTES[encryption]) expect((await imported).kind).toBe('decryption')
      else await expect(imported).rejects.toThrow(RangeError)
    }
  })

  test('JW-6 A256GCMKW takes 32 bytes, whatever the content encryption', async () => {
    for (const encryption of ENCRYPTIONS) {
      const options = { algorithm: 'A256GCMKW', encryption } as const
      expect(await importSealingSecret(random(32), options)).toMatchObject(options)
      for (const length of [16, 31, 33, 64]) {
        await expect(importSealingSecret(random(length), options)).rejects.toThrow(RangeError)
      }
    }
  })

  test('A2 F5 F8 F16 F17 a repetition and a key in disguise are no secret', async () => {
    const options = { algorithm: 'dir', encryption: 'A256CBC-HS512' } as const
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const pem = String(publicKey.export({ type: 'spki', format: 'pem' }))
    const texts = [
      'a'.repeat(64),
      'abcdefg'.repeat(10).slice(0, 64),
      pem.slice(0, 64),
      `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'qB'.repeat(40)}`.slice(0, 64),
      JSON.stringify({ kty: 'oct', k: 'qrstuvwxyz0123456789', alg: 'dir', kid: 'abcdefghi' })
        .slice(0, 64)
        .padEnd(64, 'x'),
    ]
    for (const text of texts) {
      await expect(importSealingSecret(utf8(text), options), text).rejects.toThrow(/must be random bytes/)
    }
    const der = publicKey.export({ type: 'spki', format: 'der' })
    await expect(importSealingSecret(new Uint8Array(der.subarray(0, 64)), options)).rejects.toThrow(/a public key/)
    for (const wrong of ['x'.repeat(32), undefined, null, [1], new ArrayBuffer(32), { toString: () => 'x' }]) {
      await expect(importSealingSecret(wrong as never, DIR)).rejects.toThrow(/must be a Uint8Array/)
    }
    await expect(importSealingSecret(random(32), ECDH)).rejects.toThrow(/algorithm must be dir or A256GCMKW/)
  })

  test('a secret is copied: what its owner does with the bytes later changes nothing', async () => {
    for (const encryption of ['A256GCM', 'A128CBC-HS256'] as const) {
      const secret = random(32)
      const key = await importSealingSecret(secret, { algorithm: 'dir', encryption })
      const token = await encrypt(utf8('hello'), { key }, entropy)
      secret.fill(0)
      expect(told(await decrypt(token, { keys: [key] }))).toBe('hello')
    }
  })
})

describe('JWKs', () => {
  test('JW-4 the caller says alg and enc', async () => {
    const jwk = exportDecryptionKey(await jweKey('dir'))
    const wrong = [
      undefined,
      {},
      { algorithm: 'dir' },
      { encryption: 'A256GCM' },
      { algorithm: 'none', encryption: 'A256GCM' },
      { algorithm: 'RSA1_5', encryption: 'A256GCM' },
      { algorithm: 'RSA-OAEP', encryption: 'A256GCM' },
      { algorithm: 'PBES2-HS512+A256KW', encryption: 'A256GCM' },
      { algorithm: 'toString', encryption: 'A256GCM' },
      { algorithm: 'dir', encryption: 'A512GCM' },
      { algorithm: 'dir', encryption: 'none' },
      { ...DIR, keyId: '' },
      { ...DIR, keyId: 'x'.repeat(257) },
      { ...DIR, keyId: ['x'] },
    ]
    for (const options of wrong) {
      await expect(importDecryptionKey(jwk, options as never), JSON.stringify(options)).rejects.toThrow(TypeError)
      await expect(generateDecryptionKey(options as never)).rejects.toThrow(TypeError)
    }
    expect((await importDecryptionKey(jwk, { ...DIR, keyId: 'mine' })).keyId).toBe('mine')
    expect((await importDecryptionKey(jwk, DIR)).keyId).toBe(jwk.kid)
    await expect(importDecryptionKey({ ...jwk, kid: 'x'.repeat(257) }, DIR)).rejects.toThrow(/kid/)
    await expect(generateDecryptionKey({ ...DIR, curve: 'P-256' })).rejects.toThrow(/curve/)
    await expect(generateDecryptionKey({ ...ECDH, curve: 'P-224' as never })).rejects.toThrow(/curve/)
    await expect(generateDecryptionKey({ ...ECDH, extractable: 1 as never })).rejects.toThrow(/extractable/)
  })

  test('JW-5 use, alg and key_ops are obeyed', async () => {
    const recipient = await jweKey('ECDH-ES', 'A256GCM', 'P-256')
    const ecdh = bare(exportDecryptionKey(recipient))
    const published = bare(exportEncryptionKey(recipient))
    const rsa = bare(exportDecryptionKey(await jweKey('RSA-OAEP-256')))
    const secret = bare(exportDecryptionKey(await jweKey('dir')))
    const refused: [Jwk, Record<string, unknown>, { algorithm: JweAlgorithm; encryption: JweEncryption }][] = [
      [ecdh, { use: 'sig' }, ECDH],
      [ecdh, { use: 'ENC' }, ECDH],
      [ecdh, { use: ['enc'] }, ECDH],
      [ecdh, { alg: 'ECDH-ES+A256KW' }, ECDH],
      [ecdh, { alg: 'ES256' }, ECDH],
      [ecdh, { key_ops: [] }, ECDH],
      [ecdh, { key_ops: ['sign'] }, ECDH],
      [ecdh, { key_ops: ['deriveBits', 'sign'] }, ECDH],
      [ecdh, { key_ops: ['deriveBits', 'deriveBits'] }, ECDH],
      [ecdh, { key_ops: 'deriveBits' }, ECDH],
      [rsa, { key_ops: ['encrypt'] }, RSA],
      [rsa, { key_ops: ['verify'] }, RSA],
      [rsa, { alg: 'RSA-OAEP' }, RSA],
      [rsa, { alg: 'RS256' }, RSA],
      [secret, { alg: 'A128CBC-HS256' }, DIR],
      [secret, { alg: 'HS256' }, DIR],
      [secret, { key_ops: ['encrypt'] }, DIR],
      [secret, { key_ops: ['decrypt'] }, DIR],
      [secret, { key_ops: ['sign', 'verify'] }, DIR],
      [secret, { use: 'sig' }, DIR],
    ]
    for (const [jwk, changes, options] of refused) {
      await expect(
        importDecryptionKey({ ...jwk, ...changes } as Jwk, options),
        JSON.stringify(changes),
      ).rejects.toThrow(/use|alg|key_ops/)
    }
    const taken: [Jwk, Record<string, unknown>, { algorithm: JweAlgorithm; encryption: JweEncryption }][] = [
      [ecdh, { use: 'enc', alg: 'ECDH-ES', key_ops: ['deriveBits'] }, ECDH],
      [rsa, { key_ops: ['decrypt'] }, RSA],
      [rsa, { key_ops: ['unwrapKey'] }, RSA],
      [secret, { alg: 'dir', key_ops: ['encrypt', 'decrypt'] }, DIR],
      [secret, { alg: 'A256GCM' }, DIR],
    ]
    for (const [jwk, changes, options] of taken) {
      expect(await importDecryptionKey({ ...jwk, ...changes } as Jwk, options)).toMatchObject(options)
    }
    expect((await importEncryptionKey({ ...published, key_ops: [] }, ECDH)).kind).toBe('encryption')
  })

  test('a private or symmetric key is not taken for a public one, nor a public one for a private one', async () => {
    const ecdh = await jweKey('ECDH-ES', 'A256GCM', 'P-256')
    await expect(importEncryptionKey(bare(exportDecryptionKey(ecdh)), ECDH)).rejects.toThrow(/absent from a public key/)
    await expect(importDecryptionKey(bare(exportEncryptionKey(ecdh)), ECDH)).rejects.toThrow(/d must be present/)
    const rsa = await jweKey('RSA-OAEP-256')
    await expect(importEncryptionKey(bare(exportDecryptionKey(rsa)), RSA)).rejects.toThrow(/absent from a public key/)
    await expect(importDecryptionKey(bare(exportEncryptionKey(rsa)), RSA)).rejects.toThrow(/d must be present/)
    await expect(importEncryptionKey(exportDecryptionKey(await jweKey('dir')), DIR)).rejects.toThrow(
      /must have a public/,
    )
  })

  test('F3 A2 a key of another kind, or that could be read as two, is refused', async () => {
    const ecdh = bare(exportDecryptionKey(await jweKey('ECDH-ES', 'A256GCM', 'P-256')))
    const okp = bare(exportDecryptionKey(await jweKey('ECDH-ES', 'A256GCM', 'X25519')))
    const rsa = bare(exportDecryptionKey(await jweKey('RSA-OAEP-256')))
    const secret = bare(exportDecryptionKey(await jweKey('dir')))
    const ed25519 = bare(exportKey(await generateKey('Ed25519', { extractable: true })))
    const refused: [Jwk, { algorithm: JweAlgorithm; encryption: JweEncryption }][] = [
      [ecdh, RSA],
      [ecdh, DIR],
      [rsa, ECDH],
      [rsa, DIR],
      [secret, ECDH],
      [secret, RSA],
      [ed25519, ECDH],
      [{ ...okp, crv: 'X448' }, ECDH],
      [{ ...okp, kty: 'EC' }, ECDH],
      [{ ...ecdh, kty: 'OKP' }, ECDH],
      [{ ...ecdh, crv: 'P-384' }, ECDH],
      [{ ...ecdh, crv: 'secp256k1' }, ECDH],
      [{ ...ecdh, crv: undefined }, ECDH],
      [{ ...ecdh, k: secret.k }, ECDH],
      [{ ...ecdh, n: rsa.n }, ECDH],
      [{ ...okp, y: ecdh.y }, ECDH],
      [{ ...secret, x: ecdh.x }, DIR],
      [{ ...secret, k: `${secret.k}=` }, DIR],
      [{ ...secret, k: undefined }, DIR],
      [{ ...rsa, oth: [] } as Jwk, RSA],
    ]
    for (const [jwk, options] of refused) {
      await expect(importDecryptionKey(jwk, options)).rejects.toSatisfy(
        (error) => error instanceof TypeError || error instanceof RangeError,
      )
    }
    for (const wrong of [undefined, null, '', [], {}, { kty: 'EC' }, new Uint8Array(32), 'secret', () => ecdh]) {
      await expect(importDecryptionKey(wrong as never, ECDH)).rejects.toThrow(TypeError)
      await expect(importEncryptionKey(wrong as never, ECDH)).rejects.toThrow(TypeError)
    }
  })

  test('F53 JW-7 an RSA key has 2048 to 8192 bits and an odd exponent from 65537', async () => {
    const jwk = bare(exportEncryptionKey(await jweKey('RSA-OAEP-256')))
    const modulus = (bytes: number) => {
      const n = random(bytes)
      n[0] = 0x80
      n[bytes - 1] = 1
      return Buffer.from(n).toString('base64url')
    }
    const withBytes = (bytes: number) => importEncryptionKey({ ...jwk, n: modulus(bytes) }, RSA)
    const started = performance.now()
    for (const bytes of [128, 255, 1025, 2048, 3000]) await expect(withBytes(bytes)).rejects.toThrow(/n must/)
    expect(performance.now() - started).toBeLessThan(200)
    for (const e of ['AQ', 'Aw', 'AQAA', 'AQAAAAAB']) {
      await expect(importEncryptionKey({ ...jwk, e }, RSA)).rejects.toThrow(/e must/)
    }
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    await expect(importEncryptionKey(String(publicKey.export({ type: 'spki', format: 'pem' })), RSA)).rejects.toThrow(
      /2048 to 8192/,
    )
  })

  test('JW-26 a public point off its curve or of small order, and halves that do not belong together, are refused', async () => {
    for (const curve of ['P-256', 'P-384', 'P-521', 'X25519'] as const) {
      const [one, two] = await Promise.all(
        [1, 2].map(async () =>
          bare(exportDecryptionKey(await generateDecryptionKey({ ...ECDH, curve, extractable: true }))),
        ),
      )
      if (one === undefined || two === undefined) throw new Error('two keys')
      await expect(importDecryptionKey({ ...one, d: two.d }, ECDH)).rejects.toThrow(TypeError)
      const { d: _d, ...publicJwk } = one
      const x = Buffer.from(one.x ?? '', 'base64url')
      x.fill(0)
      await expect(importEncryptionKey({ ...publicJwk, x: x.toString('base64url') }, ECDH)).rejects.toThrow(/point of/)
      if (curve !== 'X25519') {
        await expect(importEncryptionKey({ ...publicJwk, y: two.y }, ECDH)).rejects.toThrow(/point of/)
      }
    }
    const [first, second] = await Promise.all([1, 2].map(() => generateDecryptionKey({ ...RSA, extractable: true })))
    const mixed = { ...exportDecryptionKey(first as DecryptionKey), n: exportDecryptionKey(second as DecryptionKey).n }
    await expect(importDecryptionKey(mixed, RSA)).rejects.toThrow(/belong with/)
  })

  test('no message shows a member of the key', async () => {
    const jwk = bare(exportDecryptionKey(await jweKey('RSA-OAEP-256')))
    for (const [changes, options] of [
      [{ d: jwk.p }, RSA],
      [{ use: 'sig' }, RSA],
      [{ k: jwk.d }, RSA],
      [{ p: 7 }, RSA],
      [{}, ECDH],
    ] as const) {
      const error: unknown = await importDecryptionKey({ ...jwk, ...changes } as Jwk, options).catch(
        (one: unknown) => one,
      )
      expect(error).toBeInstanceOf(TypeError)
      for (const member of ['n', 'd', 'p', 'q'] as const) {
        expect(inspect(error, { depth: 9 })).not.toContain(String(jwk[member]).slice(0, 30))
      }
    }
  })

  test('F9 A37 what an object inherits, or says when asked twice, is none of the key', async () => {
    const jwk = bare(exportDecryptionKey(await jweKey('dir')))
    await expect(importDecryptionKey(Object.create(jwk) as Jwk, DIR)).rejects.toThrow(TypeError)
    let times = 0
    const changing = {
      kty: 'oct',
      get k() {
        times += 1
        return times === 1 ? jwk.k : 'AAAA'
      },
    }
    expect((await importDecryptionKey(changing, DIR)).kind).toBe('decryption')
    expect(times).toBe(1)
  })
})

describe('PEM texts', () => {
  const pairs = [
    ['P-256', ECDH, () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['P-384', ECDH, () => generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['P-521', ECDH, () => generateKeyPairSync('ec', { namedCurve: 'P-521' })],
    ['X25519', ECDH, () => generateKeyPairSync('x25519')],
    ['RSA', RSA, () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ] as const

  test.each(pairs)(
    '%s: SPKI encrypts and PKCS#8 decrypts, and each is refused as the other',
    async (_, options, make) => {
      const { publicKey, privateKey } = make()
      const spki = String(publicKey.export({ type: 'spki', format: 'pem' }))
      const pkcs8 = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
      const [sender, recipient] = [await importEncryptionKey(spki, options), await importDecryptionKey(pkcs8, options)]
      expect(sender.keyId).toBe(recipient.keyId)
      const token = await encrypt(utf8('hello'), { key: sender }, entropy)
      expect(told(await decrypt(token, { keys: [recipient] }))).toBe('hello')
      await expect(importEncryptionKey(pkcs8, options)).rejects.toThrow(/SPKI/)
      await expect(importDecryptionKey(spki, options)).rejects.toThrow(/PKCS#8/)
      await expect(importDecryptionKey(pkcs8, DIR)).rejects.toThrow(TypeError)
      const other = options === RSA ? ECDH : RSA
      await expect(importEncryptionKey(spki, other)).rejects.toThrow(TypeError)
      await expect(importEncryptionKey(spki.replace('KEY-----\nM', 'KEY-----\nA'), options)).rejects.toThrow(TypeError)
    },
  )
})

describe('confusion', () => {
  test('A2 keys of signatures, as they are published, are refused for encryption, and the other way round', async () => {
    for (const algorithm of ['ES256', 'RS256', 'PS256', 'HS256'] as const) {
      const signing = exportKey(await generateKey(algorithm, { extractable: true }))
      const options = { ES256: ECDH, RS256: RSA, PS256: RSA, HS256: DIR }[algorithm]
      await expect(importDecryptionKey(signing, options)).rejects.toThrow(/alg must be/)
      await expect(importDecryptionKey({ ...signing, alg: undefined }, options)).rejects.toThrow(/use must be/)
      if (algorithm === 'HS256') continue
      const [published] = toJwks([await importKey(signing, { algorithm })]).keys
      await expect(importEncryptionKey(published as Jwk, options)).rejects.toThrow(/alg must be/)
    }
    for (const [kind, algorithm] of [
      ['ECDH-ES', 'ES256'],
      ['RSA-OAEP-256', 'RS256'],
      ['dir', 'HS256'],
    ] as const) {
      const jwk = exportDecryptionKey(await jweKey(kind, 'A256GCM', kind === 'ECDH-ES' ? 'P-256' : undefined))
      await expect(importKey(jwk, { algorithm })).rejects.toThrow(/alg must be/)
      await expect(importKey({ ...jwk, alg: undefined }, { algorithm })).rejects.toThrow(/use must be/)
    }
  })
})

describeVectors('ROCA', () => {
  test('F53 a modulus with the ROCA flaw is refused', async () => {
    const file = readVectors<{ testGroups: { comment?: string; type: string; private: Jwk }[] }>(
      'wycheproof/json_web_crypto_test.json',
    )
    const flawed = file.testGroups.find((group) => JSON.stringify(group).includes('roca'))?.private
    expect(flawed?.n).toBeDefined()
    const { n, e } = flawed as Jwk
    await expect(importEncryptionKey({ kty: 'RSA', n, e }, RSA)).rejects.toThrow(/ROCA/)
  })
})
