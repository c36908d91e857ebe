// The options of judging where a request comes from: checked once (RFC 10017 §6.1.3.3).
import { mistake, readOptions } from '@tallystick/core/options'
import * as z from 'zod/mini'
import { checkOrigins } from './origin.ts'

/** Which requests are taken. */
export interface CsrfPolicy {
  /** The origins under which browsers reach this server, at least one: `https://app.example.com`. */
  readonly targetOrigins: readonly string[]
  /** Other origins of the same site whose pages may send requests; default none. */
  readonly trustedOrigins?: readonly string[] | undefined
  /** What an unsafe request gets that names no origin at all; default `refuse`. `allow` for clients without a browser. */
  readonly whenUnknown?: 'refuse' | 'allow' | undefined
  /**
   * A header that every request must carry, preflights excepted; another site's page cannot send it without asking.
   * Content types that forms can send are refused then.
   */
  readonly requiredHeader?: string | undefined
}

/** A policy, checked; made by {@link resolveCsrfPolicy} and frozen. */
export interface ResolvedCsrfPolicy {
  /** The server's own origins, each in its one spelling. */
  readonly targetOrigins: ReadonlySet<string>
  /** Trusted origins of the same site, each in its one spelling. */
  readonly trustedOrigins: ReadonlySet<string>
  /** What an unsafe request gets that names no origin at all. */
  readonly whenUnknown: 'refuse' | 'allow'
  /** In lower case. */
  readonly requiredHeader?: string | undefined
}

/** The defaults; whose origins they are only the application knows. */
export const csrfPolicyDefaults: Readonly<{
  trustedOrigins: readonly string[]
  whenUnknown: 'refuse' | 'allow'
}> = Object.freeze({ trustedOrigins: Object.freeze([]), whenUnknown: 'refuse' })

/**
 * Checks a policy and writes its origins in one spelling, once.
 *
 * @throws TypeError naming the field, the given value and what is allowed: an origin with a path, http of another machine,
 *   no target, a required header that any page may send.
 */
export function resolveCsrfPolicy(policy: CsrfPolicy): ResolvedCsrfPolicy {
  const given = readOptions(policySchema, policy, OWNER)
  const targetOrigins = checkOrigins(OWNER, 'targetOrigins', given.targetOrigins)
  if (targetOrigins.size === 0)
    throw mistake(OWNER, 'targetOrigins', 'must name at least one origin', given.targetOrigins)
  const requiredHeader = given.requiredHeader?.toLowerCase()
  if (requiredHeader !== undefined && (!TOKEN.test(requiredHeader) || ANYBODYS_HEADER.test(requiredHeader)))
    throw mistake(
      OWNER,
      'requiredHeader',
      'must be a header that no page may send to another origin unasked',
      requiredHeader,
    )
  return Object.freeze({
    targetOrigins,
    trustedOrigins: checkOrigins(OWNER, 'trustedOrigins', given.trustedOrigins ?? csrfPolicyDefaults.trustedOrigins),
    whenUnknown: given.whenUnknown ?? csrfPolicyDefaults.whenUnknown,
    requiredHeader,
  })
}

const OWNER = 'csrf'
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
/** Headers that a page may set without a preflight, or that the browser sends by itself (Fetch §2.2.2). */
const ANYBODYS_HEADER =
  /^(?:accept|accept-.*|access-control-.*|content-language|content-length|content-type|range|connection|cookie2?|date|dnt|expect|host|keep-alive|origin|priority|proxy-.*|referer|sec-.*|te|trailer|transfer-encoding|upgrade|upgrade-insecure-requests|user-agent|via|dpr|downlink|save-data|viewport-width|width|if-.*|cache-control|pragma|purpose|authorization)$/

const origins = z.array(z.string('must be an origin'), 'must be an array of origins')

const policySchema = z.strictObject(
  {
    targetOrigins: origins,
    trustedOrigins: z.optional(origins),
    whenUnknown: z.optional(z.enum(['refuse', 'allow'], "must be 'refuse' or 'allow'")),
    requiredHeader: z.optional(z.string('must be the name of a header')),
  },
  'must be an object with fields of CsrfPolicy only',
)
