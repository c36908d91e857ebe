// A key plan as stored text, versioned; what cannot be read is a failure, never a guess.
import { type NumericDate, TokenError } from '@tallystick/core'
import { readRecord } from '@tallystick/core/records'
import * as z from 'zod/mini'
import { isAlgorithm, type JwtAlgorithm } from './algorithms.ts'
import type { KeyPlan } from './schedule-plan.ts'

/** Writes a plan as the text that is stored: JSON with `v: 1`, without any key material. */
export function encodeKeyPlan({ version, changedAt, keys }: KeyPlan): string {
  return JSON.stringify({ v: RECORD_VERSION, version, changedAt, keys })
}

/**
 * Reads a stored plan.
 *
 * @throws TokenError `ERR_STORAGE_CORRUPT` where the text is not a plan of a version this release knows: a time that
 * comes before another it must follow, an id that stands twice.
 */
export function decodeKeyPlan(text: string): KeyPlan {
  const { v: _, ...plan } = readRecord(recordSchema, text, 'key plan')
  const ids = new Set(plan.keys.map(({ keyId }) => keyId))
  const isOrdered = plan.keys.every(
    ({ announcedAt, signsFrom, signsUntil = Infinity }) => announcedAt <= signsFrom && signsFrom < signsUntil,
  )
  if (ids.size === plan.keys.length && isOrdered) return plan
  throw new TokenError('ERR_STORAGE_CORRUPT', 'a stored key plan contradicts itself')
}

const RECORD_VERSION = 1
// What the rules can count with; anything beyond could not have been written by them.
const SECONDS_MAX = 100_000_000_000
const time = z.int().check(z.gte(0), z.lte(SECONDS_MAX)) as unknown as z.ZodMiniType<NumericDate>

const recordSchema = z.strictObject({
  v: z.literal(RECORD_VERSION),
  version: z.int().check(z.gte(0)),
  changedAt: time,
  keys: z
    .array(
      z.strictObject({
        keyId: z.string().check(z.minLength(1), z.maxLength(256)),
        algorithm: z.custom<JwtAlgorithm>(isAlgorithm),
        announcedAt: time,
        signsFrom: time,
        signsUntil: z.optional(time),
        retentionSeconds: z.int().check(z.gte(1), z.lte(SECONDS_MAX)),
        expiresAt: z.optional(time),
        dropped: z.optional(z.strictObject({ at: time, cause: z.enum(['compromised', 'withdrawn']) })),
      }),
    )
    .check(z.maxLength(64)),
})
