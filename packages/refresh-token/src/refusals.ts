// Every reason for which a refresh is refused, and what the outside may see of it (RFC 6749 §5.2).
import type { Refusal } from '@tallystick/core'
import { defineRefusals, type RefusalRow } from '@tallystick/core/refusals'

const DEAD = 'the refresh token is invalid, expired or revoked'

/** Why a refresh was refused; stable within a major version. */
export type RefreshRefusal =
  | 'refresh_token/malformed'
  | 'refresh_token/unknown_secret'
  | 'refresh_token/unknown'
  | 'refresh_token/revoked'
  | 'refresh_token/expired'
  | 'refresh_token/replayed'
  | 'refresh_token/exhausted'
  | 'refresh_token/client_mismatch'
  | 'refresh_token/binding_mismatch'
  | 'refresh_token/attempt_key_malformed'
  | 'refresh_token/nonce_required'
  | 'refresh_token/scope_exceeded'
  | 'refresh_token/audience_exceeded'
  | 'refresh_token/step_up_required'
  | 'refresh_token/superseded'
  | 'refresh_token/ahead'

/** The table of refusals; `invalid_grant` only where the user must sign in again. */
export const refreshRefusals: Readonly<Record<RefreshRefusal, RefusalRow>> = {
  'refresh_token/malformed': { code: 'invalid_grant', status: 400, description: DEAD },
  'refresh_token/unknown_secret': { code: 'invalid_grant', status: 400, description: DEAD },
  'refresh_token/unknown': { code: 'invalid_grant', status: 400, description: DEAD },
  'refresh_token/revoked': { code: 'invalid_grant', status: 400, description: DEAD },
  'refresh_token/expired': { code: 'invalid_grant', status: 400, description: DEAD },
  'refresh_token/replayed': { code: 'invalid_grant', status: 400, description: DEAD },
  'refresh_token/exhausted': { code: 'invalid_grant', status: 400, description: DEAD },
  'refresh_token/client_mismatch': { code: 'invalid_grant', status: 400, description: DEAD },
  'refresh_token/binding_mismatch': {
    code: 'invalid_grant',
    status: 400,
    description: 'the refresh token is bound to another key',
  },
  'refresh_token/attempt_key_malformed': {
    code: 'invalid_request',
    status: 400,
    description: 'the attempt key must be 22 to 128 visible ASCII characters',
  },
  'refresh_token/nonce_required': {
    code: 'use_dpop_nonce',
    status: 400,
    description: 'a proof with a nonce from this server is required',
  },
  'refresh_token/scope_exceeded': {
    code: 'invalid_scope',
    status: 400,
    description: 'the requested scope exceeds what was granted',
  },
  'refresh_token/audience_exceeded': {
    code: 'invalid_target',
    status: 400,
    description: 'the requested audience exceeds what was granted',
  },
  'refresh_token/step_up_required': {
    code: 'interaction_required',
    status: 400,
    description: 'the user must authenticate again',
  },
  'refresh_token/superseded': {
    code: 'temporarily_unavailable',
    status: 409,
    description: 'a newer refresh token was issued: read your token store again',
    headers: { 'retry-after': '0' },
  },
  'refresh_token/ahead': {
    code: 'temporarily_unavailable',
    status: 503,
    description: 'the token store is behind: try again later',
    headers: { 'retry-after': '30' },
  },
}

/** The refusal of a reason. */
export const refuseRefresh: (reason: RefreshRefusal) => Refusal<RefreshRefusal> = defineRefusals(refreshRefusals)
