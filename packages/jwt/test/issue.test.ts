// What an issuer adds, takes and refuses.
import { TokenError } from '@tallystick/core'
import { describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { decode } from '../src/decode.ts'
import { generateKey } from '../src/generate-key.ts'
import { importVerificationKey } from '../src/import-key.ts'
import { createIssuer } from '../src/issue.ts'
import { toJwks } from '../src/jwks.ts'
import { materialOf, signingKey } from '../src/key.ts'
import { createSyncVerifier, createVerifier } from '../src/verify.ts'
import { ALGORITHMS, countingEntropy, everyDriver, keyFor, later, NOW, parties } from './tokens.ts'

const base = { ...parties, lifetimeSeconds: 300 } as const
const given = { sub: 'user_42', client_id: 'web' } as const

async function issuerWith(options: object = {}) {
  return createIssuer({ ...base, keys: [await keyFor('ES256')], ...options })
}

describe('issuing', () => {
  test.each(ALGORITHMS)('%s: what is issued is verified, by every driver, until it expires', async (algorithm) => {
    const key = await keyFor(algorithm)
    const token = await createIssuer({ ...base, keys: [key] }).issue({ ...given, scope: 'a b' }, NOW, countingEntropy())
    const verify = everyDriver({ ...parties, algorithms: [algorithm], keys: [key], clockToleranceSeconds: 0 })
    const result = await verify(token, later(299))
    expect(result).toMatchObject({
      ok: true,
      claims: { ...given, iss: parties.issuer, aud: parties.audience, iat: NOW, exp: NOW + 300, scope: 'a b' },
      header: { alg: algorithm, typ: 'at+jwt', kid: key.keyId },
    })
    expect(await verify(token, later(300))).toMatchObject({ reason: 'jwt/expired' })
  })

  test('RFC 9068 §2 the header has alg, typ and kid, and nothing else', async () => {
    const token = await (await issuerWith()).issue(given, NOW, countingEntropy())
    const decoded = decode(token)
    expect(decoded.ok && Object.keys(decoded.header)).toEqual(['alg', 'typ', 'kid'])
    expect(decoded.ok && Object.keys(decoded.claims).toSorted()).toEqual(
      ['iss', 'sub', 'aud', 'client_id', 'iat', 'exp', 'jti'].toSorted(),
    )
  })

  test('jti has 128 bits of the given entropy, a new one each time, and the caller’s own is kept', async () => {
    const issuer = await issuerWith()
    const lengths: number[] = []
    const entropy = { bytes: (length: number) => (lengths.push(length), new Uint8Array(length).fill(lengths.length)) }
    const ids = []
    for (let at = 0; at < 3; at += 1) {
      const decoded = decode(await issuer.issue(given, NOW, entropy))
      ids.push(decoded.ok && decoded.claims['jti'])
    }
    expect(lengths).toEqual([16, 16, 16])
    expect(new Set(ids).size).toBe(3)
    const own = decode(await issuer.issue({ ...given, jti: 'mine' }, NOW, entropy))
    expect(own).toMatchObject({ ok: true, claims: { jti: 'mine' } })
    expect(lengths).toHaveLength(3)
  })

  test('a caller may narrow aud and exp, and add whatever is JSON', async () => {
    const issuer = await issuerWith()
    const claims = {
      ...given,
      aud: ['a', 'b'],
      exp: NOW + 10,
      acr: 'high',
      amr: ['pwd'],
      tenant: { id: 'łódź', list: [1, null] },
    }
    expect(decode(await issuer.issue(claims, NOW, countingEntropy()))).toMatchObject({ ok: true, claims })
    expect(
      decode(await issuer.issue({ ...given, iss: parties.issuer, iat: NOW }, NOW, countingEntropy())),
    ).toMatchObject({ ok: true })
  })

  test('the claims that were given stay as they were', async () => {
    const frozen = Object.freeze({ ...given, amr: Object.freeze(['pwd']) })
    await (await issuerWith()).issue(frozen, NOW, countingEntropy())
    expect(frozen).toEqual({ ...given, amr: ['pwd'] })
  })

  test('the first key signs; a second is there to be published', async () => {
    const [first, second] = [await generateKey('ES256'), await generateKey('Ed25519')]
    const token = await createIssuer({ ...base, keys: [first, second] }).issue(given, NOW, countingEntropy())
    expect(decode(token)).toMatchObject({ header: { alg: 'ES256', kid: first.keyId } })
  })

  test('without a synchronous primitive the same token comes through WebCrypto', async () => {
    for (const algorithm of ['Ed25519', 'HS256', 'RS256'] as const) {
      const key = await keyFor(algorithm)
      const material = materialOf(key)
      if (material === undefined) throw new Error('unreachable')
      const slow = signingKey(key.keyId, { ...material, synchronous: undefined })
      const issue = (signer: typeof key) =>
        createIssuer({ ...base, keys: [signer] }).issue({ ...given, jti: 'same' }, NOW, countingEntropy())
      expect(await issue(slow)).toBe(await issue(key))
      const options = { ...parties, algorithms: [algorithm], keys: [slow] }
      expect(await createVerifier(options).verify(await issue(key), NOW)).toMatchObject({ ok: true })
      expect(() => createSyncVerifier(options)).toThrow(/verifies synchronously/)
    }
  })

  test('a key that fails is a failure, not a refusal, and its text is not told', async () => {
    const key = await keyFor('ES256')
    const material = materialOf(key)
    if (material === undefined) throw new Error('unreachable')
    const fail = () => {
      throw new Error('pin 1234')
    }
    const broken = signingKey(key.keyId, { ...material, synchronous: { verify: () => true, sign: fail } })
    const issued = createIssuer({ ...base, keys: [broken] }).issue(given, NOW, countingEntropy())
    const thrown: unknown = await issued.catch((error: unknown) => error)
    expect(thrown).toMatchObject({ code: 'ERR_SIGNING' })
    expect(String((thrown as Error).cause) + (thrown as Error).message).not.toContain('1234')
  })
})

describe('what is not issued', () => {
  test('AT-2 without sub or client_id, or with any claim of the wrong form, nothing is issued and the claim is named', async () => {
    const issuer = await issuerWith()
    const rows: readonly (readonly [claim: string, claims: unknown])[] = [
      ['sub', { client_id: 'web' }],
      ['sub', { ...given, sub: undefined }],
      ['sub', { ...given, sub: '' }],
      ['sub', { ...given, sub: 42 }],
      ['client_id', { sub: 'user_42' }],
      ['client_id', { ...given, client_id: null }],
      ['jti', { ...given, jti: '' }],
      ['jti', { ...given, jti: 7 }],
      ['aud', { ...given, aud: [] }],
      ['aud', { ...given, aud: 5 }],
      ['iss', { ...given, iss: 'https://evil.example' }],
      ['iat', { ...given, iat: NOW - 1 }],
      ['exp', { ...given, exp: NOW + 301 }],
      ['exp', { ...given, exp: NOW }],
      ['exp', { ...given, exp: Number.NaN }],
      ['exp', { ...given, exp: Number.POSITIVE_INFINITY }],
      ['exp', { ...given, exp: null }],
      ['nbf', { ...given, nbf: 'soon' }],
      ['scope', { ...given, scope: ['a'] }],
      ['acr', { ...given, acr: 1 }],
      ['amr', { ...given, amr: 'pwd' }],
      ['auth_time', { ...given, auth_time: '1' }],
      ['cnf', { ...given, cnf: 'x' }],
      ['toJSON', { ...given, toJSON: () => ({ sub: 'root' }) }],
      ['claims', null],
      ['claims', 'sub'],
    ]
    for (const [claim, claims] of rows) {
      await expect(issuer.issue(claims as never, NOW, countingEntropy())).rejects.toThrow(
        new RegExp(`^issue: ${claim} `),
      )
    }
  })

  test('JW-30 no token is issued that our own verifier would refuse for its size or depth', async () => {
    const issuer = await issuerWith()
    let nested: unknown = 1
    for (let depth = 0; depth < 32; depth += 1) nested = [nested]
    await expect(issuer.issue({ ...given, nested }, NOW, countingEntropy())).rejects.toThrow(RangeError)
    await expect(issuer.issue({ ...given, pad: 'x'.repeat(13_000) }, NOW, countingEntropy())).rejects.toThrow(
      RangeError,
    )
  })

  test('now must be a NumericDate', async () => {
    const issuer = await issuerWith()
    for (const now of [Number.NaN, 1_790_000_000_000, '1', undefined]) {
      await expect(issuer.issue(given, now as never, countingEntropy())).rejects.toThrow(RangeError)
    }
  })

  test('every missing or wrong option is named at construction', async () => {
    const key = await keyFor('ES256')
    const publicKey = await importVerificationKey({ ...toJwks([key]).keys[0] }, { algorithm: 'ES256' })
    const good = { ...base, keys: [key] }
    const rows: readonly (readonly [field: string, options: unknown])[] = [
      ['issuer', { ...good, issuer: '' }],
      ['audience', { ...good, audience: undefined }],
      ['type', { ...good, type: 'at+JWT' }],
      ['lifetimeSeconds', { ...good, lifetimeSeconds: undefined }],
      ['lifetimeSeconds', { ...good, lifetimeSeconds: 0 }],
      ['lifetimeSeconds', { ...good, lifetimeSeconds: 1.5 }],
      ['lifetimeSeconds', { ...good, lifetimeSeconds: '5m' }],
      ['keys', { ...good, keys: [] }],
      ['keys.0', { ...good, keys: [publicKey] }],
      ['keys.0', { ...good, keys: ['secret'] }],
      ['claims', { ...good, claims: z }],
    ]
    for (const [field, options] of rows) {
      expect(() => createIssuer(options as never)).toThrow(new RegExp(`^createIssuer: ${field} `))
    }
  })
})

describe('a claims schema', () => {
  const claims = z.object({
    tenant: z.string(),
    since: z.pipe(
      z.number(),
      z.transform((seconds: number) => new Date(seconds * 1000)),
    ),
  })

  test('its input is issued, its output is verified, and the registered claims stay beside it', async () => {
    const key = await keyFor('HS256')
    const issuer = createIssuer({ ...base, keys: [key], claims })
    const token = await issuer.issue(
      { ...given, tenant: 'acme', since: 86_400, other: 1 } as never,
      NOW,
      countingEntropy(),
    )
    expect(decode(token)).toMatchObject({ claims: { tenant: 'acme', since: 86_400, other: 1 } })
    const options = { ...parties, algorithms: ['HS256'], keys: [key], claims } as const
    const result = createSyncVerifier(options).verify(token, NOW)
    expect(result).toMatchObject({
      ok: true,
      claims: { ...given, tenant: 'acme', since: new Date(86_400_000), iat: NOW },
    })
    expect(result.ok && 'other' in result.claims).toBe(false)
    expect(await createVerifier(options).verify(token, NOW)).toEqual(result)
  })

  test('what it does not accept is neither issued nor verified', async () => {
    const key = await keyFor('HS256')
    const issuer = createIssuer({ ...base, keys: [key], claims })
    await expect(issuer.issue({ ...given, tenant: 5 } as never, NOW, countingEntropy())).rejects.toThrow(
      /^issue: tenant must be as/,
    )
    const token = await createIssuer({ ...base, keys: [key] }).issue(given, NOW, countingEntropy())
    const options = { ...parties, algorithms: ['HS256'], keys: [key], claims } as const
    expect(createSyncVerifier(options).verify(token, NOW)).toMatchObject({ reason: 'jwt/invalid_claim' })
    expect(await createVerifier(options).verify(token, NOW)).toMatchObject({ reason: 'jwt/invalid_claim' })
  })

  test('it cannot rewrite a registered claim', async () => {
    const key = await keyFor('HS256')
    const forging = schemaOf(() => ({ value: { sub: 'root', extra: 1 } }))
    const token = await createIssuer({ ...base, keys: [key] }).issue(given, NOW, countingEntropy())
    const result = createSyncVerifier({ ...parties, algorithms: ['HS256'], keys: [key], claims: forging }).verify(
      token,
      NOW,
    )
    expect(result).toMatchObject({ ok: true, claims: { sub: 'user_42', extra: 1 } })
  })

  test('one that answers with a promise serves createVerifier, and is refused by createSyncVerifier at construction', async () => {
    const key = await keyFor('HS256')
    const slow = schemaOf(async (value) => ({ value: value as object }))
    const options = { ...parties, algorithms: ['HS256'], keys: [key], claims: slow } as const
    const token = await createIssuer({ ...base, keys: [key], claims: slow }).issue(given, NOW, countingEntropy())
    expect(await createVerifier(options).verify(token, NOW)).toMatchObject({ ok: true, claims: given })
    expect(() => createSyncVerifier(options)).toThrow(/claims must validate synchronously/)
    let calls = 0
    const late = schemaOf((value) =>
      (calls += 1) === 1 ? { value: value as object } : Promise.resolve({ value: value as object }),
    )
    const verifier = createSyncVerifier({ ...options, claims: late })
    expect(() => verifier.verify(token, NOW)).toThrow(TokenError)
  })

  test('one that throws is a failure of the hook', async () => {
    const key = await keyFor('HS256')
    const broken = schemaOf((value) => {
      if (Object.keys(value as object).length > 0) throw new Error('down')
      return { value: {} }
    })
    const token = await createIssuer({ ...base, keys: [key] }).issue(given, NOW, countingEntropy())
    const options = { ...parties, algorithms: ['HS256'], keys: [key], claims: broken } as const
    expect(() => createSyncVerifier(options).verify(token, NOW)).toThrow(TokenError)
    await expect(createVerifier(options).verify(token, NOW)).rejects.toMatchObject({ code: 'ERR_HOOK' })
    await expect(
      createIssuer({ ...base, keys: [key], claims: broken }).issue(given, NOW, countingEntropy()),
    ).rejects.toMatchObject({ code: 'ERR_HOOK' })
  })

  type Answer = { readonly value: object }
  function schemaOf(validate: (value: unknown) => Answer | Promise<Answer>) {
    return { '~standard': { version: 1, vendor: 'test', validate } } as const
  }
})
