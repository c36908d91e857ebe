// Every algorithm, forth and back, and both ways with jose's own compact encryption.
import { CompactEncrypt, compactDecrypt, importJWK } from 'jose'
import { describe, expect, test } from 'vitest'
import type { DecryptionKey } from '../src/jwe.ts'
import {
  decrypt,
  encrypt,
  exportDecryptionKey,
  exportEncryptionKey,
  importDecryptionKey,
  importEncryptionKey,
} from '../src/jwe.ts'
import { entropy, jweKey, KINDS, textOf, told, utf8 } from './jwe-keys.ts'

const isSymmetric = (key: DecryptionKey) => key.algorithm === 'dir' || key.algorithm === 'A256GCMKW'

/** The key as jose has it: to encrypt with, or to decrypt with. */
async function joseKey(key: DecryptionKey, half: 'public' | 'private') {
  const jwk = half === 'public' && !isSymmetric(key) ? exportEncryptionKey(key) : exportDecryptionKey(key)
  return importJWK({ ...jwk, alg: key.algorithm, key_ops: undefined } as never)
}

describe.each(KINDS)('%s with %s (%s)', (algorithm, encryption, curve) => {
  test('what is encrypted is decrypted, and carries alg, enc and kid alone', async () => {
    const key = await jweKey(algorithm, encryption, curve)
    expect(key).toMatchObject({ kind: 'decryption', algorithm, encryption })
    for (const text of ['', 'a', 'Grüße', 'x'.repeat(4000)]) {
      const token = await encrypt(utf8(text), { key }, entropy)
      const opened = await decrypt(token, { keys: [key] })
      expect(told(opened)).toBe(text)
      if (!opened.ok) continue
      expect(opened.header).toMatchObject({ alg: algorithm, enc: encryption, kid: key.keyId })
      const own = Object.keys(opened.header).filter((name) => !['epk', 'iv', 'tag'].includes(name))
      expect(own).toEqual(['alg', 'enc', 'kid'])
    }
  })

  test('the public part alone, imported, encrypts to the private one, imported', async () => {
    const key = await jweKey(algorithm, encryption, curve)
    const again = await importDecryptionKey(exportDecryptionKey(key), { algorithm, encryption })
    expect(again).toEqual(key)
    const sender = isSymmetric(key)
      ? again
      : await importEncryptionKey(exportEncryptionKey(key), { algorithm, encryption })
    expect(sender.kind).toBe(isSymmetric(key) ? 'decryption' : 'encryption')
    const token = await encrypt(utf8('to the owner'), { key: sender }, entropy)
    expect(told(await decrypt(token, { keys: [again] }))).toBe('to the owner')
  })

  test('jose reads ours', async () => {
    const key = await jweKey(algorithm, encryption, curve)
    const token = await encrypt(utf8('ours'), { key, context: 'session' }, entropy)
    const { plaintext, protectedHeader } = await compactDecrypt(token, await joseKey(key, 'private'))
    expect(textOf(plaintext)).toBe('ours')
    expect(protectedHeader).toMatchObject({ alg: algorithm, enc: encryption, kid: key.keyId, ctx: 'session' })
  })

  test('we read what jose made', async () => {
    const key = await jweKey(algorithm, encryption, curve)
    const token = await new CompactEncrypt(utf8('theirs'))
      .setProtectedHeader({ alg: algorithm, enc: encryption })
      .encrypt(await joseKey(key, 'public'))
    expect(told(await decrypt(token, { keys: [key] }))).toBe('theirs')
  })
})
