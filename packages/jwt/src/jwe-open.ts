// Opens one encrypted token (RFC 7516 §5.2): everything that can be refused without a key is refused before the key is
// touched, and everything after it has one answer.
import type { Result } from '@tallystick/core'
import { mistake } from '@tallystick/core/options'
import { openCompact } from './jwe-cipher.ts'
import { passJweGate } from './jwe-gate.ts'
import type { JweParts } from './jwe-gate.ts'
import type { JweHeader, JweHeaderRules } from './jwe-header.ts'
import { approveJweHeader } from './jwe-header.ts'
import type { DecryptionKey, JweMaterial } from './jwe-key.ts'
import { createJweSelect } from './jwe-key-set.ts'
import type { JweRefusal } from './jwe-refusals.ts'
import { refuseJwe } from './jwe-refusals.ts'
import { checkRange, defaults } from './policy.ts'

/** The options of decryption. */
export interface DecryptOptions {
  /** Each key's own `alg` and `enc` are what is accepted; a header is matched by `kid`, `alg` and `enc`. */
  readonly keys: readonly DecryptionKey[]
  /** What the token must be bound to, compared exactly; without it the token must be bound to nothing. */
  readonly context?: string | undefined
  /** The longest token that is looked at, in characters: 256 to 65 536, by default 16 384. */
  readonly lengthMax?: number | undefined
  /**
   * Accepts tokens that say `zip: DEF`; by default they are refused. Compression tells of its content by its length.
   *
   * @deprecated Danger: only for a sender who cannot be taught otherwise, and who mixes no secrets with foreign text.
   */
  readonly dangerouslyInflate?: boolean | undefined
  /** How large a compressed payload may become, in bytes: 1 to 1 000 000, by default 250 000. */
  readonly inflatedBytesMax?: number | undefined
}

/** What decryption gives: bytes and a header, in a type that no verifier takes. */
export type Opened = Result<{ readonly payload: Uint8Array; readonly header: JweHeader }, JweRefusal>

/** What is asked of every token of one decryption. */
export interface OpenRules extends JweHeaderRules {
  readonly lengthMax: number
}

/** Reads each option once and checks it. */
export function resolveOpenRules(owner: string, options: DecryptOptions, isNested: boolean): OpenRules {
  if (typeof options !== 'object' || options === null) throw mistake(owner, '', 'must be an object', options)
  const { keys, context, lengthMax = defaults.lengthMax, dangerouslyInflate = false } = options
  const { inflatedBytesMax = INFLATED_BYTES_DEFAULT } = options
  checkContext(owner, context)
  checkRange(owner, 'lengthMax', lengthMax, [256, 65_536])
  checkRange(owner, 'inflatedBytesMax', inflatedBytesMax, [1, 1_000_000])
  if (typeof dangerouslyInflate !== 'boolean') {
    throw mistake(owner, 'dangerouslyInflate', 'must be true or false', dangerouslyInflate)
  }
  return {
    select: createJweSelect(owner, keys),
    context,
    lengthMax,
    isNested,
    inflatedBytesMax: dangerouslyInflate ? inflatedBytesMax : 0,
  }
}

/** Checks what a token is to be bound to. */
export function checkContext(owner: string, context: unknown): asserts context is string | undefined {
  if (context === undefined || (typeof context === 'string' && /^[ -~]{1,256}$/.test(context))) return
  throw mistake(owner, 'context', 'must be 1 to 256 printable ASCII characters', context)
}

/**
 * Decides about one token. Never throws.
 *
 * RFC 7516 §11.5: whatever fails once the key is used, the answer is the same, `jwt/decryption_failed`.
 */
export async function openToken(token: unknown, rules: OpenRules): Promise<Opened> {
  const parts = passJweGate(token, rules.lengthMax)
  if (typeof parts === 'string') return refuseJwe(parts)
  const approved = approveJweHeader(parts.header, rules)
  if (typeof approved === 'string') return refuseJwe(approved)
  const { header, key } = approved
  if (!hasItsLengths(parts, key)) return refuseJwe('jwt/decryption_failed')
  try {
    const inflatedBytesMax = header['zip'] === undefined ? 0 : rules.inflatedBytesMax
    return { ok: true, payload: await openCompact(parts.token, key, inflatedBytesMax), header }
  } catch {
    return refuseJwe('jwt/decryption_failed')
  }
}

/** Whether each part is as long as the algorithms make it: a shorter tag is a tag that can be guessed. */
function hasItsLengths({ lengths }: JweParts, { encryption, encryptedKeyBytes }: JweMaterial): boolean {
  const { ivBytes, tagBytes, blockBytes } = encryption
  return (
    lengths.encryptedKeyBytes === encryptedKeyBytes &&
    lengths.ivBytes === ivBytes &&
    lengths.tagBytes === tagBytes &&
    lengths.ciphertextBytes % blockBytes === 0 &&
    (blockBytes === 1 || lengths.ciphertextBytes > 0)
  )
}

/** What RFC 8725bis advises. */
const INFLATED_BYTES_DEFAULT = 250_000
