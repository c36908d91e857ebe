// Hostile objects as claims, options and prototypes: what is signed is what was checked, and nothing inherited counts.
import { describe, expect, test } from 'vitest'
import { decode } from '../src/decode.ts'
import { createIssuer } from '../src/issue.ts'
import { createSyncVerifier, createVerifier } from '../src/verify.ts'
import { everyDriver, forge, goodClaims, headerOf, countingEntropy, keyFor, NOW, parties } from './tokens.ts'

const given = { sub: 'user_42', client_id: 'web' } as const

async function issuerWith(options: object = {}) {
  return createIssuer({ ...parties, lifetimeSeconds: 300, keys: [await keyFor('HS256')], ...options })
}

/** Gives one value at the first readings and another from then on. */
function turncoat(claim: string, before: unknown, after: unknown, readings: number): object {
  let count = 0
  const get = () => ((count += 1) > readings ? after : before)
  return Object.defineProperty({ ...given }, claim, { enumerable: true, get })
}

describe('what is signed is what was checked', () => {
  test('A37 JW-30 claims that turn into something else as JSON are not issued, and the claim is named', async () => {
    const issuer = await issuerWith()
    const evil = { iss: parties.issuer, sub: 'root', aud: parties.audience, exp: 99_999_999_999 }
    const rows: readonly (readonly [claim: string, claims: object])[] = [
      ['toJSON', { ...given, toJSON: () => evil }],
      ['toJSON', turncoat('toJSON', undefined, () => evil, 0)],
      ['aud', { ...given, aud: Object.assign(['https://api'], { toJSON: () => 'https://other' }) }],
      ['aud', { ...given, aud: Object.assign(['https://api'], { toJSON: () => ['https://other'] }) }],
      ['aud', { ...given, aud: Array(2) }],
      ['aud', { ...given, aud: ['https://api', undefined] }],
      ['amr', { ...given, amr: [undefined, 'pwd'] }],
      ['amr', { ...given, amr: Object.assign(Array(2), { 1: 'pwd' }) }],
      ['cnf', { ...given, cnf: { jkt: 'x', toJSON: () => undefined } }],
      ['cnf', { ...given, cnf: { jkt: 'x', toJSON: () => ({ jkt: 'y' }) } }],
      ['cnf', { ...given, cnf: { jkt: 'x', toJSON: () => ({}) } }],
      ['cnf', { ...given, cnf: new URL('https://x.example') }],
      ['cnf', { ...given, cnf: new Date(0) }],
      ['cnf', { ...given, cnf: new Map([['jkt', 'x']]) }],
      ['cnf', { ...given, cnf: new Set(['x']) }],
      ['cnf', { ...given, cnf: { jkt: () => 'x' } }],
      ['cnf', { ...given, cnf: { jkt: undefined } }],
      ['cnf', { ...given, cnf: { jkt: new Map() } }],
      ['cnf', { ...given, cnf: () => ({ jkt: 'x' }) }],
      ['scope', { ...given, scope: () => 'a' }],
      ['nbf', { ...given, nbf: Symbol('now') }],
      ['tenant', { ...given, tenant: () => 'acme' }],
      ['tenant', { ...given, tenant: { toJSON: () => undefined } }],
      ['sub', { ...given, sub: Object.assign(Object('user_42'), { toJSON: () => 'root' }) }],
    ]
    for (const [claim, claims] of rows) {
      const outcome = await issuer.issue(claims as never, NOW, countingEntropy()).then(
        (token) => JSON.stringify(decode(token)),
        (error: unknown) => String(error),
      )
      expect([claim, outcome]).toEqual([
        claim,
        expect.stringMatching(new RegExp(`^(Type|Range)Error: issue: ${claim} `)),
      ])
    }
  })

  test('A37 a getter is read once, so that what it says later is never signed', async () => {
    const issuer = await issuerWith()
    for (const [claim, before, after] of [
      ['sub', 'user_42', 'root'],
      ['exp', NOW + 10, 99_999_999_999],
      ['iss', parties.issuer, 'https://evil.example'],
      ['cnf', { jkt: 'x' }, undefined],
    ] as const) {
      const token = await issuer.issue(turncoat(claim, before, after, 1) as never, NOW, countingEntropy())
      expect(decode(token)).toMatchObject({ ok: true, claims: { [claim]: before } })
    }
  })

  test('A37 a Proxy as aud or cnf signs what it says as JSON, or nothing', async () => {
    const issuer = await issuerWith()
    let reads = 0
    const flip = (target: object, lie: unknown) =>
      new Proxy(target, {
        get: (from, name) => ((name === '0' || name === 'jkt') && (reads += 1) > 2 ? lie : Reflect.get(from, name)),
      })
    for (let start = 0; start < 4; start += 1) {
      reads = start
      const aud = flip(['https://api'], 5)
      await issuer.issue({ ...given, aud } as never, NOW, countingEntropy()).then(
        (token) => expect(decode(token)).toMatchObject({ claims: { aud: ['https://api'] } }),
        (error: unknown) => expect(String(error)).toMatch(/issue: aud /),
      )
      reads = start
      const cnf = flip({ jkt: 'x' }, undefined)
      await issuer.issue({ ...given, cnf } as never, NOW, countingEntropy()).then(
        (token) => expect(decode(token)).toMatchObject({ claims: { cnf: { jkt: 'x' } } }),
        (error: unknown) => expect(String(error)).toMatch(/issue: cnf /),
      )
    }
  })

  test('what is JSON is issued as it is: undefined is absence, a Date beside the registered claims its text', async () => {
    const issuer = await issuerWith()
    const claims = { ...given, nbf: undefined, note: undefined, cnf: { jkt: 'x' }, born: new Date(0) }
    expect(decode(await issuer.issue(claims as never, NOW, countingEntropy()))).toMatchObject({
      claims: { ...given, cnf: { jkt: 'x' }, born: '1970-01-01T00:00:00.000Z' },
    })
    const bare = Object.assign(Object.create(null) as object, { jkt: 'x' })
    const bound = await issuer.issue({ ...given, cnf: bare } as never, NOW, countingEntropy())
    expect(decode(bound)).toMatchObject({ claims: { cnf: { jkt: 'x' } } })
  })

  test('the audience of an issuer is that of its construction, and a list with holes is none', async () => {
    const audience = ['https://api.example.com', 'https://other.example']
    const issuer = await issuerWith({ audience })
    audience[0] = 'https://changed.example'
    audience.push('https://more.example')
    expect(decode(await issuer.issue(given, NOW, countingEntropy()))).toMatchObject({
      claims: { aud: ['https://api.example.com', 'https://other.example'] },
    })
    await expect(issuerWith({ audience: Array(1) })).rejects.toThrow(/^createIssuer: audience /)
    const key = await keyFor('HS256')
    const options = { ...parties, algorithms: ['HS256'], keys: [key], audience: Array<string>(1) } as const
    expect(() => createVerifier(options)).toThrow(/audience /)
  })
})

describe('a polluted prototype', () => {
  const polluted = async <Result>(name: string, value: unknown, run: () => Result): Promise<Awaited<Result>> => {
    // oxlint-disable-next-line no-extend-native -- this is the attack
    Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: true, writable: true })
    try {
      return await run()
    } finally {
      delete (Object.prototype as Record<string, unknown>)[name]
    }
  }

  test.each([
    ['iss', parties.issuer],
    ['aud', parties.audience],
    ['sub', 'root'],
    ['client_id', 'web'],
    ['jti', 'x'],
    ['exp', NOW + 1000],
    ['iat', NOW],
  ])('W96 A37 gives a token no %s that it does not carry', async (claim, value) => {
    const key = await keyFor('HS256')
    const { [claim as 'sub']: _, ...claims } = goodClaims
    const token = forge(key, headerOf(key), claims)
    const verifier = createSyncVerifier({ ...parties, algorithms: ['HS256'], keys: [key] })
    const result = await polluted(claim, value, () => verifier.verify(token, NOW))
    expect(result).toMatchObject({ ok: false, reason: 'jwt/missing_claim' })
  })

  test('W96 A37 gives a header no typ and no kid, and a token no nbf and no wrong type', async () => {
    const key = await keyFor('HS256')
    const verifier = createSyncVerifier({ ...parties, algorithms: ['HS256'], keys: [key] })
    const under = (header: object) => forge(key, header, goodClaims)
    const untyped = under({ alg: 'HS256', kid: key.keyId })
    const unnamed = under({ alg: 'HS256', typ: 'at+jwt' })
    const unspoken = under({ typ: 'at+jwt', kid: key.keyId })
    expect(await polluted('typ', 'at+jwt', () => verifier.verify(untyped, NOW))).toMatchObject({
      reason: 'jwt/wrong_type',
    })
    expect(await polluted('alg', 'HS256', () => verifier.verify(unspoken, NOW))).toMatchObject({
      reason: 'jwt/malformed',
    })
    expect(await polluted('kid', 'other', () => verifier.verify(unnamed, NOW))).toMatchObject({ ok: true })
    const fresh = forge(key, headerOf(key), goodClaims)
    for (const [name, value] of [
      ['nbf', NOW + 1000],
      ['scope', 5],
      ['cnf', 'x'],
      ['cty', 'x'],
    ] as const) {
      expect([name, await polluted(name, value, () => verifier.verify(fresh, NOW))]).toMatchObject([name, { ok: true }])
    }
  })

  test('W96 A37 adds nothing to what is issued', async () => {
    const issuer = await issuerWith()
    const missing = polluted('sub', 'root', () => issuer.issue({ client_id: 'web' } as never, NOW, countingEntropy()))
    await expect(missing).rejects.toThrow(/^issue: sub /)
    const token = await polluted('exp', NOW + 1, () => issuer.issue(given, NOW, countingEntropy()))
    expect(decode(token)).toMatchObject({ claims: { exp: NOW + 300 } })
    const verify = everyDriver({ ...parties, algorithms: ['HS256'], keys: [await keyFor('HS256')] })
    expect(await verify(token)).toMatchObject({ ok: true })
  })
})
