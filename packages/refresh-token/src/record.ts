// A family as stored text, versioned; what cannot be read is a failure, never a guess.
import type { NumericDate } from '@tallystick/core'
import { readRecord } from '@tallystick/core/records'
import { $ZodObjectJIT } from 'zod/v4/core'
import * as z from 'zod/mini'
import type { FamilyId, RefreshTokenFamily } from './state.ts'

/** Writes a family as the text that is stored: JSON with `v: 1`. */
export function encodeRecord(family: RefreshTokenFamily): string {
  return JSON.stringify({ v: RECORD_VERSION, ...family })
}

/**
 * Reads a stored family.
 *
 * @throws TokenError `ERR_STORAGE_CORRUPT` where the text is not a family record of a version this release knows.
 */
export function decodeRecord(text: string): RefreshTokenFamily {
  const { v: _, ...family } = readRecord(recordSchema, text, 'refresh token family')
  return family
}

const RECORD_VERSION = 1
// What the rules can count with; anything beyond could not have been written by them.
const SECONDS_MAX = 100_000_000_000
const GENERATION_MAX = 4_294_967_295
const time = z.int().check(z.gte(0), z.lte(SECONDS_MAX)) as unknown as z.ZodMiniType<NumericDate>

const recordShape = z.strictObject({
  v: z.literal(RECORD_VERSION),
  familyId: z.string() as unknown as z.ZodMiniType<FamilyId>,
  subject: z.string(),
  clientId: z.string(),
  sessionId: z.optional(z.string()),
  scope: z.string(),
  resources: z.array(z.string()),
  binding: z.optional(z.strictObject({ type: z.enum(['dpop', 'mtls']), thumbprint: z.string() })),
  authentication: z.optional(
    z.strictObject({ methods: z.array(z.string()), acr: z.optional(z.string()), authenticatedAt: time }),
  ),
  claims: z.optional(z.record(z.string(), z.unknown())),
  generation: z.int().check(z.gte(1), z.lte(GENERATION_MAX)),
  rotatedAt: time,
  attempt: z.optional(z.string()),
  attemptBy: z.enum(['client', 'call']),
  previousAttempt: z.optional(z.string()),
  successorUsed: z.boolean(),
  predecessorClosed: z.boolean(),
  secretId: z.int().check(z.gte(0), z.lte(255)),
  issuedAt: time,
  lastUsedAt: time,
  absoluteExpiresAt: time,
  status: z.enum(['active', 'revoked']),
  revokedAt: z.optional(time),
  revokedBy: z.optional(z.string()),
  cause: z.optional(z.string()),
  announced: z.boolean(),
})

/** The same schema, compiled where the runtime allows it: a record is read at every refresh, and this is four times faster. */
const recordSchema = new $ZodObjectJIT(recordShape._zod.def) as unknown as typeof recordShape
