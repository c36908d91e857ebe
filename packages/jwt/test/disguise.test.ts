// Public keys as HMAC secrets behind whatever a shell, a config file or a web form did to them.
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { findDisguise } from '../src/disguise.ts'
import { importSecret } from '../src/import-key.ts'

const text = (value: string) => new TextEncoder().encode(value)
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const pairs = (digits: string) => digits.match(/../g) ?? []
const lines = (pem: string) => pem.split('\n')

type Disguises = Readonly<Record<string, Uint8Array>>

/** What can be done to any text. */
function wrapped(name: string, content: string): Disguises {
  return {
    [name]: text(content),
    [`${name} in quotes`]: text(JSON.stringify(content)),
    [`${name} in quotes twice`]: text(JSON.stringify(JSON.stringify(content))),
    [`${name} in single quotes`]: text(`'${content}'`),
    [`${name} percent-encoded`]: text(encodeURIComponent(content)),
    [`${name} percent-encoded twice`]: text(encodeURIComponent(encodeURIComponent(content))),
    [`${name} from a form`]: text(new URLSearchParams({ key: content }).toString()),
    [`${name} with a trailing sign`]: text(`${content};`),
    [`${name} as a variable`]: text(`JWT_KEY=${content}`),
  }
}

/** What can be done to a key's DER. */
function binary(name: string, der: Uint8Array): Disguises {
  const base64 = Buffer.from(der).toString('base64')
  const base64url = Buffer.from(der).toString('base64url')
  return {
    [`${name} DER`]: der,
    [`${name} DER, a newline after`]: Uint8Array.from([...der, 10]),
    [`${name} DER, a newline before`]: Uint8Array.from([10, ...der]),
    [`${name} DER between other bytes`]: Uint8Array.from([7, 7, 7, ...der, 8, 8]),
    ...wrapped(`${name} base64`, base64),
    ...wrapped(`${name} base64url`, base64url),
    ...wrapped(`${name} hex`, hex(der)),
    [`${name} base64 in lines`]: text((base64.match(/.{1,64}/g) ?? []).join('\n')),
    [`${name} base64 shifted by one`]: text(`x${base64}`),
    [`${name} base64 shifted by two`]: text(`x_${base64url}`),
    [`${name} base64 shifted by three`]: text(`k0_${base64url}`),
    [`${name} as data: address`]: text(`data:application/octet-stream;base64,${base64}`),
    [`${name} base64 of base64`]: text(Buffer.from(base64).toString('base64')),
    [`${name} hex with 0x`]: text(`0x${hex(der)}`),
    [`${name} hex with colons`]: text(pairs(hex(der)).join(':')),
    [`${name} hex with blanks`]: text(pairs(hex(der)).join(' ')),
    [`${name} hex as a list`]: text(
      pairs(hex(der))
        .map((pair) => `0x${pair}`)
        .join(', '),
    ),
    [`${name} hex behind a digit`]: text(`f${hex(der)}`),
  }
}

function pemDisguises(name: string, pem: string): Disguises {
  return {
    ...wrapped(`${name} PEM`, pem),
    [`${name} PEM without its first line`]: text(lines(pem).slice(1).join('\n')),
    [`${name} PEM without its last line`]: text(lines(pem).slice(0, -2).join('\n')),
    [`${name} PEM body`]: text(lines(pem).slice(1, -2).join('\n')),
    [`${name} PEM with another word`]: text(pem.replaceAll(' KEY', '')),
  }
}

function jwkDisguises(name: string, jwk: Record<string, unknown>): Disguises {
  const literal = Object.entries(jwk).map(([member, value]) => `${member}:'${String(value)}'`)
  const repr = Object.entries(jwk).map(([member, value]) => `'${member}': '${String(value)}'`)
  const yaml = Object.entries(jwk).map(([member, value]) => `${member}: ${String(value)}`)
  return {
    ...wrapped(`${name} JWK`, JSON.stringify(jwk)),
    [`${name} JWK literal`]: text(`{${literal.join(',')}}`),
    [`${name} JWK of Python`]: text(`{${repr.join(', ')}}`),
    [`${name} JWK as YAML`]: text(yaml.join('\n')),
    [`${name} JWK as a query`]: text(new URLSearchParams(jwk as Record<string, string>).toString()),
    [`${name} JWK twice`]: text(`${JSON.stringify(jwk)}\n${JSON.stringify(jwk)}`),
  }
}

function rsaDisguises(modulusLength: number): Disguises {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength })
  const jwk = publicKey.export({ format: 'jwk' }) as Record<string, string>
  const modulus = Buffer.from(jwk['n'] ?? '', 'base64url').toString('base64')
  const name = `RSA ${modulusLength}`
  return {
    ...binary(`${name} PKCS#1`, publicKey.export({ type: 'pkcs1', format: 'der' })),
    ...binary(`${name} SPKI`, publicKey.export({ type: 'spki', format: 'der' })),
    ...pemDisguises(`${name} PKCS#1`, String(publicKey.export({ type: 'pkcs1', format: 'pem' }))),
    ...pemDisguises(`${name} SPKI`, String(publicKey.export({ type: 'spki', format: 'pem' }))),
    ...jwkDisguises(name, jwk),
    [`${name} XML`]: text(`<RSAKeyValue><Modulus>${modulus}</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>`),
  }
}

function pointDisguises(namedCurve: string): Disguises {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve })
  const jwk = publicKey.export({ format: 'jwk' }) as Record<string, string>
  const point = Buffer.concat([
    Buffer.of(4),
    ...['x', 'y'].map((member) => Buffer.from(jwk[member] ?? '', 'base64url')),
  ])
  return {
    ...binary(`${namedCurve} SPKI`, publicKey.export({ type: 'spki', format: 'der' })),
    ...binary(`${namedCurve} point`, point),
    ...pemDisguises(namedCurve, String(publicKey.export({ type: 'spki', format: 'pem' }))),
    ...jwkDisguises(namedCurve, jwk),
  }
}

function okpDisguises(): Disguises {
  const { publicKey } = generateKeyPairSync('ed25519')
  return {
    ...binary('Ed25519 SPKI', publicKey.export({ type: 'spki', format: 'der' })),
    ...pemDisguises('Ed25519', String(publicKey.export({ type: 'spki', format: 'pem' }))),
    ...jwkDisguises('Ed25519', publicKey.export({ format: 'jwk' }) as Record<string, unknown>),
  }
}

async function accepted(disguises: Disguises): Promise<readonly string[]> {
  const names: string[] = []
  for (const [name, bytes] of Object.entries(disguises)) {
    if (findDisguise(bytes) === undefined) names.push(name)
    if (bytes.length > 1024 || bytes.length < 32) continue
    const outcome = await importSecret(Uint8Array.from(bytes), { algorithm: 'HS256' }).catch((error: unknown) => error)
    if (!(outcome instanceof TypeError)) names.push(`${name}, imported`)
  }
  return names
}

describe('a public key offered as a secret', () => {
  test.each([2048, 3072, 4096])('W2 W5 W6 W7 W8 W17 A2 RSA of %d bits is seen through', async (modulusLength) => {
    expect(await accepted(rsaDisguises(modulusLength))).toEqual([])
  })

  test.each(['P-256', 'P-384', 'P-521'])(
    'W2 W8 W16 W17 A2 a %s key is seen through, as its bare point too',
    async (curve) => {
      expect(await accepted(pointDisguises(curve))).toEqual([])
    },
  )

  test('W2 W8 W17 A2 an Ed25519 key is seen through', async () => {
    expect(await accepted(okpDisguises())).toEqual([])
  })

  test('W9 W10 what has fewer than eight different bytes is no secret', async () => {
    expect(
      await accepted({
        zeros: new Uint8Array(32),
        letters: text('a'.repeat(32)),
        word: text('secret'.repeat(12)),
        'zeros in base64': text(Buffer.alloc(48).toString('base64')),
        'zeros in hex': text(hex(new Uint8Array(32))),
      }),
    ).toEqual([])
    const eight = Uint8Array.from({ length: 32 }, (_, at) => at % 8)
    expect(findDisguise(eight)).toBeUndefined()
    expect(findDisguise(eight.map((byte) => byte % 7))).toBeDefined()
  })
})
