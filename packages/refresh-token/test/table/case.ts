// One combination of everything that a rotation can meet, in words, and what it is in the machine's terms.
import { numericDate } from '@tallystick/core'
import type { PresentedBinding, Rotate } from '../../src/command.ts'
import { resolvePolicy, type ResolvedRefreshPolicy } from '../../src/policy.ts'
import type { Authentication, RefreshTokenFamily } from '../../src/state.ts'
import type { FamilyId, TokenBinding } from '../../src/state.ts'

export interface RotateCase {
  /** Recorded generation minus presented generation: below 0 the token is ahead of the store. */
  readonly behind: number
  /** The recorded generation was made by issue, not by a rotation. */
  readonly first: boolean
  readonly record: 'live' | 'idle end' | 'absolute end' | 'ended' | 'ended by this call: replay' | 'ended by this call'
  /** Seconds since the last rotation. */
  readonly age: number
  readonly grace: 0 | 10
  readonly attempt:
    | 'no key'
    | 'own write'
    | 'own write before last'
    | 'same key'
    | 'key before last'
    | 'key of the token before'
    | 'other key'
  /** Whether the request that made the recorded generation carried a client's key. */
  readonly by: 'client' | 'call'
  readonly used: boolean
  readonly closed: boolean
  readonly binding:
    | 'unbound'
    | 'unbound, nonce fresh'
    | 'unbound, nonce required'
    | 'bound'
    | 'bound, nonce fresh'
    | 'bound, nonce required'
    | 'bound, other key'
    | 'bound, other type'
    | 'bound, no proof'
  readonly client: 'right' | 'wrong'
  readonly log: Rotate['log']
  readonly risk: Rotate['risk']
  readonly elevate: boolean
  readonly rotation: 'always' | 'never'
  readonly asks: 'nothing' | 'less' | 'more scope' | 'more resources'
  readonly exhausted: boolean
  /** `other`: another secret of the ring signed the presented token. `gone`: the recorded secret has left the ring. */
  readonly secret: 'recorded' | 'other' | 'gone'
}

/** Now, and the numbers that cases are built around. */
export const NOW = numericDate(1_000_000)
export const TOLERANCE_SECONDS = 5
export const RETRY_WINDOW_SECONDS = 300
export const IDLE_SECONDS = 1000
export const AHEAD_MAX = 1000

const LATER_GENERATION = 7

/** What the machine is given. */
export interface Given {
  readonly family: RefreshTokenFamily
  readonly command: Rotate
  readonly policy: ResolvedRefreshPolicy
}

/** A case as family, command and policy, all frozen. */
export function given(c: RotateCase): Given {
  const generation = c.first ? 1 : LATER_GENERATION
  return {
    family: familyOf(c, generation),
    command: commandOf(c, generation - c.behind),
    policy: policyOf(c.grace, c.rotation, c.exhausted ? Math.max(generation, generation - c.behind) : 4_294_967_295),
  }
}

function familyOf(c: RotateCase, generation: number): RefreshTokenFamily {
  const ended = c.record.startsWith('ended')
  return Object.freeze({
    familyId: 'family' as FamilyId,
    subject: 'subject',
    clientId: 'web',
    scope: 'read write',
    resources: GRANTED_RESOURCES,
    binding: c.binding.startsWith('bound') ? KEY : undefined,
    authentication: PASSWORD,
    generation,
    rotatedAt: numericDate(NOW - c.age),
    attempt: 'recorded attempt',
    attemptBy: c.by,
    previousAttempt: 'previous attempt',
    successorUsed: c.used,
    predecessorClosed: c.closed,
    secretId: c.secret === 'gone' ? 9 : 1,
    issuedAt: numericDate(1),
    // One second short of either end, unless the case says that it is reached.
    lastUsedAt: numericDate(NOW - (c.record === 'idle end' ? IDLE_SECONDS : IDLE_SECONDS - 1)),
    absoluteExpiresAt: numericDate(c.record === 'absolute end' ? NOW : NOW + 1),
    status: ended ? 'revoked' : 'active',
    revokedAt: ended ? numericDate(NOW - 1) : undefined,
    revokedBy: ended ? (c.record === 'ended' ? 'another call' : callOf(c)) : undefined,
    cause: ended ? (c.record === 'ended by this call: replay' ? 'replay' : 'risk') : undefined,
    announced: false,
  })
}

function commandOf(c: RotateCase, generation: number): Rotate {
  return Object.freeze({
    type: 'rotate',
    generation,
    secretId: c.secret === 'other' ? 2 : 1,
    secretIds: RING,
    clientId: c.client === 'right' ? 'web' : 'other',
    binding: PROOFS[c.binding],
    attempt: Object.freeze({ call: callOf(c), client: CLIENT_KEYS[c.attempt] }),
    scope: c.asks === 'less' ? 'read' : c.asks === 'more scope' ? 'read admin' : undefined,
    resources: c.asks === 'less' ? SOME_RESOURCES : c.asks === 'more resources' ? OTHER_RESOURCES : undefined,
    elevate: c.elevate ? PASSKEY : undefined,
    log: c.log,
    risk: c.risk,
  })
}

function callOf(c: RotateCase): string {
  if (c.attempt === 'own write') return 'recorded attempt'
  return c.attempt === 'own write before last' ? 'previous attempt' : 'this call'
}

const CLIENT_KEYS: Readonly<Record<RotateCase['attempt'], Rotate['attempt']['client']>> = {
  'no key': undefined,
  'own write': undefined,
  'own write before last': undefined,
  'same key': Object.freeze({ hash: 'recorded attempt', predecessorHash: 'x' }),
  'key before last': Object.freeze({ hash: 'previous attempt', predecessorHash: 'x' }),
  'key of the token before': Object.freeze({ hash: 'new attempt', predecessorHash: 'recorded attempt' }),
  'other key': Object.freeze({ hash: 'new attempt', predecessorHash: 'x' }),
}

const KEY: TokenBinding = Object.freeze({ type: 'dpop', thumbprint: 'right' })
const PROOFS: Readonly<Record<RotateCase['binding'], PresentedBinding | undefined>> = {
  unbound: undefined,
  'unbound, nonce fresh': Object.freeze({ type: 'dpop', thumbprint: 'any', nonce: 'fresh' }),
  'unbound, nonce required': Object.freeze({ type: 'dpop', thumbprint: 'any', nonce: 'required' }),
  bound: KEY,
  'bound, nonce fresh': Object.freeze({ ...KEY, nonce: 'fresh' }),
  'bound, nonce required': Object.freeze({ ...KEY, nonce: 'required' }),
  'bound, other key': Object.freeze({ type: 'dpop', thumbprint: 'wrong', nonce: 'fresh' }),
  'bound, other type': Object.freeze({ type: 'mtls', thumbprint: 'right', nonce: 'fresh' }),
  'bound, no proof': undefined,
}

const PASSWORD: Authentication = deepFreeze({ methods: ['pwd'], authenticatedAt: numericDate(1) })
/** The new authentication of an elevation. */
export const PASSKEY: Authentication = deepFreeze({ methods: ['hwk'], acr: 'phr', authenticatedAt: NOW })
const GRANTED_RESOURCES = Object.freeze(['https://a.example', 'https://b.example'])
const SOME_RESOURCES = Object.freeze(['https://a.example'])
const OTHER_RESOURCES = Object.freeze(['https://a.example', 'https://c.example'])
const RING = Object.freeze([2, 1])

const policies = new Map<string, ResolvedRefreshPolicy>()

function policyOf(grace: number, rotation: 'always' | 'never', generationsMax: number): ResolvedRefreshPolicy {
  const name = `${grace} ${rotation} ${generationsMax}`
  let policy = policies.get(name)
  if (policy === undefined) {
    policy = resolvePolicy({
      gracePeriodSeconds: grace,
      clockToleranceSeconds: TOLERANCE_SECONDS,
      retryWindowSeconds: RETRY_WINDOW_SECONDS,
      idleTimeoutSeconds: IDLE_SECONDS,
      absoluteTimeoutSeconds: 1_000_000,
      aheadGenerationsMax: AHEAD_MAX,
      generationsMax,
      rotation,
    })
    policies.set(name, policy)
  }
  return policy
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) deepFreeze(inner)
  return Object.freeze(value)
}
