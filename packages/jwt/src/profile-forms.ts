// The forms of claims that only some kinds have: events, an introspection's answer, a status list (RFC 8417 §2.2, RFC 9701
// §5). Pure.
import { isObject, isText } from './claims.ts'
import type { JsonObject } from './json.ts'
import { readOwn } from './json.ts'
import { decodeBase64url } from '@tallystick/core/base64url'

/** Whether a value is an object of 1 to 64 objects, as `events` is. */
export function isEvents(value: unknown): boolean {
  if (!isObject(value)) return false
  const events = Object.values(value as object)
  return events.length > 0 && events.length <= 64 && events.every(isObject)
}

/**
 * Whether one of the events is that of a back-channel logout.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8417.html#section-2.2 RFC 8417 §2.2}
 */
export function hasLogoutEvent(claims: JsonObject): boolean {
  return readOwn(readOwn(claims, 'events') as JsonObject, LOGOUT_EVENT) !== undefined
}

/** Whether somebody, or one session, is named: `sub`, `sid` or both. */
export function hasSubjectOrSession(claims: JsonObject): boolean {
  return Object.hasOwn(claims, 'sub') || Object.hasOwn(claims, 'sid')
}

/** Whether a value is an object that says whether a token is active. */
export function hasActive(value: unknown): boolean {
  return isObject(value) && typeof readOwn(value as JsonObject, 'active') === 'boolean'
}

/** Whether a value is a status list: its bits, and the list as compressed bytes in base64url. Nothing is inflated. */
export function hasStatusList(value: unknown): boolean {
  if (!isObject(value)) return false
  const [bits, list, uri] = ['bits', 'lst', 'aggregation_uri'].map((name) => readOwn(value as JsonObject, name))
  const isList = typeof list === 'string' && list !== '' && decodeBase64url(list) !== undefined
  return [1, 2, 4, 8].includes(bits as number) && isList && (uri === undefined || isText(uri))
}

/** Whether a value is a time to cache for: positive, and not longer than a year. */
export function isCacheLifetime(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= 31_536_000
}

/** Whether a value is text as long as an address may be. */
export function isText8K(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= 8192 && /^[!-~]*$/.test(value)
}

/** The event by which a logout token is known (OpenID Connect Back-Channel Logout §2.4). */
export const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'
