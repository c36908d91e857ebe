// Opaque access tokens: 32 random bytes as text; the claims lie in the store under a hash of it, until they expire.
import { type Entropy, type NumericDate, numericDate, plusSeconds, type Result, TokenError } from '@tallystick/core'
import { encodeBase64url } from '@tallystick/core/base64url'
import { readRecord } from '@tallystick/core/records'
import type { AccessTokenClaims } from '@tallystick/jwt'
import type { RecordStore } from '@tallystick/storage'
import * as z from 'zod/mini'
import { type Cell, commitNew, readProven } from './commit.ts'
import { hashedKey } from './hashed-key.ts'
import { type AccessTokenRefusal, refuseAccess } from './refusals.ts'

/** Issues and reads opaque access tokens. */
export interface OpaqueTokens {
  issue(claims: AccessTokenClaims): Promise<string>
  read(token: string, now: NumericDate): Promise<Result<{ readonly claims: AccessTokenClaims }, AccessTokenRefusal>>
}

/** Whether a text has the form of an opaque access token: `tat_` and 43 characters without spare bits. */
export function isOpaqueToken(token: string): boolean {
  return OPAQUE_SHAPE.test(token)
}

/** Prepares opaque tokens over a store. */
export function createOpaqueTokens(options: {
  readonly issuer: string
  readonly records: RecordStore
  readonly entropy: Entropy
  readonly clockToleranceSeconds: number
}): OpaqueTokens {
  const { issuer, records, entropy, clockToleranceSeconds } = options
  const cell: Cell<AccessTokenClaims> = {
    decode: (text) => readRecord(opaqueSchema, text, 'opaque access token').claims as unknown as AccessTokenClaims,
    encode: (claims) => JSON.stringify({ v: RECORD_VERSION, claims }),
    columns: () => ({}),
    expiresAt: ({ exp }) => plusSeconds(numericDate(exp), clockToleranceSeconds),
  }
  return {
    async issue(claims) {
      const token = PREFIX + encodeBase64url(entropy.bytes(TOKEN_BYTES))
      if (await commitNew({ records, key: hashedKey('opaque', token), cell }, claims)) return token
      throw new TokenError('ERR_STORAGE_CONTENDED', 'a random value came twice: the entropy source is broken')
    },
    async read(token, now) {
      const key = hashedKey('opaque', token)
      const found = await readProven(records, key)
      if (found === undefined) return refuseAccess('access_token/unknown')
      const claims = cell.decode(found.text, key)
      // Several issuers may share a store (RFC 9068 §4: the issuer must be the expected one).
      if (claims.iss !== issuer) return refuseAccess('access_token/unknown')
      // RFC 7519 §4.1.4: "on or after which the JWT MUST NOT be accepted"; one clock, so no tolerance.
      if (claims.exp <= (found.storeTime ?? now)) return refuseAccess('access_token/expired')
      return { ok: true, claims }
    },
  }
}

const PREFIX = 'tat_'
const TOKEN_BYTES = 32
const OPAQUE_SHAPE = /^tat_[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/
const RECORD_VERSION = 1
const opaqueSchema = z.strictObject({
  v: z.literal(RECORD_VERSION),
  claims: z.looseObject({
    sub: z.string(),
    client_id: z.string(),
    jti: z.string(),
    exp: z.int().check(z.gte(0)),
    iat: z.int().check(z.gte(0)),
  }),
})
