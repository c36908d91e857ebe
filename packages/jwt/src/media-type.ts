// How `typ` is compared (RFC 7515 §4.1.9): as a media type, whose `application/` may be left out.

/**
 * Whether a `typ` names the media type, without regard to case.
 *
 * @param typ - As the header has it.
 * @param type - In lower case and short: `at+jwt`.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725.html#section-3.11 RFC 8725 §3.11}
 */
export function hasMediaType(typ: string, type: string): boolean {
  if (typ === type) return true
  if (!/^[!-~]{1,100}$/.test(typ)) return false
  // RFC 7515 §4.1.9: "A recipient using the media type value MUST treat it as if "application/" were prepended to any
  // "typ" value not containing a '/'."
  const lower = typ.toLowerCase()
  return (lower.includes('/') ? lower : `application/${lower}`) === `application/${type}`
}
