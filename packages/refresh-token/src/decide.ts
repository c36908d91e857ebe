// THE LAW of refresh token rotation (RFC 9700 §4.14.2): every transition of a family, and nothing else anywhere.
import { type NumericDate, TokenError } from '@tallystick/core'
import type { Command, Revoke, Rotate } from './command.ts'
import type { RefreshTokenEvent } from './event.ts'
import { isActive } from './expiry.ts'
import { aheadEvent, factsOf, refusedEvent, replayEvent, rotatedEvent } from './facts.ts'
import type { ResolvedRefreshPolicy } from './policy.ts'
import { isBoundAs, isKeyRepeated, isSameAttempt, isWithin } from './proof.ts'
import type { RefreshRefusal } from './refusals.ts'
import type { RefreshTokenFamily, RevocationCause } from './state.ts'
import type { RefreshDecision, RefreshVerdict, ServingVerdict } from './verdict.ts'

/**
 * Decides what a command does to a refresh token family: rotate, answer again, refuse or revoke.
 *
 * Pure and synchronous. A replayed token revokes the whole family: the returned state says so, and must be stored
 * before the refusal is shown to anyone. Where nothing changes, the returned state is the given object.
 *
 * @param now - Seconds since 1970-01-01T00:00:00Z; build it with `numericDate`.
 * @param policy - Build it with `resolvePolicy`. `gracePeriodSeconds` covers the immediate predecessor only.
 * @returns `accepted` with a verdict, or `refused` with a reason; either way the next state and what happened.
 * @throws TokenError `ERR_CLOCK` where `now` lies before the last rotation by more than the tolerance: no verdict then.
 * @example
 * const decision = decide(family, { type: 'revoke', cause: 'sign_out' }, now, policy)
 * decision.state.status // => 'revoked'
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700.html#section-4.14.2 RFC 9700 §4.14.2}
 */
export function decide(
  family: RefreshTokenFamily,
  command: Command,
  now: NumericDate,
  policy: ResolvedRefreshPolicy,
): RefreshDecision {
  switch (command.type) {
    case 'rotate':
      return rotate(family, command, now, policy)
    case 'confirm':
      if (family.status === 'revoked' || family.successorUsed || command.generation !== family.generation) {
        return accept(family, 'unchanged')
      }
      return accept({ ...family, successorUsed: true }, 'confirmed')
    case 'revoke':
      return revoke(family, command, now)
    case 'announce':
      if (family.status !== 'revoked' || family.announced) return accept(family, 'unchanged')
      return accept({ ...family, announced: true }, 'announced')
  }
}

/**
 * What the shell must find out before {@link decide} can serve a command: the revocation log's word, or the risk hook's.
 *
 * Asked only where the answer matters: a thief never reaches the risk hook, and the log is read for a token that is
 * ahead of the store and for no other.
 */
export function openQuestion(
  family: RefreshTokenFamily,
  command: Command,
  now: NumericDate,
  policy: ResolvedRefreshPolicy,
): 'log' | 'risk' | undefined {
  if (command.type !== 'rotate' || (command.risk !== 'unasked' && command.log !== 'unread')) return undefined
  const decision = decide(family, { ...command, risk: 'serve' }, now, policy)
  if (decision.outcome === 'accepted') return command.risk === 'unasked' ? 'risk' : undefined
  return decision.reason === 'refresh_token/ahead' && command.log === 'unread' ? 'log' : undefined
}

function rotate(
  found: RefreshTokenFamily,
  command: Rotate,
  now: NumericDate,
  policy: ResolvedRefreshPolicy,
): RefreshDecision {
  // The record. A tombstone is answered without a write and without a second replay event.
  if (found.status === 'revoked') return answerTombstone(found, command, now)
  if (now < found.rotatedAt - policy.clockToleranceSeconds) {
    throw new TokenError('ERR_CLOCK', 'the clock stands before the last rotation by more than the tolerance')
  }
  if (!isActive(found, now, policy)) return refuse(found, command, 'refresh_token/expired')
  // A revocation that the store lost, but the log did not.
  if (command.log === 'named') {
    const { state, events } = end(found, 'log', command.attempt.call, now)
    return refuse({ ...state, announced: true }, command, 'refresh_token/revoked', events)
  }

  // A wrong client or key changes nothing and learns nothing: a third party must not be able to end a family.
  if (command.clientId !== found.clientId) return refuse(found, command, 'refresh_token/client_mismatch')
  if (!isBoundAs(found, command)) return refuse(found, command, 'refresh_token/binding_mismatch')

  const family = adopt(found, command, policy)
  if (family === undefined) return refuseAhead(found, command)
  const age = Math.max(0, now - family.rotatedAt)
  const verdict = judge(family, command, age, policy)
  if (verdict === 'replayed') return replayed(family, command, age, now)
  if (verdict === 'superseded') return refuse(found, command, 'refresh_token/superseded')
  if (verdict === 'nonce_required') return refuse(found, command, 'refresh_token/nonce_required')

  // That the store has lost writes is told, whatever else stands in the way.
  const loss = family === found ? [] : [aheadEvent(found, command, false)]
  const objection = objectionTo(verdict, family, command, policy)
  if (objection !== undefined)
    return refuse(found, command, objection, [...loss, refusedEvent(found, command, objection)])
  if (command.risk === 'revoke') {
    const { state, events } = end(family, 'risk', command.attempt.call, now)
    return refuse(state, command, 'refresh_token/revoked', [...loss, ...events])
  }
  return serve(verdict, { found, family, command, age }, now)
}

/** The rows, from the current generation down. All comparisons of age are strict: a grace period of 0 means never. */
function judge(
  family: RefreshTokenFamily,
  command: Rotate,
  age: number,
  policy: ResolvedRefreshPolicy,
): ServingVerdict | 'superseded' | 'nonce_required' | 'replayed' {
  const resting = age < policy.gracePeriodSeconds
  switch (family.generation - command.generation) {
    case 0:
      return judgeCurrent(family, command, resting, policy)
    case 1:
      // Our own write, answered by a driver that had sent it twice.
      if (family.attempt === command.attempt.call) return 'retried'
      if (family.predecessorClosed) return resting ? 'superseded' : 'replayed'
      return judgePredecessor(family, command, age, policy)
    case 2:
      // A late duplicate: of a client's finished attempt, or again our own write.
      if (family.previousAttempt === command.attempt.call) return 'superseded'
      return isSameAttempt(family.previousAttempt, command.attempt) ? 'superseded' : 'replayed'
    default:
      return 'replayed'
  }
}

/** The current token: the family rests for a grace period after each rotation, else it moves. */
function judgeCurrent(
  family: RefreshTokenFamily,
  command: Rotate,
  resting: boolean,
  policy: ResolvedRefreshPolicy,
): ServingVerdict {
  if (command.elevate !== undefined) return 'rotated'
  if (policy.rotation === 'never') return 'kept'
  return resting && family.generation > FIRST_GENERATION ? 'concurrent' : 'rotated'
}

/** The token before the current one: a lost answer, a second tab, a late duplicate, or a thief. */
function judgePredecessor(
  family: RefreshTokenFamily,
  command: Rotate,
  age: number,
  policy: ResolvedRefreshPolicy,
): 'retried' | 'concurrent' | 'superseded' | 'nonce_required' | 'replayed' {
  const unused = !family.successorUsed && age < policy.retryWindowSeconds && command.elevate === undefined
  const sameAttempt = isSameAttempt(family.attempt, command.attempt)
  if (unused && sameAttempt) return 'retried'
  if (unused && family.binding !== undefined) {
    if (command.binding?.nonce === 'fresh') return 'retried'
    if (command.binding?.nonce === 'required') return 'nonce_required'
  }
  const resting = age < policy.gracePeriodSeconds
  if (resting && family.attemptBy === 'call' && command.elevate === undefined) return 'concurrent'
  return sameAttempt || isNear(age, policy) ? 'superseded' : 'replayed'
}

/** Whether the last rotation is so near that clocks and networks, and no thief, may explain a token that is late. */
function isNear(age: number, { gracePeriodSeconds, clockToleranceSeconds }: ResolvedRefreshPolicy): boolean {
  return gracePeriodSeconds > 0 && age < gracePeriodSeconds + clockToleranceSeconds
}

/** What stands against serving a request that is otherwise in order; nothing changes then. */
function objectionTo(
  verdict: ServingVerdict,
  family: RefreshTokenFamily,
  command: Rotate,
  policy: ResolvedRefreshPolicy,
): RefreshRefusal | undefined {
  // RFC 6749 §6: "the requested scope MUST NOT include any scope not originally granted by the resource owner"
  if (command.scope !== undefined && !isWithin(command.scope.split(' '), family.scope.split(' '))) {
    return 'refresh_token/scope_exceeded'
  }
  if (command.resources !== undefined && !isWithin(command.resources, family.resources)) {
    return 'refresh_token/audience_exceeded'
  }
  if (command.binding?.nonce === 'required') return 'refresh_token/nonce_required'
  if (command.risk === 'step_up' || command.risk === 'unasked') return 'refresh_token/step_up_required'
  if (verdict === 'rotated') {
    return family.generation >= policy.generationsMax ? 'refresh_token/exhausted' : undefined
  }
  // A repeated answer is signed with the recorded secret, never another: it must have the same bytes.
  return command.secretIds.includes(family.secretId) ? undefined : 'refresh_token/unknown_secret'
}

/** A request that will be served: the family as the store has it, and as it must have been (the same, unless adopted). */
interface ServedCase {
  readonly found: RefreshTokenFamily
  readonly family: RefreshTokenFamily
  readonly command: Rotate
  readonly age: number
}

function serve(
  verdict: ServingVerdict,
  { found, family, command, age }: ServedCase,
  now: NumericDate,
): RefreshDecision {
  const events: RefreshTokenEvent[] = []
  if (family !== found) events.push(aheadEvent(family, command, true))
  if (family.generation === command.generation && family.secretId !== command.secretId) {
    events.push({ type: 'refresh_token.secret_mismatch', ...factsOf(family), presentedSecretId: command.secretId })
  }
  if (verdict === 'retried' && family.attempt === command.attempt.call) {
    // Our own write: told as it would have been the first time.
    return accept(family, 'rotated', [...events, rotatedEvent(family, command)])
  }
  if (verdict === 'retried' || verdict === 'concurrent') {
    events.push({ type: `refresh_token.${verdict}`, ...factsOf(family), ageSeconds: age })
    return accept(family, verdict, events)
  }
  const usedAt = now > family.rotatedAt ? now : family.rotatedAt
  if (verdict === 'kept') {
    events.push({ type: 'refresh_token.kept', ...factsOf(family) })
    return accept(family.lastUsedAt === usedAt ? family : { ...family, lastUsedAt: usedAt }, verdict, events)
  }
  const next = nextGeneration(family, command, usedAt)
  if (isKeyRepeated(family, command)) events.push({ type: 'refresh_token.attempt_key_repeated', ...factsOf(next) })
  events.push(rotatedEvent(next, command))
  return accept(next, verdict, events)
}

function nextGeneration(family: RefreshTokenFamily, command: Rotate, usedAt: NumericDate): RefreshTokenFamily {
  // A key that was used for the token before proves nothing about this one: it counts as none. After a step-up no
  // answer is given twice, so there a key has nothing to prove.
  const hasKey = command.elevate === undefined && !isKeyRepeated(family, command)
  const client = hasKey ? command.attempt.client : undefined
  return {
    ...family,
    generation: family.generation + 1,
    rotatedAt: usedAt,
    lastUsedAt: usedAt,
    previousAttempt: family.attempt,
    attempt: client?.hash ?? command.attempt.call,
    attemptBy: client === undefined ? 'call' : 'client',
    successorUsed: false,
    predecessorClosed: command.elevate !== undefined,
    secretId: command.secretIds[0] ?? family.secretId,
    authentication: command.elevate ?? family.authentication,
  }
}

function replayed(family: RefreshTokenFamily, command: Rotate, age: number, now: NumericDate): RefreshDecision {
  const { state, events } = end(family, 'replay', command.attempt.call, now)
  return refuse(state, command, 'refresh_token/replayed', [replayEvent(family, command, age), ...events])
}

function answerTombstone(family: RefreshTokenFamily, command: Rotate, now: NumericDate): RefreshDecision {
  if (family.revokedBy !== command.attempt.call) return refuse(family, command, 'refresh_token/revoked')
  // Our own write, answered by a driver that had sent it twice: told as it would have been the first time.
  const ended: RefreshTokenEvent = {
    type: 'refresh_token.revoked',
    ...factsOf(family),
    cause: family.cause ?? 'replay',
  }
  if (family.cause !== 'replay') return refuse(family, command, 'refresh_token/revoked', [ended])
  const age = Math.max(0, now - family.rotatedAt)
  return refuse(family, command, 'refresh_token/replayed', [replayEvent(family, command, age), ended])
}

function revoke(family: RefreshTokenFamily, { cause, call }: Revoke, now: NumericDate): RefreshDecision {
  if (family.status === 'active') {
    const { state, events } = end(family, cause, call, now)
    return accept(state, 'revoked', events)
  }
  // Again our own write.
  if (call === undefined || family.revokedBy !== call) return accept(family, 'unchanged')
  return accept(family, 'revoked', [{ type: 'refresh_token.revoked', ...factsOf(family), cause }])
}

/**
 * The family as it must have been when the store has lost writes: the MAC proves that we issued the presented token.
 *
 * Nobody knows whether the lost rotation closed its predecessor, so the predecessor is closed.
 * @returns The family itself where the token is not ahead; `undefined` where it may not be adopted.
 */
function adopt(
  family: RefreshTokenFamily,
  command: Rotate,
  policy: ResolvedRefreshPolicy,
): RefreshTokenFamily | undefined {
  const lost = command.generation - family.generation
  if (lost <= 0) return family
  if (command.log !== 'clear' || lost > policy.aheadGenerationsMax) return undefined
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

function refuseAhead(family: RefreshTokenFamily, command: Rotate): RefreshDecision {
  return {
    outcome: 'refused',
    reason: 'refresh_token/ahead',
    state: family,
    events: [aheadEvent(family, command, false)],
  }
}

function end(
  family: RefreshTokenFamily,
  cause: RevocationCause,
  call: string | undefined,
  now: NumericDate,
): { readonly state: RefreshTokenFamily; readonly events: readonly RefreshTokenEvent[] } {
  const ended = { status: 'revoked', revokedAt: now, revokedBy: call, cause, announced: false } as const
  return { state: { ...family, ...ended }, events: [{ type: 'refresh_token.revoked', ...factsOf(family), cause }] }
}

function accept(
  state: RefreshTokenFamily,
  verdict: RefreshVerdict,
  events: readonly RefreshTokenEvent[] = [],
): RefreshDecision {
  return { outcome: 'accepted', verdict, state, events }
}

function refuse(
  state: RefreshTokenFamily,
  command: Rotate,
  reason: RefreshRefusal,
  events?: readonly RefreshTokenEvent[],
): RefreshDecision {
  const told = events ?? [refusedEvent(state, command, reason)]
  return { outcome: 'refused', reason, state, events: told }
}

const FIRST_GENERATION = 1
