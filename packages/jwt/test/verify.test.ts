// What a verifier refuses before it looks at a claim, and what its options do.
import { TokenError } from '@tallystick/core'
import { describe, expect, test } from 'vitest'
import { encodeBase64url } from '@tallystick/core/base64url'
import { verifyCompact } from '../src/compact.ts'
import { decode } from '../src/decode.ts'
import { generateKey } from '../src/generate-key.ts'
import { importKey, importSecret, importVerificationKey } from '../src/import-key.ts'
import { toJwks } from '../src/jwks.ts'
import type { SigningKey } from '../src/key.ts'
import { createSyncVerifier, createVerifier } from '../src/verify.ts'
import {
  ALGORITHMS,
  everyDriver,
  forge,
  goodClaims,
  headerOf,
  keyFor,
  later,
  NOW,
  parties,
  segment,
  signText,
  tokenUnder,
  tokenWith,
  verdict,
} from './tokens.ts'

const optionsFor = (key: SigningKey) => ({ ...parties, algorithms: [key.algorithm], keys: [key] }) as const

describe('every algorithm', () => {
  test.each(ALGORITHMS)('%s: a good token is accepted, with its claims and header frozen', async (algorithm) => {
    const key = await keyFor(algorithm)
    const result = await everyDriver(optionsFor(key))(tokenWith(key, { roles: ['a'] }))
    expect(result).toMatchObject({ ok: true, claims: { ...goodClaims, roles: ['a'] }, header: headerOf(key) })
    if (!result.ok) throw new Error('unreachable')
    expect(Object.isFrozen(result.claims) && Object.isFrozen(result.claims['roles'])).toBe(true)
    expect(Object.isFrozen(result.header)).toBe(true)
  })

  test.each(ALGORITHMS)('%s: a token of another key is refused, whatever kid it names', async (algorithm) => {
    const key = await keyFor(algorithm)
    const other = await generateKey(algorithm, { keyId: key.keyId })
    expect(await verdict(key, tokenWith(other))).toBe('jwt/bad_signature')
  })

  test.each(ALGORITHMS)('%s: every changed, missing or added byte of the signature is refused', async (algorithm) => {
    const key = await keyFor(algorithm)
    const token = tokenWith(key)
    const verify = everyDriver(optionsFor(key))
    const dot = token.lastIndexOf('.')
    for (let at = dot + 1; at < token.length; at += algorithm.endsWith('S256') ? 9 : 3) {
      const other = token[at] === 'A' ? 'g' : 'A'
      expect((await verify(token.slice(0, at) + other + token.slice(at + 1))).ok).toBe(false)
    }
    for (const end of [dot + 1, token.length - 4, token.length - 8]) {
      expect((await verify(token.slice(0, end))).ok).toBe(false)
    }
    expect((await verify(`${token}AAAA`)).ok).toBe(false)
  })

  test.each(ALGORITHMS)(
    '24 A9 %s: a signature of zero bytes, of ones, and of twice the length is refused',
    async (algorithm) => {
      const key = await keyFor(algorithm)
      const input = `${segment(headerOf(key))}.${segment(goodClaims)}`
      const length = algorithm === 'HS256' ? 32 : algorithm.endsWith('S256') && algorithm !== 'ES256' ? 256 : 64
      for (const fill of [0, 1, 255]) {
        for (const size of [length, 2 * length, 0, length - 1]) {
          const signature = encodeBase64url(new Uint8Array(size).fill(fill))
          expect(await verdict(key, `${input}.${signature}`)).toBe('jwt/bad_signature')
        }
      }
    },
  )
})

describe('the gate', () => {
  test('JW-8 JW-9 26 27 A10 every second spelling of a token is refused', async () => {
    const key = await keyFor('HS256')
    const token = tokenWith(key)
    const [header = '', payload = '', signature = ''] = token.split('.')
    const loose = signature.slice(0, -1) + nextLetter(signature.at(-1) ?? '')
    const spellings = [
      `${token}=`,
      `${token}==`,
      `${token}\n`,
      `${token} `,
      `\t${token}`,
      ` ${token}`,
      `\uFEFF${token}`,
      `${token}\u0000`,
      `${header}.${payload}.${signature.slice(0, 20)}\t${signature.slice(20)}`,
      `${header}.${payload} .${signature}`,
      `${header}=.${payload}.${signature}`,
      `${header}.${payload}=.${signature}`,
      `${token}.`,
      `.${token}`,
      `${header}.${payload}.${loose}`,
      `${header}..${signature}.`,
      `"${token}"`,
      `{"token":"${token}"}`,
      token.replaceAll('.', '%2E'),
      `${header}.${payload}`,
      header,
      '',
      '.',
      '..',
      '...',
      `${token}\u200B`,
    ]
    for (const spelling of spellings)
      expect([spelling, await verdict(key, spelling)]).toEqual([spelling, 'jwt/malformed'])
    expect(await verdict(key, token)).toBe('ok')
  })

  test('26 the standard alphabet is refused', async () => {
    const key = await importSecret(
      new Uint8Array(32).map((_, at) => at * 7),
      { algorithm: 'HS256', keyId: 'k' },
    )
    let count = 0
    for (let jti = 0; jti < 40; jti += 1) {
      const token = tokenWith(key, { jti: `token_${jti}` })
      const standard = token.replaceAll('-', '+').replaceAll('_', '/')
      if (standard === token) continue
      count += 1
      expect(await verdict(key, standard)).toBe('jwt/malformed')
    }
    expect(count).toBeGreaterThan(0)
  })

  test('a letter outside ASCII whose low byte is a base64url letter is refused in every segment', async () => {
    const key = await keyFor('HS256')
    const token = tokenWith(key, { jti: 'AAAAAAAAAAAA' })
    for (let at = 0; at < token.length; at += 1) {
      if (token[at] === '.') continue
      const wide = String.fromCharCode(token.charCodeAt(at) + 0x100)
      expect(await verdict(key, token.slice(0, at) + wide + token.slice(at + 1))).toBe('jwt/malformed')
    }
  })

  test('JW-30 50 51 a token that is too long is refused before it is read', async () => {
    const key = await keyFor('HS256')
    expect(await verdict(key, '.'.repeat(1_000_000))).toBe('jwt/too_long')
    expect(await verdict(key, '.'.repeat(16_384))).toBe('jwt/malformed')
    expect(await verdict(key, tokenWith(key, { pad: 'x'.repeat(12_100) }))).toBe('jwt/too_long')
    expect(await verdict(key, tokenWith(key, { pad: 'x'.repeat(11_500) }))).toBe('ok')
    expect(await verdict(key, tokenUnder(key, { pad: 'x'.repeat(4000) }))).toBe('jwt/too_long')
    const short = createSyncVerifier({ ...optionsFor(key), lengthMax: 256 })
    expect(short.verify(tokenWith(key), NOW)).toMatchObject({ reason: 'jwt/too_long' })
  })

  test('no value throws that is not a string', async () => {
    const key = await keyFor('HS256')
    for (const value of [undefined, null, 1, {}, [], Symbol('x'), new Uint8Array(3), { toString: () => 'a.b.c' }]) {
      expect(await verdict(key, value as string)).toBe('jwt/malformed')
    }
  })

  test('JW-10 A5 19 a JWE and a JSON serialization are refused', async () => {
    const key = await keyFor('ES256')
    expect(await verdict(key, 'eyJhbGciOiJkaXIifQ..AAAA.AAAA.AAAA')).toBe('jwt/malformed')
    const [protectedHeader, payload, signature] = tokenWith(key).split('.')
    expect(await verdict(key, JSON.stringify({ protected: protectedHeader, payload, signature }))).toBe('jwt/malformed')
    expect(await verdict(key, tokenUnder(key, { enc: 'A256GCM' }))).toBe('jwt/forbidden_header')
  })
})

describe('JSON', () => {
  test('JW-14 a duplicate member is refused in header and payload, however it is spelt', async () => {
    const key = await keyFor('HS256')
    const header = JSON.stringify(headerOf(key))
    const payload = JSON.stringify(goodClaims)
    const doubled = (text: string, member: string) => `${text.slice(0, -1)},${member}}`
    const rows: readonly (readonly [header: string, payload: string])[] = [
      [header, doubled(payload, '"exp":9999999999')],
      [header, doubled(payload, '"s\\u0075b":"admin"')],
      [header, doubled(payload, '"a":{"b":1,"b":2}')],
      [header, doubled(payload, '"a":[{"b":1},{"b":1,"\\u0062":1}]')],
      [header, doubled(payload, '"__proto__":1,"__proto__":2')],
      [doubled(header, '"alg":"none"'), payload],
      [header.replace('{', '{"alg":"none",'), payload],
      [doubled(header, '"\\u0061lg":"HS256"'), payload],
    ]
    for (const [first, second] of rows) expect(await verdict(key, forge(key, first, second))).toBe('jwt/malformed')
    expect(await verdict(key, forge(key, header, doubled(payload, '"a":[{"b":1},{"b":":,{"}]')))).toBe('ok')
  })

  test('JW-15 only UTF-8 without BOM, decoded fatally', async () => {
    const key = await keyFor('HS256')
    const text = JSON.stringify({ ...goodClaims, name: 'Łódź' })
    const utf8 = new TextEncoder().encode(text)
    const withByte = (...bytes: number[]) => {
      const at = text.indexOf('user_42')
      return Uint8Array.from([...utf8.subarray(0, at), ...bytes, ...utf8.subarray(at)])
    }
    expect(await verdict(key, forge(key, headerOf(key), utf8))).toBe('ok')
    const bad = [
      Uint8Array.from([0xef, 0xbb, 0xbf, ...utf8]),
      Uint8Array.from([...utf8, 0xef, 0xbb, 0xbf]),
      new Uint8Array(new Uint16Array([...text].map((letter) => letter.charCodeAt(0))).buffer),
      withByte(0xc0, 0xaf),
      withByte(0xed, 0xa0, 0x80),
      withByte(0xf8, 0x88, 0x80, 0x80, 0x80),
      withByte(0xff),
      withByte(0x00),
    ]
    for (const bytes of bad) expect(await verdict(key, forge(key, headerOf(key), bytes))).toBe('jwt/malformed')
    const header = new TextEncoder().encode(`\uFEFF${JSON.stringify(headerOf(key))}`)
    expect(await verdict(key, forge(key, header, goodClaims))).toBe('jwt/malformed')
  })

  test('JW-30 52 depth is bounded at 32', async () => {
    const key = await keyFor('HS256')
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    const payload = (depth: number) => `${JSON.stringify(goodClaims).slice(0, -1)},"x":${nested(depth)}}`
    expect(await verdict(key, forge(key, headerOf(key), payload(31)))).toBe('ok')
    expect(await verdict(key, forge(key, headerOf(key), payload(32)))).toBe('jwt/malformed')
    expect(await verdict(key, forge(key, headerOf(key), payload(5000)))).toBe('jwt/malformed')
    expect(await verdict(key, forge(key, headerOf(key), '{"a":'.repeat(2000)))).toBe('jwt/malformed')
  })

  test('33 a payload that is no object is refused', async () => {
    const key = await keyFor('HS256')
    for (const payload of [
      '[]',
      '[{"sub":1}]',
      'null',
      '1',
      '"x"',
      'true',
      '',
      '{',
      '{}x',
      '{}{}',
      "{'a':1}",
      '{"a":1,}',
    ]) {
      expect(await verdict(key, forge(key, headerOf(key), payload))).toBe('jwt/malformed')
      expect(await verdict(key, forge(key, payload, goodClaims))).toBe('jwt/malformed')
    }
  })

  test('JW-30 96 A37 __proto__ is inert', async () => {
    const key = await keyFor('HS256')
    const payload = `${JSON.stringify(goodClaims).slice(0, -1)},"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}`
    const result = await everyDriver(optionsFor(key))(forge(key, headerOf(key), payload))
    if (!result.ok) throw new Error(result.reason)
    expect((result.claims as Record<string, unknown>)['admin']).toBeUndefined()
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
    expect(Object.getPrototypeOf(result.claims)).toBe(Object.prototype)
    const inherited = JSON.stringify({ ...goodClaims, sub: undefined }).replace('{', '{"__proto__":{"sub":"root"},')
    expect(await verdict(key, forge(key, headerOf(key), inherited))).toBe('jwt/missing_claim')
  })
})

describe('the header', () => {
  test('JW-2 A1 20 every spelling of no algorithm is refused', async () => {
    const key = await keyFor('HS256')
    for (const alg of [
      'none',
      'None',
      'nOnE',
      'none ',
      'hs256',
      'HS256 ',
      'HS512',
      '',
      'xyz',
      'HS256\u0000',
      '__proto__',
    ]) {
      expect(await verdict(key, tokenUnder(key, { alg }))).toBe('jwt/algorithm_not_allowed')
    }
    for (const alg of [undefined, null, 0, ['HS256'], { HS256: true }, true]) {
      expect(await verdict(key, tokenUnder(key, { alg }))).toBe('jwt/malformed')
    }
    const [, payload] = tokenWith(key).split('.')
    const unsigned = `${segment({ alg: 'none', typ: 'at+jwt', kid: key.keyId })}.${payload}.`
    expect(await verdict(key, unsigned)).toBe('jwt/algorithm_not_allowed')
  })

  test('JW-3 A2 2 13 14 15 a MAC keyed with a public key is refused', async () => {
    for (const algorithm of ['RS256', 'ES256', 'PS256', 'Ed25519'] as const) {
      const key = await keyFor(algorithm)
      const mac = await importSecret(crypto.getRandomValues(new Uint8Array(32)), {
        algorithm: 'HS256',
        keyId: key.keyId,
      })
      expect(await verdict(key, tokenWith(mac))).toBe('jwt/algorithm_not_allowed')
    }
  })

  test('JW-3 JW-4 an allowed algorithm that is not the key’s own is refused', async () => {
    const [ps, rs] = [await generateKey('PS256'), await keyFor('RS256')]
    const verify = everyDriver({ ...parties, algorithms: ['PS256', 'RS256'], keys: [ps, rs] })
    const crossed = forge(rs, { ...headerOf(rs), alg: 'PS256' }, goodClaims)
    expect(await verify(crossed)).toMatchObject({ reason: 'jwt/algorithm_not_allowed' })
    expect(await verify(tokenWith(rs))).toMatchObject({ ok: true })
    const listed = everyDriver({ ...parties, algorithms: ['RS256'], keys: [rs] })
    expect(await listed(tokenWith(ps))).toMatchObject({ reason: 'jwt/algorithm_not_allowed' })
  })

  test('JW-12 A15 40 41 42 43 any crit is refused', async () => {
    const key = await keyFor('HS256')
    for (const crit of [['foo'], [], ['alg'], ['b64'], ['b64', 'b64'], ['exp', 'exp'], 'exp', null, {}, 0]) {
      expect(await verdict(key, tokenUnder(key, { crit, exp: 1, foo: 1 }))).toBe('jwt/critical_header')
    }
  })

  test('JW-13 JW-23 A7 18 25 47 keys and addresses of its own, unencoded and compressed payloads are refused', async () => {
    const key = await keyFor('ES256')
    const jwk = toJwks([key]).keys[0]
    for (const header of [
      { jwk },
      { jku: 'https://evil.example' },
      { x5u: 'https://evil.example' },
      { x5c: ['AAAA'] },
      { b64: false },
      { b64: true },
      { zip: 'DEF' },
      { jwk: null },
      { cty: 'JWT' },
      { cty: 1 },
    ]) {
      expect(await verdict(key, tokenUnder(key, header))).toBe('jwt/forbidden_header')
    }
  })

  test('JW-21 AT-1 typ is compared as a media type and never left out', async () => {
    const key = await keyFor('HS256')
    for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt', 'APPLICATION/at+JWT']) {
      expect(await verdict(key, tokenUnder(key, { typ }))).toBe('ok')
    }
    for (const typ of [
      undefined,
      'JWT',
      'jwt',
      '',
      'at+jwt ',
      ' at+jwt',
      'text/at+jwt',
      'application/application/at+jwt',
      'application/',
      'at+jwt;v=1',
      'dpop+jwt',
      'logout+jwt',
      'statuslist+jwt',
      'secevent+jwt',
      'id+jwt',
      'a\u212Bt+jwt',
      'K'.repeat(300),
    ]) {
      expect([typ, await verdict(key, tokenUnder(key, { typ }))]).toEqual([typ, 'jwt/wrong_type'])
    }
    for (const typ of [1, null, ['at+jwt'], {}])
      expect(await verdict(key, tokenUnder(key, { typ }))).toBe('jwt/malformed')
  })

  test('JW-23 A8 kid is opaque: bounded, compared, never interpreted', async () => {
    const key = await keyFor('HS256')
    for (const kid of [
      '../../etc/passwd',
      "' or 1=1 --",
      'https://evil.example',
      '__proto__',
      'toString',
      '',
      'x'.repeat(256),
    ]) {
      expect(await verdict(key, tokenUnder(key, { kid }))).toBe('jwt/unknown_key')
    }
    for (const kid of ['x'.repeat(257), 1, {}, [key.keyId], null]) {
      expect(await verdict(key, tokenUnder(key, { kid }))).toBe('jwt/malformed')
    }
  })

  test('JW-29 a header without kid needs exactly one key that fits, and an ambiguous kid is refused', async () => {
    const [first, second] = [await keyFor('ES256'), await generateKey('ES256')]
    expect(await verdict(first, tokenUnder(first, { kid: undefined }))).toBe('ok')
    const both = everyDriver({ ...parties, algorithms: ['ES256'], keys: [first, second] })
    expect(await both(tokenUnder(first, { kid: undefined }))).toMatchObject({ reason: 'jwt/ambiguous_key' })
    expect(await both(tokenWith(second))).toMatchObject({ ok: true })
    const twin = await generateKey('ES256', { keyId: first.keyId })
    const same = everyDriver({ ...parties, algorithms: ['ES256'], keys: [first, twin] })
    expect(await same(tokenWith(first))).toMatchObject({ reason: 'jwt/ambiguous_key' })
    const withEd = everyDriver({ ...parties, algorithms: ['ES256', 'Ed25519'], keys: [first, await keyFor('Ed25519')] })
    expect(await withEd(tokenUnder(first, { kid: undefined }))).toMatchObject({ ok: true })
    expect(
      await everyDriver({ ...parties, algorithms: ['ES256'], keys: [first, first] })(tokenWith(first)),
    ).toMatchObject({ ok: true })
  })

  test('JW-28 EdDSA is refused where Ed25519 is listed', async () => {
    const key = await keyFor('Ed25519')
    expect(await verdict(key, tokenUnder(key, { alg: 'EdDSA' }))).toBe('jwt/algorithm_not_allowed')
  })

  test('JW-19 A12 a key of another issuer’s verifier does not count, same kid or not', async () => {
    const ours = await keyFor('ES256')
    const theirs = await generateKey('ES256', { keyId: ours.keyId })
    const verifier = everyDriver({ ...optionsFor(theirs), issuer: 'https://other.example' })
    expect(await verifier(tokenWith(ours, { iss: 'https://other.example' }))).toMatchObject({
      reason: 'jwt/bad_signature',
    })
    expect(await verifier(tokenWith(theirs))).toMatchObject({ reason: 'jwt/wrong_issuer' })
  })

  test('an approved header is remembered only under a good signature, and never for another verdict', async () => {
    const key = await keyFor('HS256')
    const verifier = createSyncVerifier(optionsFor(key))
    for (let at = 0; at < 200; at += 1) {
      const token = tokenUnder(key, { note: at })
      const forged = `${token.slice(0, -43)}${'A'.repeat(43)}`
      expect(verifier.verify(forged, NOW)).toMatchObject({ reason: 'jwt/bad_signature' })
      expect(verifier.verify(token, NOW)).toMatchObject({ ok: true, header: { note: at } })
      expect(verifier.verify(forged, NOW)).toMatchObject({ reason: 'jwt/bad_signature' })
    }
  })
})

describe('the answer', () => {
  test('44 a forged token that is expired as well is told about the signature alone', async () => {
    const key = await keyFor('ES256')
    const token = tokenWith(key, { exp: 1, iss: 'https://evil.example' })
    expect(await verdict(key, `${token.slice(0, -8)}AAAAAAAA`)).toBe('jwt/bad_signature')
    expect(await verdict(key, tokenWith(key, { exp: 1 }))).toBe('jwt/expired')
  })

  test('38 the same token gets the same answer a hundred times', async () => {
    const key = await keyFor('HS256')
    const verify = everyDriver(optionsFor(key))
    const [good, bad] = [tokenWith(key), tokenWith(key, { exp: 1 })]
    for (let at = 0; at < 100; at += 1) {
      expect((await verify(good)).ok).toBe(true)
      expect(await verify(bad)).toMatchObject({ reason: 'jwt/expired' })
    }
  })

  test('AT-4 JW-31 each refusal is one frozen object that says invalid_token, 401, and nothing of the token', async () => {
    const key = await keyFor('HS256')
    const verifier = createSyncVerifier(optionsFor(key))
    const first = verifier.verify(tokenWith(key, { exp: 1, sub: 'a_secret_subject' }), NOW)
    expect(verifier.verify(tokenWith(key, { exp: 2 }), NOW)).toBe(first)
    expect(Object.isFrozen(first)).toBe(true)
    expect(first).toMatchObject({ ok: false, error: { code: 'invalid_token', status: 401 } })
    expect(JSON.stringify(first)).not.toContain('a_secret_subject')
  })

  test('verifyCompact gives bytes, asks nothing of the payload, and needs algorithms too', async () => {
    const key = await keyFor('ES256')
    const token = forge(key, { alg: 'ES256' }, 'not JSON')
    const result = await verifyCompact(token, { keys: [key], algorithms: ['ES256'] })
    expect(result.ok && new TextDecoder().decode(result.payload)).toBe('not JSON')
    expect(await verifyCompact(`${token.slice(0, -8)}AAAAAAAA`, { keys: [key], algorithms: ['ES256'] })).toMatchObject({
      reason: 'jwt/bad_signature',
    })
    await expect(verifyCompact(token, { keys: [key] } as never)).rejects.toThrow(/algorithms/)
    expect(
      (await verifyCompact(signText(key, `${segment({ alg: 'ES256' })}.`), { keys: [key], algorithms: ['ES256'] })).ok,
    ).toBe(true)
  })

  test('decode says what a token says and never throws', async () => {
    const key = await keyFor('HS256')
    expect(decode(`${tokenWith(key).split('.').slice(0, 2).join('.')}.`)).toMatchObject({
      ok: true,
      claims: goodClaims,
      header: headerOf(key),
    })
    for (const text of ['', 'a', 'a.b.c', '..', tokenWith(key).replace('.', ''), undefined as never]) {
      expect(decode(text)).toMatchObject({ reason: 'jwt/malformed' })
    }
  })
})

describe('options', () => {
  test('JW-18 the tolerance moves both borders and never beyond 60', async () => {
    const key = await keyFor('HS256')
    const strict = everyDriver({ ...optionsFor(key), clockToleranceSeconds: 0 })
    expect(await strict(tokenWith(key), later(299))).toMatchObject({ ok: true })
    expect(await strict(tokenWith(key), later(300))).toMatchObject({ reason: 'jwt/expired' })
    expect(await strict(tokenWith(key, { iat: NOW + 10 }))).toMatchObject({ ok: true })
    expect(await strict(tokenWith(key, { iat: NOW + 11 }))).toMatchObject({ reason: 'jwt/issued_in_future' })
    const loose = everyDriver({ ...optionsFor(key), clockToleranceSeconds: 60 })
    expect(await loose(tokenWith(key), later(359))).toMatchObject({ ok: true })
    expect(await loose(tokenWith(key), later(360))).toMatchObject({ reason: 'jwt/expired' })
    expect(await loose(tokenWith(key, { nbf: NOW + 60 }))).toMatchObject({ ok: true })
    expect(await loose(tokenWith(key, { nbf: NOW + 61 }))).toMatchObject({ reason: 'jwt/not_yet_valid' })
  })

  test('several audiences: any one of ours, exactly', async () => {
    const key = await keyFor('HS256')
    const verify = everyDriver({ ...optionsFor(key), audience: ['one', 'two'] })
    expect(await verify(tokenWith(key, { aud: 'two' }))).toMatchObject({ ok: true })
    expect(await verify(tokenWith(key, { aud: ['three', 'one'] }))).toMatchObject({ ok: true })
    expect(await verify(tokenWith(key, { aud: 'one,two' }))).toMatchObject({ reason: 'jwt/wrong_audience' })
  })

  test('isRevoked is asked last, with claims and time, and its failure is no verdict', async () => {
    const key = await keyFor('HS256')
    const asked: unknown[] = []
    const isRevoked = (claims: { jti: string }, now: number) => (asked.push([claims.jti, now]), claims.jti === 'bad')
    const verify = everyDriver({ ...optionsFor(key), isRevoked })
    expect(await verify(tokenWith(key, { jti: 'bad' }))).toMatchObject({ reason: 'jwt/revoked' })
    expect(await verify(tokenWith(key, { jti: 'good' }))).toMatchObject({ ok: true })
    expect(asked.slice(0, 1)).toEqual([['bad', NOW]])
    const before = asked.length
    await verify(tokenWith(key, { exp: 1 }))
    expect(asked).toHaveLength(before)
    for (const broken of [
      () => {
        throw new Error('down')
      },
      () => undefined,
      () => 'no',
      async () => false,
    ]) {
      const options = { ...optionsFor(key), isRevoked: broken as unknown as () => boolean }
      expect(() => createSyncVerifier(options).verify(tokenWith(key), NOW)).toThrow(TokenError)
      await expect(createVerifier(options).verify(tokenWith(key), NOW)).rejects.toMatchObject({ code: 'ERR_HOOK' })
    }
  })

  test('now must be a NumericDate', async () => {
    const key = await keyFor('HS256')
    for (const now of [Number.NaN, 1_790_000_000_000, -1, 1.5, '1790000000', undefined]) {
      expect(() => createSyncVerifier(optionsFor(key)).verify(tokenWith(key), now as never)).toThrow(RangeError)
      await expect(createVerifier(optionsFor(key)).verify(tokenWith(key), now as never)).rejects.toThrow(RangeError)
    }
  })

  test('JW-1 1 12 21 22 every missing or wrong option is named at construction', async () => {
    const key = await keyFor('HS256')
    const es = await keyFor('ES256')
    const good = optionsFor(key)
    const rows: readonly (readonly [field: string, options: unknown])[] = [
      ['algorithms', { ...good, algorithms: undefined }],
      ['algorithms', { ...good, algorithms: [] }],
      ['algorithms', { ...good, algorithms: 'HS256' }],
      ['algorithms.0', { ...good, algorithms: ['none'] }],
      ['algorithms.0', { ...good, algorithms: ['hs256'] }],
      ['algorithms', { ...good, algorithms: ['HS256', 'ES256'] }],
      ['keys.0', { ...good, algorithms: ['ES256'] }],
      ['keys.0', { ...good, keys: [es] }],
      ['keys', { ...good, keys: [] }],
      ['keys', { ...good, keys: undefined }],
      ['keys', { ...good, keys: key }],
      ['issuer', { ...good, issuer: undefined }],
      ['issuer', { ...good, issuer: '' }],
      ['issuer', { ...good, issuer: ['https://auth.example.com'] }],
      ['audience', { ...good, audience: undefined }],
      ['audience', { ...good, audience: [] }],
      ['audience', { ...good, audience: ['a', 1] }],
      ['type', { ...good, type: 'JWT' }],
      ['type', { ...good, type: undefined }],
      ['clockToleranceSeconds', { ...good, clockToleranceSeconds: 61 }],
      ['clockToleranceSeconds', { ...good, clockToleranceSeconds: -1 }],
      ['clockToleranceSeconds', { ...good, clockToleranceSeconds: Number.NaN }],
      ['clockToleranceSeconds', { ...good, clockToleranceSeconds: '5' }],
      ['lengthMax', { ...good, lengthMax: 10_000_000 }],
      ['isRevoked', { ...good, isRevoked: true }],
      ['claims', { ...good, claims: {} }],
      ['argument', undefined],
      ['argument', null],
    ]
    for (const [field, options] of rows) {
      for (const create of [createVerifier, createSyncVerifier]) {
        expect(() => create(options as never)).toThrow(new RegExp(`^create(Sync)?Verifier: (the )?${field}`))
      }
    }
  })

  test('4 9 10 what is no key is refused, and nothing is called on it', async () => {
    let calls = 0
    const trap = new Proxy(
      {},
      { get: () => (calls += 1), has: () => (calls += 1) > 0, ownKeys: () => ((calls += 1), []) },
    )
    const good = optionsFor(await keyFor('HS256'))
    for (const key of [
      trap,
      '',
      null,
      undefined,
      new Uint8Array(32),
      'secret',
      { kind: 'signing', algorithm: 'HS256', keyId: 'k' },
    ]) {
      expect(() => createVerifier({ ...good, keys: [key as never] })).toThrow(/keys\.0 must be made by/)
    }
    expect(calls).toBe(0)
  })

  test('JW-4 one RSA key under two algorithms is refused', async () => {
    const jwk = { ...toJwks([await keyFor('RS256')]).keys[0], alg: undefined }
    const keys = [
      await importKey(jwk, { algorithm: 'RS256' }),
      await importKey(jwk, { algorithm: 'PS256', keyId: 'other' }),
    ]
    expect(() => createVerifier({ ...parties, algorithms: ['RS256', 'PS256'], keys })).toThrow(/second algorithm/)
    expect(() => toJwks(keys)).toThrow(/second algorithm/)
  })

  test('a public key verifies and cannot sign; a signing key does both', async () => {
    const key = await keyFor('PS256')
    const published = toJwks([key]).keys[0]
    const publicKey = await importVerificationKey({ ...published }, { algorithm: 'PS256' })
    const verify = everyDriver({ ...parties, algorithms: ['PS256'], keys: [publicKey] })
    expect(await verify(tokenWith(key))).toMatchObject({ ok: true })
    expect(() => tokenWith(publicKey as never)).toThrow(/no synchronous signer/)
  })
})

function nextLetter(letter: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet[alphabet.indexOf(letter) ^ 1] ?? ''
}
