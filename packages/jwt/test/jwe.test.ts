// What an encrypted token must be before and after its key is used: text, header, context, tag.
import { beforeAll, describe, expect, test } from 'vitest'
import type { DecryptionKey } from '../src/jwe.ts'
import {
  decrypt,
  encrypt,
  exportDecryptionKey,
  exportEncryptionKey,
  generateDecryptionKey,
  importEncryptionKey,
  importSealingSecret,
} from '../src/jwe.ts'
import { generateKey } from '../src/keys.ts'
import { createVerifier } from '../src/verify.ts'
import { entropy, jweKey, sealText, told, utf8 } from './jwe-keys.ts'
import { countingEntropy, keyFor, NOW, parties, segment, tokenWith } from './tokens.ts'

let key: DecryptionKey
beforeAll(async () => {
  key = await jweKey('dir')
})

const answer = async (token: unknown, keys: readonly DecryptionKey[] = [key]) =>
  told(await decrypt(token as string, { keys }))

/** The answer for an authentic token under `dir` with some members of the header changed. */
const underHeader = async (changes: Record<string, unknown>) =>
  answer(await sealText(key, JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid: key.keyId, ...changes })))

describe('the text', () => {
  test('JW-10 a signed token is told from an encrypted one, both ways', async () => {
    const signing = await keyFor('ES256')
    expect(await answer(tokenWith(signing))).toBe('jwt/not_encrypted')
    const verifier = createVerifier({ ...parties, algorithms: ['ES256'], keys: [signing] })
    const encrypted = await encrypt(utf8('hello'), { key }, entropy)
    expect(await verifier.verify(encrypted, NOW)).toMatchObject({ ok: false, reason: 'jwt/malformed' })
  })

  test('JW-8 JW-9 whatever is not five segments of canonical base64url is malformed', async () => {
    const token = await encrypt(utf8('hello'), { key }, entropy)
    const parts = token.split('.')
    const [header = '', , iv = '', ciphertext = '', tag = ''] = parts
    const wrong = [
      undefined,
      null,
      42,
      {},
      '',
      '.',
      '....',
      'a.b.c.d',
      `${token}.`,
      `.${token}`,
      `${token}.AA.AA`,
      ` ${token}`,
      `${token}\n`,
      `${token}=`,
      ['', '', iv, ciphertext, tag].join('.'),
      [header, '', `${iv}=`, ciphertext, tag].join('.'),
      [header, '', iv, `${ciphertext}A`.slice(0, 5), tag].join('.'),
      [header, '', iv, ciphertext, `${tag.slice(0, -1)}${tag.endsWith('A') ? 'B' : 'C'}`].join('.'),
      [header, '', iv, ciphertext, tag.replaceAll(/./g, '+')].join('.'),
      JSON.stringify({ protected: header, iv, ciphertext, tag }),
    ]
    for (const text of wrong) expect(await answer(text), String(text)).toBe('jwt/malformed')
    expect(await answer(token)).toBe('hello')
  })

  test('JW-30 F50 length and header are bounded before anything is parsed', async () => {
    const long = await encrypt(utf8('x'.repeat(13_000)), { key, lengthMax: 65_536 }, entropy)
    expect(await answer(long)).toBe('jwt/too_long')
    expect(await decrypt(long, { keys: [key], lengthMax: 65_536 })).toMatchObject({ ok: true })
    expect(await answer('.'.repeat(1_000_000))).toBe('jwt/too_long')
    expect(await answer(await sealText(key, `{"alg":"dir","enc":"A256GCM","x":"${'x'.repeat(3100)}"}`))).toBe(
      'jwt/too_long',
    )
    expect(await answer(await sealText(key, `{"alg":"dir","enc":"A256GCM","x":"${'x'.repeat(3000)}"}`))).toBe('hello')
    await expect(encrypt(utf8('x'.repeat(13_000)), { key }, entropy)).rejects.toThrow(RangeError)
  })
})

describe('the header', () => {
  test('JW-14 JW-15 JW-30 what is no plain JSON object is malformed', async () => {
    const inside = `"enc":"A256GCM","kid":"${key.keyId}"`
    const texts = [
      '',
      'null',
      '[]',
      '"dir"',
      `{"alg":"dir","alg":"dir",${inside}}`,
      `{"alg":"dir","\\u0061lg":"dir",${inside}}`,
      `\uFEFF{"alg":"dir",${inside}}`,
      `{"alg":"dir",${inside}} x`,
      `{"alg":"dir",${inside},"x":${'['.repeat(40)}${']'.repeat(40)}}`,
      `{"alg":"dir",${inside},"x":[${'1,'.repeat(80)}1]}`,
      `{${inside}}`,
      '{"alg":"dir"}',
      `{"alg":["dir"],${inside}}`,
      `{"alg":null,${inside}}`,
      '{"alg":"dir","enc":"A256GCM","kid":7}',
      `{"alg":"dir","enc":"A256GCM","kid":"${'k'.repeat(257)}"}`,
      '{"alg":"dir","enc":"A256GCM","cty":["x"]}',
      '{"alg":"dir","enc":"A256GCM","ctx":{}}',
    ]
    for (const text of texts) expect(await answer(await sealText(key, text)), text).toBe('jwt/malformed')
    expect(await answer(await sealText(key, Uint8Array.of(0x7b, 0xc0, 0xaf, 0x7d)))).toBe('jwt/malformed')
    expect(await answer(await sealText(key, `{"alg":"dir",${inside}}`))).toBe('hello')
  })

  test('JW-12 any crit is refused, whatever it lists', async () => {
    for (const crit of [[], ['exp'], ['alg'], ['ctx'], 'exp', null, {}]) {
      expect(await underHeader({ crit, ctx: undefined })).toBe('jwt/critical_header')
    }
  })

  test('JW-23 A7 A8 keys that a token brings along or points at are refused, and kid is a name to compare', async () => {
    const jwk = exportEncryptionKey(await jweKey('ECDH-ES', 'A256GCM', 'P-256'))
    for (const changes of [
      { jwk },
      { jku: 'https://evil.example' },
      { x5u: 'https://evil.example' },
      { x5c: ['AA'] },
    ]) {
      expect(await underHeader(changes)).toBe('jwt/forbidden_header')
    }
    expect(await underHeader({ b64: false })).toBe('jwt/forbidden_header')
    for (const name of ['jwk', 'jku', 'x5u', 'x5c', 'b64', 'p2s', 'p2c']) {
      expect(await underHeader({ [name]: null })).toBe('jwt/forbidden_header')
    }
    for (const kid of ['../../x', "' OR 1=1 --", '__proto__', 'https://evil.example', '']) {
      expect(await underHeader({ kid })).toBe('jwt/unknown_key')
    }
  })

  test('JW-24 JW-27 A14 F45 F46 password-based encryption, none and RSA1_5 are refused at once, whatever the count', async () => {
    const started = performance.now()
    for (const p2c of [1, 600_000, 2 ** 31]) {
      expect(await underHeader({ alg: 'PBES2-HS256+A128KW', p2s: 'AAAAAAAAAAA', p2c })).toBe('jwt/forbidden_header')
    }
    expect(performance.now() - started).toBeLessThan(50)
    for (const alg of ['PBES2-HS256+A128KW', 'none', 'None', '', 'RSA1_5', 'RSA-OAEP', 'A256KW', 'DIR', 'toString']) {
      expect(await underHeader({ alg })).toBe('jwt/algorithm_not_allowed')
    }
    for (const enc of ['none', 'A256gcm', 'A128GCM', 'A128CBC-HS256', '', 'constructor']) {
      expect(await underHeader({ enc })).toBe('jwt/algorithm_not_allowed')
    }
  })

  test('JW-3 JW-4 alg, enc and kid must be those of one key; keys are never tried in turn', async () => {
    const other = await generateDecryptionKey({ algorithm: 'dir', encryption: 'A256GCM' })
    const wrapping = await jweKey('A256GCMKW')
    const token = await encrypt(utf8('hello'), { key }, entropy)
    expect(await answer(token, [other])).toBe('jwt/unknown_key')
    expect(await answer(token, [other, key])).toBe('hello')
    const sameName = await importSealingSecret(entropy.bytes(32), {
      algorithm: 'A256GCMKW',
      encryption: 'A256GCM',
      keyId: key.keyId,
    })
    expect(await answer(token, [sameName])).toBe('jwt/algorithm_not_allowed')
    expect(await answer(token, [sameName, key])).toBe('hello')
    const nameless = await sealText(key, '{"alg":"dir","enc":"A256GCM"}')
    expect(await answer(nameless, [key])).toBe('hello')
    expect(await answer(nameless, [key, wrapping])).toBe('hello')
    expect(await answer(nameless, [key, other])).toBe('jwt/ambiguous_key')
    expect(await answer(nameless, [wrapping])).toBe('jwt/algorithm_not_allowed')
  })

  test('members of another key management algorithm are refused', async () => {
    for (const name of ['epk', 'apu', 'apv', 'iv', 'tag']) {
      expect(await underHeader({ [name]: 'AAAA' })).toBe('jwt/forbidden_header')
    }
    expect(await underHeader({ other: 'AAAA' })).toBe('hello')
  })

  test('the vector and the tag of A256GCMKW have their exact lengths', async () => {
    const wrapping = await jweKey('A256GCMKW')
    const token = await encrypt(utf8('hello'), { key: wrapping }, entropy)
    const [header = '', ...rest] = token.split('.')
    const members = JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<string, string>
    for (const changes of [
      { iv: undefined },
      { tag: undefined },
      { iv: 7 },
      { tag: members['tag']?.slice(0, 20) },
      { iv: `${members['iv']}AAAA` },
      { iv: `${members['iv']}=` },
    ]) {
      const changed = [segment({ ...members, ...changes }), ...rest].join('.')
      expect(await answer(changed, [wrapping])).toBe('jwt/malformed')
    }
  })
})

describe('the context', () => {
  test('CK-9 a token opens under the very context it was bound to, and under no other nor none', async () => {
    const bound = await encrypt(utf8('hello'), { key, context: '__Host-Http-session' }, entropy)
    const free = await encrypt(utf8('hello'), { key }, entropy)
    const under = async (token: string, context?: string) => told(await decrypt(token, { keys: [key], context }))
    expect(await under(bound, '__Host-Http-session')).toBe('hello')
    for (const context of [undefined, '__Host-Http-sessio', '__Host-Http-Session', '__Host-Http-session ', 'x']) {
      expect(await under(bound, context)).toBe('jwt/wrong_context')
    }
    expect(await under(free)).toBe('hello')
    expect(await under(free, 'x')).toBe('jwt/wrong_context')
    const opened = await decrypt(bound, { keys: [key], context: '__Host-Http-session' })
    expect(opened.ok && opened.header.ctx).toBe('__Host-Http-session')
    expect(opened.ok && Object.isFrozen(opened.header)).toBe(true)
  })

  test('CK-9 the context is authenticated: written over, the token is dead', async () => {
    const bound = await encrypt(utf8('hello'), { key, context: 'one' }, entropy)
    const [, ...rest] = bound.split('.')
    const moved = [segment({ alg: 'dir', enc: 'A256GCM', kid: key.keyId, ctx: 'two' }), ...rest].join('.')
    expect(told(await decrypt(moved, { keys: [key], context: 'two' }))).toBe('jwt/decryption_failed')
  })
})

describe('the options', () => {
  test('mistakes are told at once, and show no key', async () => {
    const signing = await generateKey('HS256')
    const token = await encrypt(utf8('hello'), { key }, entropy)
    const publicKey = await importEncryptionKey(exportEncryptionKey(await jweKey('ECDH-ES', 'A256GCM', 'P-256')), {
      algorithm: 'ECDH-ES',
      encryption: 'A256GCM',
    })
    const other = await importSealingSecret(entropy.bytes(32), {
      algorithm: 'dir',
      encryption: 'A256GCM',
      keyId: key.keyId,
    })
    const k = exportDecryptionKey(key).k ?? ''
    const secret = Buffer.from(k, 'base64url')
    const second = await importSealingSecret(secret, { algorithm: 'A256GCMKW', encryption: 'A256GCM' })
    const third = await importSealingSecret(secret, { algorithm: 'dir', encryption: 'A128CBC-HS256' })
    const wrong: Record<string, unknown>[] = [
      { keys: undefined },
      { keys: [] },
      { keys: [undefined] },
      { keys: Array.from({ length: 101 }, () => key) },
      { keys: [signing] },
      { keys: [publicKey] },
      { keys: [{ ...key }] },
      { keys: [secret] },
      { keys: [exportDecryptionKey(key)] },
      { keys: [key, other] },
      { keys: [key, second] },
      { keys: [key, third] },
      { context: '' },
      { context: 7 },
      { context: 'x'.repeat(257) },
      { context: 'Grüße' },
      { context: 'a\nb' },
      { lengthMax: 255 },
      { lengthMax: 65_537 },
      { lengthMax: '1000' },
      { dangerouslyInflate: 1 },
      { inflatedBytesMax: 0 },
      { inflatedBytesMax: 1_000_001 },
      { inflatedBytesMax: Number.POSITIVE_INFINITY },
    ]
    for (const changes of wrong) {
      const thrown = await decrypt(token, { keys: [key], ...changes } as never).catch((error: unknown) => error)
      expect(thrown, JSON.stringify(changes)).toSatisfy((one) => one instanceof TypeError || one instanceof RangeError)
      expect(String(thrown)).toMatch(/^(?:Type|Range)Error: decrypt: /)
      expect(String(thrown)).not.toContain(k)
    }
    await expect(decrypt(token, undefined as never)).rejects.toThrow(TypeError)
    expect(await answer(token, [key, key])).toBe('hello')
    const sealing: [unknown, Record<string, unknown>][] = [
      ['text', { key }],
      [undefined, { key }],
      [utf8('x'), { key: signing }],
      [utf8('x'), { key: undefined }],
      [utf8('x'), { key: secret }],
      [utf8('x'), { key, context: '' }],
      [utf8('x'), { key, lengthMax: 1 }],
    ]
    for (const [payload, options] of sealing) {
      await expect(encrypt(payload as Uint8Array, options as never, entropy)).rejects.toThrow(/^encrypt: /)
    }
  })

  test('A2 a key of signatures never encrypts nor decrypts, and a key of encryption never signs nor verifies', async () => {
    for (const algorithm of ['HS256', 'RS256', 'ES256'] as const) {
      const signing = await keyFor(algorithm)
      await expect(encrypt(utf8('x'), { key: signing as never }, entropy)).rejects.toThrow(TypeError)
      await expect(decrypt('a.b.c.d.e', { keys: [signing as never] })).rejects.toThrow(TypeError)
    }
    for (const wrong of [key, await jweKey('RSA-OAEP-256')]) {
      expect(() => createVerifier({ ...parties, algorithms: ['RS256'], keys: [wrong as never] })).toThrow(TypeError)
    }
  })

  test('entropy is asked for every secret and vector that the library lets in, and is all there is to dir', async () => {
    const asked = async (recipient: DecryptionKey) => {
      const lengths: number[] = []
      const counting = countingEntropy()
      const token = await encrypt(
        utf8('hello'),
        { key: recipient },
        { bytes: (length) => (lengths.push(length), counting.bytes(length)) },
      )
      expect(await answer(token, [recipient])).toBe('hello')
      return lengths.toSorted((a, b) => a - b).join()
    }
    expect(await asked(key)).toBe('12')
    expect(await asked(await jweKey('dir', 'A256CBC-HS512'))).toBe('16')
    expect(await asked(await jweKey('A256GCMKW'))).toBe('12,12,32')
    expect(await asked(await jweKey('ECDH-ES', 'A256GCM', 'P-256'))).toBe('12')
    expect(await asked(await jweKey('ECDH-ES+A256KW', 'A128CBC-HS256', 'P-256'))).toBe('16,32')
    expect(await asked(await jweKey('RSA-OAEP-256', 'A192CBC-HS384'))).toBe('16,48')
    for (const recipient of [key, await jweKey('A256GCMKW')]) {
      const twice = [1, 2].map(() => encrypt(utf8('hello'), { key: recipient }, countingEntropy()))
      const [first, second] = await Promise.all(twice)
      expect(first).toBe(second)
    }
    for (const bytes of [() => new Uint8Array(4), () => 'x'.repeat(12), () => undefined]) {
      const failed = encrypt(utf8('hello'), { key }, { bytes } as never)
      await expect(failed).rejects.toMatchObject({ code: 'ERR_ENCRYPTION' })
    }
  })
})
