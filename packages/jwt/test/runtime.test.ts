// What a runtime that lacks an algorithm, or node:crypto, makes of the same calls.
import { afterEach, expect, test, vi } from 'vitest'
import { generateKey } from '../src/generate-key.ts'
import { importVerificationKey } from '../src/import-key.ts'
import { toJwks } from '../src/jwks.ts'
import { goodClaims, headerOf, keyFor, NOW, parties, segment, tokenWith } from './tokens.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  vi.resetModules()
})

test('an algorithm that the runtime lacks is a failure with its own code', async () => {
  const jwk = { ...toJwks([await keyFor('Ed25519')]).keys[0] }
  const lacking = new DOMException('Unrecognized algorithm name', 'NotSupportedError')
  vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(lacking)
  vi.spyOn(crypto.subtle, 'generateKey').mockRejectedValue(lacking)
  const expected = { code: 'ERR_ALGORITHM_UNAVAILABLE', retryable: false }
  await expect(importVerificationKey(jwk, { algorithm: 'Ed25519' })).rejects.toMatchObject(expected)
  await expect(generateKey('Ed25519')).rejects.toMatchObject(expected)
})

test('without node:crypto and Buffer, keys work through WebCrypto and tokens are the same', async () => {
  const theirs = await keyFor('Ed25519')
  const jwk = { ...toJwks([theirs]).keys[0] }
  vi.resetModules()
  vi.stubGlobal('process', { ...process, getBuiltinModule: undefined })
  vi.stubGlobal('Buffer', undefined)
  const { importVerificationKey: importPortable, generateKey: generatePortable } = await import('../src/keys.ts')
  const { createIssuer, createSyncVerifier, createVerifier } = await import('../src/index.ts')
  const options = { ...parties, algorithms: ['Ed25519'] } as const
  const key = await importPortable(jwk, { algorithm: 'Ed25519' })
  expect(await createVerifier({ ...options, keys: [key] }).verify(tokenWith(theirs), NOW)).toMatchObject({ ok: true })
  const forged = `${segment(headerOf(theirs))}.${segment(goodClaims)}.${segment(new Uint8Array(64))}`
  expect(await createVerifier({ ...options, keys: [key] }).verify(forged, NOW)).toMatchObject({
    reason: 'jwt/bad_signature',
  })
  expect(() => createSyncVerifier({ ...options, keys: [key] })).toThrow(/verifies synchronously/)
  for (const algorithm of ['ES256', 'HS256'] as const) {
    const own = await generatePortable(algorithm)
    const issuer = createIssuer({ ...parties, lifetimeSeconds: 60, keys: [own] })
    const token = await issuer.issue({ sub: 'łódź', client_id: 'web' }, NOW, {
      bytes: (length) => new Uint8Array(length).fill(251),
    })
    const verifier = createVerifier({ ...parties, algorithms: [algorithm], keys: [own] })
    expect(await verifier.verify(token, NOW)).toMatchObject({
      ok: true,
      claims: { sub: 'łódź', jti: '-_v7-_v7-_v7-_v7-_v7-w' },
    })
  }
})
