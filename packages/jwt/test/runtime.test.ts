// What a runtime that lacks an algorithm, or node:crypto, makes of the same calls.
import * as nodeCrypto from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { exportKey, generateKey } from '../src/generate-key.ts'
import { importSigningKey, importVerificationKey } from '../src/import-key.ts'
import { toJwks } from '../src/jwks.ts'
import { ALGORITHMS, goodClaims, headerOf, keyFor, NOW, parties, segment, tokenWith } from './tokens.ts'

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

test.each(ALGORITHMS)('%s: a runtime whose two ways to sign do not agree imports no key', async (algorithm) => {
  const jwk = exportKey(await generateKey(algorithm, { extractable: true }))
  for (const answer of [true, false]) {
    vi.spyOn(crypto.subtle, 'verify').mockResolvedValue(answer)
    await expect(importSigningKey(jwk, { algorithm })).rejects.toThrow(/key must be a valid key/)
    vi.restoreAllMocks()
  }
  expect(await importSigningKey(jwk, { algorithm })).toMatchObject({ algorithm })
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
  for (const algorithm of ['ES256', 'ES512', 'PS384', 'HS256', 'HS384', 'HS512'] as const) {
    const own = await generatePortable(algorithm)
    const synchronously = () => createSyncVerifier({ ...parties, algorithms: [algorithm], keys: [own] })
    // SHA-256 is always there; the longer hashes are not carried along for those who need none.
    if (algorithm === 'HS256') synchronously()
    else expect(synchronously).toThrow(/verifies synchronously/)
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

test.each(['PS256', 'PS384', 'PS512'] as const)(
  'A9 a node:crypto that pads PSS as PKCS#1 v1.5 is not used for %s',
  async (name) => {
    const own = `sha${name.slice(2)}`
    const { publicKey, privateKey } = nodeCrypto.generateKeyPairSync('rsa', { modulusLength: 2048 })
    const jwk = publicKey.export({ format: 'jwk' }) as { kty: string }
    const paddingIgnored = (key: object): nodeCrypto.KeyObject => ('key' in key ? key.key : key) as nodeCrypto.KeyObject
    const careless = {
      ...nodeCrypto,
      createPublicKey: (input: nodeCrypto.JsonWebKeyInput) => nodeCrypto.createPublicKey({ ...input, format: 'jwk' }),
      createPrivateKey: (input: nodeCrypto.JsonWebKeyInput) => nodeCrypto.createPrivateKey({ ...input, format: 'jwk' }),
      sign: (hash: string, data: Uint8Array, key: object) => nodeCrypto.sign(hash, data, paddingIgnored(key)),
      verify: (hash: string, data: Uint8Array, key: object, signature: Uint8Array) =>
        nodeCrypto.verify(hash, data, paddingIgnored(key), signature),
    }
    vi.resetModules()
    vi.stubGlobal('process', { ...process, getBuiltinModule: () => careless })
    const { generateKey: generateThere, importVerificationKey: importThere } = await import('../src/keys.ts')
    const { createSyncVerifier, createVerifier } = await import('../src/verify.ts')
    const key = await importThere(jwk, { algorithm: name, keyId: 'one' })
    const options = { ...parties, algorithms: [name], keys: [key] } as const
    expect(() => createSyncVerifier(options)).toThrow(/verifies synchronously/)
    const input = `${segment({ alg: name, typ: 'at+jwt', kid: 'one' })}.${segment(goodClaims)}`
    const { RSA_PKCS1_PSS_PADDING: pss, RSA_PKCS1_PADDING: plain } = nodeCrypto.constants
    const signed = (padding: number): string => {
      const signature = nodeCrypto.sign(own, Buffer.from(input), {
        key: privateKey,
        padding,
        saltLength: Number(name.slice(2)) / 8,
      })
      return `${input}.${segment(new Uint8Array(signature))}`
    }
    expect(await createVerifier(options).verify(signed(pss), NOW)).toMatchObject({ ok: true })
    expect(await createVerifier(options).verify(signed(plain), NOW)).toMatchObject({ reason: 'jwt/bad_signature' })
    expect(await generateThere(name)).toMatchObject({ algorithm: name })
    // RS256 is what this runtime does well.
    const rs256 = await importThere(jwk, { algorithm: 'RS256' })
    createSyncVerifier({ ...options, algorithms: ['RS256'], keys: [rs256] })
  },
)
