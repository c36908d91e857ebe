// The law of rotation as its specification words it: rows in order, the first that holds decides. Shares nothing with src.
import { AHEAD_MAX, RETRY_WINDOW_SECONDS, type RotateCase, TOLERANCE_SECONDS } from './case.ts'

/** What becomes of the record. */
export type Next =
  | 'unchanged'
  | 'unchanged, or adopted'
  | 'revoked: replay'
  | 'revoked: log'
  | 'revoked: risk'
  | 'n+1'
  | 'n+1, no key'
  | 'n+1, closed'
  | 'used now'
  | 'none'

/** One row of the table. */
export interface Row {
  readonly case: string
  /** The verdict, or the refusal's reason without its prefix. */
  readonly verdict: string
  readonly accepted: boolean
  readonly next: Next
  readonly gets: string
  /** The events, without those that may come with any served request. */
  readonly tells: readonly string[]
  /** Whether a refusal comes after the look at lost writes, and so tells of them too. */
  readonly tellsOfLoss?: true
  readonly when: (c: RotateCase) => boolean
}

const ageOf = (c: RotateCase): number => Math.max(0, c.age)
const rests = (c: RotateCase): boolean => ageOf(c) < c.grace
const isPredecessor = (c: RotateCase): boolean => c.behind === 1
const isOwnWrite = (c: RotateCase): boolean => isPredecessor(c) && c.attempt === 'own write'
/** The window in which a lost answer may be asked for again. */
const isRetryable = (c: RotateCase): boolean => !c.used && !c.elevate && ageOf(c) < RETRY_WINDOW_SECONDS
const provesAttempt = (c: RotateCase): boolean => isPredecessor(c) && c.attempt === 'same key' && isRetryable(c)
const provesKey = (c: RotateCase): boolean => isPredecessor(c) && c.binding === 'bound, nonce fresh' && isRetryable(c)
const isSecondTab = (c: RotateCase): boolean => isPredecessor(c) && c.by === 'call' && rests(c) && !c.elevate
const isServedAgain = (c: RotateCase): boolean =>
  isOwnWrite(c) || (!c.closed && (provesAttempt(c) || provesKey(c) || isSecondTab(c)))
/** A new generation is asked for: by a step-up at once, else once the family has rested. */
const moves = (c: RotateCase): boolean => {
  if (c.behind > 0) return false
  if (c.elevate) return true
  const madeByRotation = !c.first || c.behind < 0
  return c.rotation === 'always' && !(madeByRotation && rests(c))
}

const NOTHING = 'refusal'
const AGAIN = 'token n, the same bytes'
const REFUSED = ['refused']
const REPLAYED = ['replayed', 'revoked']

const refusal = (name: string, verdict: string, when: Row['when'], rest: Partial<Row> = {}): Row => ({
  case: name,
  verdict,
  accepted: false,
  next: 'unchanged',
  gets: NOTHING,
  tells: REFUSED,
  when,
  ...rest,
})
const served = (
  name: string,
  verdict: string,
  next: Next,
  gets: string,
  when: Row['when'],
  tells = [verdict],
): Row => ({
  case: name,
  verdict,
  accepted: true,
  next,
  gets,
  tells,
  when,
})

const record: readonly Row[] = [
  refusal('The family is ended', 'revoked', (c) => c.record === 'ended'),
  refusal(
    'The family was ended for replay by this very call (its write was sent twice)',
    'replayed',
    (c) => c.record === 'ended by this call: replay',
    { tells: REPLAYED },
  ),
  refusal(
    'The family was ended for another cause by this very call',
    'revoked',
    (c) => c.record === 'ended by this call',
    { tells: ['revoked'] },
  ),
  refusal('The clock stands before the last rotation by more than the tolerance', 'ERR_CLOCK', isBeforeTolerance, {
    next: 'none',
    gets: 'failure, no verdict',
    tells: [],
  }),
  refusal('The idle or the absolute end is reached', 'expired', (c) => c.record !== 'live'),
  refusal('The revocation log names family, session or subject', 'revoked', (c) => c.log === 'named', {
    next: 'revoked: log',
    tells: ['revoked'],
  }),
  refusal('Another client', 'client_mismatch', (c) => c.client === 'wrong'),
  refusal('Another key than the bound one, or none', 'binding_mismatch', (c) =>
    ['bound, other key', 'bound, other type', 'bound, no proof'].includes(c.binding),
  ),
  refusal('g > n, and the log was not read to its end', 'ahead', (c) => c.behind < 0 && c.log !== 'clear', {
    tells: ['ahead'],
  }),
  refusal('g > n by more than `aheadGenerationsMax`', 'ahead', (c) => -c.behind > AHEAD_MAX, { tells: ['ahead'] }),
]

function isBeforeTolerance(c: RotateCase): boolean {
  return c.age < -TOLERANCE_SECONDS
}

const ending: readonly Row[] = [
  refusal('g < n−2', 'replayed', (c) => c.behind > 2, { next: 'revoked: replay', tells: REPLAYED }),
  refusal(
    'g = n−2, the attempt of the rotation before last: a late duplicate',
    'superseded',
    (c) => c.behind === 2 && (c.attempt === 'key before last' || c.attempt === 'own write before last'),
    { gets: '“read your store again”' },
  ),
  refusal('g = n−2 otherwise', 'replayed', (c) => c.behind === 2, { next: 'revoked: replay', tells: REPLAYED }),
  refusal(
    'g = n−1, predecessor closed, age < G',
    'superseded',
    (c) => isPredecessor(c) && c.closed && rests(c) && !isOwnWrite(c),
    { gets: '“read your store again”' },
  ),
  refusal('g = n−1, predecessor closed, age ≥ G', 'replayed', (c) => isPredecessor(c) && c.closed && !isOwnWrite(c), {
    next: 'revoked: replay',
    tells: REPLAYED,
  }),
  refusal(
    'g = n−1, the bound key, in the retry window, but its proof lacks the required nonce',
    'nonce_required',
    (c) =>
      isPredecessor(c) &&
      c.binding === 'bound, nonce required' &&
      isRetryable(c) &&
      !provesAttempt(c) &&
      !isOwnWrite(c),
  ),
  refusal(
    'g = n−1, not served below, age < G + tolerance, G > 0',
    'superseded',
    (c) => isPredecessor(c) && !isServedAgain(c) && c.grace > 0 && ageOf(c) < c.grace + TOLERANCE_SECONDS,
    { gets: '“read your store again”' },
  ),
  refusal(
    'g = n−1, not served below, the same key: a late duplicate',
    'superseded',
    (c) => isPredecessor(c) && !isServedAgain(c) && c.attempt === 'same key',
    { gets: '“read your store again”' },
  ),
  refusal('g = n−1, not served below', 'replayed', (c) => isPredecessor(c) && !isServedAgain(c), {
    next: 'revoked: replay',
    tells: REPLAYED,
  }),
]

const objecting: readonly Row[] = (
  [
    refusal('More scope than granted', 'scope_exceeded', (c) => c.asks === 'more scope'),
    refusal('More resource servers than granted', 'audience_exceeded', (c) => c.asks === 'more resources'),
    refusal('A nonce is required and missing', 'nonce_required', (c) => c.binding.endsWith('required')),
    refusal(
      'The risk hook asks for a step-up, or was not asked',
      'step_up_required',
      (c) => c.risk === 'step_up' || c.risk === 'unasked',
    ),
    refusal('A new generation is due, and n is the last', 'exhausted', (c) => moves(c) && c.exhausted),
    refusal(
      'Token n is due, and its secret has left the ring',
      'unknown_secret',
      (c) => !moves(c) && c.behind >= 0 && c.secret === 'gone',
    ),
    refusal('The risk hook revokes', 'revoked', (c) => c.risk === 'revoke', {
      next: 'revoked: risk',
      tells: ['revoked'],
    }),
  ] satisfies readonly Row[]
).map((row) => Object.assign(row, { tellsOfLoss: true as const }))

const ahead = (c: RotateCase): boolean => c.behind < 0

const serving: readonly Row[] = [
  served(
    'g = n−1, this very call made n by a step-up (its write was sent twice)',
    'rotated',
    'unchanged',
    AGAIN,
    (c) => isOwnWrite(c) && c.elevate,
    ['elevated'],
  ),
  served('g = n−1, this very call made n (its write was sent twice)', 'rotated', 'unchanged', AGAIN, isOwnWrite),
  served('g = n−1, the same key, n unused, in the retry window', 'retried', 'unchanged', AGAIN, provesAttempt),
  served(
    'g = n−1, the bound key and a fresh nonce, n unused, in the retry window',
    'retried',
    'unchanged',
    AGAIN,
    provesKey,
  ),
  served('g = n−1, n was made without a key, age < G', 'concurrent', 'unchanged', AGAIN, isSecondTab),
  served('g = n, a step-up', 'rotated', 'n+1, closed', 'token n+1', (c) => !ahead(c) && c.elevate, ['elevated']),
  served('g = n, rotation is off', 'kept', 'used now', 'token n', (c) => !ahead(c) && c.rotation === 'never'),
  served(
    'g = n, made by a rotation, age < G: the family rests',
    'concurrent',
    'unchanged',
    'token n',
    (c) => !ahead(c) && !moves(c),
  ),
  served(
    'g = n, with the key that was used for token n−1',
    'rotated',
    'n+1, no key',
    'token n+1',
    (c) => !ahead(c) && c.attempt === 'key of the token before',
  ),
  served('g = n otherwise', 'rotated', 'n+1', 'token n+1', (c) => !ahead(c)),
  served('g > n, the log is clear: adopted as n; a step-up', 'rotated', 'n+1, closed', 'token n+1', (c) => c.elevate, [
    'elevated',
  ]),
  served('g > n, adopted; rotation is off', 'kept', 'used now', 'token n', (c) => c.rotation === 'never'),
  served('g > n, adopted; the family rests', 'concurrent', 'unchanged, or adopted', 'token n', rests),
  served('g > n, adopted otherwise', 'rotated', 'n+1', 'token n+1', () => true),
]

/** All rows of a rotation, in order. */
export const rotateRows: readonly Row[] = [...record, ...ending, ...objecting, ...serving]
