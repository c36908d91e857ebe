// DPoP proofs: the key that they bring along, the request that they are for, and what they are bound to.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { generateKey } from '../src/generate-key.ts'
import { keyThumbprint, materialOf } from '../src/key.ts'
import { exportKey } from '../src/keys.ts'
import { normalizeTarget } from '../src/profile-target.ts'
import { dpopProof } from '../src/profiles.ts'
import { headerFor, issued, TARGET, tokenOf, verifierOf } from './profile-samples.ts'
import { ALGORITHMS, isSymmetric, keyFor, later, NOW } from './tokens.ts'

const request = { method: 'POST', url: TARGET }

// The public key of ML-DSA-87 does not fit into a header.
test.each(ALGORITHMS.filter((name) => !isSymmetric(name) && name !== 'ML-DSA-87'))(
  'DP-1 a proof under %s is verified with its own key, whose thumbprint comes back',
  async (algorithm) => {
    const key = await keyFor(algorithm)
    const token = await issued('dpopProof', key)
    const result = await dpopProof.createVerifier({ algorithms: [algorithm] }).verify(token, NOW, request)
    expect(result.ok && result.thumbprint).toBe(keyThumbprint(key))
    const forged = `${token.slice(0, -20)}${'A'.repeat(20)}`
    const answer = await dpopProof.createVerifier({ algorithms: [algorithm] }).verify(forged, NOW, request)
    expect(answer).toMatchObject({ reason: 'jwt/bad_signature' })
  },
)

test('DP-1 A26 a key that is private, symmetric, weak, of another type or absent is none', async () => {
  const key = await generateKey('ES256', { extractable: true })
  const publicJwk = { ...materialOf(key)?.publicJwk }
  const verify = verifierOf('dpopProof', key)
  const other = materialOf(await keyFor('Ed25519'))?.publicJwk
  const jwks: readonly unknown[] = [
    exportKey(key),
    { kty: 'oct', k: 'A'.repeat(43) },
    { ...publicJwk, x: 'A'.repeat(43) },
    { ...publicJwk, use: 'enc' },
    { ...publicJwk, alg: 'ES384' },
    { ...publicJwk, crv: 'P-384' },
    other,
    undefined,
    null,
    [],
    'jwk',
  ]
  for (const jwk of jwks) expect(await verify(tokenOf('dpopProof', key, {}, { jwk }))).toMatch(/invalid_key|bad_sig/)
  expect(await verify(tokenOf('dpopProof', key))).toBe('ok')
})

test('DP-1 A26 symmetric algorithms are neither taken as options nor from a header', async () => {
  for (const algorithms of [['HS256'], ['ES256', 'HS256'], [], ['none'], undefined]) {
    expect(() => dpopProof.createVerifier({ algorithms } as never)).toThrow(/algorithms/)
  }
  const key = await keyFor('ES256')
  for (const alg of ['none', 'HS256', 'RS256', 'es256', null]) {
    expect(await verifierOf('dpopProof', key)(tokenOf('dpopProof', key, {}, { alg }))).toMatch(
      /^jwt\/(algorithm_not_allowed|malformed)$/,
    )
  }
  const keys = [await keyFor('HS256')]
  expect(() => dpopProof.createIssuer({ keys })).toThrow(/asymmetric/)
})

test.each([
  [{ crit: ['exp'] }, 'jwt/critical_header'],
  [{ jku: 'https://evil.example' }, 'jwt/forbidden_header'],
  [{ x5u: 'https://evil.example' }, 'jwt/forbidden_header'],
  [{ x5c: [] }, 'jwt/forbidden_header'],
  [{ b64: true }, 'jwt/forbidden_header'],
  [{ cty: 'JWT' }, 'jwt/forbidden_header'],
  [{ typ: 'JWT' }, 'jwt/wrong_type'],
  [{ typ: undefined }, 'jwt/wrong_type'],
])('DP-1 JW-23 a proof whose header has %j is refused', async (header, answer) => {
  const key = await keyFor('ES256')
  expect(await verifierOf('dpopProof', key)(tokenOf('dpopProof', key, {}, header))).toBe(answer)
})

test.each([
  ['https://api.example.com/a', 'https://api.example.com/a', true],
  ['HTTPS://API.Example.com/a', 'https://api.example.com/a', true],
  ['https://api.example.com:443/a', 'https://api.example.com/a', true],
  ['http://api.example.com:80/a', 'http://api.example.com/a', true],
  ['https://api.example.com/a?b=1', 'https://api.example.com/a', true],
  ['https://api.example.com/a#b', 'https://api.example.com/a?c', true],
  ['https://api.example.com/%7euser', 'https://api.example.com/~user', true],
  ['https://api.example.com/%2f', 'https://api.example.com/%2F', true],
  ['https://api.example.com', 'https://api.example.com/', true],
  ['https://api.example.com/x/../a', 'https://api.example.com/a', true],
  ['https://api.example.com/A', 'https://api.example.com/a', false],
  ['https://api.example.com/a/', 'https://api.example.com/a', false],
  ['https://api.example.com/%2F', 'https://api.example.com//', false],
  ['https://api.example.com:8443/a', 'https://api.example.com/a', false],
  ['http://api.example.com/a', 'https://api.example.com/a', false],
  ['https://api.example.com.evil/a', 'https://api.example.com/a', false],
  ['https://user@api.example.com/a', 'https://api.example.com/a', false],
  ['/a', 'https://api.example.com/a', false],
  ['https://api.example.com\\a', 'https://api.example.com/a', false],
  ['https://api.example.com/a ', 'https://api.example.com/a', false],
])('DP-2 the address %s of a proof and the request for %s: %s', async (htu, url, isSame) => {
  const key = await keyFor('ES256')
  const answer = await verifierOf('dpopProof', key)(tokenOf('dpopProof', key, { htu }), { method: 'POST', url })
  expect(answer === 'ok').toBe(isSame)
})

test('DP-2 the method is compared exactly, and the expected address must be one', async () => {
  const key = await keyFor('ES256')
  const verify = verifierOf('dpopProof', key)
  for (const method of ['post', 'GET', '']) {
    expect(await verify(tokenOf('dpopProof', key), { ...request, method })).toBe('jwt/wrong_request')
  }
  await expect(verify(tokenOf('dpopProof', key), { method: 'POST', url: '/orders' })).rejects.toThrow(TypeError)
  expect(normalizeTarget('ftp://api.example.com/')).toBeUndefined()
})

test('DP-3 a proof is good for a minute, and not from the future', async () => {
  const key = await keyFor('ES256')
  const verify = verifierOf('dpopProof', key)
  const token = tokenOf('dpopProof', key)
  expect(await verify(token, request, later(65))).toBe('ok')
  expect(await verify(token, request, later(66))).toBe('jwt/too_old')
  expect(await verify(tokenOf('dpopProof', key, { iat: NOW + 10 }))).toBe('ok')
  expect(await verify(tokenOf('dpopProof', key, { iat: NOW + 11 }))).toBe('jwt/issued_in_future')
})

test('DP-4 A26 a proof is bound to one access token and one key', async () => {
  const key = await keyFor('ES256')
  const verify = verifierOf('dpopProof', key)
  const ath = createHash('sha256').update('access').digest('base64url')
  const bound = tokenOf('dpopProof', key, { ath })
  expect(await verify(bound, { ...request, accessToken: 'access' })).toBe('ok')
  expect(await verify(bound, { ...request, accessToken: 'stolen' })).toBe('jwt/wrong_binding')
  expect(await verify(tokenOf('dpopProof', key), { ...request, accessToken: 'access' })).toBe('jwt/wrong_binding')
  expect(await verify(bound, { ...request, thumbprint: keyThumbprint(key) })).toBe('ok')
  const other = keyThumbprint(await keyFor('Ed25519'))
  expect(await verify(bound, { ...request, thumbprint: other })).toBe('jwt/wrong_binding')
})

test('DP-6 where a nonce was given out, a proof needs it', async () => {
  const key = await keyFor('ES256')
  const verify = verifierOf('dpopProof', key)
  const expected = { ...request, nonce: 'n-1' }
  expect(await verify(tokenOf('dpopProof', key, { nonce: 'n-1' }), expected)).toBe('ok')
  expect(await verify(tokenOf('dpopProof', key, { nonce: 'n-2' }), expected)).toBe('jwt/wrong_nonce')
  expect(await verify(tokenOf('dpopProof', key), expected)).toBe('jwt/wrong_nonce')
  const result = dpopProof
    .createSyncVerifier({ algorithms: ['ES256'] })
    .verify(tokenOf('dpopProof', key), NOW, expected)
  expect(result.ok ? '' : result.error.code).toBe('use_dpop_nonce')
})

test.each(ALGORITHMS.filter((name) => name === 'ML-DSA-87'))('DP-1 the key of %s makes no proof', async (name) => {
  const keys = [await keyFor(name)]
  expect(() => dpopProof.createIssuer({ keys })).toThrow(/fit into a header/)
})

test('DP-1 the header of an issued proof carries the public key alone', async () => {
  const key = await generateKey('ES256', { extractable: true })
  const header = JSON.parse(atob((await issued('dpopProof', key)).split('.')[0] ?? '')) as Record<string, unknown>
  expect(header).toEqual({ alg: 'ES256', typ: 'dpop+jwt', jwk: headerFor('dpopProof', key)['jwk'] })
  expect(JSON.stringify(header)).not.toContain('"d"')
})
