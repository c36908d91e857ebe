// Three other libraries read our tokens, and we read theirs where theirs are sound.
import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto'
import { createSigner, createVerifier as createFastVerifier } from 'fast-jwt'
import { importJWK, jwtVerify, SignJWT } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import { expect, test } from 'vitest'
import type { JwtAlgorithm } from '../src/algorithms.ts'
import { exportKey, generateKey } from '../src/generate-key.ts'
import { createIssuer } from '../src/issue.ts'
import { toJwks } from '../src/jwks.ts'
import {
  ALGORITHMS,
  AUDIENCE,
  countingEntropy,
  everyDriver,
  goodClaims,
  isSymmetric,
  ISSUER,
  NOW,
  parties,
} from './tokens.ts'

/** What jsonwebtoken and fast-jwt have too. */
const COMMON = [
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
  'HS256',
  'HS384',
  'HS512',
] as const

const time = { currentDate: new Date(NOW * 1000) }

async function setUp(algorithm: JwtAlgorithm) {
  const key = await generateKey(algorithm, { extractable: true })
  const jwk = exportKey(key)
  const published = isSymmetric(algorithm) ? jwk : toJwks([key]).keys[0]
  const token = await createIssuer({ ...parties, lifetimeSeconds: 300, keys: [key] }).issue(
    { sub: 'user_42', client_id: 'web', scope: 'orders:read' },
    NOW,
    countingEntropy(),
  )
  const verify = everyDriver({ ...parties, algorithms: [algorithm], keys: [key] })
  const secret = () => createSecretKey(Buffer.from(String(jwk.k), 'base64url'))
  const privateKey = () => (isSymmetric(algorithm) ? secret() : createPrivateKey({ key: jwk as never, format: 'jwk' }))
  const publicKey = () =>
    isSymmetric(algorithm) ? secret() : createPublicKey({ key: published as never, format: 'jwk' })
  return { key, jwk, published, token, verify, privateKey, publicKey }
}

test.each(ALGORITHMS)('jose reads our %s tokens and we read its', async (algorithm) => {
  const { key, jwk, published, token, verify } = await setUp(algorithm)
  const read = await jwtVerify(token, published as never, {
    algorithms: [algorithm],
    issuer: ISSUER,
    audience: AUDIENCE,
    typ: 'at+jwt',
    ...time,
  })
  expect(read.payload).toMatchObject({ sub: 'user_42', scope: 'orders:read', exp: NOW + 300 })
  const theirs = await new SignJWT(goodClaims)
    .setProtectedHeader({ alg: algorithm, typ: 'at+jwt', kid: key.keyId })
    .sign(await importJWK(jwk as never, algorithm))
  expect(await verify(theirs)).toMatchObject({ ok: true, claims: goodClaims })
})

test.each(COMMON)('jsonwebtoken reads our %s tokens and we read its', async (algorithm) => {
  const { key, token, verify, privateKey, publicKey } = await setUp(algorithm)
  const read = jsonwebtoken.verify(token, publicKey(), {
    algorithms: [algorithm],
    issuer: ISSUER,
    audience: AUDIENCE,
    clockTimestamp: NOW,
  })
  expect(read).toMatchObject({ sub: 'user_42', exp: NOW + 300 })
  const theirs = jsonwebtoken.sign(goodClaims, privateKey(), {
    algorithm,
    header: { alg: algorithm, typ: 'at+jwt', kid: key.keyId },
  })
  expect(await verify(theirs)).toMatchObject({ ok: true, claims: goodClaims })
  const untyped = jsonwebtoken.sign(goodClaims, privateKey(), { algorithm, keyid: key.keyId })
  expect(await verify(untyped)).toMatchObject({ reason: 'jwt/wrong_type' })
})

test.each([...COMMON, 'EdDSA'] as const)('fast-jwt reads our %s tokens and we read its', async (algorithm) => {
  const { key, token, verify, privateKey, publicKey } = await setUp(algorithm)
  const form = (own: ReturnType<typeof privateKey>, type: 'pkcs8' | 'spki') =>
    isSymmetric(algorithm) ? own.export() : own.export({ type: type as 'pkcs8', format: 'pem' })
  const options = {
    key: form(publicKey() as never, 'spki'),
    algorithms: [algorithm],
    allowedIss: ISSUER,
    allowedAud: AUDIENCE,
    clockTimestamp: NOW * 1000,
  }
  expect(createFastVerifier(options as never)(token)).toMatchObject({ sub: 'user_42', exp: NOW + 300 })
  const sign = createSigner({
    key: form(privateKey() as never, 'pkcs8'),
    algorithm,
    header: { typ: 'at+jwt' },
    kid: key.keyId,
  } as never)
  expect(await verify(sign({ ...goodClaims }))).toMatchObject({
    ok: true,
    claims: { ...goodClaims, iat: expect.any(Number) as number },
  })
})

test('W43 a crit that jsonwebtoken lets pass is refused by us', async () => {
  const { key, verify, privateKey, publicKey } = await setUp('ES256')
  const header = { alg: 'ES256', typ: 'at+jwt', kid: key.keyId, crit: ['unknown'], unknown: 1 } as const
  const token = jsonwebtoken.sign(goodClaims, privateKey(), { algorithm: 'ES256', header: header as never })
  expect(jsonwebtoken.verify(token, publicKey(), { algorithms: ['ES256'], clockTimestamp: NOW })).toMatchObject({
    sub: 'user_42',
  })
  expect(await verify(token)).toMatchObject({ reason: 'jwt/critical_header' })
})
