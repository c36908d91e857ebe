// What a JWK must be before anything is made from it (RFC 7517 §4, RFC 7518 §6, RFC 9964 §3): one algorithm, strong,
// unambiguous.
import { decodeBase64url } from '@tallystick/core/base64url'
import { mistake, readOptions, secretMistake } from '@tallystick/core/options'
import * as z from 'zod/mini'
import type { AlgorithmRow } from './algorithms.ts'
import { isWeakPoint } from './ed25519.ts'
import type { PublicJwk } from './key.ts'
import type { JwkMembers } from './node-crypto.ts'
import type { RsaNumbers } from './rsa.ts'
import { checkRsaStrength, isConsistent, toBigInt } from './rsa.ts'

/** A JSON Web Key as a caller has it, parsed from JSON; members beyond these are ignored. */
export interface Jwk {
  /** Key type: `EC`, `OKP`, `RSA`, `oct` or `AKP`. */
  readonly kty?: string | undefined
  /** Curve of an `EC` or `OKP` key. */
  readonly crv?: string | undefined
  /** First coordinate, or the public key of `OKP`; base64url. */
  readonly x?: string | undefined
  /** Second coordinate of an `EC` key; base64url. */
  readonly y?: string | undefined
  /** Modulus of an RSA key; base64url. */
  readonly n?: string | undefined
  /** Public exponent of an RSA key; base64url. */
  readonly e?: string | undefined
  /** Public key of `AKP`; base64url. */
  readonly pub?: string | undefined
  /** Secret: the seed of an `AKP` key; base64url. */
  readonly priv?: string | undefined
  /** Secret: the private part of an `EC`, `OKP` or `RSA` key; base64url. */
  readonly d?: string | undefined
  /** Secret: first prime of an RSA key; base64url. */
  readonly p?: string | undefined
  /** Secret: second prime of an RSA key; base64url. */
  readonly q?: string | undefined
  /** Secret: `d` modulo `p − 1`; base64url. */
  readonly dp?: string | undefined
  /** Secret: `d` modulo `q − 1`; base64url. */
  readonly dq?: string | undefined
  /** Secret: inverse of `q` modulo `p`; base64url. */
  readonly qi?: string | undefined
  /** Secret: the bytes of a symmetric key; base64url. */
  readonly k?: string | undefined
  /** The one algorithm that it is for; `AKP` keys must have it. */
  readonly alg?: string | undefined
  /** `sig` where it is for signatures. */
  readonly use?: string | undefined
  /** What it may be used for: `sign`, `verify`. */
  readonly key_ops?: readonly string[] | undefined
  /** Key id. */
  readonly kid?: string | undefined
  /** Certificates, the key's own first: base64 of DER. */
  readonly x5c?: readonly string[] | undefined
  /** SHA-256 of the key's certificate; base64url. */
  readonly 'x5t#S256'?: string | undefined
  readonly [member: string]: unknown
}

/** What a key is imported for. */
export type KeyPurpose = 'sign' | 'verify'

/**
 * Checks a JWK for one algorithm and purpose, and gives the members that make the key, nothing else.
 *
 * @param owner - Whose caller is wrong, for messages; no message holds a member of the key.
 * @throws TypeError or RangeError at the first thing that is weak, missing, contradicting or ambiguous.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517.html#section-4 RFC 7517 §4}
 */
export function checkJwk(owner: string, given: unknown, row: AlgorithmRow, purpose: KeyPurpose): JwkMembers {
  const jwk = readJwk(owner, given)
  if (jwk.kty !== row.keyType) throw mistake(owner, 'kty', `must be ${row.keyType} for ${row.name}`, jwk.kty)
  if (row.curve !== undefined && jwk.crv !== row.curve) {
    throw mistake(owner, 'crv', `must be ${row.curve} for ${row.name}`, jwk.crv)
  }
  // A key that could be read as two kinds is a way from one algorithm to another.
  const foreign = KEY_MEMBERS.find((name) => jwk[name] !== undefined && !MEMBERS[row.keyType].includes(name))
  if (foreign !== undefined)
    throw secretMistake(owner, foreign, `must be absent from a key of type ${jwk.kty}`, 'given')
  checkUse(owner, jwk, row, purpose)
  if (row.keyType === 'oct') return { kty: 'oct', k: bytesOf(owner, jwk, 'k').text }
  const members = publicMembers(owner, jwk, row)
  const present = PRIVATE_MEMBERS.filter((name) => jwk[name] !== undefined)
  if (purpose === 'verify') {
    if (present.length > 0) throw secretMistake(owner, present[0] ?? '', 'must be absent from a public key', 'given')
    return members
  }
  return { ...members, ...privateMembers(owner, jwk, row) }
}

/** Reads the members that a key can have, each of them text; nothing is said yet about what they hold. */
export function readJwk(owner: string, given: unknown): ReadJwk {
  return readOptions(JWK, given, owner, SECRET_MEMBERS)
}

/** The public members of a checked JWK; `undefined` for a symmetric key. */
export function publicJwkOf(members: JwkMembers): PublicJwk | undefined {
  const { kty, crv, x, y, n, e, alg, pub } = members
  if (kty === 'RSA') return { kty, n, e } as PublicJwk
  if (kty === 'AKP') return { kty, alg, pub } as PublicJwk
  if (kty === 'EC') return { kty, crv, x, y } as PublicJwk
  return kty === 'OKP' ? ({ kty, crv, x } as PublicJwk) : undefined
}

function checkUse(owner: string, jwk: ReadJwk, row: AlgorithmRow, purpose: KeyPurpose): void {
  // RFC 9964 §3: for AKP keys, alg is REQUIRED, and is part of what the key is.
  if (jwk.alg === undefined && row.keyType === 'AKP') {
    throw mistake(owner, 'alg', `must be ${row.name}, as the caller said`, undefined)
  }
  if (jwk.alg !== undefined && jwk.alg !== row.name) {
    throw mistake(owner, 'alg', `must be ${row.name}, as the caller said, or absent`, jwk.alg)
  }
  // RFC 7517 §4.2: "sig" or "enc"; a key published for encryption is not for signatures.
  if (jwk.use !== undefined && jwk.use !== 'sig') throw mistake(owner, 'use', "must be 'sig' or absent", jwk.use)
  const operations = jwk.key_ops
  if (operations === undefined) return
  // RFC 7517 §4.3: "Duplicate key operation values MUST NOT be present in the array."
  if (new Set(operations).size !== operations.length) {
    throw mistake(owner, 'key_ops', 'must not name an operation twice', operations)
  }
  if (!operations.includes(purpose)) throw mistake(owner, 'key_ops', `must name '${purpose}' or be absent`, operations)
  if (operations.some((operation) => operation !== 'sign' && operation !== 'verify')) {
    throw mistake(owner, 'key_ops', "must name 'sign' and 'verify' alone", operations)
  }
}

function publicMembers(owner: string, jwk: ReadJwk, row: AlgorithmRow): JwkMembers {
  if (row.keyType === 'RSA') {
    checkRsaStrength(owner, bytesOf(owner, jwk, 'n').bytes, bytesOf(owner, jwk, 'e').bytes)
    return { kty: 'RSA', n: jwk.n ?? '', e: jwk.e ?? '' }
  }
  const length = Number(row.publicBytes)
  if (row.keyType === 'AKP') return { kty: 'AKP', alg: row.name, pub: bytesOf(owner, jwk, 'pub', length).text }
  const { bytes, text: x } = bytesOf(owner, jwk, 'x', length)
  if (row.keyType === 'OKP') {
    if (isWeakPoint(bytes)) throw secretMistake(owner, 'x', 'must be a canonical point that is not of small order', x)
    return { kty: 'OKP', crv: jwk.crv ?? '', x }
  }
  return { kty: 'EC', crv: jwk.crv ?? '', x, y: bytesOf(owner, jwk, 'y', length).text }
}

function privateMembers(owner: string, jwk: ReadJwk, row: AlgorithmRow): JwkMembers {
  if (row.keyType === 'RSA') return rsaPrivateMembers(owner, jwk)
  // RFC 9964 §4: "the priv parameter MUST be the seed, and MUST have a length of 32 bytes." Elsewhere d is as long as a coordinate.
  return row.keyType === 'AKP'
    ? { priv: bytesOf(owner, jwk, 'priv', SEED_BYTES).text }
    : { d: bytesOf(owner, jwk, 'd', Number(row.publicBytes)).text }
}

/** The private members of an RSA key with two primes, whose numbers must belong together. */
export function rsaPrivateMembers(owner: string, jwk: ReadJwk): JwkMembers {
  if (jwk['oth'] !== undefined) throw secretMistake(owner, 'oth', 'must be absent: RSA keys have two primes', 'given')
  const bytes = (name: ByteMember) => bytesOf(owner, jwk, name).bytes
  const [n, e, d, p, q, dp, dq, qi] = (['n', 'e', ...RSA_PRIVATE] as const).map((name) => toBigInt(bytes(name)))
  if (!isConsistent({ n, e, d, p, q, dp, dq, qi } as RsaNumbers)) {
    throw secretMistake(owner, 'd', 'must belong with the other members', 'given')
  }
  return Object.fromEntries(RSA_PRIVATE.map((name) => [name, jwk[name] ?? '']))
}

/** One member's bytes, which must be there in their one spelling; of an exact length where that is given. */
export function bytesOf(
  owner: string,
  jwk: ReadJwk,
  name: ByteMember,
  length?: number,
): { bytes: Uint8Array; text: string } {
  const text = jwk[name]
  if (text === undefined) throw mistake(owner, name, 'must be present', undefined)
  const bytes = decodeBase64url(text)
  if (bytes === undefined) throw secretMistake(owner, name, 'must be canonical base64url', text)
  if (length !== undefined && bytes.length !== length) {
    throw mistake(owner, name, `must be ${length} bytes`, bytes.length)
  }
  // RFC 7518 §6.3.1.1: "the minimum number of octets" represents an RSA value.
  if (length === undefined && name !== 'k' && (bytes.length === 0 || bytes[0] === 0)) {
    throw secretMistake(owner, name, 'must have no leading zero byte', text)
  }
  return { bytes, text }
}

/** A private member of an RSA key. */
export type RsaPrivate = 'd' | 'p' | 'q' | 'dp' | 'dq' | 'qi'
/** A member that is base64url. */
export type ByteMember = RsaPrivate | 'n' | 'e' | 'x' | 'y' | 'k' | 'pub' | 'priv' | 'x5t#S256'
/** A JWK whose members have their JSON types. */
export type ReadJwk = {
  readonly kty: string
  readonly key_ops?: readonly string[] | undefined
  readonly x5c?: readonly string[] | undefined
} & {
  readonly [Member in ByteMember | 'crv' | 'alg' | 'use' | 'kid']?: string | undefined
} & { readonly [member: string]: unknown }

const SEED_BYTES = 32
/** The private members of an RSA key. */
export const RSA_PRIVATE: readonly RsaPrivate[] = ['d', 'p', 'q', 'dp', 'dq', 'qi']
const BYTE_MEMBERS: readonly ByteMember[] = ['n', 'e', 'x', 'y', 'k', 'pub', 'priv', ...RSA_PRIVATE]
/** The members that make a key, whatever its type. */
export const KEY_MEMBERS: readonly (ByteMember | 'crv')[] = ['crv', ...BYTE_MEMBERS]
/** The members that belong to each key type (RFC 7518 §6, RFC 8037 §2, RFC 9964 §3). */
export const MEMBERS: Readonly<Record<AlgorithmRow['keyType'], readonly string[]>> = {
  EC: ['crv', 'x', 'y', 'd'],
  OKP: ['crv', 'x', 'd'],
  RSA: ['n', 'e', ...RSA_PRIVATE],
  oct: ['k'],
  AKP: ['pub', 'priv'],
}
/** The members that a public key never has. */
export const PRIVATE_MEMBERS: readonly string[] = [...RSA_PRIVATE, 'oth', 'k', 'priv']
const SECRET_MEMBERS: readonly string[] = [...BYTE_MEMBERS, 'oth']
const text = z.optional(z.string('must be text').check(z.maxLength(4096, 'must be at most 4096 characters')))
const JWK = z.looseObject(
  {
    kty: z.string('must be text'),
    crv: text,
    alg: text,
    use: text,
    kid: text,
    key_ops: z.optional(z.array(z.string('must be text'), 'must be a list of texts')),
    n: text,
    e: text,
    x: text,
    y: text,
    k: text,
    d: text,
    p: text,
    q: text,
    dp: text,
    dq: text,
    qi: text,
    pub: text,
    priv: text,
    x5c: z.optional(z.array(z.string('must be text'), 'must be a list of texts')),
    'x5t#S256': text,
  },
  'must be a JWK',
)
