// Encryption vectors that nobody here wrote: Wycheproof, and the examples of RFC 7520 and RFC 8037.
import { decodeBase64url } from '@tallystick/core/base64url'
import { expect, test } from 'vitest'
import { isJweAlgorithm, isJweEncryption } from '../src/jwe-algorithms.ts'
import type { Jwk } from '../src/index.ts'
import type { DecryptionKey, JweAlgorithm, JweEncryption } from '../src/jwe.ts'
import { decrypt, importDecryptionKey } from '../src/jwe.ts'
import { textOf, told } from './jwe-keys.ts'
import { describeVectors, readText, readVectors } from './vector-files.ts'

interface WycheproofFile {
  readonly testGroups: readonly {
    readonly type: string
    readonly private: Jwk
    readonly tests: readonly {
      readonly tcId: number
      readonly comment: string
      readonly jwe?: unknown
      readonly pt?: string
      readonly result: 'valid' | 'invalid'
    }[]
  }[]
}

interface Tally {
  count: number
  readonly accepted: number[]
  readonly falseAccepts: number[]
  /** Valid, and not accepted, by the key's `alg`. */
  readonly falseRejects: Record<string, number[]>
}

/** A public-key algorithm's or a secret's key under what the header says, where that is offered and the key allows it. */
async function importFor(jwk: Jwk, token: string): Promise<DecryptionKey | undefined> {
  const { alg, enc } = headerOf(token)
  const algorithm = isJweEncryption(jwk.alg) ? 'dir' : (jwk.alg ?? alg)
  if (!isJweAlgorithm(algorithm)) return undefined
  return importDecryptionKey(jwk, { algorithm, encryption: isJweEncryption(enc) ? enc : 'A256GCM' })
}

function headerOf(token: string): { readonly alg?: unknown; readonly enc?: unknown } {
  try {
    return JSON.parse(textOf(decodeBase64url(token.split('.')[0] ?? '') ?? new Uint8Array())) as object
  } catch {
    return {}
  }
}

async function run(path: string): Promise<Tally> {
  const tally: Tally = { count: 0, accepted: [], falseAccepts: [], falseRejects: {} }
  for (const group of readVectors<WycheproofFile>(path).testGroups) {
    for (const { tcId, jwe, pt, result } of group.tests) {
      if (jwe === undefined) continue
      tally.count += 1
      const token = typeof jwe === 'string' ? jwe : JSON.stringify(jwe)
      const key = await importFor(group.private, token)
      const opened = key === undefined ? undefined : await decrypt(token, { keys: [key] })
      if (opened?.ok === true) {
        tally.accepted.push(tcId)
        if (result === 'invalid') tally.falseAccepts.push(tcId)
        if (pt !== undefined) expect(Buffer.from(opened.payload).toString('hex')).toBe(pt)
      } else if (result === 'valid') {
        const { alg } = group.private
        tally.falseRejects[String(alg)] = [...(tally.falseRejects[String(alg)] ?? []), tcId]
      }
    }
  }
  return tally
}

/** The valid tokens of key management algorithms that have no row. */
const NOT_OFFERED = {
  RSA1_5: [100, 101, 102, 103, 104, 105, 112, 128],
  'RSA-OAEP': [82, 83, 84, 85, 86, 87, 129],
  A128KW: [69, 134, 135],
  A192KW: [70],
  A256KW: [1, 23, 28, 29, 30, 31, 32],
  A128GCMKW: [71],
  A192GCMKW: [72],
  'ECDH-ES+A128KW': [33, 34, 35, 52, 53, 54, 55, 56, 57, 58, 59, 130],
  'ECDH-ES+A192KW': [60, 61],
}

describeVectors('Wycheproof', () => {
  test('F28 A9 JW-26 JW-27 json_web_encryption has no false accept, and rejects algorithms alone that are not offered', async () => {
    const tally = await run('wycheproof/json_web_encryption_test.json')
    expect(tally.count).toBe(139)
    expect(tally.falseAccepts).toEqual([])
    expect(tally.falseRejects).toEqual(NOT_OFFERED)
    expect(tally.accepted).toHaveLength(23)
  })

  test('json_web_crypto has no false accept among its encrypted tokens, all of algorithms that are not offered', async () => {
    const tally = await run('wycheproof/json_web_crypto_test.json')
    expect(tally.count).toBe(34)
    expect(tally.falseAccepts).toEqual([])
    expect(tally.falseRejects).toEqual({ A256KW: [50], 'ECDH-ES+A128KW': [67] })
  })
})

interface CookbookFile {
  readonly input: { readonly plaintext: string; readonly key: Jwk }
  readonly output: { readonly compact: string }
}

const COOKBOOK = 'rfc7520-cookbook'

describeVectors('RFC examples', () => {
  const examples: readonly (readonly [path: string, algorithm: JweAlgorithm, encryption: JweEncryption])[] = [
    ['jwe/5_5.key_agreement_using_ecdh-es_with_aes-cbc-hmac-sha2', 'ECDH-ES', 'A128CBC-HS256'],
    ['jwe/5_6.direct_encryption_using_aes-gcm', 'dir', 'A128GCM'],
    ['jwe/5_7.key_wrap_using_aes-gcm_keywrap_with_aes-cbc-hmac-sha2', 'A256GCMKW', 'A128CBC-HS256'],
    ['curve25519/ecdh-es', 'ECDH-ES', 'A128GCM'],
  ]

  test.each(examples)('%s decrypts, and not with any of its segments changed', async (path, algorithm, encryption) => {
    const { input, output } = readVectors<CookbookFile>(`${COOKBOOK}/${path}.json`)
    const key = await importDecryptionKey(input.key, { algorithm, encryption })
    expect(told(await decrypt(output.compact, { keys: [key] }))).toBe(input.plaintext)
    const outcomes = new Set<string>()
    for (let at = 0; at < output.compact.length; at += 5) {
      const other = output.compact[at] === 'A' ? 'Q' : 'A'
      outcomes.add(
        told(await decrypt(output.compact.slice(0, at) + other + output.compact.slice(at + 1), { keys: [key] })),
      )
    }
    expect(outcomes).toContain('jwt/decryption_failed')
    expect(outcomes).not.toContain(input.plaintext)
  })

  test.each([
    ['5.1', 'jwt/algorithm_not_allowed'],
    ['5.2', 'jwt/algorithm_not_allowed'],
    ['5.3', 'jwt/forbidden_header'],
    ['5.4', 'jwt/algorithm_not_allowed'],
    ['5.8', 'jwt/algorithm_not_allowed'],
    ['5.9', 'jwt/forbidden_header'],
  ])(
    'JW-24 JW-25 JW-27 RFC 7520 %s, of an algorithm that is not offered or compressed, is refused: %s',
    async (name, reason) => {
      const token = readText(`latchset-jose/tests/vectors/rfc7520_${name}.${name === '5.9' ? 'jwef' : 'jwec'}`)
      const {
        protected: header,
        iv,
        ciphertext,
        tag,
      } = JSON.parse(name === '5.9' ? token : '{}') as Record<string, string>
      const compact = header === undefined ? token : `${header}..${iv}.${ciphertext}.${tag}`
      // Under its own key id, so that nothing but the algorithm stands against it.
      const kid = (
        JSON.parse(textOf(decodeBase64url(compact.split('.')[0] ?? '') ?? new Uint8Array())) as { kid?: string }
      ).kid
      const named = await importDecryptionKey(
        { kty: 'oct', k: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url') },
        { algorithm: 'dir', encryption: 'A256GCM', keyId: kid },
      )
      expect(told(await decrypt(compact, { keys: [named] }))).toBe(reason)
    },
  )
})
