// A sealed session as the bytes that are encrypted: versioned JSON with short names, because a cookie holds little.
import type { NumericDate } from '@tallystick/core'
import type { Authentication, SessionId } from '@tallystick/session'
import * as z from 'zod/mini'
import type { SealedState } from './sealed-law.ts'

/**
 * Writes a session as the bytes that are encrypted.
 */
export function encodeSealed(state: SealedState): Uint8Array {
  const { authentication, elevation } = state
  const record = {
    v: RECORD_VERSION,
    sid: state.sessionId,
    sub: state.subject,
    epoch: state.epoch,
    iat: state.establishedAt,
    used: state.lastPresentedAt,
    idle: state.idleExpiresAt,
    exp: state.absoluteExpiresAt,
    auth: authentication && claimsOf(authentication),
    step: elevation && { ...claimsOf(elevation), exp: elevation.expiresAt },
    data: state.data,
  }
  return new TextEncoder().encode(JSON.stringify(record))
}

/** Reads what was decrypted; `undefined` where it is no session of a version that this release knows. */
export function decodeSealed(payload: Uint8Array): SealedState | undefined {
  const read = z.safeParse(recordSchema, parse(payload))
  if (!read.success) return undefined
  const { sid, sub, epoch, iat, used, idle, exp, auth, step, data } = read.data
  return {
    sessionId: sid,
    subject: sub,
    epoch,
    establishedAt: iat,
    lastPresentedAt: used,
    idleExpiresAt: idle,
    absoluteExpiresAt: exp,
    authentication: auth && authenticationOf(auth),
    elevation: step && { ...authenticationOf(step), expiresAt: step.exp },
    data,
  }
}

interface AuthenticationClaims {
  readonly amr: readonly string[]
  readonly acr?: string | undefined
  readonly auth_time: NumericDate
}

function claimsOf({ methods, acr, authenticatedAt }: Authentication): AuthenticationClaims {
  return { amr: methods, acr, auth_time: authenticatedAt }
}

function authenticationOf({ amr, acr, auth_time: authenticatedAt }: AuthenticationClaims): Authentication {
  return acr === undefined ? { methods: amr, authenticatedAt } : { methods: amr, acr, authenticatedAt }
}

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
  } catch {
    return undefined
  }
}

const RECORD_VERSION = 1
const SECONDS_MAX = 100_000_000_000
const time = z.int().check(z.gte(0), z.lte(SECONDS_MAX)) as unknown as z.ZodMiniType<NumericDate>
const claims = { amr: z.array(z.string()), acr: z.optional(z.string()), auth_time: time }
const recordSchema = z.strictObject({
  v: z.literal(RECORD_VERSION),
  sid: z.string().check(z.regex(/^[A-Za-z0-9_-]{22}$/)) as unknown as z.ZodMiniType<SessionId>,
  sub: z.string().check(z.minLength(1), z.maxLength(256)),
  epoch: z.int().check(z.gte(0)),
  iat: time,
  used: time,
  idle: z.optional(time),
  exp: time,
  auth: z.optional(z.strictObject(claims)),
  step: z.optional(z.strictObject({ ...claims, exp: time })),
  data: z.unknown(),
})
