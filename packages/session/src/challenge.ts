// The step-up challenge on the wire (RFC 9470 §3): a WWW-Authenticate header (RFC 9110 §11.6.1), written and read.
import type { Refusal } from '@tallystick/core'
import { mistake } from '@tallystick/core/options'
import type { AuthenticationRequirement } from './assurance.ts'
import { refuseSession } from './refusals.ts'

/** What a resource asks of the user's authentication. */
export interface StepUpChallenge {
  /** The authentication scheme of the resource. */
  readonly scheme: string
  /** `acr_values`: authentication context classes in order of preference. */
  readonly acrValues?: readonly string[] | undefined
  /** `max_age`: how long ago the authentication may be at most. */
  readonly maxAgeSeconds?: number | undefined
  /** `scope`: what the token must be good for. */
  readonly scope?: string | undefined
  /** `error_description`: for developers. */
  readonly description?: string | undefined
}

/**
 * Refuses with `session/step_up_required`, and says in the header `www-authenticate` what is asked for.
 *
 * Methods have no place in the challenge: give the requirement an `acr` too where a client is to know of them.
 *
 * @throws TypeError or RangeError as {@link formatChallenge}.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9470.html#section-3 RFC 9470 §3}
 */
export function refuseStepUp(requirement: AuthenticationRequirement): Refusal<'session/step_up_required'> {
  const { error } = refuseSession('session/step_up_required')
  const acrValues = typeof requirement.acr === 'string' ? [requirement.acr] : requirement.acr
  const challenge = formatChallenge({
    scheme: 'Bearer',
    acrValues,
    maxAgeSeconds: requirement.authenticationAgeSecondsMax,
    description: error.description,
  })
  const headers = { ...error.headers, 'www-authenticate': challenge }
  return { ok: false, reason: 'session/step_up_required', error: { ...error, headers } }
}

/**
 * Writes the value of a `WWW-Authenticate` header with the error `insufficient_user_authentication`.
 *
 * @throws TypeError where a text cannot stand in it, RangeError where `maxAgeSeconds` is not a whole number from 0.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9470.html#section-3 RFC 9470 §3}
 */
export function formatChallenge(challenge: StepUpChallenge): string {
  const { scheme, acrValues, maxAgeSeconds, scope, description } = challenge
  if (!TOKEN.test(scheme)) throw mistake(OWNER, 'scheme', 'must be an HTTP token', scheme)
  const params = [`error="${ERROR}"`]
  if (description !== undefined) params.push(`error_description="${checked('description', description, TEXT)}"`)
  if (acrValues !== undefined && acrValues.length > 0) {
    // RFC 9470 §3: "A space-separated string listing the authentication context class reference values in order of
    // preference."
    for (const value of acrValues) checked('acrValues', value, WORD)
    params.push(`acr_values="${acrValues.join(' ')}"`)
  }
  if (maxAgeSeconds !== undefined) {
    if (!Number.isSafeInteger(maxAgeSeconds) || maxAgeSeconds < 0) {
      throw mistake(OWNER, 'maxAgeSeconds', 'must be a whole number from 0', maxAgeSeconds)
    }
    params.push(`max_age="${maxAgeSeconds}"`)
  }
  if (scope !== undefined) params.push(`scope="${checked('scope', scope, TEXT)}"`)
  return `${scheme} ${params.join(', ')}`
}

/**
 * Reads the step-up challenge of a `WWW-Authenticate` header, which may hold others beside it.
 *
 * @returns The first challenge with the error `insufficient_user_authentication`, or `undefined` where there is none, or
 *   it breaks the grammar, names a parameter twice, or has a `max_age` that is not a whole number.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9470.html#section-3 RFC 9470 §3}
 */
export function parseChallenge(header: string): StepUpChallenge | undefined {
  if (header.length > HEADER_CHARACTERS_MAX) return undefined
  for (const { scheme, params } of parseChallenges(header) ?? []) {
    if (params.get('error') !== ERROR) continue
    const maxAge = params.get('max_age')
    if (maxAge !== undefined && !/^\d{1,15}$/.test(maxAge)) return undefined
    return {
      scheme,
      acrValues: params
        .get('acr_values')
        ?.split(' ')
        .filter((value) => value !== ''),
      maxAgeSeconds: maxAge === undefined ? undefined : Number(maxAge),
      scope: params.get('scope'),
      description: params.get('error_description'),
    }
  }
  return undefined
}

interface Challenge {
  readonly scheme: string
  readonly params: Map<string, string>
}

/** All challenges of a header, or `undefined` where it breaks the grammar. */
function parseChallenges(header: string): readonly Challenge[] | undefined {
  const challenges: Challenge[] = []
  let at = 0
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(header)
    if (found !== null) at = pattern.lastIndex
    return found
  }
  while ((match(SEPARATOR), at < header.length)) {
    const param = match(PARAM)
    if (param === null) {
      // challenge = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
      const scheme = match(SCHEME)?.[1]
      if (scheme === undefined) return undefined
      challenges.push({ scheme, params: new Map() })
      if (!isParamAt(header, at)) match(TOKEN68)
      continue
    }
    const name = param[1]?.toLowerCase() ?? ''
    const params = challenges.at(-1)?.params
    // RFC 9110 §11.2: "the parameter name ... MUST only occur once per challenge"
    if (params === undefined || params.has(name)) return undefined
    params.set(name, param[3] ?? (param[2] ?? '').replaceAll(/\\(.)/gs, '$1'))
  }
  return challenges
}

function isParamAt(header: string, at: number): boolean {
  PARAM.lastIndex = at
  return PARAM.test(header)
}

function checked(field: string, text: string, allowed: RegExp): string {
  if (!allowed.test(text)) throw mistake(OWNER, field, 'must be visible ASCII without quotes and backslashes', text)
  return text
}

const OWNER = 'formatChallenge'
const ERROR = 'insufficient_user_authentication'
const HEADER_CHARACTERS_MAX = 8192
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** One value of a list that is separated by spaces. */
const WORD = /^[\x21\x23-\x5B\x5D-\x7E]+$/
const TEXT = /^[\x20\x21\x23-\x5B\x5D-\x7E]+$/
const SEPARATOR = /[ \t,]*/y
// auth-param = token BWS "=" BWS ( token / quoted-string )
const PARAM =
  /([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+\-.^_`|~0-9A-Za-z]+))[ \t]*(?=,|$)/sy
const SCHEME = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?: +|(?=,|$))/y
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*[ \t]*(?=,|$)/y
