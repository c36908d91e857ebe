// Which headers pass between the page and an API: named ones only, and some never (RFC 9110 §7.6.1, RFC 6265 §4).
import { mistake } from '@tallystick/core/options'

/** The headers that pass where nothing more is configured. */
export const passedHeaders: { readonly request: readonly string[]; readonly response: readonly string[] } =
  Object.freeze({
    request: Object.freeze([
      'accept',
      'accept-language',
      'content-type',
      'idempotency-key',
      'if-match',
      'if-modified-since',
      'if-none-match',
      'if-unmodified-since',
      'range',
    ]),
    response: Object.freeze([
      'accept-ranges',
      'content-disposition',
      'content-language',
      'content-range',
      'content-type',
      'etag',
      'last-modified',
      'retry-after',
    ]),
  })

/**
 * The names of headers that pass: the usual ones and the caller's.
 *
 * @throws TypeError for a header that never passes: credentials, what names another host or method, hop-by-hop headers.
 */
export function resolvePassed(
  owner: string,
  field: 'requestHeaders' | 'responseHeaders',
  more: readonly unknown[] = [],
): readonly string[] {
  if (!Array.isArray(more)) throw mistake(owner, field, 'must be a list of header names', more)
  const names = more.map((name) => String(name).toLowerCase())
  for (const name of names) {
    if (!/^[a-z0-9-]+$/.test(name) || NEVER.test(name))
      throw mistake(owner, field, 'must list headers that may pass: no credentials, no host, no method, no hop', name)
  }
  return [...new Set([...passedHeaders[field === 'requestHeaders' ? 'request' : 'response'], ...names])]
}

/** A copy of those headers that pass. */
export function pass(headers: Headers, names: readonly string[]): Headers {
  const passed = new Headers()
  for (const name of names) {
    const value = headers.get(name)
    if (value !== null) passed.set(name, value)
  }
  return passed
}

const NEVER =
  /^(?:cookie2?|set-cookie2?|authorization|dpop|proxy-.*|www-authenticate|host|forwarded|x-forwarded-.*|x-real-ip|x-original-.*|x-rewrite-.*|x-http-method.*|x-method-override|connection|keep-alive|te|trailer|transfer-encoding|upgrade|content-length|content-encoding|clear-site-data|cache-control|vary|content-security-policy.*|access-control-.*|origin|referer|sec-.*)$/
