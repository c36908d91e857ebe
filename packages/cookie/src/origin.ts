// Web origins: read strictly, written in one spelling, so that comparing text compares origins (RFC 6454 §4, §6.2).
import { mistake } from '@tallystick/core/options'

/**
 * The one spelling of an origin, or `undefined` where the text is none: `null`, a path, user info, another scheme.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6454.html#section-6.2 RFC 6454 §6.2}
 */
export function canonicalOrigin(text: string): string | undefined {
  return ORIGIN.test(text) ? originOf(text) : undefined
}

/** The origin of a Referer header's page, or `undefined` where it is no http or https URL. */
export function refererOrigin(text: string): string | undefined {
  return /^https?:\/\/[\x21-\x7E]+$/.test(text) && !text.includes('\\') ? originOf(text) : undefined
}

/**
 * Checks configured origins.
 *
 * @throws TypeError where one is no origin or is http of another machine.
 */
export function checkOrigins(owner: string, field: string, origins: readonly string[]): ReadonlySet<string> {
  const canonical = new Set<string>()
  for (const [index, text] of origins.entries()) {
    const origin = canonicalOrigin(text)
    if (origin === undefined || (origin.startsWith('http:') && !LOCAL.test(origin))) {
      const allowed = 'must be an https origin without a path, or http on this machine'
      throw mistake(owner, `${field}.${index}`, allowed, text)
    }
    canonical.add(origin)
  }
  return canonical
}

function originOf(text: string): string | undefined {
  try {
    const { origin } = new URL(text)
    return origin === 'null' ? undefined : origin
  } catch {
    return undefined
  }
}

// origin = scheme "://" host [ ":" port ]; the host a name, an IPv4 or a bracketed IPv6 address.
const ORIGIN = /^https?:\/\/(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?$/
const LOCAL = /^http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/
