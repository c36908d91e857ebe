// Sealed sessions: a session that stands whole in the browser's cookie, and that no server remembers.
import type { Refusal } from '@tallystick/core'
import { readOptions } from '@tallystick/core/options'
import { type AuthenticationRequirement, sessionMeets } from '@tallystick/session/assurance'
import { refuseStepUp } from '@tallystick/session/challenge'
import { formatSessionId, SESSION_ID_BYTES } from '@tallystick/session/credential'
import * as z from 'zod/mini'
import { checkAuthentication, checkSubject, type GivenAuthentication } from './grant-input.ts'
import { jsonOf } from './json-data.ts'
import { beginSealed, elevateSealed, isTouchDue, reauthenticateSealed, touchSealed } from './sealed-law.ts'
import { resolveSealedOptions, type SealedContext, type SealedSessionsOptions } from './sealed-options.ts'
import type { SealedRefusal } from './sealed-refusals.ts'
import { type SealResult, useSealed, viewSealed, writeSealed } from './sealed-use.ts'
import type { PublicSession } from './session-view.ts'

/** What a session is sealed from. */
export interface SealGrant {
  /** Who signed in: 1 to 256 characters. */
  readonly subject: string
  /** How and when he was authenticated. */
  readonly authentication?: GivenAuthentication | undefined
  /** The application's own, as JSON can hold it; they share the cookie's 4096 bytes. */
  readonly data?: unknown
  /** A whole number that `isRevoked` is told, for a cut-off that counts; default when the session begins. */
  readonly epoch?: number | undefined
}

/** What a session must be good for. */
export interface OpenOptions {
  /** How the user must have been authenticated. */
  readonly requirement?: AuthenticationRequirement | undefined
}

/** A session that was opened. */
export interface OpenedSession {
  readonly ok: true
  /** The session as the application may show it. */
  readonly session: PublicSession
  /** The application's own data. */
  readonly data: unknown
  /** Only where another value is to be stored in the cookie: the idle end moved, or an old key had sealed the session. */
  readonly credential?: string | undefined
}

/** Makes of a session's data what they shall be. */
export type ChangeSealed = (data: unknown) => unknown

/**
 * Sessions that no server remembers: each stands whole, encrypted, in the cookie of its browser.
 *
 * **No value that was ever given out can be taken back** before it ends by time, but through `isRevoked`. A refusal is a
 * returned value; a failure is thrown as `TokenError` and never means that somebody is signed out.
 */
export interface SealedSessions {
  /** Seals a session for a user who has just signed in, with an id of its own. */
  seal(grant: SealGrant): Promise<SealResult>
  /** Opens what came in the cookie: is there a session, whose, and with which data? */
  open(credential: string, options?: OpenOptions): Promise<OpenedSession | Refusal<SealedRefusal>>
  /**
   * Changes the data. The value before it still opens with the data of before, and of two at once the browser keeps the
   * answer that comes last. What `change` throws is thrown.
   */
  update(credential: string, change: ChangeSealed): Promise<SealResult | Refusal<SealedRefusal>>
  /** Counts a further authentication (step-up) for a bounded time. */
  elevate(credential: string, authentication: GivenAuthentication): Promise<SealResult | Refusal<SealedRefusal>>
  /** Puts a new authentication in the place of the first: both time-outs begin anew, also after the idle one has passed. */
  reauthenticate(credential: string, authentication: GivenAuthentication): Promise<SealResult | Refusal<SealedRefusal>>
}

/**
 * Makes sealed sessions. Where a store can be reached, prefer `createTokenServer`, whose sessions end when they are ended.
 *
 * @throws TypeError or RangeError naming the field, what was given (never a key) and what is allowed.
 * @see {@link https://www.rfc-editor.org/rfc/rfc10017.html#section-6.1.3 RFC 10017 §6.1.3}
 */
export function createSealedSessions(options: SealedSessionsOptions): SealedSessions {
  const context = resolveSealedOptions(options)
  return Object.freeze({
    seal: (grant: SealGrant) => seal(context, grant),
    open: (credential: string, given?: OpenOptions) => open(context, credential, given),
    update: (credential: string, change: ChangeSealed) => update(context, credential, change),
    elevate: (credential: string, authentication: GivenAuthentication) =>
      authenticate(context, 'elevate', credential, authentication),
    reauthenticate: (credential: string, authentication: GivenAuthentication) =>
      authenticate(context, 'reauthenticate', credential, authentication),
  })
}

async function seal(context: SealedContext, grant: SealGrant): Promise<SealResult> {
  readOptions(grantSchema, grant, 'seal', ['data'])
  const { subject, authentication, data, epoch } = grant
  const now = context.clock()
  checkSubject('seal', subject)
  const beginning = {
    sessionId: formatSessionId(context.entropy.bytes(SESSION_ID_BYTES)),
    subject,
    epoch,
    authentication: authentication === undefined ? undefined : checkAuthentication('seal', authentication, now),
    data: JSON.parse(jsonOf('seal', data)),
  }
  return writeSealed(context, beginSealed(beginning, now, context.policy), now)
}

async function open(
  context: SealedContext,
  text: string,
  { requirement }: OpenOptions = {},
): Promise<OpenedSession | Refusal<SealedRefusal>> {
  const used = await useSealed(context, text)
  if (!used.ok) return used
  const { state, at, isOldKey } = used
  const { policy } = context
  if (requirement !== undefined && !sessionMeets(state, requirement, at, policy.clockToleranceSeconds)) {
    return refuseStepUp(requirement)
  }
  const opened = { ok: true as const, session: viewSealed(context, state, at), data: state.data }
  if (!isOldKey && !isTouchDue(state, at, policy)) return opened
  const written = await writeSealed(context, touchSealed(state, at, policy), at)
  // Only under a key with a longer id can it have become too large: the value that was presented is good still.
  return written.ok ? written : opened
}

async function update(
  context: SealedContext,
  text: string,
  change: ChangeSealed,
): Promise<SealResult | Refusal<SealedRefusal>> {
  const used = await useSealed(context, text)
  if (!used.ok) return used
  const data = JSON.parse(jsonOf('update', await change(used.state.data)))
  return writeSealed(context, touchSealed({ ...used.state, data }, used.at, context.policy), used.at)
}

async function authenticate(
  context: SealedContext,
  verb: 'elevate' | 'reauthenticate',
  text: string,
  given: GivenAuthentication,
): Promise<SealResult | Refusal<SealedRefusal>> {
  const authentication = checkAuthentication(verb, given, context.clock())
  const used = await useSealed(context, text, verb)
  if (!used.ok) return used
  const { state, at } = used
  return writeSealed(context, LAW[verb](state, authentication, at, context.policy), at)
}

const LAW = { elevate: elevateSealed, reauthenticate: reauthenticateSealed } as const
const EPOCH = 'must be a whole number from 0'
const grantSchema = z.strictObject(
  {
    subject: z.unknown(),
    authentication: z.optional(z.unknown()),
    data: z.optional(z.unknown()),
    epoch: z.optional(z.int(EPOCH).check(z.gte(0, EPOCH))),
  },
  'must be an object with fields of SealGrant only',
)
