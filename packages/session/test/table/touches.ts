// The commands revoke and announce: their combinations, and the rows that say what each does. Shares nothing with src.
import { numericDate } from '@tallystick/core'
import type { Command } from '../../src/command.ts'
import type { Session } from '../../src/state.ts'
import { CALL, type Case, commandOf, deepFreeze, NOW, sessionOf } from './case.ts'

/** One combination. */
export interface TouchCase {
  readonly command: 'revoke' | 'announce'
  readonly proof: Case['proof'] | 'none'
  readonly generation: Case['generation']
  readonly status: 'active' | 'idle end' | 'ended' | 'ended by this call'
  readonly hasCall: boolean
  readonly announced: boolean
}

/** One row of the table. */
export interface TouchRow {
  readonly case: string
  readonly outcome: 'accepted' | 'refused'
  readonly verdict: string
  readonly next: string
  readonly tells: readonly string[]
  readonly after: (session: Session, c: TouchCase) => Session
  readonly when: (c: TouchCase) => boolean
}

const same = (session: Session): Session => session
const isAlive = (c: TouchCase): boolean => c.status === 'active' || c.status === 'idle end'
const isGuess = (c: TouchCase): boolean =>
  c.proof === 'unknown' || c.proof === 'lineage unsaid' || (c.proof === 'older' && c.generation < 3)

/** All rows, in order. */
export const touchRows: readonly TouchRow[] = [
  {
    case: 'announce of a revocation that is not in the log yet',
    outcome: 'accepted',
    verdict: 'announced',
    next: '`announced`',
    tells: [],
    after: (session) => ({ ...session, announced: true }),
    when: (c) => c.command === 'announce' && !isAlive(c) && !c.announced,
  },
  {
    case: 'announce otherwise',
    outcome: 'accepted',
    verdict: 'unchanged',
    next: 'unchanged',
    tells: [],
    after: same,
    when: (c) => c.command === 'announce',
  },
  {
    case: 'revoke with a guess',
    outcome: 'refused',
    verdict: 'session/unknown',
    next: 'unchanged',
    tells: ['session.refused'],
    after: same,
    when: isGuess,
  },
  {
    case: 'revoke of a live session, by the server or with any of its credentials',
    outcome: 'accepted',
    verdict: 'revoked',
    next: 'revoked, to be announced',
    tells: ['session.revoked'],
    after: (session, c) => ({
      ...session,
      status: 'revoked',
      revokedAt: NOW,
      revokedBy: c.hasCall ? CALL : undefined,
      cause: 'sign_out',
      announced: false,
    }),
    when: isAlive,
  },
  {
    case: 'revoke by the call that revoked it (its write was sent twice)',
    outcome: 'accepted',
    verdict: 'revoked',
    next: 'unchanged',
    tells: ['session.revoked'],
    after: same,
    when: (c) => c.status === 'ended by this call' && c.hasCall,
  },
  {
    case: 'revoke of an ended session',
    outcome: 'accepted',
    verdict: 'unchanged',
    next: 'unchanged',
    tells: [],
    after: same,
    when: () => true,
  },
]

/** All combinations. */
export const touchCases: readonly TouchCase[] = (['revoke', 'announce'] as const).flatMap((command) =>
  (['none', 'current', 'previous', 'older', 'unknown', 'lineage unsaid'] as const).flatMap((proof) =>
    ([2, 3] as const).flatMap((generation) =>
      (['active', 'idle end', 'ended', 'ended by this call'] as const).flatMap((status) =>
        [false, true].flatMap((hasCall) =>
          [false, true].map((announced) => ({ command, proof, generation, status, hasCall, announced })),
        ),
      ),
    ),
  ),
)

/** The session and the command of a combination, frozen. */
export function touch(c: TouchCase): { readonly session: Session; readonly command: Command } {
  const made = 5000
  const base: Case = {
    record: 'live',
    proof: c.proof === 'none' ? 'current' : c.proof,
    generation: c.generation,
    command: 'present',
    isOwnWrite: false,
    closed: false,
    made,
    used: 'at once',
    last: c.status === 'idle end' ? 600 : 0,
    overlap: 60,
    secret: 'recorded',
  }
  const ended = {
    status: 'revoked',
    revokedAt: numericDate(NOW - 1),
    revokedBy: c.status === 'ended' ? undefined : CALL,
    cause: 'sign_out',
  } as const
  const session = { ...sessionOf(base), ...(isAlive(c) ? {} : ended), announced: c.announced && !isAlive(c) }
  if (c.command === 'announce') return deepFreeze({ session, command: { type: 'announce' } })
  const { proof } = commandOf(base) as { readonly proof: { readonly hash: string } }
  const command: Command = {
    type: 'revoke',
    cause: 'sign_out',
    proof: c.proof === 'none' ? undefined : proof,
    call: c.hasCall ? CALL : undefined,
  }
  return deepFreeze({ session, command })
}
