// The text of a sealed session: encrypted, bound to the cookie's name, and never longer than a browser keeps.
import type { Refusal } from '@tallystick/core'
import { decrypt, encrypt } from '@tallystick/jwt/jwe'
import { refuseSession } from '@tallystick/session'
import type { SealedState } from './sealed-law.ts'
import type { SealedContext } from './sealed-options.ts'
import { decodeSealed, encodeSealed } from './sealed-record.ts'
import { refuseTooLarge, type SealedRefusal, type TooLarge } from './sealed-refusals.ts'

/** What opening a text gives. */
export interface OpenedText {
  readonly ok: true
  readonly state: SealedState
  /** Whether another key than the first sealed it. */
  readonly isOldKey: boolean
}

/** Encrypts a session under the first key. */
export async function sealText(
  { head: key, cookieName, entropy }: SealedContext,
  state: SealedState,
): Promise<{ readonly ok: true; readonly credential: string } | TooLarge> {
  const payload = encodeSealed(state)
  if (payload.length > PAIR_BYTES_MAX) return refuseTooLarge(cookieName.length + payload.length, PAIR_BYTES_MAX)
  const credential = await encrypt(payload, { key, context: contextOf(cookieName) }, entropy)
  const sizeBytes = cookieName.length + credential.length
  return sizeBytes > PAIR_BYTES_MAX ? refuseTooLarge(sizeBytes, PAIR_BYTES_MAX) : { ok: true, credential }
}

/**
 * Opens a text. Whether the session has ended is not looked at.
 *
 * What has not the form of an encrypted text, and what opens to no session, is malformed; all else is unknown.
 */
export async function openText(
  { keys, head, cookieName }: SealedContext,
  text: string,
): Promise<OpenedText | Refusal<SealedRefusal>> {
  const lengthMax = PAIR_BYTES_MAX - cookieName.length
  const opened = await decrypt(text, { keys, context: contextOf(cookieName), lengthMax })
  if (!opened.ok) return refuse(FORM.has(opened.reason) ? 'session/malformed' : 'session/unknown')
  const state = decodeSealed(opened.payload)
  if (state === undefined) return refuse('session/malformed')
  return { ok: true, state, isOldKey: opened.header['kid'] !== head.keyId }
}

/** A refusal of a sealed session. */
export const refuse: (reason: SealedRefusal) => Refusal<SealedRefusal> = refuseSession as (
  reason: SealedRefusal,
) => Refusal<SealedRefusal>

/** Not the name alone: what the application itself seals for the cookie, with the same key, is no session. */
function contextOf(cookieName: string): string {
  return `session:${cookieName}`
}

/** RFC 6265bis §5.6: "If the sum of the lengths of the name string and the value string is more than 4096 octets, abort". */
const PAIR_BYTES_MAX = 4096
const FORM: ReadonlySet<string> = new Set(['jwt/malformed', 'jwt/too_long', 'jwt/not_encrypted'])
