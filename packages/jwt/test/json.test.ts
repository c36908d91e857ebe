// Which JSON a header and a payload may be.
import { describe, expect, test } from 'vitest'
import type { SigningKey } from '../src/key.ts'
import { everyDriver, forge, goodClaims, headerOf, keyFor, parties, tokenWith, verdict } from './tokens.ts'

const optionsFor = (key: SigningKey) => ({ ...parties, algorithms: [key.algorithm], keys: [key] }) as const

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

  test('what stands inside a string, escaped or not, is no structure', async () => {
    const key = await keyFor('HS256')
    for (const note of ['a":"b', '\\', '\\"', '":{[', '{'.repeat(40), ':'.repeat(9), '\\\\":"', '"']) {
      expect(await verdict(key, tokenWith(key, { note, [note]: 1 }))).toBe('ok')
    }
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

  test('JW-30 A14 W52 depth is bounded at 32', async () => {
    const key = await keyFor('HS256')
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    const payload = (depth: number) => `${JSON.stringify(goodClaims).slice(0, -1)},"x":${nested(depth)}}`
    expect(await verdict(key, forge(key, headerOf(key), payload(31)))).toBe('ok')
    expect(await verdict(key, forge(key, headerOf(key), payload(32)))).toBe('jwt/malformed')
    expect(await verdict(key, forge(key, headerOf(key), payload(5000)))).toBe('jwt/malformed')
    expect(await verdict(key, forge(key, headerOf(key), '{"a":'.repeat(2000)))).toBe('jwt/malformed')
  })

  test('W33 a payload that is no object is refused', async () => {
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

  test('JW-30 W96 A37 __proto__ is inert', async () => {
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
