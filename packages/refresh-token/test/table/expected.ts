// The record and the events that a row promises, built from the case alone.
import type { Rotate } from '../../src/command.ts'
import type { RefreshTokenFamily } from '../../src/state.ts'
import { NOW, PASSKEY, type RotateCase } from './case.ts'
import type { Next, Row } from './rows.ts'

/** The record after a row; the same object where the row changes nothing. */
export function recordAfter(
  next: Next,
  c: RotateCase,
  family: RefreshTokenFamily,
  command: Rotate,
): RefreshTokenFamily {
  const base = c.behind < 0 && next !== 'unchanged' && next !== 'revoked: log' ? adopted(family, command) : family
  const touchedAt = NOW > base.rotatedAt ? NOW : base.rotatedAt
  switch (next) {
    case 'none':
    case 'unchanged':
      return family
    case 'unchanged, or adopted':
      return base
    case 'revoked: replay':
    case 'revoked: log':
    case 'revoked: risk': {
      const cause = next.slice('revoked: '.length)
      const revokedBy = command.attempt.call
      return { ...base, status: 'revoked', revokedAt: NOW, revokedBy, cause, announced: cause === 'log' }
    }
    case 'used now':
      return { ...base, lastUsedAt: touchedAt }
    case 'n+1':
    case 'n+1, no key':
    case 'n+1, closed': {
      const key = c.elevate || next === 'n+1, no key' || c.attempt === 'key of the token before' ? undefined : keyOf(c)
      const keyRepeatedAfterLoss = !c.elevate && c.attempt === 'key of the token before' && c.behind < 0
      const attempt = keyRepeatedAfterLoss ? 'new attempt' : (key ?? command.attempt.call)
      return {
        ...base,
        generation: base.generation + 1,
        rotatedAt: touchedAt,
        lastUsedAt: touchedAt,
        previousAttempt: base.attempt,
        attempt,
        attemptBy: attempt === command.attempt.call ? 'call' : 'client',
        successorUsed: false,
        predecessorClosed: c.elevate,
        secretId: 2,
        authentication: c.elevate ? PASSKEY : base.authentication,
      }
    }
  }
}

/** The types of the events that a row tells, with those that come with a served request. */
export function eventsOf(row: Row, c: RotateCase): readonly string[] {
  if (!row.accepted) return row.tellsOfLoss === true && c.behind < 0 ? ['ahead', ...row.tells] : row.tells
  const told: string[] = []
  if (c.behind < 0) told.push('ahead')
  if (c.behind === 0 && c.secret !== 'recorded') told.push('secret_mismatch')
  if (row.next.startsWith('n+1') && c.behind === 0 && c.attempt === 'key of the token before') {
    told.push('attempt_key_repeated')
  }
  return [...told, ...row.tells]
}

function keyOf(c: RotateCase): string | undefined {
  switch (c.attempt) {
    case 'same key':
      return 'recorded attempt'
    case 'key before last':
      return 'previous attempt'
    case 'key of the token before':
    case 'other key':
      return 'new attempt'
    case 'no key':
    case 'own write':
    case 'own write before last':
      return undefined
  }
}

/** The store lost writes: what the lost ones recorded is unknown, so no attempt is known and the predecessor is closed. */
function adopted(family: RefreshTokenFamily, command: Rotate): RefreshTokenFamily {
  return {
    ...family,
    generation: command.generation,
    secretId: command.secretId,
    attempt: undefined,
    attemptBy: 'call',
    previousAttempt: undefined,
    successorUsed: false,
    predecessorClosed: true,
  }
}
