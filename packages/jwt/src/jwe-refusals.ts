// The reasons for which an encrypted token is refused: a part of all those for which a token is.
import type { Refusal } from '@tallystick/core'
import type { JwtRefusal } from './refusals.ts'
import { refuse } from './refusals.ts'

/** Why an encrypted token was refused; stable within a major version. */
export type JweRefusal = Extract<
  JwtRefusal,
  | 'jwt/too_long'
  | 'jwt/malformed'
  | 'jwt/not_encrypted'
  | 'jwt/critical_header'
  | 'jwt/forbidden_header'
  | 'jwt/algorithm_not_allowed'
  | 'jwt/unknown_key'
  | 'jwt/ambiguous_key'
  | 'jwt/wrong_type'
  | 'jwt/wrong_context'
  | 'jwt/decryption_failed'
>

/** The refusal for a reason, the same frozen object each time. */
export const refuseJwe: (reason: JweRefusal) => Refusal<JweRefusal> = refuse as (
  reason: JweRefusal,
) => Refusal<JweRefusal>
