// What a request proves of itself: the bound key, the attempt it belongs to, and that it asks for no more than was granted.
import type { Attempt, Rotate } from './command.ts'
import type { RefreshTokenFamily } from './state.ts'

/** Whether the request comes with the key that the family is bound to, where it is bound. */
export function isBoundAs(family: RefreshTokenFamily, { binding }: Rotate): boolean {
  if (family.binding === undefined) return true
  return binding?.type === family.binding.type && binding.thumbprint === family.binding.thumbprint
}

/** Whether the client's attempt key is the one that was recorded. */
export function isSameAttempt(recorded: string | undefined, { client }: Attempt): boolean {
  return recorded !== undefined && recorded === client?.hash
}

/** Whether the client uses the attempt key of the token before for this one too. */
export function isKeyRepeated(family: RefreshTokenFamily, { attempt }: Rotate): boolean {
  return family.attempt !== undefined && family.attempt === attempt.client?.predecessorHash
}

/** Whether every value that is asked for was granted. */
export function isWithin(asked: readonly string[], granted: readonly string[]): boolean {
  return asked.every((value) => value !== '' && granted.includes(value))
}
