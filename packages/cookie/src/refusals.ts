// Every reason for which a cookie or a request is refused, and what the outside may see of it (RFC 6265bis, RFC 6585 §5).
import type { Refusal } from '@tallystick/core'
import { defineRefusals, type RefusalRow } from '@tallystick/core/refusals'

/** Why cookies were not read or not written; stable within a major version. */
export type CookieRefusal =
  | 'cookie/header_too_large'
  | 'cookie/too_many'
  | 'cookie/malformed'
  | 'cookie/duplicate'
  | 'cookie/chunks_mixed'
  | 'cookie/chunks_incomplete'
  | 'cookie/chunks_stale'
  | 'cookie/development_origin'
  | 'cookie/value_too_long'
  | 'cookie/budget_exceeded'

/** Why a request was taken for forged; stable within a major version. */
export type CsrfRefusal =
  | 'csrf/method'
  | 'csrf/cross_site'
  | 'csrf/same_site'
  | 'csrf/inconsistent'
  | 'csrf/origin'
  | 'csrf/referer'
  | 'csrf/unknown'
  | 'csrf/header_missing'
  | 'csrf/content_type'
  | 'csrf/token_missing'
  | 'csrf/token_invalid'
  | 'csrf/state_missing'
  | 'csrf/state_invalid'
  | 'csrf/state_expired'

const PRIVATE = { 'cache-control': 'no-store' } as const
const VARIES = { ...PRIVATE, vary: 'Sec-Fetch-Site, Origin' } as const
const INVALID = { code: 'invalid_request', status: 400, headers: PRIVATE } as const
/** 431 Request Header Fields Too Large (RFC 6585 §5): the browser must send less. */
const TOO_LARGE = { code: 'invalid_request', status: 431, headers: PRIVATE } as const
const FORGED = { code: 'access_denied', status: 403, headers: VARIES } as const

/**
 * The table of refusals of cookies; 431 where the browser holds too much.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6585.html#section-5 RFC 6585 §5}
 */
export const cookieRefusals: Readonly<Record<CookieRefusal, RefusalRow>> = {
  'cookie/header_too_large': { ...TOO_LARGE, description: 'the Cookie header is longer than the server reads' },
  'cookie/too_many': { ...TOO_LARGE, description: 'the Cookie header holds more cookies than the server reads' },
  'cookie/malformed': { ...INVALID, description: 'the cookie holds characters that were never written' },
  'cookie/duplicate': { ...INVALID, description: 'the cookie was sent more than once' },
  'cookie/chunks_mixed': { ...INVALID, description: 'the cookie was sent both whole and in chunks' },
  'cookie/chunks_incomplete': { ...INVALID, description: 'a chunk of the cookie is missing' },
  'cookie/chunks_stale': { ...INVALID, description: 'the chunks of the cookie do not belong together' },
  'cookie/development_origin': { ...INVALID, description: 'development cookies are for http on this machine only' },
  'cookie/value_too_long': { ...TOO_LARGE, description: 'the value does not fit into the chunks of its cookie' },
  'cookie/budget_exceeded': { ...TOO_LARGE, description: 'the next Cookie header would be longer than servers read' },
}

/** The table of refusals of requests that may be forged. */
export const csrfRefusals: Readonly<Record<CsrfRefusal, RefusalRow>> = {
  'csrf/method': { ...FORGED, description: 'this method is never served' },
  'csrf/cross_site': { ...FORGED, description: 'the request comes from another site' },
  'csrf/same_site': { ...FORGED, description: 'the request comes from another origin of this site' },
  'csrf/inconsistent': { ...FORGED, description: 'the headers of the request contradict each other' },
  'csrf/origin': { ...FORGED, description: 'the request comes from another origin' },
  'csrf/referer': { ...FORGED, description: 'the request comes from a page of another origin' },
  'csrf/unknown': { ...FORGED, description: 'the request does not say where it comes from' },
  'csrf/header_missing': { ...FORGED, description: 'the required header is missing' },
  'csrf/content_type': { ...FORGED, description: 'a content type that forms can send is not taken' },
  'csrf/token_missing': { ...FORGED, description: 'the anti-forgery token is missing' },
  'csrf/token_invalid': { ...FORGED, description: 'the anti-forgery token is not of this session' },
  'csrf/state_missing': { ...INVALID, description: 'the log-in was not begun in this browser' },
  'csrf/state_invalid': { ...INVALID, description: 'the log-in was not begun in this browser' },
  'csrf/state_expired': { ...INVALID, description: 'the log-in took too long: begin again' },
}

/** The refusal of a reason for which cookies are not read or written. */
export const refuseCookie: <Reason extends CookieRefusal>(reason: Reason) => Refusal<Reason> = defineRefusals(
  cookieRefusals,
) as <Reason extends CookieRefusal>(reason: Reason) => Refusal<Reason>

/** The refusal of a reason for which a request is taken for forged. */
export const refuseCsrf: <Reason extends CsrfRefusal>(reason: Reason) => Refusal<Reason> = defineRefusals(
  csrfRefusals,
) as <Reason extends CsrfRefusal>(reason: Reason) => Refusal<Reason>
