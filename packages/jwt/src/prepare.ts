// The first half of the law: everything that is decided before a signature is checked (RFC 7515 §5.2).
import { decodeBase64url } from '@tallystick/core/base64url'
import type { Refusal } from '@tallystick/core'
import type { ApprovedHeader, HeaderRules, JwtHeader } from './header.ts'
import { approveHeader } from './header.ts'
import type { KeyMaterial } from './key.ts'
import { passGate } from './gate.ts'
import type { JwtRefusal } from './refusals.ts'
import { refuse } from './refusals.ts'

/** A token that may be worth a signature check: only a boolean is still to come from a driver. */
export interface Prepared {
  readonly ok: true
  readonly header: JwtHeader
  readonly key: KeyMaterial
  /** The signing input, ASCII. */
  readonly input: Uint8Array
  readonly signature: Uint8Array
  /** The payload segment, canonical base64url. */
  readonly payload: string
  /** Keeps the header's approval for the next token; to be called once the signature is known to be good. */
  remember(this: void): void
}

/** What a verifier asks before the signature. */
export interface PrepareRules extends HeaderRules {
  /** In characters. */
  readonly lengthMax: number
}

/**
 * Makes the function that looks at a token up to its signature. It is synchronous and never throws.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515.html#section-5.2 RFC 7515 §5.2}
 */
export function createPrepare(rules: PrepareRules): (token: unknown) => Prepared | Refusal<JwtRefusal> {
  const approvals = new Map<string, ApprovedHeader>()
  return (given) => {
    const segments = passGate(given, rules.lengthMax)
    if (typeof segments === 'string') return refuse(segments)
    const { token, headerEnd, payloadEnd } = segments
    const headerText = token.slice(0, headerEnd)
    const approved = approvals.get(headerText) ?? approveHeader(headerText, rules)
    if (typeof approved === 'string') return refuse(approved)
    const signature = decodeBase64url(token.slice(payloadEnd + 1))
    if (signature?.length !== approved.key.signatureBytes) return refuse('jwt/bad_signature')
    return {
      ok: true,
      header: approved.header,
      key: approved.key,
      input: encoder.encode(token.slice(0, payloadEnd)),
      signature,
      payload: token.slice(headerEnd + 1, payloadEnd),
      remember: () => {
        if (approvals.has(headerText)) return
        if (approvals.size >= APPROVALS_MAX) approvals.clear()
        approvals.set(headerText, approved)
      },
    }
  }
}

/** Only headers under a good signature are kept, so an issuer's few fill this and nobody else's can. */
const APPROVALS_MAX = 32
const encoder = new TextEncoder()
