// JWTs: each algorithm is issued and verified here, and each signature is held against WebCrypto used directly.
import { numericDate } from '@tallystick/core'
import { decodeBase64url, encodeBase64url } from '@tallystick/core/base64url'
import { systemEntropy } from '@tallystick/core/system'
import {
  createIssuer,
  createSyncVerifier,
  createVerifier,
  decode,
  importKey,
  importSecret,
  importSigningKey,
  importVerificationKey,
  toJwks,
  verifyCompact,
  type JwtAlgorithm,
  type SigningKey,
  type VerificationKey,
} from '@tallystick/jwt'
import { exportKey, generateKey, type Jwk } from '@tallystick/jwt/keys'
import { holds, same, throws, type Register } from './checks.ts'
import { API, ISSUER, START } from './world.ts'

/** The algorithms that every runtime has. */
export const ALGORITHMS = [
  'ES256',
  'ES384',
  'ES512',
  'Ed25519',
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
/** The algorithms that some runtimes have (RFC 9964). */
export const ML_DSA = ['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'] as const
type Algorithm = (typeof ALGORITHMS)[number]

/** Registers the checks of `@tallystick/jwt`. */
export function signatureChecks(check: Register): void {
  for (const algorithm of ALGORITHMS) algorithmChecks(check, algorithm)
  for (const algorithm of ML_DSA) {
    check(`jwt ${algorithm}: it is there and signs, or it is a failure that says so`, () => mlDsaCheck(algorithm))
  }
  check('jwt: a weak secret and a foreign key object are mistakes that show no secret', async () => {
    await throws(() => importSecret(new Uint8Array(31), { algorithm: 'HS256' }), /^RangeError: .*32 to 1024 bytes/)
    await throws(() => createIssuer({ ...PARTIES, lifetimeSeconds: 60, keys: [{} as SigningKey] }), /^TypeError: /)
    const k = 'c2VjcmV0IHRoYXQgbXVzdCBub3QgYmUgc2hvd24gYXQgYWxsIQ'
    await throws(() => importKey({ kty: 'oct', k, alg: 'HS512' }, { algorithm: 'HS256' }), /^(?!.*c2VjcmV0).*Error: /)
  })
}

function algorithmChecks(check: Register, algorithm: Algorithm): void {
  let made: Promise<SigningKey> | undefined
  const key = (): Promise<SigningKey> => (made ??= generateKey(algorithm, { extractable: true }))

  check(
    `jwt ${algorithm}: what is issued verifies, and one turned bit, a late hour or another audience does not`,
    async () => {
      const keys = [await key()]
      const options = { ...PARTIES, algorithms: [algorithm], keys }
      const token = await issueWith(keys)
      const decoded = decode(token)
      same(decoded.ok && decoded.header, { alg: algorithm, typ: 'at+jwt', kid: keys[0]?.keyId })
      for (const verify of verifiersOf(options)) {
        const good = await verify(token, START)
        holds(good.ok, good.ok ? '' : good.reason)
        same([good.claims.sub, good.claims.exp], ['łódź', START + 60])
        for (const bad of spoilt(token)) same(reasonOf(await verify(bad, START)), 'jwt/bad_signature')
        same(reasonOf(await verify(token, numericDate(START + 3600))), 'jwt/expired')
        const elsewhere = verifiersOf({ ...options, audience: 'https://other.example.com' })
        for (const other of elsewhere) same(reasonOf(await other(token, START)), 'jwt/wrong_audience')
      }
    },
  )
  check(`jwt ${algorithm}: WebCrypto accepts our signature`, async () => {
    const verifying = await subtleKey(await key(), 'verify')
    const [input, signature] = partsOf(await issueWith([await key()]))
    holds(await crypto.subtle.verify(SUBTLE_USE[algorithm], verifying, signature, input), 'the signature is good')
  })
  check(`jwt ${algorithm}: we accept WebCrypto's signature`, async () => {
    const own = await key()
    const signing = await subtleKey(own, 'sign')
    const payload = '{"hello":"world"}'
    const segments = [JSON.stringify({ alg: algorithm, kid: own.keyId }), payload].map((text) =>
      encodeBase64url(new TextEncoder().encode(text)),
    )
    const input = segments.join('.')
    const signature = await crypto.subtle.sign(SUBTLE_USE[algorithm], signing, new TextEncoder().encode(input))
    const token = `${input}.${encodeBase64url(new Uint8Array(signature))}`
    const result = await verifyCompact(token, { keys: [own], algorithms: [algorithm] })
    holds(result.ok, result.ok ? '' : result.reason)
    same(new TextDecoder().decode(result.payload), payload)
  })
  check(
    `jwt ${algorithm}: a key survives export and import as JWK, JWKS and PEM, and shows nothing of itself`,
    async () => {
      const own = await key()
      const again = await importSigningKey(exportKey(own), { algorithm })
      same([again.algorithm, again.keyId], [algorithm, own.keyId])
      holds(!JSON.stringify(own).includes(memberOf(own)), 'a printed key holds no key')
      for (const verifying of await verifyingForms(own)) {
        for (const verify of verifiersOf({ ...PARTIES, algorithms: [algorithm], keys: [verifying] }))
          same(reasonOf(await verify(await issueWith([again]), START)), undefined)
      }
      if (isSymmetric(algorithm)) return
      const pkcs8 = await crypto.subtle.exportKey('pkcs8', await subtleKey(own, 'sign'))
      const fromPem = await importSigningKey(pemOf('PRIVATE KEY', pkcs8), { algorithm, keyId: own.keyId })
      same(reasonOf(await verifierOf(own)(await issueWith([fromPem]), START)), undefined)
    },
  )
}

/** RFC 9964: not every runtime has it; none may take it for a bad signature, or for a key that is wrong. */
async function mlDsaCheck(algorithm: JwtAlgorithm): Promise<void> {
  const isThere = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']).then(
    () => true,
    () => false,
  )
  try {
    const keys = [await generateKey(algorithm)]
    const token = await issueWith(keys)
    for (const verify of verifiersOf({ ...PARTIES, algorithms: [algorithm], keys })) {
      same(reasonOf(await verify(token, START)), undefined)
      for (const bad of spoilt(token)) same(reasonOf(await verify(bad, START)), 'jwt/bad_signature')
    }
    holds(isThere, 'WebCrypto has it too')
  } catch (error) {
    holds(!isThere && (error as { code?: string }).code === 'ERR_ALGORITHM_UNAVAILABLE', String(error))
  }
}

interface VerifierSettings {
  readonly issuer: string
  readonly audience: string
  readonly type: 'at+jwt'
  readonly algorithms: readonly JwtAlgorithm[]
  readonly keys: ReadonlyArray<SigningKey | VerificationKey>
}

type Verify = ReturnType<typeof createVerifier>['verify']

/** The verifier that may wait, and the one that answers at once where the runtime has it. */
function verifiersOf(options: VerifierSettings): readonly Verify[] {
  const verify: Verify = (token, now) => createVerifier(options).verify(token, now)
  try {
    const synchronous = createSyncVerifier(options)
    return [verify, async (token, now) => synchronous.verify(token, now)]
  } catch (error) {
    if (/verifies synchronously/.test(String(error))) return [verify]
    throw error
  }
}

function verifierOf(key: SigningKey): Verify {
  const verifier = createVerifier({ ...PARTIES, algorithms: [key.algorithm], keys: [key] })
  return (token, now) => verifier.verify(token, now)
}

async function verifyingForms(key: SigningKey): Promise<VerifierSettings['keys']> {
  const { algorithm, keyId } = key
  if (isSymmetric(algorithm)) return [await importKey(exportKey(key), { algorithm })]
  const [published] = toJwks([key]).keys
  holds(published !== undefined && !('d' in published), 'a published key is public')
  const spki = await crypto.subtle.exportKey('spki', await subtleKey(key, 'verify'))
  return [
    await importVerificationKey({ ...published }, { algorithm }),
    await importVerificationKey(pemOf('PUBLIC KEY', spki), { algorithm, keyId }),
  ]
}

function issueWith(keys: readonly SigningKey[]): Promise<string> {
  const issuer = createIssuer({ ...PARTIES, lifetimeSeconds: 60, keys })
  return issuer.issue({ sub: 'łódź', client_id: 'web' }, START, systemEntropy)
}

/** The signature with a bit of its first, middle and last byte turned. */
function spoilt(token: string): readonly string[] {
  const [, signature] = partsOf(token)
  return [0, signature.length >> 1, signature.length - 1].map((at) => {
    const other = signature.slice()
    other[at] = (other[at] ?? 0) ^ 1
    return `${token.slice(0, token.lastIndexOf('.'))}.${encodeBase64url(other)}`
  })
}

function partsOf(token: string): readonly [input: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>] {
  const end = token.lastIndexOf('.')
  const signature = decodeBase64url(token.slice(end + 1))
  return [new TextEncoder().encode(token.slice(0, end)), Uint8Array.from(signature ?? [])]
}

function reasonOf(result: { readonly ok: boolean; readonly reason?: string }): string | undefined {
  return result.ok ? undefined : result.reason
}

function memberOf(key: SigningKey): string {
  const { d, k } = exportKey(key) as { readonly d?: string; readonly k?: string }
  return d ?? k ?? ''
}

async function subtleKey(key: SigningKey, use: 'sign' | 'verify'): Promise<CryptoKey> {
  const exported = exportKey(key)
  const published: Jwk = isSymmetric(key.algorithm) ? exported : { ...toJwks([key]).keys[0] }
  const { kty, crv, n, e, d, p, q, dp, dq, qi, x, y, k, alg, use: purpose } = use === 'sign' ? exported : published
  holds(alg === key.algorithm && purpose === 'sig', 'an exported key says what it is for')
  const members = Object.entries({ kty, crv, n, e, d, p, q, dp, dq, qi, x, y, k }).filter(
    ([, text]) => text !== undefined,
  )
  return crypto.subtle.importKey('jwk', Object.fromEntries(members), SUBTLE_IMPORT[key.algorithm as Algorithm], true, [
    use,
  ])
}

function isSymmetric(algorithm: JwtAlgorithm): boolean {
  return algorithm.startsWith('HS')
}

function pemOf(label: string, der: ArrayBuffer): string {
  const lines = btoa(String.fromCharCode(...new Uint8Array(der))).match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

const PARTIES = { issuer: ISSUER, audience: API, type: 'at+jwt' } as const

// RFC 7518 §3 and RFC 8037 §3.1 in WebCrypto's words, written here a second time so that ours are not their own judge.
const SUBTLE_IMPORT: Readonly<Record<Algorithm, { name: string; hash?: string; namedCurve?: string }>> = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  ES384: { name: 'ECDSA', namedCurve: 'P-384' },
  ES512: { name: 'ECDSA', namedCurve: 'P-521' },
  Ed25519: { name: 'Ed25519' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
  PS384: { name: 'RSA-PSS', hash: 'SHA-384' },
  PS512: { name: 'RSA-PSS', hash: 'SHA-512' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  RS384: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384' },
  RS512: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' },
  HS256: { name: 'HMAC', hash: 'SHA-256' },
  HS384: { name: 'HMAC', hash: 'SHA-384' },
  HS512: { name: 'HMAC', hash: 'SHA-512' },
}
const SUBTLE_USE: Readonly<Record<Algorithm, { name: string; hash?: string; saltLength?: number }>> = {
  ...SUBTLE_IMPORT,
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  ES384: { name: 'ECDSA', hash: 'SHA-384' },
  ES512: { name: 'ECDSA', hash: 'SHA-512' },
  PS256: { name: 'RSA-PSS', saltLength: 32 },
  PS384: { name: 'RSA-PSS', saltLength: 48 },
  PS512: { name: 'RSA-PSS', saltLength: 64 },
}
