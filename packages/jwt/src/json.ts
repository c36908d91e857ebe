// JSON as a token may carry it (RFC 8259): one object, UTF-8 without BOM, no duplicate member, bounded in depth.

/** A JSON object as it came out of a token; `__proto__` is a member like any other and changes nothing. */
export type JsonObject = { readonly [member: string]: unknown }

/**
 * Reads bytes as one JSON object, or gives `undefined`; deeply frozen, because readers share it.
 *
 * @param bytes - UTF-8; a BOM, an overlong form or a lone surrogate refuses it.
 * @param marksMax - How many brackets it opens and colons and commas it has at most, seen before anything is built.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7519.html#section-4 RFC 7519 §4}
 */
export function parseJsonObject(bytes: Uint8Array, marksMax?: number): JsonObject | undefined {
  let text: string
  let value: unknown
  try {
    text = decoder.decode(bytes)
    if ((marksMax !== undefined && count(text, MARKS, marksMax) > marksMax) || !isShallow(text)) return undefined
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  // RFC 7519 §4: "The Claim Names within a JWT Claims Set MUST be unique"; a parser that keeps the last hides the first.
  return freezeAndCount(value) === count(text, COLONS) ? (value as JsonObject) : undefined
}

/** A member that an object has itself; what its prototype has, or was made to have, is none of it. */
export function readOwn(object: JsonObject, member: string): unknown {
  return Object.hasOwn(object, member) ? object[member] : undefined
}

/** Whether no bracket of a JSON text lies deeper than 32; also true of text that is no JSON. */
export function isShallow(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfString(text, at)
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1
      if (depth > DEPTH_MAX) return false
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1
  }
  return true
}

/** How many of some characters stand outside the strings of a JSON text; its colons are the members of its objects. Stops past enough. */
function count(text: string, characters: ReadonlySet<number>, enough = Number.POSITIVE_INFINITY): number {
  let found = 0
  for (let at = 0; at < text.length && found <= enough; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = endOfString(text, at)
    else if (characters.has(code)) found += 1
  }
  return found
}

/** How many members the parsed objects have; fewer than the text's where a name stood twice in one object. */
function freezeAndCount(value: object): number {
  const inner = Object.values(value) as unknown[]
  let members = Array.isArray(value) ? 0 : inner.length
  for (const item of inner) if (typeof item === 'object' && item !== null) members += freezeAndCount(item)
  Object.freeze(value)
  return members
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1
  return at
}

const DEPTH_MAX = 32
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const COLONS: ReadonlySet<number> = new Set([COLON])
const MARKS: ReadonlySet<number> = new Set([COLON, COMMA, OPEN_BRACE, OPEN_BRACKET])
// `ignoreBOM: true` keeps a BOM in the text, where JSON.parse refuses it; the default drops it unseen.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
