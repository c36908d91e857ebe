// The one place where a key that a token brings along counts: the header of a DPoP proof (RFC 9449 §4.3). Who holds the
// key wrote the proof; whether that means anything is for the binding of an access token to say.
import type { Refusal } from '@tallystick/core'
import { decodeBase64url } from '@tallystick/core/base64url'
import { sha256Base64url } from '@tallystick/core/crypto'
import { mistake } from '@tallystick/core/options'
import type { AlgorithmRow, JwtAlgorithm } from './algorithms.ts'
import { algorithms as rows, isAlgorithm } from './algorithms.ts'
import { passGate } from './gate.ts'
import type { JwtHeader } from './header.ts'
import { FORBIDDEN, wrongShape } from './header.ts'
import { checkJwk, publicJwkOf } from './jwk.ts'
import { parseJsonObject, readOwn } from './json.ts'
import type { KeyMaterial, PublicJwk } from './key.ts'
import type { JwkMembers } from './node-crypto.ts'
import { asymmetricDriver } from './node-crypto.ts'
import type { Prepared } from './prepare.ts'
import type { ProfileRefusal } from './profile-refusals.ts'
import { refuseKind } from './profile-refusals.ts'
import { importInto, subtleDriver } from './web-crypto.ts'

/**
 * Makes the function that looks at a proof up to its signature; synchronous, and never throws.
 *
 * @throws TypeError where `algorithms` is missing, empty, unknown or symmetric.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449.html#section-4.3 RFC 9449 §4.3}
 */
export function createProofPrepare(
  owner: string,
  algorithms: unknown,
  lengthMax: number,
): (token: unknown) => Prepared | Refusal<ProfileRefusal> {
  const allowed = checkAsymmetric(owner, algorithms)
  return (given) => {
    const segments = passGate(given, lengthMax)
    if (typeof segments === 'string') return refuseKind('dpopProof', segments)
    const { token, headerEnd, payloadEnd } = segments
    const approved = approveProofHeader(token.slice(0, headerEnd), allowed)
    if (typeof approved === 'string') return refuseKind('dpopProof', approved)
    const signature = decodeBase64url(token.slice(payloadEnd + 1))
    if (signature?.length !== approved.key.signatureBytes) return refuseKind('dpopProof', 'jwt/bad_signature')
    return {
      ok: true,
      ...approved,
      input: new TextEncoder().encode(token.slice(0, payloadEnd)),
      signature,
      payload: token.slice(headerEnd + 1, payloadEnd),
      remember: () => undefined,
    }
  }
}

function checkAsymmetric(owner: string, algorithms: unknown): ReadonlySet<JwtAlgorithm> {
  const list: readonly unknown[] = Array.isArray(algorithms) ? [...(algorithms as unknown[])] : []
  // RFC 9449 §4.2: "It MUST NOT be none or an identifier for a symmetric algorithm (Message Authentication Code (MAC))."
  const areGood = list.length > 0 && list.every((name) => isAlgorithm(name) && rows[name].keyType !== 'oct')
  if (!areGood)
    throw mistake(owner, 'algorithms', 'must name at least one algorithm, and asymmetric ones alone', algorithms)
  return new Set(list as JwtAlgorithm[])
}

function approveProofHeader(
  segment: string,
  allowed: ReadonlySet<JwtAlgorithm>,
): { readonly header: JwtHeader; readonly key: KeyMaterial } | ProfileRefusal {
  const bytes = decodeBase64url(segment)
  const header = bytes === undefined ? undefined : parseJsonObject(bytes, MARKS_MAX)
  if (header === undefined) return 'jwt/malformed'
  if (Object.hasOwn(header, 'crit')) return 'jwt/critical_header'
  if (FORBIDDEN.some((name) => name !== 'jwk' && Object.hasOwn(header, name))) return 'jwt/forbidden_header'
  const [alg, kid, typ, cty] = ['alg', 'kid', 'typ', 'cty'].map((name) => readOwn(header, name))
  const reason = wrongShape({ alg, kid, typ, cty }, 'dpop+jwt')
  if (reason !== undefined) return reason
  if (!allowed.has(alg as JwtAlgorithm)) return 'jwt/algorithm_not_allowed'
  const key = materialFrom(readOwn(header, 'jwk'), rows[alg as JwtAlgorithm])
  return key === undefined ? 'jwt/invalid_key' : { header: header as JwtHeader, key }
}

/** What stands behind an embedded key: public, strong and of this algorithm, or nothing. */
function materialFrom(jwk: unknown, row: AlgorithmRow): KeyMaterial | undefined {
  let members: JwkMembers
  try {
    members = checkJwk('verify', jwk, row, 'verify')
  } catch {
    return undefined
  }
  const publicJwk = publicJwkOf(members)
  if (publicJwk === undefined) return undefined
  return {
    row,
    thumbprint: thumbprintOf(publicJwk),
    signatureBytes: row.signatureBytes === 'modulus' ? modulusBytes(publicJwk) : row.signatureBytes,
    publicJwk,
    synchronous: asymmetricDriver(row, members, false),
    // Imported when it is needed; a key that is none has not said yes.
    subtle: {
      verify: async (input, signature) =>
        subtleDriver(row, await importInto(row, members, 'verify')).verify(input, signature),
    },
    exported: undefined,
  }
}

/** RFC 7638 §3: the members that make the key, in the order of their names, without white space. */
function thumbprintOf(jwk: PublicJwk): string {
  const members = Object.entries(jwk).sort(([left], [right]) => (left < right ? -1 : 1))
  return sha256Base64url(JSON.stringify(Object.fromEntries(members)))
}

function modulusBytes(jwk: PublicJwk): number {
  return decodeBase64url(String(readOwn(jwk, 'n')))?.length ?? 0
}

/** What 40 plain members have, the key's among them; a header is read before its signature is checked. */
const MARKS_MAX = 80
