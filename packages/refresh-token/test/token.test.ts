// The token as text: its gate, its MAC, the ring of secrets, and what is derived from the handle.
import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { resolveSecrets } from '../src/secrets.ts'
import { deriveFamilyId, hashAttempt, issueToken, parseToken } from '../src/token.ts'
import { bytesFrom, SECRETS } from './driver.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const MALFORMED = { ok: false, reason: 'refresh_token/malformed' }
const handle = bytesFrom(16, 11)
const ring = resolveSecrets(SECRETS)
const parts = { handle, generation: 258, secretId: 1 }
const token = issueToken(ring, parts) ?? ''

/** The token of any bytes, with a right MAC: what somebody could build who has the secret. */
function forge(content: Uint8Array, secretId = 1): string {
  const { secret } = SECRETS.find(({ id }) => id === secretId)!
  const mac = createHmac('sha256', secret).update('tallystick refresh\0').update(content).digest()
  return `trt_${Buffer.concat([content, mac]).toString('base64url')}`
}

function body(version = 1, secretId = 1, generation = 258): Uint8Array {
  const bytes = Buffer.alloc(22)
  bytes[0] = version
  bytes[1] = secretId
  bytes.set(handle, 2)
  bytes.writeUInt32BE(generation, 18)
  return bytes
}

describe('the gate', () => {
  test('RT-10 a token is trt_ and 72 characters of base64url, and is read back', () => {
    expect(token).toMatch(/^trt_[A-Za-z0-9_-]{72}$/)
    expect(parseToken(ring, token)).toEqual({ ok: true, ...parts })
  })

  test('RT-10 the same family and generation give the same bytes, as an independent reading of the format does', () => {
    expect(issueToken(ring, parts)).toBe(token)
    expect(forge(body())).toBe(token)
  })

  test('RT-11 every truncation is refused', () => {
    for (let length = 0; length < token.length; length += 1) {
      expect(parseToken(ring, token.slice(0, length))).toEqual(MALFORMED)
      expect(parseToken(ring, token.slice(token.length - length))).toEqual(MALFORMED)
    }
  })

  test('RT-11 every edit of one character is refused', () => {
    const reasons = new Map<string, number>()
    for (let at = 0; at < token.length; at += 1) {
      for (const letter of `${ALPHABET}=+/ \n\0é`) {
        if (letter === token[at]) continue
        const result = parseToken(ring, token.slice(0, at) + letter + token.slice(at + 1))
        if (result.ok) throw new Error(`accepted with another character at ${at}`)
        reasons.set(result.reason, (reasons.get(result.reason) ?? 0) + 1)
      }
    }
    // The edits that name a secret outside the ring are told apart; all others are noise.
    expect([...reasons.keys()].toSorted()).toEqual(['refresh_token/malformed', 'refresh_token/unknown_secret'])
    expect(reasons.get('refresh_token/unknown_secret')).toBeLessThan(100)
  })

  test('RT-11 anything before, after or between is refused, and any other spelling of the same bytes', () => {
    const inner = token.slice(4)
    const standard = Buffer.from(inner, 'base64url').toString('base64')
    const others = [
      ` ${token}`,
      `${token} `,
      `${token}\n`,
      `${token}=`,
      `${token}A`,
      `${token}AAAA`,
      token.slice(4),
      `TRT_${inner}`,
      `trt-${inner}`,
      `tst_${inner}`,
      `trt_${standard.replaceAll('-', '+')}=`,
      `trt_${encodeURIComponent(standard)}`,
      `trt_${Buffer.from(inner, 'base64url').toString('hex')}`,
      [...token].toReversed().join(''),
      token.toLowerCase(),
    ]
    for (const other of others) expect(parseToken(ring, other)).toEqual(MALFORMED)
  })

  test('what is no string is refused, not thrown at', () => {
    for (const other of [undefined, null, 7, {}, [token], new String(token)]) {
      expect(parseToken(ring, other as unknown as string)).toEqual(MALFORMED)
    }
  })
})

describe('the MAC', () => {
  test('RT-11 covers version, secret, handle and generation: each byte of the body, changed, is refused', () => {
    const bytes = Buffer.from(token.slice(4), 'base64url')
    for (let at = 0; at < bytes.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const edited = Buffer.from(bytes)
        edited[at] = (edited[at] ?? 0) ^ (1 << bit)
        expect(parseToken(ring, `trt_${edited.toString('base64url')}`).ok).toBe(false)
      }
    }
  })

  test('another version is refused even with a right MAC', () => {
    for (const version of [0, 2, 255]) expect(parseToken(ring, forge(body(version)))).toEqual(MALFORMED)
    expect(parseToken(ring, forge(body(1))).ok).toBe(true)
  })

  test('the MAC of one secret is none under another, though both are in the ring', () => {
    const bytes = Buffer.from(forge(body(1, 1)).slice(4), 'base64url')
    bytes[1] = 2
    expect(parseToken(ring, `trt_${bytes.toString('base64url')}`)).toEqual(MALFORMED)
    const [first] = SECRETS
    const other = resolveSecrets([
      { id: 1, secret: SECRETS[1]!.secret },
      { id: 9, secret: first!.secret },
    ])
    expect(parseToken(other, token)).toEqual(MALFORMED)
  })

  test('is made under its own label: a MAC for another purpose does not pass', () => {
    const mac = createHmac('sha256', SECRETS[0]!.secret).update(body()).digest()
    expect(parseToken(ring, `trt_${Buffer.concat([body(), mac]).toString('base64url')}`)).toEqual(MALFORMED)
  })

  test('the highest generation is written whole', () => {
    const last = issueToken(ring, { handle, generation: 4_294_967_295, secretId: 4 }) ?? ''
    expect(parseToken(ring, last)).toMatchObject({ ok: true, generation: 4_294_967_295, secretId: 4 })
  })
})

describe('what is derived', () => {
  test('the family id is the first half of a labelled SHA-256 of the handle, and nothing else is in it', () => {
    const digest = createHash('sha256').update('tallystick family\0').update(handle).digest().subarray(0, 16)
    expect(deriveFamilyId(handle)).toBe(digest.toString('base64url'))
    expect(deriveFamilyId(handle)).toMatch(/^[A-Za-z0-9_-]{22}$/)
    expect(deriveFamilyId(bytesFrom(16, 12))).not.toBe(deriveFamilyId(handle))
  })

  test('the hash of an attempt covers handle, generation and key', () => {
    const number = Buffer.alloc(4)
    number.writeUInt32BE(258)
    const digest = createHash('sha256').update('tallystick attempt\0').update(handle).update(number).update('ké')
    expect(hashAttempt(handle, 258, 'ké')).toBe(digest.digest('base64url'))
    const all = [
      hashAttempt(handle, 258, 'k'),
      hashAttempt(handle, 259, 'k'),
      hashAttempt(handle, 258, 'l'),
      hashAttempt(handle, 258, ''),
      hashAttempt(bytesFrom(16, 12), 258, 'k'),
    ]
    expect(new Set(all).size).toBe(5)
  })
})

describe('the ring of secrets', () => {
  test('all verify, the first signs; a secret that is not there is told apart', () => {
    expect(ring.ids).toEqual([1, 2, 3, 4])
    for (const secretId of ring.ids) expect(parseToken(ring, forge(body(1, secretId), secretId)).ok).toBe(true)
    const shorter = resolveSecrets(SECRETS.slice(1))
    expect(parseToken(shorter, token)).toEqual({ ok: false, reason: 'refresh_token/unknown_secret' })
    expect(issueToken(shorter, parts)).toBeUndefined()
  })

  test('a compromised secret is dropped at once, wherever it stands', () => {
    const [first, ...rest] = SECRETS
    const safe = resolveSecrets([{ ...first!, compromised: true }, ...rest])
    expect(safe.ids).toEqual([2, 3, 4])
    expect(parseToken(safe, token)).toEqual({ ok: false, reason: 'refresh_token/unknown_secret' })
  })

  test('a secret may be given as base64url text', () => {
    const text = Buffer.from(SECRETS[0]!.secret).toString('base64url')
    expect(parseToken(resolveSecrets([{ id: 1, secret: text }]), token).ok).toBe(true)
  })

  test('the secret is copied: changing the given bytes afterwards changes nothing', () => {
    const own = SECRETS[0]!.secret.slice()
    const copied = resolveSecrets([{ id: 1, secret: own }])
    own.fill(7)
    expect(parseToken(copied, token).ok).toBe(true)
  })

  test.each([
    ['no array', {}, /^refreshTokenSecrets: the argument must be an array of \{ id, secret \}/],
    ['an empty ring', [], /at least one secret/],
    ['only compromised ones', [{ ...SECRETS[0], compromised: true }], /at least one secret/],
    ['an id twice', [SECRETS[0], { ...SECRETS[1], id: 1 }], /1\.id must be unique and never used again \(given 1\)/],
    [
      'an id twice, one compromised',
      [
        { ...SECRETS[0], compromised: true },
        { ...SECRETS[1], id: 1 },
      ],
      /1\.id/,
    ],
    ['a negative id', [{ ...SECRETS[0], id: -1 }], /0\.id must be 0 to 255 \(given -1\)/],
    ['an id of two bytes', [{ ...SECRETS[0], id: 256 }], /0\.id must be 0 to 255 \(given 256\)/],
    ['half an id', [{ ...SECRETS[0], id: 1.5 }], /0\.id must be 0 to 255/],
    ['an id as text', [{ ...SECRETS[0], id: '1' }], /0\.id must be 0 to 255/],
    [
      '31 bytes',
      [{ id: 1, secret: bytesFrom(31, 1) }],
      /^refreshTokenSecrets: 0\.secret must be 32 random bytes.*\(given 31 bytes\)/,
    ],
    ['33 bytes', [{ id: 1, secret: bytesFrom(33, 1) }], /must be 32 random bytes.*\(given 33 bytes\)/],
    ['a pass phrase', [{ id: 1, secret: 'correct horse battery staple' }], /\(given a string of 28 characters\)/],
    ['a padded text', [{ id: 1, secret: Buffer.alloc(32, 1).toString('base64') }], /must be 32 random bytes/],
    ['zeros', [SECRETS[1], { id: 1, secret: new Uint8Array(32) }], /1\.secret must be random/],
    ['nothing', [{ id: 1 }], /must be 32 random bytes/],
  ] as const)('%s is a mistake, told without the secret', (_, given, message) => {
    const attempt = (): unknown => resolveSecrets(given as unknown as Parameters<typeof resolveSecrets>[0])
    expect(attempt).toThrow(message)
    expect(attempt).not.toThrow(/correct|horse|AQEB/)
  })

  test('the prepared ring shows no secret when it is printed', () => {
    expect(JSON.stringify(resolveSecrets(SECRETS))).toBe('{"ids":[1,2,3,4]}')
    expect(Object.isFrozen(resolveSecrets(SECRETS).ids)).toBe(true)
  })
})
