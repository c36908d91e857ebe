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

/** Why an access token was not issued for a session, beside what stands against the session itself. */
export type SessionTokenRefusal = 'access_token/scope_exceeded'

/** The table of the reasons for which none is issued (RFC 6749 §5.2). */
export const sessionTokenRefusals: Readonly<Record<SessionTokenRefusal, RefusalRow>> = {
  'access_token/scope_exceeded': {
    code: 'invalid_scope',
    status: 400,
    description: 'the requested scope exceeds what the session was established with',
  },
}

/** The refusal of such a reason. */
export const refuseSessionToken: (reason: SessionTokenRefusal) => Refusal<SessionTokenRefusal> =
  defineRefusals(sessionTokenRefusals)

/** The refusal of a reason. */
export const refuseAccess: (
  reason: Exclude<AccessTokenRefusal, JwtRefusal>,
) => Refusal<Exclude<AccessTokenRefusal, JwtRefusal>> = defineRefusals(accessTokenRefusals)
