// X.509 certificates beside a key (RFC 7517 §4.7, §4.9): they must be of that very key. Nobody's signature is checked,
// no name and no time: that a certificate is to be trusted is for its verifier to say.
import { encodeBase64url } from '@tallystick/core/base64url'
import { sha256 } from '@tallystick/core/crypto'
import { mistake, secretMistake } from '@tallystick/core/options'
import { exportJWK, importX509 } from 'jose'
import type { AlgorithmRow } from './algorithms.ts'
import { nameToday } from './algorithms.ts'
import type { ReadJwk } from './jwk.ts'
import { bytesOf, publicJwkOf } from './jwk.ts'
import type { Certificates } from './key.ts'
import type { JwkMembers } from './node-crypto.ts'

/**
 * Gives the `x5t#S256` of a certificate: the SHA-256 of its DER form, base64url. mTLS-bound tokens name it (RFC 8705 §3.1).
 *
 * @param certificate - DER bytes, or one PEM text (BEGIN CERTIFICATE).
 * @throws TypeError where it is neither.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517.html#section-4.9 RFC 7517 §4.9}
 */
export function certificateThumbprint(certificate: Uint8Array | string): string {
  const der = certificate instanceof Uint8Array ? certificate : readPem(certificate)
  if (der === undefined || !isOneSequence(der)) {
    throw secretMistake('certificateThumbprint', 'certificate', 'must be one certificate, DER or PEM', certificate)
  }
  return encodeBase64url(sha256(der))
}

/**
 * Checks the certificates that a JWK carries, and gives what may be published of them.
 *
 * @throws TypeError (as a rejection) where one is not base64 of DER, where the first is of another key, or where
 * `x5t#S256` is not its thumbprint.
 */
export async function checkCertificates(
  owner: string,
  jwk: ReadJwk,
  row: AlgorithmRow,
  members: JwkMembers,
): Promise<Certificates | undefined> {
  const { x5c, 'x5t#S256': thumbprint } = jwk
  if (x5c === undefined && thumbprint === undefined) return undefined
  if (row.keyType === 'oct') {
    const name = x5c === undefined ? 'x5t#S256' : 'x5c'
    throw secretMistake(owner, name, 'must be absent from a symmetric key', 'given')
  }
  if (thumbprint !== undefined) bytesOf(owner, jwk, 'x5t#S256', SHA256_BYTES)
  if (x5c === undefined) return Object.freeze({ 'x5t#S256': thumbprint ?? '' })
  const chain = readChain(owner, x5c)
  // RFC 7517 §4.7: "The key in the first certificate MUST match the public key represented by other members of the JWK."
  if (!(await isOfKey(x5c[0] ?? '', row, members))) {
    throw secretMistake(owner, 'x5c', 'must start with a certificate of this key', x5c)
  }
  const own = encodeBase64url(sha256(chain[0] ?? new Uint8Array()))
  if (thumbprint !== undefined && thumbprint !== own) {
    throw mistake(owner, 'x5t#S256', 'must be the thumbprint of the first certificate in x5c', thumbprint)
  }
  return Object.freeze({ x5c: Object.freeze([...x5c]), 'x5t#S256': own })
}

function readChain(owner: string, x5c: readonly string[]): readonly Uint8Array[] {
  if (x5c.length === 0 || x5c.length > CHAIN_MAX) {
    throw mistake(owner, 'x5c', `must have 1 to ${CHAIN_MAX} certificates`, x5c.length)
  }
  return x5c.map((text, at) => {
    const der = text.length > CERTIFICATE_LENGTH_MAX ? undefined : readBase64(text)
    if (der === undefined || !isOneSequence(der)) {
      throw secretMistake(owner, `x5c.${at}`, 'must be a certificate: DER in base64, not base64url', text)
    }
    return der
  })
}

async function isOfKey(certificate: string, row: AlgorithmRow, members: JwkMembers): Promise<boolean> {
  const pem = `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----`
  try {
    const key = await importX509(pem, nameToday(row), { extractable: true })
    const found = publicJwkOf((await exportJWK(key)) as JwkMembers)
    return JSON.stringify(found) === JSON.stringify(publicJwkOf(members))
  } catch {
    return false
  }
}

function readPem(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string' || text.length > CERTIFICATE_LENGTH_MAX) return undefined
  const body = /^\s*-----BEGIN CERTIFICATE-----\r?\n([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/.exec(text)?.[1]
  return body === undefined ? undefined : readBase64(body.replaceAll(/\s/g, ''))
}

/** The bytes of the one spelling that base64 has for them. */
function readBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) return undefined
  const letters = atob(text)
  return btoa(letters) === text ? Uint8Array.from(letters, (letter) => letter.charCodeAt(0)) : undefined
}

/** Whether bytes are one DER SEQUENCE from the first to the last; a certificate takes two bytes for its length, or three. */
function isOneSequence(der: Uint8Array): boolean {
  const extra = (der[1] ?? 0) - 0x80
  if (der[0] !== 0x30 || extra < 1 || extra > 3) return false
  const length = der.subarray(2, 2 + extra).reduce((sum, byte) => sum * 256 + byte, 0)
  return der.length === 2 + extra + length
}

const SHA256_BYTES = 32
const CHAIN_MAX = 10
/** In characters, as base64 or PEM. */
const CERTIFICATE_LENGTH_MAX = 16_384
