// A session as stored text, versioned; what cannot be read is a failure, never a guess.
import type { NumericDate } from '@tallystick/core'
import { readRecord } from '@tallystick/core/records'
import { $ZodObjectJIT } from 'zod/v4/core'
import * as z from 'zod/mini'
import type { Session, SessionId } from './state.ts'

/** Writes a session as the text that is stored: JSON with `v: 1`, on one line. */
export function encodeRecord(session: Session): string {
  return JSON.stringify({ v: RECORD_VERSION, ...session })
}

/**
 * Reads a stored session.
 *
 * @throws TokenError `ERR_STORAGE_CORRUPT` where the text is not a session record of a version this release knows.
 */
export function decodeRecord(text: string): Session {
  const { v: _, ...session } = readRecord(recordSchema, text, 'session')
  return session
}

const RECORD_VERSION = 1
// What the rules can count with; anything beyond could not have been written by them.
const SECONDS_MAX = 100_000_000_000
const GENERATION_MAX = 4_294_967_295
const time = z.int().check(z.gte(0), z.lte(SECONDS_MAX)) as unknown as z.ZodMiniType<NumericDate>
const contextText = z.optional(z.string().check(z.maxLength(256)))
const authentication = { methods: z.array(z.string()), acr: z.optional(z.string()), authenticatedAt: time }

const recordShape = z.strictObject({
  v: z.literal(RECORD_VERSION),
  sessionId: z.string() as unknown as z.ZodMiniType<SessionId>,
  subject: z.string(),
  clientId: z.optional(z.string()),
  scope: z.optional(z.string()),
  lineageHash: z.string(),
  credentialHash: z.string(),
  previousHash: z.optional(z.string()),
  predecessorClosed: z.boolean(),
  generation: z.int().check(z.gte(1), z.lte(GENERATION_MAX)),
  renewedAt: time,
  renewedBy: z.optional(z.string()),
  secretId: z.optional(z.int().check(z.gte(0), z.lte(255))),
  usedAt: z.optional(time),
  authentication: z.optional(z.strictObject(authentication)),
  elevation: z.optional(z.strictObject({ ...authentication, expiresAt: time })),
  context: z.optional(z.strictObject({ networkPrefix: contextText, userAgent: contextText, place: contextText })),
  establishedAt: time,
  lastPresentedAt: time,
  absoluteExpiresAt: time,
  upstreamExpiresAt: z.optional(time),
  status: z.enum(['active', 'revoked']),
  revokedAt: z.optional(time),
  revokedBy: z.optional(z.string()),
  cause: z.optional(z.string()),
  announced: z.boolean(),
})

/** The same schema, compiled where the runtime allows it: a record is read at every request. */
const recordSchema = new $ZodObjectJIT(recordShape._zod.def) as unknown as typeof recordShape
