// The rules of the header of a JWE (RFC 7516 §4, RFC 8725 §3): which key, and what is never followed.
import { decodeBase64url } from '@tallystick/core/base64url'
import type { JsonObject } from './json.ts'
import { parseJsonObject, readOwn } from './json.ts'
import type { JweAlgorithm, JweCurve, JweEncryption } from './jwe-algorithms.ts'
import type { JweMaterial } from './jwe-key.ts'
import type { JweSelect } from './jwe-key-set.ts'
import { keyTypeOf, isSoundPoint } from './jwe-points.ts'
import type { JweRefusal } from './jwe-refusals.ts'
import { hasMediaType } from './media-type.ts'

/** A header that passed: deeply frozen. It is authentic as far as the key is; of a public key anybody can be the sender. */
export interface JweHeader {
  /** How the key came: that of the key. */
  readonly alg: JweAlgorithm
  /** How the content is encrypted: that of the key. */
  readonly enc: JweEncryption
  /** The id of the key, as the token names it. */
  readonly kid?: string
  /** The media type of the content; `JWT` of a nested token. */
  readonly cty?: string
  /** What the token is bound to. */
  readonly ctx?: string
  readonly [member: string]: unknown
}

/** What a decryption asks of every header. */
export interface JweHeaderRules {
  readonly select: JweSelect
  /** What the token must be bound to; `undefined` where it must be bound to nothing. */
  readonly context: string | undefined
  /** Whether the content must be a JWT; else it must not be said to be one. */
  readonly isNested: boolean
  /** How many bytes a compressed payload may become; 0 for none. */
  readonly inflatedBytesMax: number
}

/**
 * Decides about a header segment and finds the key, before anything is decrypted.
 *
 * @param segment - Canonical base64url, at most 4 KiB.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7516.html#section-5.2 RFC 7516 §5.2}
 */
export function approveJweHeader(
  segment: string,
  rules: JweHeaderRules,
): { readonly header: JweHeader; readonly key: JweMaterial } | JweRefusal {
  const bytes = decodeBase64url(segment)
  const header = bytes === undefined ? undefined : parseJsonObject(bytes, MARKS_MAX)
  if (header === undefined) return 'jwt/malformed'
  // RFC 7516 §4.1.13, as RFC 7515 §4.1.11: an extension that is not understood must not be ignored. None is.
  if (Object.hasOwn(header, 'crit')) return 'jwt/critical_header'
  if (FORBIDDEN.some((name) => Object.hasOwn(header, name))) return 'jwt/forbidden_header'
  if (Object.hasOwn(header, 'zip') && !mayInflate(header, rules)) return 'jwt/forbidden_header'
  const [alg, enc, kid, cty, ctx] = NAMED.map((member) => readOwn(header, member))
  if (typeof alg !== 'string' || typeof enc !== 'string') return 'jwt/malformed'
  if (!isShortText(kid) || !isShortText(cty) || !isShortText(ctx)) return 'jwt/malformed'
  const key = rules.select({ alg, enc, kid })
  if (typeof key === 'string') return key
  const reason = wrongMembers(header, key)
  if (reason !== undefined) return reason
  // RFC 8725 §3.11: what the content is must be said, and a JWT is not to be had without its verification.
  if ((cty !== undefined && hasMediaType(cty, 'jwt')) !== rules.isNested) return 'jwt/wrong_type'
  if (ctx !== rules.context) return 'jwt/wrong_context'
  return { header: header as JweHeader, key }
}

function mayInflate(header: JsonObject, { inflatedBytesMax }: JweHeaderRules): boolean {
  return inflatedBytesMax > 0 && header['zip'] === 'DEF'
}

/** The members that belong to a key management algorithm: its own must be sound, another's must not be there. */
function wrongMembers(header: JsonObject, { row, publicJwk }: JweMaterial): JweRefusal | undefined {
  const foreign = MANAGEMENT.find((name) => Object.hasOwn(header, name) && !row.headerMembers.includes(name))
  if (foreign !== undefined) return 'jwt/forbidden_header'
  const isSound =
    (!row.headerMembers.includes('epk') || isSoundAgreement(header, publicJwk?.['crv'])) &&
    (!row.headerMembers.includes('iv') || isSoundWrapping(header))
  return isSound ? undefined : 'jwt/malformed'
}

/** Whether the ephemeral key is a public point of the recipient's own curve (RFC 7518 §4.6.1.1). */
function isSoundAgreement(header: JsonObject, curve: unknown): boolean {
  const epk = readOwn(header, 'epk')
  if (typeof epk !== 'object' || epk === null || Array.isArray(epk)) return false
  const [kty, crv, x, y, d] = ['kty', 'crv', 'x', 'y', 'd'].map((member) => readOwn(epk as JsonObject, member))
  if (crv !== curve || kty !== keyTypeOf(curve) || d !== undefined) return false
  return (
    isSoundPoint(curve as JweCurve, x, y) && isPartyInfo(readOwn(header, 'apu')) && isPartyInfo(readOwn(header, 'apv'))
  )
}

/** RFC 7518 §4.7.1: 96 bits of initialization vector, 128 of tag. */
function isSoundWrapping(header: JsonObject): boolean {
  return bytesIn(readOwn(header, 'iv')) === 12 && bytesIn(readOwn(header, 'tag')) === 16
}

function isPartyInfo(value: unknown): boolean {
  return value === undefined || bytesIn(value) !== undefined
}

function bytesIn(value: unknown): number | undefined {
  return typeof value === 'string' ? decodeBase64url(value)?.length : undefined
}

function isShortText(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && value.length <= TEXT_LENGTH_MAX)
}

const MANAGEMENT = ['epk', 'apu', 'apv', 'iv', 'tag']
/** What 32 plain members have; a header is read before anything is decrypted, so that reading must cost little. */
const MARKS_MAX = 64
const TEXT_LENGTH_MAX = 256
const NAMED = ['alg', 'enc', 'kid', 'cty', 'ctx'] as const
/** Keys that a token brings along or points at, unencoded payloads, and password-based encryption (RFC 8725 §3.10). */
const FORBIDDEN = ['jku', 'jwk', 'x5u', 'x5c', 'b64', 'p2s', 'p2c']
