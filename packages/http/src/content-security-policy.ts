// The text of a strict content security policy, and the sources that would undo one (CSP 3 §6).
import { mistake } from '@tallystick/core/options'

/** What a content security policy is made of. */
export interface ContentSecurityPolicyOptions {
  /** Of `createNonce`, one for each response: scripts and styles that carry it run, and what such scripts load. */
  readonly nonce?: string | undefined
  /** Sources by directive, in place of the default's for that directive: `{ 'img-src': ["'self'", 'data:'] }`. */
  readonly directives?: Readonly<Record<string, readonly string[]>> | undefined
  /**
   * Lets sources through that undo the policy.
   *
   * @deprecated Injected script runs then.
   */
  readonly dangerouslyAllowUnsafeSources?: boolean | undefined
}

/**
 * Writes the policy as header text.
 *
 * @throws TypeError for a directive or source that could break out of its place or that undoes the policy.
 */
export function contentSecurityPolicy(options: ContentSecurityPolicyOptions, owner: string): string {
  const { nonce, dangerouslyAllowUnsafeSources = false } = options
  if (nonce !== undefined && !NONCE.test(nonce))
    throw mistake(owner, 'nonce', 'must be 22 or more characters of base64 or base64url, as createNonce gives', 'text')
  const directives = { ...strict, ...options.directives }
  const carried = nonce === undefined ? {} : withNonce(directives, `'nonce-${nonce}'`, options.directives)
  return Object.entries({ ...directives, ...carried })
    .map(([directive, sources]) => {
      if (!/^[a-z][a-z-]*$/.test(directive) || directive.startsWith('report-'))
        throw mistake(
          owner,
          'directives',
          'must be named by lower-case letters and hyphens, reporting aside',
          directive,
        )
      for (const source of sources) {
        if (!SOURCE.test(source))
          throw mistake(
            owner,
            `directives.${directive}`,
            'must hold sources without spaces, commas and semicolons',
            source,
          )
        if (!dangerouslyAllowUnsafeSources && undoes(directive, source))
          throw mistake(owner, `directives.${directive}`, 'must hold no source that undoes the policy', source)
      }
      return [directive, ...sources].join(' ')
    })
    .join('; ')
}

/** What browsers without `frame-ancestors`, and those that only report, go by. */
export function framingOf({ directives }: ContentSecurityPolicyOptions): Readonly<Record<string, string>> {
  const ancestors = (directives?.['frame-ancestors'] ?? ["'none'"]).join(' ').toLowerCase()
  if (ancestors === "'none'" || ancestors === '') return { 'x-frame-options': 'DENY' }
  return ancestors === "'self'" ? { 'x-frame-options': 'SAMEORIGIN' } : {}
}

/** A nonce stands beside whatever was asked for; where nothing was, scripts come from those that carry it alone. */
function withNonce(
  directives: Readonly<Record<string, readonly string[]>>,
  nonce: string,
  asked: ContentSecurityPolicyOptions['directives'] = {},
): Readonly<Record<string, readonly string[]>> {
  return {
    'script-src': asked['script-src'] === undefined ? [nonce, "'strict-dynamic'"] : [...asked['script-src'], nonce],
    'style-src': [...(directives['style-src'] ?? []), nonce],
  }
}

/** Keywords are case-insensitive (CSP 3 §2.3.1). */
function undoes(directive: string, source: string): boolean {
  const word = source.toLowerCase()
  if (word === "'unsafe-inline'" || word === "'unsafe-eval'" || word === "'unsafe-hashes'") return true
  return RUNS_CODE.test(directive) && ANYTHING.test(word)
}

const strict: Readonly<Record<string, readonly string[]>> = {
  'default-src': ["'self'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
  'form-action': ["'self'"],
}

const NONCE = /^[A-Za-z0-9+/_-]{22,256}={0,2}$/
const SOURCE = /^[!-+\--:<-~]+$/
/** Directives through which code or a base for code is loaded. */
const RUNS_CODE = /^(default-src|script-src|script-src-elem|script-src-attr|object-src|base-uri|worker-src)$/
/** A scheme alone, or every host: of one scheme, port or path at most. */
const ANYTHING = /^(?:[a-z][a-z0-9+.-]*:|(?:[a-z][a-z0-9+.-]*:\/\/)?\*(?::[\d*]+)?(?:\/.*)?)$/
