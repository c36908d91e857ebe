// The rules of a JOSE header (RFC 7515 §4, RFC 8725 §3): which algorithm, which key, and what is never followed.
import { decodeBase64url } from '@tallystick/core/base64url'
import type { KeyMaterial } from './key.ts'
import type { KeySet } from './key-set.ts'
import type { JsonObject } from './json.ts'
import { parseJsonObject, readOwn } from './json.ts'
import { hasMediaType } from './media-type.ts'
import type { JwtRefusal } from './refusals.ts'

/** A header that passed: deeply frozen. */
export interface JwtHeader {
  /** The algorithm, which is that of the key. */
  readonly alg: string
  /** The id of the key, as the token names it. */
  readonly kid?: string
  /** The media type, as the token spells it. */
  readonly typ?: string
  readonly [member: string]: unknown
}

/** What a verifier asks of every header. */
export interface HeaderRules {
  readonly keys: KeySet
  /** The media type that `typ` must name; `undefined` for a JWS that need not be a JWT. */
  readonly type: string | undefined
}

/** A header and the one key that it leads to. */
export interface ApprovedHeader {
  readonly header: JwtHeader
  readonly key: KeyMaterial
}

/**
 * Decides about a header segment: a pure function of its text and the rules, so that its answer may be remembered.
 *
 * @param segment - Canonical base64url, at most 4 KiB.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725.html#section-3.1 RFC 8725 §3.1}
 */
export function approveHeader(segment: string, rules: HeaderRules): ApprovedHeader | JwtRefusal {
  const bytes = decodeBase64url(segment)
  const header = bytes === undefined ? undefined : parseJsonObject(bytes, MARKS_MAX)
  if (header === undefined) return 'jwt/malformed'
  const [alg, kid, typ, cty] = NAMED.map((member) => readOwn(header, member))
  const reason = forbidden(header) ?? wrongShape({ alg, kid, typ, cty }, rules.type)
  if (reason !== undefined) return reason
  const key = rules.keys.select(alg as string, kid as string | undefined)
  return typeof key === 'string' ? key : { header: header as JwtHeader, key }
}

function forbidden(header: JsonObject): JwtRefusal | undefined {
  // RFC 7515 §4.1.11: "If any of the listed extension Header Parameters are not understood and supported by the
  // recipient, then the JWS is invalid." None is; empty, duplicated and misplaced lists are invalid besides.
  if (Object.hasOwn(header, 'crit')) return 'jwt/critical_header'
  // RFC 8725 §3.10: keys that a token brings along or points at are nobody's but the sender's.
  for (const name of FORBIDDEN) if (Object.hasOwn(header, name)) return 'jwt/forbidden_header'
  return undefined
}

/** Names what is wrong with the members that every header has: their types, and `typ` where one is asked for. */
export function wrongShape(
  { alg, kid, typ, cty }: Readonly<Record<(typeof NAMED)[number], unknown>>,
  type: string | undefined,
): JwtRefusal | undefined {
  if (typeof alg !== 'string') return 'jwt/malformed'
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > KEY_ID_LENGTH_MAX)) return 'jwt/malformed'
  if (typ !== undefined && typeof typ !== 'string') return 'jwt/malformed'
  if (cty !== undefined && (typeof cty !== 'string' || type !== undefined)) return 'jwt/forbidden_header'
  if (type !== undefined && (typ === undefined || !hasMediaType(typ, type))) return 'jwt/wrong_type'
  return undefined
}

/** What 32 plain members have; a header is read before its signature is checked, so that reading must cost little. */
const MARKS_MAX = 64
/** The longest `kid` that is looked up, in characters. */
const KEY_ID_LENGTH_MAX = 256
const NAMED = ['alg', 'kid', 'typ', 'cty'] as const
/** Key material and addresses (RFC 7515 §4.1.2–4.1.6), unencoded payloads (RFC 7797 §7), and members of RFC 7516 alone. */
export const FORBIDDEN: readonly string[] = ['jku', 'jwk', 'x5u', 'x5c', 'b64', 'enc', 'zip']
