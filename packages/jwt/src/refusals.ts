// Every reason why a token is refused, and what the outside may see of it (RFC 6750 §3.1).
import type { RefusalRow } from '@tallystick/core/refusals'
import { defineRefusals } from '@tallystick/core/refusals'
import type { Refusal } from '@tallystick/core'

/** Why a token was refused; stable within a major version. */
export type JwtRefusal =
  | 'jwt/too_long'
  | 'jwt/malformed'
  | 'jwt/algorithm_not_allowed'
  | 'jwt/unknown_key'
  | 'jwt/ambiguous_key'
  | 'jwt/critical_header'
  | 'jwt/forbidden_header'
  | 'jwt/wrong_type'
  | 'jwt/bad_signature'
  | 'jwt/not_encrypted'
  | 'jwt/wrong_context'
  | 'jwt/decryption_failed'
  | 'jwt/missing_claim'
  | 'jwt/invalid_claim'
  | 'jwt/wrong_issuer'
  | 'jwt/wrong_audience'
  | 'jwt/expired'
  | 'jwt/issued_in_future'
  | 'jwt/not_yet_valid'
  | 'jwt/revoked'

// One description for all: which check failed is for the operator's eyes, not for whoever tries tokens out.
const invalidToken: RefusalRow = {
  code: 'invalid_token',
  status: 401,
  description: 'The access token is malformed, expired, revoked or not meant for this service.',
}

/** The refusal for a reason, the same frozen object each time. */
export const refuse: (reason: JwtRefusal) => Refusal<JwtRefusal> = defineRefusals({
  'jwt/too_long': invalidToken,
  'jwt/malformed': invalidToken,
  'jwt/algorithm_not_allowed': invalidToken,
  'jwt/unknown_key': invalidToken,
  'jwt/ambiguous_key': invalidToken,
  'jwt/critical_header': invalidToken,
  'jwt/forbidden_header': invalidToken,
  'jwt/wrong_type': invalidToken,
  'jwt/bad_signature': invalidToken,
  'jwt/not_encrypted': invalidToken,
  'jwt/wrong_context': invalidToken,
  'jwt/decryption_failed': invalidToken,
  'jwt/missing_claim': invalidToken,
  'jwt/invalid_claim': invalidToken,
  'jwt/wrong_issuer': invalidToken,
  'jwt/wrong_audience': invalidToken,
  'jwt/expired': invalidToken,
  'jwt/issued_in_future': invalidToken,
  'jwt/not_yet_valid': invalidToken,
  'jwt/revoked': invalidToken,
} satisfies Record<JwtRefusal, RefusalRow>)
