// Signs a compact JWS of any payload (RFC 7515 §5.1): no claims are added or checked, but the header obeys the one law.
import { mistake, secretMistake } from '@tallystick/core/options'
import { signWith } from './drivers.ts'
import type { SigningKey } from './key.ts'
import { materialOf } from './key.ts'
import { createKeySet } from './key-set.ts'
import { encodeBytes, encodeText } from './node-crypto.ts'
import { defaults } from './policy.ts'
import { createPrepare } from './prepare.ts'

/** The options of {@link signCompact}. */
export interface SignCompactOptions {
  /** Signs; its algorithm and key id become `alg` and `kid`. */
  readonly key: SigningKey
  /** Further header members, such as `typ` and `cty`; none that `verifyCompact` refuses. */
  readonly header?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Signs a payload as a compact JWS. It is no issuing of a JWT: nothing in the payload is added, checked or typed.
 *
 * @param payload - Bytes as they are, or text as UTF-8; the token has at most 16 384 characters.
 * @throws TypeError or RangeError (as a rejection) where an option is not allowed, or the token would be refused by
 * `verifyCompact`: an unencoded payload (RFC 7797), `crit`, a key of its own. TokenError `ERR_SIGNING` where the key failed.
 * @example
 * const token = await signCompact('{"hello":"world"}', { key, header: { typ: 'greeting+jws' } })
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515.html#section-5.1 RFC 7515 §5.1}
 */
export async function signCompact(payload: Uint8Array | string, options: SignCompactOptions): Promise<string> {
  const { key, header } = options ?? {}
  const material = materialOf(key)
  if (material === undefined || key.kind !== 'signing') throw secretMistake(OWNER, 'key', 'must be a signing key', key)
  const { algorithm, keyId } = key
  const input = `${encodeText(headerText(algorithm, keyId, header))}.${encodePayload(payload)}`
  const token = `${input}.${encodeBytes(await signWith(material, encoder.encode(input)))}`
  const rules = { keys: createKeySet(OWNER, [key], [algorithm]), type: undefined, lengthMax: defaults.lengthMax }
  const prepared = createPrepare(rules)(token)
  if (prepared.ok) return token
  if (prepared.reason === 'jwt/too_long') throw mistake(OWNER, '', TOO_LONG, token.length)
  throw mistake(OWNER, 'header', `must be one that verifyCompact accepts, not ${prepared.reason}`, header)
}

function headerText(alg: string, kid: string, header: SignCompactOptions['header']): string {
  if (header !== undefined && (typeof header !== 'object' || header === null || Array.isArray(header))) {
    throw mistake(OWNER, 'header', 'must be an object', header)
  }
  const own = { ...header }
  const taken = ['alg', 'kid'].find((name) => own[name] !== undefined)
  if (taken !== undefined) throw mistake(OWNER, `header.${taken}`, 'must be left out: it is the key’s', own[taken])
  return JSON.stringify({ ...own, alg, kid })
}

function encodePayload(payload: unknown): string {
  if (payload instanceof Uint8Array) return encodeBytes(payload)
  // Half a character has no UTF-8; an encoder would sign another text than it was given.
  if (typeof payload !== 'string' || /\p{Surrogate}/u.test(payload)) {
    throw secretMistake(OWNER, 'payload', 'must be bytes or well-formed text', payload)
  }
  return encodeText(payload)
}

const OWNER = 'signCompact'
const TOO_LONG = `must make a token of at most ${defaults.lengthMax} characters, with a header of 4096`
const encoder = new TextEncoder()
