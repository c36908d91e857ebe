// Access tokens in both formats: a signed JWT (RFC 9068), or an opaque text whose claims lie in the store.
import { type Entropy, type NumericDate, plusSeconds, type Result } from '@tallystick/core'
import {
  type AccessTokenClaims,
  createIssuer,
  createVerifier,
  decode,
  type Issuer,
  type SigningKey,
  type Verifier,
} from '@tallystick/jwt'
import type { RecordStore } from '@tallystick/storage'
import type { ServerClaims } from './claims.ts'
import { createOpaqueTokens, isOpaqueToken } from './opaque-token.ts'
import { type AccessTokenRefusal, refuseAccess } from './refusals.ts'

/** What a read gives. */
export type ReadResult = Result<{ readonly claims: AccessTokenClaims }, AccessTokenRefusal>

/** Issues access tokens in the configured format, and reads either. */
export interface AccessTokenPort {
  readonly lifetimeSeconds: number
  /**
   * Issues a token.
   *
   * @param issuedAt - The `iat`.
   * @throws TokenError `ERR_SIGNING`, `ERR_STORAGE_UNAVAILABLE`.
   */
  issue(claims: ServerClaims, issuedAt: NumericDate): Promise<string>
  /**
   * Reads a token as a resource server would: signature or record, time, audience. Says nothing of revocation.
   *
   * @param audience - Who asks: one that the token must name; the server's own audiences where left out.
   */
  read(token: string, now: NumericDate, audience?: string): Promise<ReadResult>
  /** Reads a token whoever it is for. */
  readForAnyone(token: string, now: NumericDate): Promise<ReadResult>
}

/** What access tokens are made with. */
export interface AccessTokenOptions {
  readonly issuer: string
  readonly audience: readonly string[]
  readonly keys: readonly SigningKey[]
  readonly format: 'jwt' | 'opaque'
  readonly lifetimeSeconds: number
  readonly clockToleranceSeconds: number
  readonly records: RecordStore
  readonly entropy: Entropy
}

/** Prepares issuing and reading. */
export function createAccessTokens(options: AccessTokenOptions): AccessTokenPort {
  const { issuer, audience, entropy, lifetimeSeconds, format } = options
  const signed: Issuer = createIssuer({ issuer, audience, type: 'at+jwt', lifetimeSeconds, keys: options.keys })
  const verifierFor = createVerifiers(options)
  const opaque = createOpaqueTokens(options)
  const read = async (token: string, now: NumericDate, asked: readonly string[]): Promise<ReadResult> => {
    // Whom no token can name is named by none.
    if (!asked.some(isAudience)) return refuseAccess('access_token/wrong_audience')
    if (!isOpaqueToken(token)) return verifierFor(asked).verify(token, now)
    const result = await opaque.read(token, now)
    if (!result.ok || audiencesOf(result.claims).some((one) => asked.includes(one))) return result
    return refuseAccess('access_token/wrong_audience')
  }
  return {
    lifetimeSeconds,
    issue: (claims, issuedAt) =>
      format === 'jwt'
        ? signed.issue(claims, issuedAt, entropy)
        : opaque.issue({ ...claims, iss: issuer, iat: issuedAt }),
    read: (token, now, asked) => read(token, now, asked === undefined ? audience : [asked]),
    readForAnyone: async (token, now) => {
      if (isOpaqueToken(token)) return opaque.read(token, now)
      const result = await verifierFor(audience).verify(token, now)
      if (result.ok || result.reason !== 'jwt/wrong_audience') return result
      // The signature is ours: the audience that the token names is then no objection.
      const decoded = decode(token)
      return decoded.ok ? verifierFor(audiencesOf(decoded.claims)).verify(token, now) : decoded
    },
  }
}

/** Verifiers by audience; the few that are asked for again and again are kept. */
function createVerifiers(options: AccessTokenOptions): (audience: readonly string[]) => Verifier {
  const kept = new Map<string, Verifier>()
  const { issuer, keys, clockToleranceSeconds } = options
  const algorithms = [...new Set(keys.map((key) => key.algorithm))]
  return (audience) => {
    const name = JSON.stringify(audience)
    const known = kept.get(name)
    if (known !== undefined) return known
    // An audience that no token can have is still an answer, not a mistake of whoever sent the token.
    const asked = audience.filter(isAudience).slice(0, AUDIENCES_MAX)
    const verifier = createVerifier({
      issuer,
      audience: asked.length === 0 ? options.audience : asked,
      type: 'at+jwt',
      algorithms,
      keys,
      clockToleranceSeconds,
    })
    if (kept.size >= VERIFIERS_MAX) kept.delete(kept.keys().next().value ?? name)
    kept.set(name, verifier)
    return verifier
  }
}

function isAudience(text: string): boolean {
  return text !== '' && text.length <= AUDIENCE_CHARACTERS_MAX
}

function audiencesOf({ aud }: { readonly aud?: unknown }): readonly string[] {
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  return audiences.filter((one): one is string => typeof one === 'string')
}

/** When an access token ends: after its lifetime, or with its family if that is sooner. */
export function accessExpiry(issuedAt: NumericDate, lifetimeSeconds: number, familyEnd?: NumericDate): NumericDate {
  const end = plusSeconds(issuedAt, lifetimeSeconds)
  return familyEnd !== undefined && familyEnd < end ? familyEnd : end
}

const VERIFIERS_MAX = 64
const AUDIENCES_MAX = 64
const AUDIENCE_CHARACTERS_MAX = 1024
