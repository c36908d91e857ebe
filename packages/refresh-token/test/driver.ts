// One family behind a store, driven by tokens as a client sends them: every answer goes through token text and record text.
import { type NumericDate, numericDate, plusSeconds } from '@tallystick/core'
import type { Command, PresentedBinding, Rotate } from '../src/command.ts'
import { decide } from '../src/decide.ts'
import type { RefreshDecision, RefreshVerdict } from '../src/verdict.ts'
import type { RefreshTokenEvent } from '../src/event.ts'
import { issueFamily } from '../src/issue.ts'
import { type RefreshPolicy, resolvePolicy, type ResolvedRefreshPolicy } from '../src/policy.ts'
import { decodeRecord, encodeRecord } from '../src/record.ts'
import type { RefreshRefusal } from '../src/refusals.ts'
import type { SecretRing } from '@tallystick/core/secret-ring'
import { resolveSecrets } from '../src/secrets.ts'
import type { Authentication, RefreshTokenFamily, RevocationCause, TokenBinding } from '../src/state.ts'
import { deriveFamilyId, hashAttempt, issueToken, parseToken } from '../src/token.ts'

/** What a request brings beside the token. */
export interface Asked {
  readonly key?: string | undefined
  /** The call's random value; a new one where absent. */
  readonly call?: string | undefined
  readonly clientId?: string | undefined
  readonly binding?: PresentedBinding | undefined
  readonly scope?: string | undefined
  readonly resources?: readonly string[] | undefined
  readonly elevate?: Authentication | undefined
  readonly log?: Rotate['log'] | undefined
  readonly risk?: Rotate['risk'] | undefined
}

/** What the caller gets and what was told. */
export interface Answer {
  readonly verdict?: RefreshVerdict | undefined
  readonly reason?: RefreshRefusal | undefined
  readonly token?: string | undefined
  readonly events: readonly RefreshTokenEvent[]
  readonly before?: RefreshTokenFamily | undefined
  readonly after?: RefreshTokenFamily | undefined
}

/** One family behind a store. */
export interface Driver {
  /** The token that `issue` gave out. */
  readonly first: string
  readonly handle: Uint8Array
  readonly policy: ResolvedRefreshPolicy
  ring: SecretRing
  now: NumericDate
  /** The stored text. */
  stored: string
  /** How often the store was asked. */
  reads: number
  wait(seconds: number): void
  state(): RefreshTokenFamily
  present(token: string, asked?: Asked): Answer
  confirm(generation: number): RefreshDecision
  revoke(cause: RevocationCause): RefreshDecision
  announce(): RefreshDecision
  /** The token of a generation as the server would sign it: for comparing, not for presenting. */
  tokenOf(generation: number, secretId?: number): string
}

/** How the family begins. */
export interface Beginning {
  readonly policy?: RefreshPolicy | undefined
  readonly binding?: TokenBinding | undefined
  readonly scope?: string | undefined
  readonly resources?: readonly string[] | undefined
  readonly handle?: Uint8Array | undefined
}

export const START: NumericDate = numericDate(1_800_000_000)
export const PASSWORD: Authentication = { methods: ['pwd'], acr: 'low', authenticatedAt: START }
export const SECRETS = [1, 2, 3, 4].map((id) => ({ id, secret: bytesFrom(32, id * 40) }))

/** Bytes that look random and are the same on every run. */
export function bytesFrom(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 73 + seed * 31 + ((at * seed) % 7)) & 255)
}

let calls = 0

/** Issues a family and stands before it. */
export function drive(beginning: Beginning = {}): Driver {
  const policy = resolvePolicy(beginning.policy)
  const handle = beginning.handle ?? bytesFrom(16, 5)
  const grant = {
    familyId: deriveFamilyId(handle),
    subject: 'user_42',
    clientId: 'web',
    scope: beginning.scope ?? 'orders:read orders:write',
    resources: beginning.resources ?? ['https://api.example.com', 'https://b.example.com'],
    binding: beginning.binding,
    authentication: PASSWORD,
    secretId: 1,
  }
  const ring = resolveSecrets(SECRETS.slice(0, 1))
  const driver: Driver = {
    first: issueToken(ring, { handle, generation: 1, secretId: 1 }) ?? '',
    handle,
    policy,
    ring,
    now: START,
    stored: encodeRecord(issueFamily(grant, START, policy).state),
    reads: 0,
    wait: (seconds) => {
      driver.now = plusSeconds(driver.now, seconds)
    },
    state: () => decodeRecord(driver.stored),
    present: (token, asked) => present(driver, token, asked ?? {}),
    confirm: (generation) => apply(driver, { type: 'confirm', generation }),
    revoke: (cause) => apply(driver, { type: 'revoke', cause }),
    announce: () => apply(driver, { type: 'announce' }),
    tokenOf: (generation, secretId = driver.state().secretId) =>
      issueToken(driver.ring, { handle, generation, secretId }) ?? '',
  }
  return driver
}

/** Presents a token that must be served, and gives its successor. */
export function next(driver: Driver, token: string, asked: Asked = {}): string {
  const answer = driver.present(token, asked)
  if (answer.token === undefined) throw new Error(`refused: ${answer.reason ?? 'without a reason'}`)
  return answer.token
}

/** The names of events, without the machine's prefix. */
export function typesOf(events: readonly RefreshTokenEvent[]): readonly string[] {
  return events.map(({ type }) => type.slice('refresh_token.'.length))
}

/** Runs a command on the stored text and stores what came of it. */
export function apply(driver: Driver, command: Command): RefreshDecision {
  driver.reads += 1
  const family = deepFreeze(driver.state())
  const decision = decide(family, deepFreeze(command), driver.now, driver.policy)
  if (decision.state !== family) driver.stored = encodeRecord(decision.state)
  return decision
}

/** The command of a request. */
export function commandOf(driver: Driver, parsed: { generation: number; secretId: number }, asked: Asked): Rotate {
  const { generation, secretId } = parsed
  const { key, call, clientId, elevate, log, risk, scope, resources, binding } = asked
  calls += 1
  return {
    type: 'rotate',
    generation,
    secretId,
    secretIds: driver.ring.ids,
    clientId: clientId ?? 'web',
    binding,
    attempt: {
      call: call ?? `call ${calls}`,
      client:
        key === undefined
          ? undefined
          : {
              hash: hashAttempt(driver.handle, generation, key),
              predecessorHash: hashAttempt(driver.handle, generation - 1, key),
            },
    },
    scope,
    resources,
    elevate,
    log: log ?? 'absent',
    risk,
  }
}

function present(driver: Driver, token: string, asked: Asked): Answer {
  const parsed = parseToken(driver.ring, token)
  if (!parsed.ok) return { reason: parsed.reason, events: [] }
  const before = driver.state()
  if (deriveFamilyId(parsed.handle) !== before.familyId) {
    driver.reads += 1
    return { reason: 'refresh_token/unknown', events: [] }
  }
  const decision = apply(driver, commandOf(driver, parsed, asked))
  const { events, state: after } = decision
  if (decision.outcome === 'refused') return { reason: decision.reason, events, before, after }
  const { generation, secretId } = driver.state()
  const successor = issueToken(driver.ring, { handle: driver.handle, generation, secretId })
  if (successor === undefined) throw new Error('served with a secret that the ring does not hold')
  return { verdict: decision.verdict, token: successor, events, before, after }
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) deepFreeze(inner)
  return Object.freeze(value)
}
