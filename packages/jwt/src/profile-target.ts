// The address of a request in the one spelling in which two are compared (RFC 9449 §4.3, RFC 3986 §6.2.2).

/**
 * Writes an address without query and fragment, with scheme and host in lower case, without a default port, and with
 * percent-encoding only where it is needed; `undefined` where it is not an absolute address of http or https.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc3986.html#section-6.2.2 RFC 3986 §6.2.2}
 */
export function normalizeTarget(text: string): string | undefined {
  // Spaces and control characters would be dropped unseen by the parser; a backslash becomes a slash.
  if (!/^https?:\/\/[!-[\]-~]+$/i.test(text)) return undefined
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return undefined
  }
  if (url.username !== '' || url.password !== '') return undefined
  return `${url.protocol}//${url.host}${url.pathname.replace(/%[0-9a-f]{2}/gi, normalizeEscape)}`
}

/** RFC 3986 §6.2.2.2: escapes of unreserved characters are written as themselves; §6.2.2.1: the others in upper case. */
function normalizeEscape(escape: string): string {
  const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
  return /[A-Za-z0-9\-._~]/.test(character) ? character : escape.toUpperCase()
}
