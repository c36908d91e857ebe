// One combination of the table: what is recorded, what is presented and when; and the state and command it stands for.
import { numericDate, type NumericDate } from '@tallystick/core'
import type { Authenticate, Present, Renew } from '../../src/command.ts'
import { resolveSessionPolicy, type ResolvedSessionPolicy } from '../../src/policy.ts'
import type { Authentication, Session, SessionId } from '../../src/state.ts'

/** One combination. Durations are seconds before now; a negative one lies ahead. */
export interface Case {
  readonly record:
    | 'live'
    | 'idle end'
    | 'forgotten'
    | 'absolute end'
    | 'ended'
    | 'ended by this call: replay'
    | 'ended by this call'
  readonly proof: 'current' | 'previous' | 'older' | 'unknown' | 'lineage unsaid'
  readonly generation: 1 | 2 | 3
  readonly command: 'present' | 'renew' | 'elevate' | 'reauthenticate'
  readonly isOwnWrite: boolean
  readonly closed: boolean
  /** When the current credential was made. */
  readonly made: number
  /** When it was first used. */
  readonly used: 'never' | 'at once' | number
  /** When the session was last presented, beyond what `made` and `used` say. */
  readonly last: 'as used' | number
  readonly overlap: 0 | 60
  readonly secret: 'recorded' | 'gone'
}

export const NOW: NumericDate = numericDate(1_800_000_000)
export const TOLERANCE_SECONDS = 5
export const TOUCH_SECONDS = 30
export const IDLE_SECONDS = 600
export const ABSOLUTE_SECONDS = 50_000
export const ELEVATION_SECONDS = 900
export const PASSKEY: Authentication = deepFreeze({ methods: ['hwk'], acr: 'phr', authenticatedAt: NOW })
export const PASSWORD: Authentication = deepFreeze({ methods: ['pwd'], authenticatedAt: numericDate(1) })
export const HASHES = { current: 'hash of current', previous: 'hash of previous', older: 'hash of older' } as const
export const CALL = 'this call'

/** The policies by their overlap. */
export const policies: Readonly<Record<Case['overlap'], ResolvedSessionPolicy>> = { 0: policyOf(0), 60: policyOf(60) }

function policyOf(overlapSeconds: number): ResolvedSessionPolicy {
  return resolveSessionPolicy({
    idleTimeoutSeconds: IDLE_SECONDS,
    absoluteTimeoutSeconds: ABSOLUTE_SECONDS,
    touchSeconds: TOUCH_SECONDS,
    elevationSeconds: ELEVATION_SECONDS,
    clockToleranceSeconds: TOLERANCE_SECONDS,
    renewal: { overlapSeconds },
  })
}

/** When the session was last presented, as a duration before now. */
export function lastOf(c: Case): number {
  if (c.last !== 'as used') return c.last
  return typeof c.used === 'number' ? c.used : c.made
}

/** The recorded session, frozen. */
export function sessionOf(c: Case): Session {
  const ended = c.record.startsWith('ended')
  const before = (seconds: number): NumericDate => numericDate(NOW - seconds)
  return deepFreeze({
    sessionId: 'session' as SessionId,
    subject: 'user_42',
    lineageHash: 'hash of lineage',
    credentialHash: HASHES.current,
    previousHash: c.generation === 1 ? undefined : HASHES.previous,
    predecessorClosed: c.closed,
    generation: c.generation,
    renewedAt: before(c.made),
    renewedBy: c.isOwnWrite ? CALL : 'another call',
    secretId: c.closed || c.generation === 1 ? undefined : 1,
    usedAt: c.used === 'never' ? undefined : before(c.used === 'at once' ? c.made : c.used),
    authentication: PASSWORD,
    establishedAt: numericDate(1),
    lastPresentedAt: before(lastOf(c)),
    absoluteExpiresAt: numericDate(c.record === 'absolute end' ? NOW : NOW + ELEVATION_SECONDS - 1),
    status: ended ? 'revoked' : 'active',
    revokedAt: ended ? before(1) : undefined,
    revokedBy: ended ? (c.record === 'ended' ? 'another call' : CALL) : undefined,
    cause: ended ? (c.record === 'ended by this call: replay' ? 'replay' : 'sign_out') : undefined,
    announced: false,
  })
}

/** The command, frozen. */
export function commandOf(c: Case): Present | Renew | Authenticate {
  const proof = {
    hash: c.proof in HASHES ? HASHES[c.proof as keyof typeof HASHES] : 'hash of something else',
    lineageHash: c.proof === 'lineage unsaid' ? undefined : c.proof === 'unknown' ? 'other lineage' : 'hash of lineage',
  }
  const secretIds = c.secret === 'gone' ? [2] : [2, 1]
  if (c.command === 'present') return deepFreeze({ type: 'present', proof, secretIds, call: CALL })
  if (c.command === 'renew')
    return deepFreeze({ type: 'renew', proof, secretIds, nextHash: 'hash of next', call: CALL })
  return deepFreeze({ type: c.command, proof, authentication: PASSKEY, nextHash: 'hash of next', call: CALL })
}

const ENDS: readonly number[] = [IDLE_SECONDS - 1, IDLE_SECONDS, 2 * IDLE_SECONDS]
const DIMENSIONS: { readonly [Field in keyof Case]: ReadonlyArray<Case[Field]> } = {
  record: [
    'live',
    'idle end',
    'forgotten',
    'absolute end',
    'ended',
    'ended by this call: replay',
    'ended by this call',
  ],
  proof: ['current', 'previous', 'older', 'unknown', 'lineage unsaid'],
  generation: [1, 2, 3],
  command: ['present', 'renew', 'elevate', 'reauthenticate'],
  isOwnWrite: [false, true],
  closed: [false, true],
  made: [-TOLERANCE_SECONDS - 1, -TOLERANCE_SECONDS, 0, 59, 60, 61, 5000],
  used: ['never', 'at once', 0, 59, 60],
  last: ['as used', -TOLERANCE_SECONDS - 1, -1, 0, TOUCH_SECONDS - 1, TOUCH_SECONDS, ...ENDS],
  overlap: [0, 60],
  secret: ['recorded', 'gone'],
}

/** Calls `visit` for every combination that can exist. */
export function forEachCase(visit: (c: Case) => void): void {
  const fields = Object.keys(DIMENSIONS) as ReadonlyArray<keyof Case>
  const c: Record<string, unknown> = {}
  const descend = (at: number): void => {
    const field = fields[at]
    if (field === undefined) {
      if (canExist(c as unknown as Case)) visit(c as unknown as Case)
      return
    }
    for (const value of DIMENSIONS[field]) {
      c[field] = value
      descend(at + 1)
    }
  }
  descend(0)
}

function canExist(c: Case): boolean {
  // The first credential has no predecessors, counts as used, and was made by no renewal.
  if (c.generation === 1 && (c.proof === 'previous' || c.closed || c.isOwnWrite || c.used !== 'at once')) return false
  if (c.isOwnWrite && c.command === 'present') return false
  if (c.secret === 'gone' && c.proof !== 'previous') return false
  // Made, then used, then last presented.
  const last = lastOf(c)
  if (typeof c.used === 'number' && c.used > c.made) return false
  if (last > c.made || (typeof c.used === 'number' && last > c.used)) return false
  if (c.used === 'at once' && last > c.made) return false
  if (c.record === 'idle end') return last === IDLE_SECONDS
  return c.record === 'forgotten' ? last === 2 * IDLE_SECONDS : last < IDLE_SECONDS
}

export function deepFreeze<const Value extends object>(value: Value): Value {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) deepFreeze(inner)
  return Object.freeze(value)
}
