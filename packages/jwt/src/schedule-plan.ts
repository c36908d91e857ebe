// What is remembered of signing keys: a plan of ids and times without any material, and what it says at a point in time
// (OAuth 2.1 §7.1.2 wants keys replaced; RFC 7517 §4.5 how a `kid` lets verifiers follow).
import type { NumericDate } from '@tallystick/core'
import { plusSeconds } from '@tallystick/core'
import type { JwtAlgorithm } from './algorithms.ts'

/** Where a key stands: published and waiting, signing, published for what it signed, refused. */
export type KeyState = 'announced' | 'active' | 'retiring' | 'retired'

/** One key of a plan: names and times only. */
export interface PlannedKey {
  /** The `kid`. */
  readonly keyId: string
  /** The one algorithm that it signs with. */
  readonly algorithm: JwtAlgorithm
  /** Since when it is published. */
  readonly announcedAt: NumericDate
  /** The first second in which it signs. */
  readonly signsFrom: NumericDate
  /** The second in which its successor begins; absent while it has none. */
  readonly signsUntil?: NumericDate | undefined
  /** How long it stays after the last second in which it signed: what its tokens need, raised and never lowered. */
  readonly retentionSeconds: number
  /** When it must be gone whatever happens: the end of a certificate, or of a lease of a key store. */
  readonly expiresAt?: NumericDate | undefined
  /** Refused from this moment, whatever the times say. */
  readonly dropped?: { readonly at: NumericDate; readonly cause: 'compromised' | 'withdrawn' } | undefined
}

/** The state of the machine: plain data, the same for every process that signs. */
export interface KeyPlan {
  /** Grows by one with every change. */
  readonly version: number
  /** When it was last changed. */
  readonly changedAt: NumericDate
  /** In the order in which they sign. Ids are never used again, so that retired keys stay here as names. */
  readonly keys: readonly PlannedKey[]
}

/** What a plan says at one moment. */
export interface KeyPlanView {
  /** Every key of the plan with its state. */
  readonly states: ReadonlyArray<{ readonly keyId: string; readonly state: KeyState }>
  /** Which key signs. Absent only where every key is retired or was dropped. */
  readonly signing: PlannedKey | undefined
  /** The successor that is published and waits. */
  readonly waiting: PlannedKey | undefined
  /** What a key set holds and a verifier accepts: the signing key first, then the waiting one, then the retiring. */
  readonly published: readonly PlannedKey[]
  /** Whether a successor should be announced now: none waits. */
  readonly isSuccessorDue: boolean
  /** When the plan will next say something else by time alone; absent where it never will. */
  readonly changesAt: NumericDate | undefined
}

/**
 * Reads a plan: which key signs, which are published and accepted, and until when this holds.
 *
 * Where no key is in its time the announced one signs before its own: a clock that is a little behind, or a key dropped
 * as compromised, is no reason to issue nothing.
 *
 * @param now - Seconds since the epoch, by the reader's own clock.
 */
export function viewPlan(plan: KeyPlan, now: NumericDate): KeyPlanView {
  const states = plan.keys.map((key) => ({ keyId: key.keyId, state: stateOf(key, now) }))
  const inState = (state: KeyState) => plan.keys.filter((_, at) => states[at]?.state === state)
  const announced = inState('announced')
  const signing = inState('active')[0] ?? announced.shift()
  const [waiting] = announced
  const published = [...(signing === undefined ? [] : [signing]), ...announced, ...inState('retiring')]
  const times = published.flatMap((key) => [key.signsFrom, stopsAt(key), retiresAt(key)])
  const next = Math.min(...times.filter((time) => time > now))
  return {
    states,
    signing,
    waiting,
    published,
    isSuccessorDue: waiting === undefined,
    changesAt: Number.isFinite(next) ? plusSeconds(now, next - now) : undefined,
  }
}

/** The state of one key; each follows from its times alone. */
export function stateOf(key: PlannedKey, now: NumericDate): KeyState {
  if (key.dropped !== undefined || now >= retiresAt(key)) return 'retired'
  if (now < key.signsFrom) return 'announced'
  return now < stopsAt(key) ? 'active' : 'retiring'
}

/**
 * When a key is refused, in seconds since the epoch; infinity while it has no end.
 *
 * The last second in which it signs is the one before `stopsAt`.
 */
export function retiresAt(key: PlannedKey): number {
  return stopsAt(key) - 1 + key.retentionSeconds
}

/** When a key stops: its successor begins, or what it would sign could outlive it. */
function stopsAt({ signsUntil, expiresAt, retentionSeconds }: PlannedKey): number {
  const lastly = expiresAt === undefined ? Number.POSITIVE_INFINITY : expiresAt + 1 - retentionSeconds
  return Math.min(signsUntil ?? Number.POSITIVE_INFINITY, lastly)
}
