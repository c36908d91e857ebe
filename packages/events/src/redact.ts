// What keeps secrets out of events: text from outside is cut, cleaned, and searched for the shapes of credentials.

/**
 * Makes text from outside safe to log: no control characters, at most 256 characters, no credential.
 *
 * A text that holds something of a credential's shape is replaced whole: a part of a token is a token's part still.
 */
export function redactText(text: string): string {
  const cut = text.length > TEXT_CHARACTERS_MAX ? `${text.slice(0, TEXT_CHARACTERS_MAX)}…` : text
  // The whole text is searched, so that a credential across the cut does not leave its beginning.
  if (CREDENTIAL_SHAPES.some((shape) => shape.test(text.slice(0, SEARCHED_CHARACTERS_MAX)))) return REDACTED
  return cut.replaceAll(CONTROL_CHARACTERS, '\u{FFFD}')
}

/** Stands where a credential would have stood. */
export const REDACTED = '[redacted]'

const TEXT_CHARACTERS_MAX = 256
const SEARCHED_CHARACTERS_MAX = 4096
// Control characters, line and paragraph separators, and the marks that reorder text on a screen.
const CONTROL_CHARACTERS = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu
const CREDENTIAL_SHAPES = [
  // Our own tokens, whole or in part.
  /t(?:rt|at|sn)_[A-Za-z0-9_-]{8}/u,
  // A JOSE object in compact form: its first segment is base64url of `{"`.
  /eyJ[A-Za-z0-9_-]{8,}\./u,
  // 32 bytes and more as one run of base64, base64url or hex: keys, codes, hashes.
  /[A-Za-z0-9+/_-]{43}/u,
  /-----BEGIN /u,
  /\bBearer\s|\bDPoP\s|\bBasic\s/iu,
] as const
