// One session behind a store, driven by credentials as a browser sends them: every answer goes through record text.
import { type NumericDate, numericDate, plusSeconds } from '@tallystick/core'
import { sha256 } from '@tallystick/core/crypto'
import { resolveSecretRing, type SecretRing } from '@tallystick/core/secret-ring'
import type { Command } from '../src/command.ts'
import {
  deriveSecret,
  formatCredential,
  formatSecret,
  formatSessionId,
  hashLineage,
  hashSecret,
  parseCredential,
  proveSecret,
} from '../src/credential.ts'
import { decide } from '../src/decide.ts'
import { establishSession } from '../src/establish.ts'
import type { SessionEvent } from '../src/event.ts'
import { resolveSessionPolicy, type ResolvedSessionPolicy, type SessionPolicy } from '../src/policy.ts'
import { decodeRecord, encodeRecord } from '../src/record.ts'
import type { SessionRefusal } from '../src/refusals.ts'
import type { Authentication, Session } from '../src/state.ts'
import type { SessionDecision, SessionVerdict } from '../src/verdict.ts'

/** What the caller gets and what was told. */
export interface Answer {
  readonly verdict?: SessionVerdict | undefined
  readonly reason?: SessionRefusal | undefined
  /** The credential that the browser must hold now. */
  readonly credential?: string | undefined
  readonly events: readonly SessionEvent[]
  readonly before: Session
  readonly after: Session
}

export type Asked = 'present' | 'renew' | 'elevate' | 'reauthenticate'

/** One session behind a store. */
export interface Driver {
  /** The credential that the sign-in gave out. */
  readonly first: string
  readonly policy: ResolvedSessionPolicy
  ring: SecretRing
  now: NumericDate
  /** The stored text. */
  stored: string
  wait(seconds: number): void
  state(): Session
  ask(type: Asked, credential: string, options?: AskOptions): Answer
  apply(command: Command): SessionDecision
}

export interface AskOptions {
  readonly authentication?: Authentication | undefined
  /** The call's random value; a new one where absent. */
  readonly call?: string | undefined
  /** Whether the driver sends the write a second time and answers with the second. */
  readonly isResent?: boolean | undefined
}

export const START: NumericDate = numericDate(1_800_000_000)
export const PASSWORD: Authentication = { methods: ['pwd'], acr: 'low', authenticatedAt: START }
export const SECRETS = [1, 2, 3].map((id) => ({ id, secret: bytesFrom(32, id * 40) }))

/** Bytes that look random and are the same on every run. */
export function bytesFrom(length: number, seed: number): Uint8Array {
  return sha256(new TextEncoder().encode(`bytes ${seed}`)).slice(0, length)
}

let drawn = 0

/** Establishes a session and stands before it. */
export function drive(policy: SessionPolicy = {}, secrets = SECRETS.slice(0, 1)): Driver {
  const resolved = resolveSessionPolicy(policy)
  const sessionId = formatSessionId(bytesFrom(16, 5))
  const secret = formatSecret(bytesFrom(32, 9))
  const grant = {
    sessionId,
    subject: 'user_42',
    clientId: 'web',
    lineageHash: hashLineage(sessionId, secret),
    credentialHash: hashSecret(secret),
    authentication: PASSWORD,
  }
  const driver: Driver = {
    first: formatCredential(sessionId, secret),
    policy: resolved,
    ring: resolveSecretRing(secrets, 'test'),
    now: START,
    stored: encodeRecord(establishSession(grant, START, resolved).state),
    wait: (seconds) => {
      driver.now = plusSeconds(driver.now, seconds)
    },
    state: () => decodeRecord(driver.stored),
    ask: (type, credential, options) => ask(driver, type, credential, options ?? {}),
    apply: (command) => apply(driver, command),
  }
  return driver
}

/** Presents a credential that must be served, and gives the one to hold now. */
export function served(driver: Driver, type: Asked, credential: string, options: AskOptions = {}): string {
  const answer = driver.ask(type, credential, options)
  if (answer.credential === undefined) throw new Error(`refused: ${answer.reason ?? 'without a reason'}`)
  return answer.credential
}

/** The names of events, without the machine's prefix. */
export function typesOf(events: readonly SessionEvent[]): readonly string[] {
  return events.map(({ type }) => type.slice('session.'.length))
}

function apply(driver: Driver, command: Command): SessionDecision {
  const session = deepFreeze(driver.state())
  const decision = decide(session, deepFreeze(command), driver.now, driver.policy)
  if (decision.state !== session) driver.stored = encodeRecord(decision.state)
  return decision
}

function ask(driver: Driver, type: Asked, credential: string, options: AskOptions): Answer {
  const before = driver.state()
  const parsed = parseCredential(credential)
  if (parsed === undefined) return { reason: 'session/malformed', events: [], before, after: before }
  const { sessionId, secret } = parsed
  drawn += 1
  const next = nextSecret(driver, type, secret)
  const command = commandOf(driver, type, {
    proof: proveSecret(sessionId, secret),
    nextHash: hashSecret(next),
    call: options.call ?? `call ${drawn}`,
    authentication: options.authentication ?? {
      ...PASSWORD,
      methods: ['otp'],
      acr: 'high',
      authenticatedAt: driver.now,
    },
  })
  let decision = apply(driver, command)
  if (options.isResent === true) decision = apply(driver, command)
  const { events, state: after } = decision
  if (decision.outcome === 'refused') return { reason: decision.reason, events, before, after }
  const { verdict } = decision
  return { verdict, credential: held(driver, verdict, credential, next), events, before, after }
}

function nextSecret(driver: Driver, type: Asked, secret: string): string {
  const isDrawn = type === 'elevate' || type === 'reauthenticate'
  if (isDrawn) return formatSecret(bytesFrom(32, 100 + drawn), secret)
  const next = deriveSecret(driver.ring, driver.ring.ids[0] ?? 0, driver.state().sessionId, secret)
  if (next === undefined) throw new Error('the ring is empty')
  return next
}

interface Parts {
  readonly proof: { readonly hash: string; readonly lineageHash?: string | undefined }
  readonly nextHash: string
  readonly call: string
  readonly authentication: Authentication
}

function commandOf(driver: Driver, type: Asked, { proof, nextHash, call, authentication }: Parts): Command {
  const secretIds = driver.ring.ids
  if (type === 'present') return { type, proof, secretIds, call }
  if (type === 'renew') return { type, proof, secretIds, nextHash, call }
  return { type, proof, authentication, nextHash, call }
}

/** The credential that the answer leaves with the browser, from its own alone: what the server would do. */
function held(driver: Driver, verdict: SessionVerdict, presented: string, next: string): string {
  const { sessionId, secretId } = driver.state()
  if (verdict === 'presented' || verdict === 'rested') return presented
  if (verdict === 'elevated' || verdict === 'reauthenticated') return formatCredential(sessionId, next)
  const secret = presented.slice(-43)
  const derived = secretId === undefined ? undefined : deriveSecret(driver.ring, secretId, sessionId, secret)
  if (derived === undefined) throw new Error('answered with what cannot be derived')
  return formatCredential(sessionId, derived)
}

export function deepFreeze<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) deepFreeze(inner)
  return Object.freeze(value)
}
