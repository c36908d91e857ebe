// An application's data as JSON: what is kept of them, and what cannot be.
import { secretMistake } from '@tallystick/core/options'

/**
 * Writes data as JSON; nothing is `null`.
 *
 * @throws TypeError where JSON cannot hold them; they never enter the message.
 */
export function jsonOf(owner: string, given: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(given ?? null)
  } catch {
    text = undefined
  }
  if (text === undefined) throw secretMistake(owner, 'data', 'must be what JSON can hold', given)
  return text
}
