// The law of sessions as its page words it: rows in order, the first that holds decides. Shares nothing with src.
import { type NumericDate, numericDate } from '@tallystick/core'
import type { Session } from '../../src/state.ts'
import {
  ABSOLUTE_SECONDS,
  type Case,
  CALL,
  ELEVATION_SECONDS,
  HASHES,
  lastOf,
  NOW,
  PASSKEY,
  TOLERANCE_SECONDS,
  TOUCH_SECONDS,
} from './case.ts'

/** What becomes of the record. */
export type Next = 'none' | 'unchanged' | 'used' | 'touched' | 'n+1' | 'n+1, elevated' | 'n+1, anew' | 'revoked'

/** One row of the table. */
export interface Row {
  readonly case: string
  /** The verdict, or the refusal's reason without its prefix. */
  readonly verdict: string
  readonly accepted: boolean
  readonly next: Next
  readonly gets: string
  /** The events without their prefix. */
  readonly tells: readonly string[]
  readonly when: (c: Case) => boolean
}

/** Within the tolerance the clock that stands back counts as standing still. */
const behind = (seconds: number, c: Case): number => Math.max(0, seconds - Math.min(0, c.made, lastOf(c)))
const isUsed = (c: Case): boolean => c.used !== 'never'
const usedFor = (c: Case): number => behind(typeof c.used === 'number' ? c.used : c.made, c)
/** The overlap with the predecessor: until the current credential has been in use for its length. */
const isOverlapping = (c: Case): boolean => (isUsed(c) ? usedFor(c) : 0) < c.overlap
const isNear = (c: Case): boolean => (isUsed(c) ? isOverlapping(c) : behind(c.made, c) < c.overlap)
const isEarlier = (c: Case): boolean => c.proof !== 'current'
const isPrevious = (c: Case): boolean => c.proof === 'previous'
const authenticates = (c: Case): boolean => c.command === 'elevate' || c.command === 'reauthenticate'
const isTouchDue = (c: Case): boolean => behind(lastOf(c), c) >= TOUCH_SECONDS
const rests = (c: Case): boolean => c.generation > 1 && isOverlapping(c)

const REFUSED = ['refused']
const refusal = (name: string, verdict: string, when: Row['when'], rest: Partial<Row> = {}): Row => ({
  case: name,
  verdict,
  accepted: false,
  next: 'unchanged',
  gets: 'refusal',
  tells: REFUSED,
  when,
  ...rest,
})
const served = (name: string, verdict: string, next: Next, gets: string, when: Row['when'], tells: string[]): Row => ({
  case: name,
  verdict,
  accepted: true,
  next,
  gets,
  tells,
  when,
})
const replay = (name: string, when: Row['when']): Row =>
  refusal(name, 'replayed', when, { next: 'revoked', tells: ['replayed', 'revoked'] })
const own = (command: string, verdict: string): Row =>
  served(
    `${command}: this very call made n (its write was sent twice)`,
    verdict,
    'unchanged',
    'credential n',
    (c) => c.isOwnWrite && isEarlier(c) && c.command === command,
    [verdict],
  )
const moved = (name: string, when: Row['when']): readonly Row[] => [
  served(
    `${name}: elevate`,
    'elevated',
    'n+1, elevated',
    'credential n+1, drawn',
    (c) => when(c) && c.command === 'elevate',
    ['elevated'],
  ),
  served(
    `${name}: reauthenticate`,
    'reauthenticated',
    'n+1, anew',
    'credential n+1, drawn',
    (c) => when(c) && c.command === 'reauthenticate',
    ['reauthenticated'],
  ),
]

const standing: readonly Row[] = [
  refusal('The credential is a guess, or one of more than one before n whose lineage was not said', 'unknown', (c) =>
    ['unknown', 'lineage unsaid'].includes(c.proof),
  ),
  refusal(
    'A third credential, where there were only two so far',
    'unknown',
    (c) => c.proof === 'older' && c.generation < 3,
  ),
  refusal(
    'The session was ended for replay by this very call (its write was sent twice)',
    'replayed',
    (c) => c.record === 'ended by this call: replay',
    { tells: ['replayed', 'revoked'] },
  ),
  refusal('The session is ended', 'revoked', (c) => c.record.startsWith('ended')),
  own('renew', 'renewed'),
  own('elevate', 'elevated'),
  own('reauthenticate', 'reauthenticated'),
  refusal(
    'The clock stands before the last use by more than the tolerance',
    'ERR_CLOCK',
    (c) => Math.min(c.made, lastOf(c)) < -TOLERANCE_SECONDS,
    { next: 'none', gets: 'failure, no verdict', tells: [] },
  ),
  refusal('The absolute end is reached', 'expired', (c) => c.record === 'absolute end'),
  refusal('The idle end was reached an idle time-out ago', 'expired', (c) => c.record === 'forgotten'),
  refusal(
    'The idle end is reached: present, renew, elevate',
    'idle',
    (c) => c.record === 'idle end' && c.command !== 'reauthenticate',
  ),
]

const earlier: readonly Row[] = [
  replay(
    'An earlier credential; n has been in use for the overlap',
    (c) => isEarlier(c) && isUsed(c) && !isOverlapping(c),
  ),
  ...moved('An earlier one, all closed', (c) => isEarlier(c) && c.closed && authenticates(c)),
  refusal(
    'An earlier one, all closed; n was made, or first used, within the overlap',
    'superseded',
    (c) => isEarlier(c) && c.closed && isNear(c),
    { gets: '“read your cookie again”' },
  ),
  refusal('An earlier one, all closed; n was never used', 'step_up_required', (c) => isEarlier(c) && c.closed, {
    gets: '“authenticate again”',
  }),
  replay('Older than n−1', (c) => c.proof === 'older'),
  ...moved('n−1', (c) => isPrevious(c) && authenticates(c)),
  refusal(
    'n−1, the secret that derived n has left the ring; n was made, or first used, within the overlap',
    'superseded',
    (c) => isPrevious(c) && c.secret === 'gone' && isNear(c),
    { gets: '“read your cookie again”' },
  ),
  refusal(
    'n−1, the secret that derived n has left the ring',
    'unknown_secret',
    (c) => isPrevious(c) && c.secret === 'gone',
  ),
  served(
    'n−1: present or renew, `touchSeconds` after the last write',
    'repeated',
    'touched',
    'credential n, the same bytes',
    (c) => isPrevious(c) && isTouchDue(c),
    ['repeated'],
  ),
  served('n−1: present or renew', 'repeated', 'unchanged', 'credential n, the same bytes', isPrevious, ['repeated']),
]

const stays = (command: 'present' | 'renew', verdict: string, name: string, when: Row['when']): readonly Row[] => [
  served(
    `${name}, for the first time`,
    verdict,
    'used',
    'it stays',
    (c) => c.command === command && when(c) && !isUsed(c),
    ['presented'],
  ),
  served(
    `${name}, \`touchSeconds\` after the last write`,
    verdict,
    'touched',
    'it stays',
    (c) => c.command === command && when(c) && isTouchDue(c),
    ['presented'],
  ),
  served(name, verdict, 'unchanged', 'it stays', (c) => c.command === command && when(c), []),
]

const current: readonly Row[] = [
  ...moved('n', authenticates),
  ...stays('present', 'presented', 'n: present', () => true),
  ...stays('renew', 'rested', 'n: renew, n > 1 and not in use for the overlap', rests),
  served('n: renew', 'renewed', 'n+1', 'credential n+1, derived', () => true, ['renewed']),
]

/** All rows of a presentation, in order. */
export const rows: readonly Row[] = [...standing, ...earlier, ...current]

/** The record that a row asks for; the given one where nothing changes. */
export function recordAfter(row: Row, c: Case, session: Session): Session {
  const at: NumericDate = numericDate(NOW - Math.min(0, c.made, lastOf(c)))
  const next = {
    ...session,
    credentialHash: 'hash of next',
    generation: session.generation + 1,
    renewedAt: at,
    renewedBy: CALL,
    usedAt: undefined,
    lastPresentedAt: at,
  }
  const closed = {
    ...next,
    previousHash: HASHES[c.proof as keyof typeof HASHES],
    predecessorClosed: true,
    secretId: undefined,
  }
  switch (row.next) {
    case 'none':
    case 'unchanged':
      return session
    case 'used':
      return { ...session, usedAt: at, lastPresentedAt: at }
    case 'touched':
      return { ...session, lastPresentedAt: at }
    case 'n+1':
      return { ...next, previousHash: HASHES.current, predecessorClosed: false, secretId: 2 }
    case 'n+1, elevated': {
      const end = Math.min(at + ELEVATION_SECONDS, session.absoluteExpiresAt)
      return { ...closed, elevation: { ...PASSKEY, expiresAt: numericDate(end) } }
    }
    case 'n+1, anew':
      return {
        ...closed,
        authentication: PASSKEY,
        elevation: undefined,
        absoluteExpiresAt: numericDate(at + ABSOLUTE_SECONDS),
      }
    case 'revoked':
      return { ...session, status: 'revoked', revokedAt: at, revokedBy: CALL, cause: 'replay', announced: false }
  }
}
