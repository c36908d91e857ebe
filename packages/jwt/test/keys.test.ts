// Keys: what is generated, imported, refused and shown.
import { inspect } from 'node:util'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { calculateJwkThumbprint, exportSPKI, generateKeyPair } from 'jose'
import { describe, expect, test } from 'vitest'
import type { JwtAlgorithm } from '../src/algorithms.ts'
import { algorithms } from '../src/algorithms.ts'
import { exportKey, generateKey } from '../src/generate-key.ts'
import { importKey, importSecret, importSigningKey, importVerificationKey } from '../src/import-key.ts'
import type { Jwk } from '../src/jwk.ts'
import { toJwks } from '../src/jwks.ts'
import { ALGORITHMS, everyDriver, isSymmetric, keyFor, parties, tokenWith, verdict } from './tokens.ts'

const ASYMMETRIC = ALGORITHMS.filter((algorithm) => !isSymmetric(algorithm))
const HS256 = { algorithm: 'HS256' } as const
const text = (value: string) => new TextEncoder().encode(value)

async function privateJwk(algorithm: JwtAlgorithm): Promise<Jwk> {
  return exportKey(await generateKey(algorithm, { extractable: true }))
}

/** A public JWK without its `use` and `kid`, and without `alg` where that is not part of the key. */
async function bare(algorithm: JwtAlgorithm): Promise<Jwk> {
  const { alg, ...jwk } = { ...toJwks([await keyFor(algorithm)]).keys[0], use: undefined, kid: undefined } as Jwk
  return jwk.kty === 'AKP' ? { ...jwk, alg } : jwk
}

function pair(algorithm: JwtAlgorithm) {
  const { keyType, curve = '' } = algorithms[algorithm]
  if (keyType === 'EC') return generateKeyPairSync('ec', { namedCurve: curve })
  if (keyType === 'OKP') return generateKeyPairSync('ed25519')
  if (keyType === 'AKP') return generateKeyPairSync(algorithm.toLowerCase() as 'ml-dsa-44')
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

describe('every algorithm', () => {
  test.each(ALGORITHMS)(
    'KM-3 %s: a generated key shows its algorithm and thumbprint, and is frozen',
    async (algorithm) => {
      const key = await generateKey(algorithm)
      expect(Object.keys(key)).toEqual(['kind', 'algorithm', 'keyId'])
      expect(key).toMatchObject({ kind: 'signing', algorithm })
      expect(key.keyId).toMatch(/^[\w-]{43}$/)
      expect(Object.isFrozen(key)).toBe(true)
      expect((await generateKey(algorithm)).keyId).not.toBe(key.keyId)
      expect((await generateKey(algorithm, { keyId: 'mine' })).keyId).toBe('mine')
    },
  )

  test.each(ALGORITHMS)('W97 MO-1 %s: nothing prints, lists or serializes the material', async (algorithm) => {
    const key = await generateKey(algorithm, { extractable: true })
    const jwk = exportKey(key)
    const shown = [
      JSON.stringify(key),
      inspect(key, { depth: 9, showHidden: true }),
      String(key),
      Object.getOwnPropertyNames(key).join(),
      JSON.stringify(structuredClone(key)),
    ].join('\n')
    for (const member of ['d', 'k', 'p', 'q', 'dp', 'n', 'x', 'pub', 'priv'] as const) {
      if (jwk[member] !== undefined) expect(shown).not.toContain(jwk[member])
    }
    expect(Object.getOwnPropertySymbols(key)).toEqual([])
  })

  test.each(ALGORITHMS)(
    '%s: an exported key imports again as the same key; one that is not extractable is not exported',
    async (algorithm) => {
      const key = await generateKey(algorithm, { extractable: true })
      const again = await importKey(exportKey(key), { algorithm })
      expect(again).toEqual(key)
      expect(await verdict(key, tokenWith(again as never))).toBe('ok')
      const plain = await generateKey(algorithm)
      expect(() => exportKey(plain)).toThrow(/extractable/)
      expect(() => exportKey(again as never)).toThrow(TypeError)
    },
  )

  test.each(ASYMMETRIC)('%s: PKCS#8 and SPKI PEM texts import, as the general form and by name', async (algorithm) => {
    const { privateKey, publicKey } = pair(algorithm)
    const [pkcs8, spki] = [
      privateKey.export({ type: 'pkcs8', format: 'pem' }),
      publicKey.export({ type: 'spki', format: 'pem' }),
    ]
    const signing = await importSigningKey(String(pkcs8), { algorithm })
    const verifying = await importVerificationKey(String(spki), { algorithm })
    expect(signing.keyId).toBe(await calculateJwkThumbprint(publicKey.export({ format: 'jwk' }) as never))
    expect(verifying).toMatchObject({ kind: 'verification', algorithm, keyId: signing.keyId })
    expect(await importKey(String(pkcs8), { algorithm })).toMatchObject({ kind: 'signing' })
    expect(await importKey(String(spki).replaceAll('\n', '\r\n'), { algorithm })).toMatchObject({
      kind: 'verification',
    })
    const verify = everyDriver({ ...parties, algorithms: [algorithm], keys: [verifying] })
    expect(await verify(tokenWith(signing))).toMatchObject({ ok: true })
    await expect(importVerificationKey(String(pkcs8), { algorithm })).rejects.toThrow(/BEGIN PUBLIC KEY/)
    await expect(importSigningKey(String(spki), { algorithm })).rejects.toThrow(/BEGIN PRIVATE KEY/)
  })
})

describe('what is refused', () => {
  test('JW-4 algorithm is required and exact', async () => {
    const jwk = await bare('ES256')
    for (const options of [
      undefined,
      {},
      { algorithm: 'none' },
      { algorithm: 'es256' },
      { algorithm: ['ES256'] },
      { algorithm: '__proto__' },
    ]) {
      await expect(importKey(jwk, options as never)).rejects.toThrow(/algorithm must be one of/)
    }
    await expect(generateKey('RS1' as never)).rejects.toThrow(/algorithm must be one of/)
    for (const keyId of ['', 'x'.repeat(257), 5]) {
      await expect(importKey(jwk, { algorithm: 'ES256', keyId: keyId as never })).rejects.toThrow(/keyId/)
      await expect(generateKey('ES256', { keyId: keyId as never })).rejects.toThrow(/keyId/)
    }
  })

  test('JW-4 JW-5 W3 W13 conflicting alg, use, key_ops, type and curve', async () => {
    const jwk = await bare('ES256')
    const rows: readonly (readonly [field: string, jwk: unknown])[] = [
      ['alg', { ...jwk, alg: 'ES384' }],
      ['alg', { ...jwk, alg: 'ES256K' }],
      ['use', { ...jwk, use: 'enc' }],
      ['use', { ...jwk, use: '' }],
      ['key_ops', { ...jwk, key_ops: ['sign'] }],
      ['key_ops', { ...jwk, key_ops: [] }],
      ['key_ops', { ...jwk, key_ops: ['verify', 'verify'] }],
      ['key_ops', { ...jwk, key_ops: ['verify', 'deriveKey'] }],
      ['key_ops', { ...jwk, key_ops: 'verify' }],
      ['kty', { ...jwk, kty: 'RSA' }],
      ['kty', { ...jwk, kty: undefined }],
      ['crv', { ...jwk, crv: 'P-384' }],
      ['crv', { ...jwk, crv: 'secp256k1' }],
      ['x', { ...jwk, x: `${jwk.x}A` }],
      ['x', { ...jwk, x: `${jwk.x}=` }],
      ['x', { ...jwk, x: undefined }],
      ['y', { ...jwk, y: jwk.y?.slice(0, 20) }],
      ['y', { ...jwk, y: 1 }],
      ['key', { ...jwk, y: jwk.x }],
      ['kid', { ...jwk, kid: 'x'.repeat(300) }],
      ['kid', { ...jwk, kid: 5 }],
      ['the argument', null],
      ['the argument', 5],
      ['the argument', []],
    ]
    for (const [field, given] of rows) {
      await expect(importVerificationKey(given as Jwk, { algorithm: 'ES256' })).rejects.toThrow(
        new RegExp(`: ${field} `),
      )
    }
    await expect(
      importVerificationKey({ ...jwk, key_ops: ['verify'], use: 'sig', alg: 'ES256' }, { algorithm: 'ES256' }),
    ).resolves.toBeDefined()
  })

  test('JW-4 W3 a key on another curve is refused, and one that is no point of its own', async () => {
    const curves = ['ES256', 'ES384', 'ES512'] as const
    for (const algorithm of curves) {
      const jwk = await bare(algorithm)
      await expect(importVerificationKey({ ...jwk, y: jwk.x }, { algorithm })).rejects.toThrow(/: key must be a valid/)
      await expect(importVerificationKey({ ...jwk, x: `${jwk.x}AA` }, { algorithm })).rejects.toThrow(/: x must be/)
      for (const other of [...curves, 'Ed25519', 'RS256', 'PS512'] as const) {
        if (other === algorithm) continue
        await expect(importVerificationKey(jwk, { algorithm: other })).rejects.toThrow(/: (?:kty|crv) must be/)
        const { privateKey } = pair(algorithm)
        const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
        await expect(importSigningKey(pem, { algorithm: other })).rejects.toThrow(TypeError)
      }
    }
  })

  test.each(ALGORITHMS)('%s: private members where a public key is asked for, and the reverse', async (algorithm) => {
    const jwk = await privateJwk(algorithm)
    const symmetric = isSymmetric(algorithm)
    await expect(
      importVerificationKey(jwk, { algorithm }).then(
        () => 'imported',
        () => 'refused',
      ),
    ).resolves.toBe(symmetric ? 'imported' : 'refused')
    if (symmetric) return
    await expect(importVerificationKey(jwk, { algorithm })).rejects.toThrow(/must be absent from a public key/)
    await expect(importVerificationKey({ ...(await bare(algorithm)), k: 'AAAA' }, { algorithm })).rejects.toThrow(
      /k must be absent/,
    )
    await expect(importSigningKey(await bare(algorithm), { algorithm })).rejects.toThrow(/: (?:d|priv) must be present/)
  })

  test('A37 JW-4 members that a JWK inherits are not its own', async () => {
    for (const algorithm of ALGORITHMS) {
      const jwk = await privateJwk(algorithm)
      for (const bring of [importKey, importSigningKey, importVerificationKey]) {
        await expect(bring(Object.create(jwk) as Jwk, { algorithm })).rejects.toThrow(/: kty must be text/)
      }
      const { kid, ...rest } = jwk
      const nameless = Object.assign(Object.create({ kid: 'inherited' }) as object, rest)
      expect((await importKey(nameless as Jwk, { algorithm })).keyId).toBe(kid)
    }
  })

  test('A37 a JWK is read once, so that what it says later is not imported', async () => {
    const jwk = await privateJwk('ES256')
    let reads = 0
    const turncoat = {
      ...jwk,
      get kid() {
        return (reads += 1) > 1 ? 'later' : 'first'
      },
    }
    expect((await importSigningKey(turncoat, { algorithm: 'ES256' })).keyId).toBe('first')
  })

  test.each(ALGORITHMS)('W2 A2 %s: members of another key type are refused', async (algorithm) => {
    const jwk = await privateJwk(algorithm)
    const own = new Set(Object.keys(jwk))
    const foreign = ['n', 'e', 'x', 'y', 'k', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'crv', 'pub', 'priv'].filter(
      (member) => !own.has(member),
    )
    expect(foreign.length).toBeGreaterThan(2)
    for (const member of foreign) {
      await expect(importSigningKey({ ...jwk, [member]: 'AQAB' }, { algorithm })).rejects.toThrow(
        new RegExp(`: ${member} must be absent`),
      )
    }
    await expect(importSigningKey({ ...jwk, x5t: 'x', ext: true }, { algorithm })).resolves.toBeDefined()
  })

  test('a symmetric key that only verifies cannot issue, and no asymmetric algorithm takes it', async () => {
    const jwk = await privateJwk('HS256')
    const key = await importVerificationKey(jwk, HS256)
    expect(key.kind).toBe('verification')
    expect(() => tokenWith(key as never)).toThrow(/no synchronous signer/)
    for (const algorithm of ASYMMETRIC) {
      await expect(importKey({ ...jwk, alg: undefined }, { algorithm })).rejects.toThrow(/kty must be/)
      await expect(importKey(randomBytes(32), { algorithm })).rejects.toThrow(/algorithm must be HS256, HS384 or HS512/)
    }
  })

  test('a private key whose public part is another’s is refused or signs as its own', async () => {
    const [one, two] = [await privateJwk('ES256'), await privateJwk('ES256')]
    await expect(importSigningKey({ ...one, x: two.x, y: two.y }, { algorithm: 'ES256' })).rejects.toThrow(TypeError)
    const [three, four] = [await privateJwk('Ed25519'), await privateJwk('Ed25519')]
    await expect(importSigningKey({ ...three, x: four.x }, { algorithm: 'Ed25519' })).rejects.toThrow(TypeError)
  })

  test('JW-31 no message holds any of the key', async () => {
    const jwk = await privateJwk('RS256')
    const wrong: readonly Jwk[] = [
      { ...jwk, d: `${jwk.d}=` },
      { ...jwk, p: `${jwk.p}!` },
      { ...jwk, kty: 'EC' },
      { ...jwk, alg: 'PS256' },
      { ...jwk, q: jwk.p },
      { ...jwk, d: 5 as never },
      { ...jwk, dp: 'x'.repeat(5000) },
    ]
    const pieces = [jwk.d, jwk.p, jwk.q, jwk.dp, jwk.dq, jwk.qi].map((piece) => String(piece).slice(0, 12))
    for (const given of wrong) {
      const thrown: unknown = await importSigningKey(given, { algorithm: 'RS256' }).catch((error: unknown) => error)
      const shown = inspect(thrown, { depth: 9 })
      expect(thrown).toBeInstanceOf(Error)
      for (const piece of pieces) expect(shown).not.toContain(piece)
    }
    const secret = randomBytes(16).toString('hex').slice(0, 31)
    const thrown: unknown = await importSecret(text(secret), HS256).catch((error: unknown) => error)
    expect(inspect(thrown)).not.toContain(secret.slice(0, 12))
  })
})

test('a key of jose’s own making imports, and its SPKI verifies what it signed', async () => {
  const { privateKey, publicKey } = await generateKeyPair('Ed25519', { extractable: true })
  const spki = await exportSPKI(publicKey)
  const key = await importVerificationKey(spki, { algorithm: 'Ed25519', keyId: 'theirs' })
  expect(key).toEqual({ kind: 'verification', algorithm: 'Ed25519', keyId: 'theirs' })
  expect(privateKey.type).toBe('private')
})
