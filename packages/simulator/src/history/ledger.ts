// What a history has promised so far, and every promise that was broken.
import { isTokenError } from '@tallystick/core'
import type { RefreshResult } from '@tallystick/server'
import { nameOf } from '../outcome.ts'

/** Keeps count of outcomes, and of what must never be seen again. */
export interface Ledger {
  /** How often each outcome was reached. */
  readonly outcomes: ReadonlyMap<string, number>
  /** Every answer, in order: the verdict or the reason. */
  readonly answers: readonly string[]
  /** What went wrong, in the order it happened. */
  readonly violations: readonly string[]
  count(outcome: string): void
  violate(violation: string): void
  /** Takes in an answer to a presented token: it may name one successor, ever. */
  answer(presented: string, answer: RefreshResult): void
  /** Takes in what was thrown: a failure, and one of those that a working server may throw. */
  failure(thrown: unknown): void
}

/** Opens an empty ledger. */
export function openLedger(): Ledger {
  const outcomes = new Map<string, number>()
  const violations: string[] = []
  const answers: string[] = []
  const successors = new Map<string, string>()
  const count = (outcome: string): void => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  const violate = (violation: string): void => void violations.push(violation)
  return {
    outcomes,
    answers,
    violations,
    count,
    violate,
    answer(presented, answer) {
      count(nameOf(answer))
      answers.push(nameOf(answer))
      if (!answer.ok || answer.refreshToken === presented) return
      const known = successors.get(presented)
      if (known !== undefined && known !== answer.refreshToken) violate('one token was given two successors')
      successors.set(presented, answer.refreshToken)
      if (generationOf(answer.refreshToken) !== generationOf(presented) + 1) violate('a generation was left out')
    },
    failure(thrown) {
      if (!isTokenError(thrown)) return violate(`something else than a failure was thrown: ${String(thrown)}`)
      count(thrown.code)
      if (!FAILURES.has(thrown.code)) violate(`${thrown.code} is no failure that this world has`)
    },
  }
}

/** The generation that a refresh token says, whoever signed it. */
export function generationOf(token: string): number {
  return Buffer.from(token.slice('trt_'.length), 'base64url').readUInt32BE(GENERATION_OFFSET)
}

/** After version, secret id and handle. */
const GENERATION_OFFSET = 18
const FAILURES: ReadonlySet<string> = new Set([
  'ERR_STORAGE_UNAVAILABLE',
  'ERR_REVOCATION_LOG_UNAVAILABLE',
  'ERR_SUBJECT_REVOKED',
  'ERR_CLOCK',
])
