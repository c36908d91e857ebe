// Why a token of some kind is refused, and what the outside sees of it: each kind answers in the words of its own protocol
// (RFC 6750 §3.1, RFC 8935 §2.3, RFC 9449 §5).
import type { Refusal } from '@tallystick/core'
import type { RefusalRow } from '@tallystick/core/refusals'
import { defineRefusals } from '@tallystick/core/refusals'
import type { KindName } from './profile-kinds.ts'
import type { JwtRefusal } from './refusals.ts'

/** Why a token was refused; stable within a major version. */
export type ProfileRefusal =
  | JwtRefusal
  | 'jwt/forbidden_claim'
  | 'jwt/too_old'
  | 'jwt/too_long_lived'
  | 'jwt/invalid_key'
  | 'jwt/wrong_subject'
  | 'jwt/wrong_nonce'
  | 'jwt/wrong_request'
  | 'jwt/wrong_binding'

/**
 * The refusal of one kind for a reason, the same frozen object each time.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8935.html#section-2.3 RFC 8935 §2.3}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449.html#section-5 RFC 9449 §5}
 */
export function refuseKind(kind: KindName, reason: ProfileRefusal): Refusal<ProfileRefusal> {
  return REFUSALS[kind](reason)
}

const REASONS: readonly ProfileRefusal[] = [
  'jwt/too_long',
  'jwt/malformed',
  'jwt/algorithm_not_allowed',
  'jwt/unknown_key',
  'jwt/ambiguous_key',
  'jwt/critical_header',
  'jwt/forbidden_header',
  'jwt/wrong_type',
  'jwt/bad_signature',
  'jwt/not_encrypted',
  'jwt/wrong_context',
  'jwt/decryption_failed',
  'jwt/missing_claim',
  'jwt/invalid_claim',
  'jwt/wrong_issuer',
  'jwt/wrong_audience',
  'jwt/expired',
  'jwt/issued_in_future',
  'jwt/not_yet_valid',
  'jwt/revoked',
  'jwt/forbidden_claim',
  'jwt/too_old',
  'jwt/too_long_lived',
  'jwt/invalid_key',
  'jwt/wrong_subject',
  'jwt/wrong_nonce',
  'jwt/wrong_request',
  'jwt/wrong_binding',
]

type Refuse = (reason: ProfileRefusal) => Refusal<ProfileRefusal>

function outside(usual: RefusalRow, exceptions: Partial<Readonly<Record<ProfileRefusal, RefusalRow>>> = {}): Refuse {
  const table = Object.fromEntries(REASONS.map((reason) => [reason, exceptions[reason] ?? usual]))
  return defineRefusals(table as Record<ProfileRefusal, RefusalRow>)
}

function row(code: string, status: number, description: string): RefusalRow {
  return { code, status, description }
}

const BAD_KEY = row('invalid_key', 400, 'The key of the security event token is not one that is accepted.')
const REFUSALS: Readonly<Record<KindName, Refuse>> = {
  accessToken: outside(
    row('invalid_token', 401, 'The access token is malformed, expired, revoked or not meant for this service.'),
  ),
  idToken: outside(row('invalid_request', 400, 'The ID token is not one that is accepted.')),
  logoutToken: outside(row('invalid_request', 400, 'The logout token is not one that is accepted.')),
  securityEvent: outside(row('invalid_request', 400, 'The security event token is not one that is accepted.'), {
    'jwt/algorithm_not_allowed': BAD_KEY,
    'jwt/unknown_key': BAD_KEY,
    'jwt/ambiguous_key': BAD_KEY,
    'jwt/bad_signature': BAD_KEY,
    'jwt/wrong_issuer': row('invalid_issuer', 400, 'The issuer of the security event token is not one of ours.'),
    'jwt/wrong_audience': row('invalid_audience', 400, 'The security event token is not meant for this receiver.'),
  }),
  introspectionResponse: outside(row('invalid_token', 401, 'What is known of the token could not be verified.')),
  dpopProof: outside(row('invalid_dpop_proof', 400, 'The DPoP proof is not one that is accepted.'), {
    'jwt/wrong_nonce': row('use_dpop_nonce', 400, 'The DPoP proof needs the nonce that was given.'),
  }),
  statusList: outside(row('invalid_token', 401, 'The status of the token could not be verified.')),
  clientAssertion: outside(row('invalid_client', 401, 'The client could not be authenticated.')),
  transactionToken: outside(row('invalid_token', 401, 'The transaction token is not one that is accepted.')),
}
