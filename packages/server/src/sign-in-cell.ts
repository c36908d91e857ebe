// Where a sign-in lies in the record store: one record, with one line of text for each machine that has a state there.
import { type NumericDate, numericDate, plusSeconds } from '@tallystick/core'
import {
  decodeRecord as decodeFamily,
  encodeRecord as encodeFamily,
  expiresAt as familyExpiresAt,
  type RefreshTokenFamily,
  type ResolvedRefreshPolicy,
} from '@tallystick/refresh-token'
import {
  decodeRecord as decodeSession,
  encodeRecord as encodeSession,
  expiresAt as sessionExpiresAt,
  type ResolvedSessionPolicy,
  type Session,
} from '@tallystick/session'
import type { Cell, Place } from './commit.ts'

/** What stands in the record of one sign-in: a family, a session, or both where they were begun together. */
export interface SignIn {
  readonly family?: RefreshTokenFamily | undefined
  readonly session?: Session | undefined
}

/** What the records of sign-ins stand on; the server's context has it. */
export interface SignInGround extends Pick<Place<SignIn>, 'records' | 'clock'> {
  readonly policy: ResolvedRefreshPolicy
  readonly sessionPolicy: ResolvedSessionPolicy
  /** The cell under the server's own policy, made once: every request needs it. */
  readonly signInCell: Cell<SignIn>
}

/** The key of a sign-in's record. */
export function signInKey(id: string): string {
  return PREFIX + id
}

/** The id of the sign-in whose record stands under a key, where the key is one. */
export function signInIdOf(key: string): string | undefined {
  return key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined
}

/** Whether a text can be the id of a sign-in: 16 bytes as base64url. */
export function isSignInId(text: string): boolean {
  return /^[A-Za-z0-9_-]{22}$/.test(text)
}

/**
 * The cell of sign-ins under the policies of their machines.
 *
 * @param decode - Reads a text; a reader that remembers reads a session faster.
 */
export function signInCell(
  policy: ResolvedRefreshPolicy,
  sessionPolicy: ResolvedSessionPolicy,
  decode: Cell<SignIn>['decode'] = decodeSignIn,
): Cell<SignIn> {
  return {
    decode,
    encode: encodeSignIn,
    columns: ({ family, session }) => ({
      subject: family?.subject ?? session?.subject,
      // A sweep finds it until its revocation stands in the log.
      pending: isUnannounced(family) || isUnannounced(session),
    }),
    // The store's clock may run ahead of ours; the machines check time themselves.
    expiresAt: ({ family, session }) => {
      if (session === undefined) return familyEnd(family, policy)
      const sessionEnd = plusSeconds(sessionExpiresAt(session, sessionPolicy), sessionPolicy.clockToleranceSeconds)
      if (family === undefined) return sessionEnd
      // Who writes for the session does not know how long the family's client lets it idle.
      return later(sessionEnd, plusSeconds(family.absoluteExpiresAt, policy.clockToleranceSeconds))
    },
  }
}

/**
 * Where a sign-in lies.
 *
 * @param policy - That of the family's client; the server's own where left out.
 */
export function signInPlace(
  ground: SignInGround,
  id: string,
  policy: ResolvedRefreshPolicy = ground.policy,
): Place<SignIn> {
  const { records, clock, sessionPolicy, signInCell: own } = ground
  const cell = policy === ground.policy ? own : signInCell(policy, sessionPolicy, (text, key) => own.decode(text, key))
  return { records, clock, key: signInKey(id), cell }
}

/**
 * Reads a sign-in's record: the family's line, then the session's.
 *
 * @throws TokenError `ERR_STORAGE_CORRUPT` where a line is no record of its machine.
 */
export function decodeSignIn(text: string): SignIn {
  const end = text.indexOf(LINE_END)
  if (end < 0) return { family: decodeFamily(text) }
  const session = decodeSession(text.slice(end + 1))
  return end === 0 ? { session } : { family: decodeFamily(text.slice(0, end)), session }
}

/** JSON text has no line end of its own, so that the first one ends the family's line, which may be empty. */
function encodeSignIn({ family, session }: SignIn): string {
  const line = family === undefined ? '' : encodeFamily(family)
  return session === undefined ? line : line + LINE_END + encodeSession(session)
}

function isUnannounced(state: RefreshTokenFamily | Session | undefined): boolean {
  return state?.status === 'revoked' && !state.announced
}

function familyEnd(family: RefreshTokenFamily | undefined, policy: ResolvedRefreshPolicy): NumericDate {
  if (family === undefined) return numericDate(0)
  return plusSeconds(familyExpiresAt(family, policy), policy.clockToleranceSeconds)
}

function later(one: NumericDate, other: NumericDate): NumericDate {
  return one > other ? one : other
}

const PREFIX = 'sign-in:'
const LINE_END = '\n'
