// A user who proves himself again: a step-up for a bounded time, or a re-authentication from the start.
import { plusSeconds, type Result } from '@tallystick/core'
import type { SessionRefusal } from '@tallystick/session'
import {
  formatCredential,
  formatSecret,
  hashSecret,
  parseCredential,
  SECRET_BYTES,
} from '@tallystick/session/credential'
import type { ServerContext } from './context.ts'
import { checkAuthentication, type GivenAuthentication } from './grant-input.ts'
import { keepData } from './session-data.ts'
import { keepSeats } from './session-limit.ts'
import type { UseOptions } from './session-present.ts'
import { drawCall, peekSession, useSession } from './session-use.ts'
import { publicSession, type PublicSession } from './session-view.ts'

/** What a new authentication answers: the credential to store in the place of the one presented, which is closed. */
export type AuthenticateResult = Result<
  { readonly credential: string; readonly session: PublicSession },
  SessionRefusal
>

/** Counts a further authentication of the session's user for a bounded time. */
export function elevate(
  context: ServerContext,
  credential: string,
  authentication: GivenAuthentication,
  options: UseOptions = {},
): Promise<AuthenticateResult> {
  return authenticate(context, { type: 'elevate', credential, authentication, options })
}

/** Puts a new authentication in the place of the first: both time-outs begin anew, also after the idle one has passed. */
export async function reauthenticate(
  context: ServerContext,
  credential: string,
  authentication: GivenAuthentication,
  options: UseOptions = {},
): Promise<AuthenticateResult> {
  const checked = checkAuthentication('reauthenticate', authentication, context.clock())
  await keepLonger(context, credential)
  return authenticate(context, { type: 'reauthenticate', credential, authentication: checked, options })
}

/**
 * Lets the records that hang on a session last as long as the session will once it is re-authenticated.
 *
 * Before it is: a process that dies in between leaves them longer than needed, and never a session without them.
 */
async function keepLonger(context: ServerContext, credential: string): Promise<void> {
  const session = await peekSession(context, credential)
  if (session === undefined) return
  const absoluteExpiresAt = plusSeconds(context.clock(), context.sessionPolicy.absoluteTimeoutSeconds)
  await keepData(context, { ...session, absoluteExpiresAt })
  await keepSeats(context, session.subject, absoluteExpiresAt)
}

interface Authentication {
  readonly type: 'elevate' | 'reauthenticate'
  readonly credential: string
  readonly authentication: GivenAuthentication
  readonly options: UseOptions
}

async function authenticate(
  context: ServerContext,
  { type, credential, authentication: given, options }: Authentication,
): Promise<AuthenticateResult> {
  const authentication = checkAuthentication(type, given, context.clock())
  const parsed = parseCredential(credential)
  const secret = formatSecret(context.entropy.bytes(SECRET_BYTES), parsed?.secret)
  const nextHash = parsed === undefined ? '' : hashSecret(secret)
  const call = drawCall(context)
  const used = await useSession(
    context,
    credential,
    (proof) => ({ type, proof, authentication, nextHash, call }),
    options.context,
  )
  if (!used.ok) return used
  const { session, now } = used
  return {
    ok: true,
    credential: formatCredential(session.sessionId, secret),
    session: publicSession(session, now, context.sessionPolicy),
  }
}
