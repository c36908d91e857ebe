// Why the handlers refuse a request, beside the reasons of cookies, forgery and sessions, and what the outside sees.
import type { Refusal } from '@tallystick/core'
import { defineRefusals, type RefusalRow } from '@tallystick/core/refusals'

/** Why a request was refused by the handlers themselves; stable within a major version. */
export type HttpRefusal =
  | 'http/method_not_allowed'
  | 'http/signed_out'
  | 'http/route_unknown'
  | 'http/path_refused'
  | 'http/redirect_refused'
  | 'http/api_unavailable'

const UNKNOWN = { code: 'invalid_request', status: 404 } as const
const GATEWAY = { code: 'temporarily_unavailable', status: 502 } as const

/**
 * The table of refusals of the handlers.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.6 RFC 9110 §15.5.6}
 */
export const httpRefusals: Readonly<Record<HttpRefusal, RefusalRow>> = {
  'http/method_not_allowed': {
    code: 'invalid_request',
    status: 405,
    description: 'this address takes other methods',
    headers: { allow: 'POST' },
  },
  'http/signed_out': { code: 'login_required', status: 401, description: 'the request carries no session' },
  'http/route_unknown': { ...UNKNOWN, description: 'there is no API at this path' },
  'http/path_refused': { code: 'invalid_request', status: 400, description: 'the path or query is not plain' },
  'http/redirect_refused': { ...GATEWAY, description: 'the API answered with a redirect, which is not followed' },
  'http/api_unavailable': { ...GATEWAY, description: 'the API did not answer' },
}

/** The refusal of a reason. */
export const refuseHttp: (reason: HttpRefusal) => Refusal<HttpRefusal> = defineRefusals(httpRefusals)
