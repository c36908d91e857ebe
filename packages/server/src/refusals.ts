// Why an access token is refused by the server that issued it, beside the reasons of its signature and claims.
import type { Refusal } from '@tallystick/core'
import { defineRefusals, type RefusalRow } from '@tallystick/core/refusals'
import type { JwtRefusal } from '@tallystick/jwt'

/** Why an access token was refused; stable within a major version. */
export type AccessTokenRefusal =
  | JwtRefusal
  | 'access_token/unknown'
  | 'access_token/expired'
  | 'access_token/revoked'
  | 'access_token/wrong_audience'
  | 'access_token/binding_mismatch'

const invalidToken: RefusalRow = {
  code: 'invalid_token',
  status: 401,
  description: 'The access token is malformed, expired, revoked or not meant for this service.',
}

/** The table of this package's own reasons (RFC 6750 §3.1). */
export const accessTokenRefusals: Readonly<Record<Exclude<AccessTokenRefusal, JwtRefusal>, RefusalRow>> = {
  'access_token/unknown': invalidToken,
  'access_token/expired': invalidToken,
  'access_token/revoked': invalidToken,
  'access_token/wrong_audience': invalidToken,
  'access_token/binding_mismatch': invalidToken,
}

/** The refusal of a reason. */
export const refuseAccess: (
  reason: Exclude<AccessTokenRefusal, JwtRefusal>,
) => Refusal<Exclude<AccessTokenRefusal, JwtRefusal>> = defineRefusals(accessTokenRefusals)
