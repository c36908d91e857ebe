// THE LAW of where a request may come from: Fetch Metadata, then Origin, then Referer (RFC 10017 §6.1.3.3; Fetch Metadata §2.3).
import type { Refusal } from '@tallystick/core'
import type { ResolvedCsrfPolicy } from './csrf-policy.ts'
import { canonicalOrigin, refererOrigin } from './origin.ts'
import { type CsrfRefusal, refuseCsrf } from './refusals.ts'

/** What the judgement needs of a request. */
export interface JudgedRequest {
  /** The method of the request line, as sent; no header or parameter overrides it. */
  readonly method: string
  /** A header's value by its name in lower case; absent or `null` where the request has none. */
  readonly header: (name: string) => string | null | undefined
}

/** Which evidence let an unsafe request pass. */
export type CsrfEvidence = 'fetch_metadata' | 'origin' | 'referer' | 'required_header' | 'policy'

/**
 * The judgement of a request.
 *
 * `mayChangeState` is false for a safe method: whoever serves it must change nothing, because nobody asked where it
 * comes from.
 */
export type CsrfJudgement =
  | { readonly ok: true; readonly mayChangeState: false; readonly by: 'safe_method' }
  | { readonly ok: true; readonly mayChangeState: true; readonly by: CsrfEvidence }
  | Refusal<CsrfRefusal>

/**
 * Judges where a request comes from, before anything acts on its cookies.
 *
 * GET, HEAD and OPTIONS pass without the right to change state; TRACE is refused; every other method, known or not, needs
 * evidence. A value of Sec-Fetch-Site that nobody defined counts as absent. `X-HTTP-Method-Override`, `_method` and their
 * like are never looked at.
 *
 * @returns Passed, or a refusal: `csrf/method`, `csrf/header_missing`, `csrf/content_type`, `csrf/cross_site`,
 *   `csrf/same_site`, `csrf/inconsistent`, `csrf/origin`, `csrf/referer`, `csrf/unknown`.
 * @throws Never, where `header` does not.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6454.html#section-7 RFC 6454 §7}
 */
export function judgeRequest({ method, header }: JudgedRequest, policy: ResolvedCsrfPolicy): CsrfJudgement {
  if (typeof method !== 'string' || REFUSED_METHODS.has(method.toUpperCase())) return refuseCsrf('csrf/method')
  const isMissing = policy.requiredHeader !== undefined && !isSent(header(policy.requiredHeader))
  // A preflight asks whether the header may be sent, so it cannot carry it.
  if (isMissing && method !== 'OPTIONS') return refuseCsrf('csrf/header_missing')
  if (SAFE_METHODS.has(method)) return SAFE
  if (policy.requiredHeader !== undefined && isFormType(header('content-type'))) return refuseCsrf('csrf/content_type')
  return judgeSource(header, policy)
}

function judgeSource(header: JudgedRequest['header'], policy: ResolvedCsrfPolicy): CsrfJudgement {
  const origin = header('origin') ?? undefined
  switch (header('sec-fetch-site') ?? '') {
    case 'cross-site':
      return refuseCsrf('csrf/cross_site')
    case 'same-site':
      return judgeSibling(origin, header('referer') ?? undefined, policy)
    case 'same-origin':
    case 'none':
      // `null` names nobody: a page with Referrer-Policy: no-referrer sends it to its own origin, too (Fetch §3.2).
      return origin === undefined || origin === 'null' || isOneOf(policy.targetOrigins, canonicalOrigin(origin))
        ? passed('fetch_metadata')
        : refuseCsrf('csrf/inconsistent')
    default:
      return judgeWithoutMetadata(origin, header('referer') ?? undefined, policy)
  }
}

function judgeSibling(
  origin: string | undefined,
  referer: string | undefined,
  policy: ResolvedCsrfPolicy,
): CsrfJudgement {
  const source = origin === undefined ? refererOrigin(referer ?? '') : canonicalOrigin(origin)
  return isOneOf(policy.trustedOrigins, source) ? passed('fetch_metadata') : refuseCsrf('csrf/same_site')
}

function judgeWithoutMetadata(
  origin: string | undefined,
  referer: string | undefined,
  policy: ResolvedCsrfPolicy,
): CsrfJudgement {
  const isTaken = (source: string | undefined): boolean =>
    isOneOf(policy.targetOrigins, source) || isOneOf(policy.trustedOrigins, source)
  if (origin !== undefined) return isTaken(canonicalOrigin(origin)) ? passed('origin') : refuseCsrf('csrf/origin')
  if (referer !== undefined) return isTaken(refererOrigin(referer)) ? passed('referer') : refuseCsrf('csrf/referer')
  if (policy.requiredHeader !== undefined) return passed('required_header')
  return policy.whenUnknown === 'allow' ? passed('policy') : refuseCsrf('csrf/unknown')
}

function isOneOf(origins: ReadonlySet<string>, origin: string | undefined): boolean {
  return origin !== undefined && origins.has(origin)
}

function isSent(value: string | null | undefined): boolean {
  return value !== undefined && value !== null && value !== ''
}

/** A content type that a form or a plain fetch sends without a preflight, or one that cannot be read. */
function isFormType(contentType: string | null | undefined): boolean {
  if (contentType === undefined || contentType === null) return false
  const [essence = ''] = contentType.split(';', 1)
  const type = essence.trim().toLowerCase()
  return FORM_TYPES.has(type) || !MEDIA_TYPE.test(type)
}

function passed(by: CsrfEvidence): CsrfJudgement {
  return PASSED[by]
}

/** The headers on which a judgement depends, for `Vary`. */
export const varyOn = 'Sec-Fetch-Site, Origin'

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
const REFUSED_METHODS: ReadonlySet<string> = new Set(['TRACE', 'TRACK', 'CONNECT'])
const FORM_TYPES: ReadonlySet<string> = new Set([
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'text/plain',
])
const MEDIA_TYPE = /^[!#$%&'*+\-.^_`|~0-9a-z]+\/[!#$%&'*+\-.^_`|~0-9a-z]+$/
const SAFE: CsrfJudgement = Object.freeze({ ok: true, mayChangeState: false, by: 'safe_method' })
const PASSED: Readonly<Record<CsrfEvidence, CsrfJudgement>> = {
  fetch_metadata: Object.freeze({ ok: true, mayChangeState: true, by: 'fetch_metadata' }),
  origin: Object.freeze({ ok: true, mayChangeState: true, by: 'origin' }),
  referer: Object.freeze({ ok: true, mayChangeState: true, by: 'referer' }),
  required_header: Object.freeze({ ok: true, mayChangeState: true, by: 'required_header' }),
  policy: Object.freeze({ ok: true, mayChangeState: true, by: 'policy' }),
}
