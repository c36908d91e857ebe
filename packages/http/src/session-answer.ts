// What the session handlers answer with: a result whose both branches can be sent, and that prints without its secrets.
import type { OAuthError, Refusal } from '@tallystick/core'
import { type Cookie, setCookie } from '@tallystick/cookie'
import type { SessionRefusal } from '@tallystick/session'
import { type Answer, createAnswer, refusalAnswer } from './answer.ts'
import { type Endpoint, refusedEvent } from './event.ts'
import type { HandlerContext } from './session-options.ts'
import type { Admitted, AdmissionRefusal } from './session-request.ts'
import type { PublicSession } from '@tallystick/server'

/** A result that can be sent as it is: the value or the refusal, each with its answer. */
export type Answered<Value extends object, Reason extends string> =
  | ({ readonly ok: true } & Value & Answer)
  | (Refusal<Reason> & Answer)

/** Why a request to a session handler is refused. */
export type SessionHandlerRefusal = AdmissionRefusal | SessionRefusal

/** A session that a request proved, with the credential for further calls of `server.sessions`. */
export interface HandledSession {
  /** The session as the application may show it. */
  readonly session: PublicSession
  /**
   * The session's current credential. It is not enumerable, so that neither `JSON.stringify` nor a logger shows it:
   * destructure it by its name.
   */
  readonly credential: string
}

/** A value with its answer; `hidden` members are there but do not print. */
export function answered<Value extends object, Hidden extends object>(
  value: Value,
  hidden: Hidden,
  parts: {
    readonly status?: number
    readonly cookies?: readonly Cookie[]
    readonly headers?: Readonly<Record<string, string>>
    readonly json?: object | undefined
  },
): { readonly ok: true } & Value & Hidden & Answer {
  const { status = 200, headers, json } = parts
  const { cookies, ...answer } = createAnswer({ status, cookies: parts.cookies, headers, json })
  const result = { ok: true as const, ...value, ...answer }
  // A cookie's value is the credential once more.
  for (const [name, member] of Object.entries({ cookies, ...hidden }))
    Object.defineProperty(result, name, { value: member })
  // Whoever hands the whole result to a framework's `json` sends what the page may know.
  Object.defineProperty(result, 'toJSON', { value: () => json ?? {} })
  return Object.freeze(result) as { readonly ok: true } & Value & Hidden & Answer
}

/** A refusal with its answer, told to whoever listens. No refusal sets or clears a cookie. */
export function refused<Reason extends string>(
  context: HandlerContext,
  endpoint: Endpoint,
  { reason, error }: { readonly reason: Reason; readonly error: OAuthError },
): Refusal<Reason> & Answer {
  context.bus.emit([refusedEvent(endpoint, reason)], context.clock(), context.entropy)
  const result = { ok: false as const, reason, error, ...refusalAnswer(error) }
  Object.defineProperty(result, 'toJSON', {
    value: () => ({ error: error.code, error_description: error.description }),
  })
  return Object.freeze(result)
}

/**
 * The cookies by which the browser learns of a credential.
 *
 * None where it presented that very credential: an answer that is late must not put an old cookie over a newer one. Only
 * a cookie of an earlier release is moved to its new name.
 */
export function cookiesFor(
  { definition }: HandlerContext,
  { cookieRequest, reading, now, cookies }: Admitted,
  credential: string,
): { readonly ok: true; readonly cookies: readonly Cookie[] } | Extract<ReturnType<typeof setCookie>, { ok: false }> {
  if (credential === reading.value) return { ok: true, cookies: [...reading.cookies, ...cookies] }
  const plan = setCookie(definition, credential, cookieRequest, now)
  return plan.ok ? { ok: true, cookies: [...plan.cookies, ...cookies] } : plan
}

/** What a page may know of its session: no token, no credential, no id. */
export function pageView({ subject, expiresAt, idleExpiresAt, authentication, isElevated }: PublicSession): object {
  return { subject, expiresAt, idleExpiresAt, authentication, isElevated }
}
