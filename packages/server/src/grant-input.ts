// What a caller may say at issue and at step-up, checked at the boundary before anything is stored.
import { type NumericDate, numericDate } from '@tallystick/core'
import { mistake, readOptions } from '@tallystick/core/options'
import type { Authentication, TokenBinding } from '@tallystick/refresh-token'
import * as z from 'zod/mini'
import { reservedClaim } from './claims.ts'
import type { RequestContext } from './event.ts'

/** How the user was authenticated; `authenticatedAt` is now where left out. */
export interface GivenAuthentication {
  /** Authentication method references (RFC 8176), case-sensitive. */
  readonly methods: readonly string[]
  /** Authentication context class. */
  readonly acr?: string | undefined
  /** When it happened, in whole seconds since the epoch. */
  readonly authenticatedAt?: number | undefined
}

/** What to issue. */
export interface IssueRequest {
  /** Who the tokens speak for: 1 to 256 characters. */
  readonly subject: string
  /** The client they are for; the server's own `clientId` where left out. */
  readonly clientId?: string | undefined
  /** Space-separated (RFC 6749 §3.3). */
  readonly scope?: string | undefined
  /** The resource servers; the server's own `audience` where left out. */
  readonly audience?: string | readonly string[] | undefined
  /** How and when the user was authenticated. */
  readonly authentication?: GivenAuthentication | undefined
  /** Binds the tokens to a key whose proof was verified. */
  readonly binding?: TokenBinding | undefined
  /** The session they belong to: 1 to 64 of `A-Za-z0-9_-`. */
  readonly sessionId?: string | undefined
  /** Further claims for every access token of the family: at most 1 KiB as JSON, none with a registered name. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
  /** Whether to issue a refresh token; default true. */
  readonly refreshToken?: boolean | undefined
  /** Where the request came from, for events and the risk hook. */
  readonly context?: RequestContext | undefined
}

/**
 * Checks a request to issue.
 *
 * @throws TypeError or RangeError naming the field and what is allowed.
 */
export function checkIssueRequest(
  owner: 'issue' | 'establish' | 'issueAccessToken',
  request: IssueRequest,
): IssueRequest {
  readOptions(owner === 'issue' ? issueSchema : sessionSchema, request, owner)
  return request.claims === undefined
    ? request
    : { ...request, claims: checkClaims(owner, request.claims, CLAIMS_BYTES_MAX) }
}

/**
 * Checks an application's claims and gives what JSON makes of them: that is what is stored and signed.
 *
 * @throws TypeError or RangeError where they are no object, too many, too deep, or have the name of a registered claim.
 */
export function checkClaims(
  owner: string,
  given: Readonly<Record<string, unknown>>,
  bytesMax: number,
): Readonly<Record<string, unknown>> {
  const text: string | undefined = JSON.stringify(given)
  const claims: unknown = text === undefined ? undefined : JSON.parse(text)
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) {
    throw mistake(owner, 'claims', 'must be an object', given)
  }
  const bytes = new TextEncoder().encode(text).length
  if (bytes > bytesMax) throw mistake(owner, 'claims', `must be at most ${bytesMax} bytes as JSON`, bytes)
  if (depthOf(claims) > CLAIMS_DEPTH_MAX) {
    throw mistake(owner, 'claims', `must be at most ${CLAIMS_DEPTH_MAX} levels deep`, given)
  }
  const reserved = reservedClaim(claims as Readonly<Record<string, unknown>>)
  if (reserved !== undefined) {
    throw mistake(owner, `claims.${reserved}`, 'must not have the name of a registered claim', given[reserved])
  }
  return claims as Readonly<Record<string, unknown>>
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Object.values(value).reduce<number>((deepest, inner) => Math.max(deepest, depthOf(inner)), 0)
}

/**
 * Checks an authentication and dates it.
 *
 * @throws TypeError or RangeError naming the field and what is allowed.
 */
export function checkAuthentication(
  owner: string,
  authentication: GivenAuthentication,
  now: NumericDate,
): Authentication {
  const { methods, acr, authenticatedAt } = readOptions(
    authenticationSchema,
    authentication,
    `${owner}: authentication`,
  )
  const at = authenticatedAt === undefined ? now : numericDate(authenticatedAt)
  return acr === undefined ? { methods, authenticatedAt: at } : { methods, acr, authenticatedAt: at }
}

/**
 * Checks who is spoken of.
 *
 * @throws TypeError where it is not text that every store can hold, of 1 to 256 characters.
 */
export function checkSubject(owner: string, given: string): void {
  readOptions(z.object({ subject }), { subject: given }, owner)
}

const CLAIMS_BYTES_MAX = 1024
const CLAIMS_DEPTH_MAX = 16
const SHORT = 'must be text of 1 to 256 characters'
const short = z.string(SHORT).check(z.minLength(1, SHORT), z.maxLength(256, SHORT))
const SUBJECT = 'must be well-formed text of 1 to 256 characters without U+0000'
// U+0000 has no place in some stores' text, and a lone surrogate has no UTF-8.
// oxlint-disable-next-line no-control-regex -- U+0000 is what it looks for
const subject = z
  .string(SUBJECT)
  .check(z.maxLength(256, { error: SUBJECT, abort: true }), z.regex(/^[^\0\p{Surrogate}]+$/u, SUBJECT))
const SCOPE = 'must be scope tokens of RFC 6749 §3.3, separated by single spaces, at most 2048 characters'
// scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
const scope = z
  .string(SCOPE)
  .check(
    z.maxLength(2048, { error: SCOPE, abort: true }),
    z.regex(/^(?:[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*)?$/, SCOPE),
  )
const AUDIENCE = 'must be text of 1 to 1024 characters, or a list of 1 to 16 such texts'
const audience = z.string(AUDIENCE).check(z.minLength(1, AUDIENCE), z.maxLength(1024, AUDIENCE))

/** One resource server or several, as options and requests name them. */
export const audienceSchema: z.ZodMiniType<string | string[]> = z.union(
  [audience, z.array(audience, AUDIENCE).check(z.minLength(1, AUDIENCE), z.maxLength(16, AUDIENCE))],
  AUDIENCE,
)

const SESSION = 'must be 1 to 64 characters of A-Z a-z 0-9 - _'
const METHODS = 'must be a list of at most 16 method names'
const authenticationSchema = z.strictObject(
  {
    methods: z.array(short, METHODS).check(z.maxLength(16, METHODS)),
    acr: z.optional(short),
    authenticatedAt: z.optional(z.int('must be whole seconds since the epoch').check(z.gte(0, 'must not be negative'))),
  },
  'must be { methods, acr?, authenticatedAt? }',
)
const BINDING = "must be { type: 'dpop' | 'mtls', thumbprint } with the base64url SHA-256 of 43 characters"
const text = z.optional(z.string('must be text'))
const issueSchema = z.strictObject(
  {
    subject,
    clientId: z.optional(short),
    scope: z.optional(scope),
    audience: z.optional(audienceSchema),
    authentication: z.optional(authenticationSchema),
    binding: z.optional(
      z.strictObject(
        {
          type: z.enum(['dpop', 'mtls'], BINDING),
          thumbprint: z.string(BINDING).check(z.regex(/^[A-Za-z0-9_-]{43}$/, BINDING)),
        },
        BINDING,
      ),
    ),
    sessionId: z.optional(z.string(SESSION).check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, SESSION))),
    claims: z.optional(z.record(z.string(), z.unknown(), 'must be an object')),
    refreshToken: z.optional(z.boolean('must be true or false')),
    context: z.optional(z.looseObject({ networkPrefix: text, userAgent: text, place: text }, 'must be an object')),
  },
  'must be an object with fields of IssueRequest only',
)
/** A session's id is the server's own, and its credential is bound to no key. */
const sessionSchema = z.omit(issueSchema, { sessionId: true, binding: true })
