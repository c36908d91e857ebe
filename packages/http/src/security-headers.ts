// The security headers of a page: content security policy, HSTS, referrer, isolation and permissions (CSP 3, RFC 6797).
import { mistake, readOptions } from '@tallystick/core/options'
import * as z from 'zod/mini'
import { contentSecurityPolicy, type ContentSecurityPolicyOptions, framingOf } from './content-security-policy.ts'

/** What a page's headers should say; all fields have a strict default. */
export interface SecurityHeaderOptions extends ContentSecurityPolicyOptions {
  /**
   * Sends the content security policy as `Content-Security-Policy-Report-Only`: the first step of bringing one in.
   * Needs a `reportingEndpoint`. Framing stays forbidden by `X-Frame-Options` meanwhile.
   */
  readonly reportOnly?: boolean | undefined
  /** An https URL, or a path of the same origin, that violations are reported to. */
  readonly reportingEndpoint?: string | undefined
  /** How long browsers insist on https; a year with all subdomains by default; `none` leaves the header out. */
  readonly strictTransportSecurity?:
    | { readonly maxAgeSeconds: number; readonly includeSubDomains?: boolean | undefined }
    | 'none'
    | undefined
  /**
   * What other sites learn of where a request came from; default `same-origin`. Where it is `no-referrer`, browsers
   * send `Origin: null` with the site's own forms, and those without Fetch Metadata are then refused.
   */
  readonly referrerPolicy?:
    | 'no-referrer'
    | 'origin'
    | 'same-origin'
    | 'strict-origin'
    | 'strict-origin-when-cross-origin'
    | undefined
  /** Default `same-origin`; a page that opens a sign-in window of another site needs `same-origin-allow-popups`. */
  readonly openerPolicy?: 'same-origin' | 'same-origin-allow-popups' | 'unsafe-none' | undefined
  /** Who may load what is answered; default `same-origin`. */
  readonly resourcePolicy?: 'same-origin' | 'same-site' | 'cross-origin' | undefined
  /** Allow-lists by feature, over a default that gives nobody camera, geolocation, microphone, payment and usb. */
  readonly permissions?: Readonly<Record<string, readonly string[]>> | undefined
}

/**
 * The security headers of one response, to be set beside whatever else it carries.
 *
 * Without a nonce scripts come from the own origin alone; with one (a new one for each response) only what carries it
 * runs, and what that loads. Header values cannot be broken out of: every part is checked.
 *
 * @throws TypeError or RangeError naming the field, what was given and what is allowed: also for a source that undoes the
 * policy (`'unsafe-inline'`, `*` …), unless `dangerouslyAllowUnsafeSources` is set.
 * @example
 * const headers = securityHeaders({ nonce: createNonce() })
 * headers['x-content-type-options'] // => 'nosniff'
 * @see {@link https://www.rfc-editor.org/rfc/rfc6797.html#section-6.1 RFC 6797 §6.1}
 * @see {@link https://www.w3.org/TR/CSP3/#strict-csp CSP 3}
 */
export function securityHeaders(options: SecurityHeaderOptions = {}): Readonly<Record<string, string>> {
  readOptions(optionsSchema, options, OWNER)
  const { reportOnly = false, reportingEndpoint } = options
  if (reportOnly && reportingEndpoint === undefined)
    throw mistake(
      OWNER,
      'reportingEndpoint',
      'must be given with reportOnly: nobody would hear of a violation',
      undefined,
    )
  const policy = contentSecurityPolicy(options, OWNER)
  const reporting = reportingEndpoint === undefined ? '' : `; report-to csp; report-uri ${endpoint(reportingEndpoint)}`
  return {
    [reportOnly ? 'content-security-policy-report-only' : 'content-security-policy']: policy + reporting,
    ...(reportingEndpoint === undefined ? {} : { 'reporting-endpoints': `csp="${endpoint(reportingEndpoint)}"` }),
    ...strictTransportSecurity(options.strictTransportSecurity),
    ...framingOf(options),
    'x-content-type-options': 'nosniff',
    'referrer-policy': options.referrerPolicy ?? 'same-origin',
    'cross-origin-opener-policy': options.openerPolicy ?? 'same-origin',
    'cross-origin-resource-policy': options.resourcePolicy ?? 'same-origin',
    'permissions-policy': permissionsPolicy({ ...DENIED_FEATURES, ...options.permissions }),
  }
}

/** The endpoint as it may stand inside a quoted string and inside a directive. */
function endpoint(given: string): string {
  const isPath = /^\/(?!\/)/.test(given)
  const isClean = /^[!#-&(-+\--:=?-[\]-~]+$/.test(given) && URL.canParse(given, 'https://origin.example')
  if (isClean && (isPath || given.startsWith('https://'))) return given
  throw mistake(
    OWNER,
    'reportingEndpoint',
    'must be an https URL or a path, without quotes, commas or semicolons',
    given,
  )
}

function strictTransportSecurity(
  given: SecurityHeaderOptions['strictTransportSecurity'],
): Readonly<Record<string, string>> {
  if (given === 'none') return {}
  const { maxAgeSeconds = YEAR_SECONDS, includeSubDomains = true } = given ?? {}
  return { 'strict-transport-security': `max-age=${maxAgeSeconds}${includeSubDomains ? '; includeSubDomains' : ''}` }
}

function permissionsPolicy(features: Readonly<Record<string, readonly string[]>>): string {
  const members = Object.entries(features).map(([feature, origins]) => {
    if (!/^[a-z][a-z-]*$/.test(feature))
      throw mistake(OWNER, 'permissions', 'must have features of lower-case letters and hyphens', feature)
    return `${feature}=(${origins.map(permitted).join(' ')})`
  })
  return members.join(', ')
}

function permitted(origin: string): string {
  if (origin === 'self') return origin
  const isOrigin = URL.canParse(origin) && new URL(origin).origin === origin && origin.startsWith('https://')
  if (!isOrigin) throw mistake(OWNER, 'permissions', "must list 'self' and https origins", origin)
  return `"${origin}"`
}

const OWNER = 'securityHeaders'
const YEAR_SECONDS = 31_536_000
const DENIED_FEATURES: Readonly<Record<string, readonly string[]>> = {
  camera: [],
  geolocation: [],
  microphone: [],
  payment: [],
  usb: [],
}

const text = (allowed: string) => z.string(allowed).check(z.minLength(1, allowed), z.maxLength(2048, allowed))
const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.optional(z.enum(values, `must be one of ${values.join(', ')}`))
const lists = (allowed: string) => z.optional(z.record(z.string(), z.array(text(allowed), allowed), allowed))
const MAX_AGE = 'must be whole seconds, 0 to 63072000'

const optionsSchema = z.strictObject(
  {
    nonce: z.optional(text('must be text of createNonce')),
    directives: lists('must be lists of sources by directive'),
    dangerouslyAllowUnsafeSources: z.optional(z.boolean('must be true or false')),
    reportOnly: z.optional(z.boolean('must be true or false')),
    reportingEndpoint: z.optional(text('must be an https URL or a path')),
    strictTransportSecurity: z.optional(
      z.union(
        [
          z.literal('none'),
          z.strictObject({
            maxAgeSeconds: z.int(MAX_AGE).check(z.gte(0, MAX_AGE), z.lte(63_072_000, MAX_AGE)),
            includeSubDomains: z.optional(z.boolean()),
          }),
        ],
        "must be 'none' or { maxAgeSeconds: 0 to 63072000, includeSubDomains? }",
      ),
    ),
    referrerPolicy: oneOf(['no-referrer', 'origin', 'same-origin', 'strict-origin', 'strict-origin-when-cross-origin']),
    openerPolicy: oneOf(['same-origin', 'same-origin-allow-popups', 'unsafe-none']),
    resourcePolicy: oneOf(['same-origin', 'same-site', 'cross-origin']),
    permissions: lists('must be lists of origins by feature'),
  },
  'must be an object of known options',
)
