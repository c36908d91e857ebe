// The rules that all kinds of token obey after the signature, driven by the table of kinds (RFC 8725 §3.12). Pure.
import type { NumericDate } from '@tallystick/core'
import type { JsonObject } from './json.ts'
import { readOwn } from './json.ts'
import type { Kind } from './profile-kinds.ts'
import type { ProfileRefusal } from './profile-refusals.ts'

/** What is wrong with a claims set. */
export interface KindProblem {
  readonly claim: string
  readonly reason: ProfileRefusal
  /** What is allowed, as the end of a sentence. */
  readonly allowed: string
}

/** Who a verifier or issuer is, and its times in seconds. */
export interface KindRules {
  /** `undefined` for a kind that has no issuer. */
  readonly issuer: string | undefined
  readonly audiences: ReadonlySet<string>
  readonly expiryToleranceSeconds: number
  readonly futureToleranceSeconds: number
  /** How old `iat` may be; `undefined` for as old as may be. */
  readonly ageSecondsMax: number | undefined
}

/**
 * Finds the first claim that is there and must not be, is missing, or has the wrong form.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725.html#section-3.12 RFC 8725 §3.12}
 */
export function findKindProblem(kind: Kind, claims: JsonObject): KindProblem | undefined {
  const foreign = kind.forbidden.find((claim) => Object.hasOwn(claims, claim))
  if (foreign !== undefined) return { claim: foreign, reason: 'jwt/forbidden_claim', allowed: 'must be left out' }
  for (const [claim, { isRequired, isValid, allowed }] of Object.entries(kind.claims)) {
    if (!Object.hasOwn(claims, claim)) {
      if (isRequired) return { claim, reason: 'jwt/missing_claim', allowed }
    } else if (!isValid(claims[claim])) return { claim, reason: 'jwt/invalid_claim', allowed }
  }
  const claim = kind.findFault(claims)
  return claim === undefined ? undefined : { claim, reason: 'jwt/invalid_claim', allowed: 'must be as its kind says' }
}

/** Decides whether claims of good form are meant for us and for now; gives the reason why not. */
export function findKindRefusal(
  kind: Kind,
  claims: JsonObject,
  rules: KindRules,
  now: NumericDate,
): ProfileRefusal | undefined {
  const issuer = readOwn(claims, 'iss')
  // A kind that need not name its issuer must not name another's.
  if (Object.hasOwn(kind.claims, 'iss') && issuer !== undefined && issuer !== rules.issuer) return 'jwt/wrong_issuer'
  if (Object.hasOwn(kind.claims, 'aud') && !isForUs(kind, claims, rules.audiences)) return 'jwt/wrong_audience'
  return findTimeRefusal(kind, claims, rules, now)
}

function isForUs({ audience }: Kind, claims: JsonObject, ours: ReadonlySet<string>): boolean {
  const given = readOwn(claims, 'aud') as string | readonly string[]
  const list = typeof given === 'string' ? [given] : given
  const isOurs = (one: string): boolean => ours.has(one)
  if (audience === 'one') return list.some(isOurs)
  // RFC 10070: the issuer identifier "as the sole value"; a list of that one says the same.
  if (audience === 'exact') return list.length === 1 && list.every(isOurs)
  // OpenID Connect Core §3.1.3.7: rejected "if it contains additional audiences not trusted by the Client"; where there
  // are several, `azp` says for which it was made.
  const party = readOwn(claims, 'azp')
  if (party === undefined) return list.length === 1 && list.every(isOurs)
  return list.every(isOurs) && isOurs(party as string)
}

function findTimeRefusal(
  { lifetimeSecondsMax }: Kind,
  claims: JsonObject,
  rules: KindRules,
  now: NumericDate,
): ProfileRefusal | undefined {
  const [exp, iat, nbf] = ['exp', 'iat', 'nbf'].map((name) => readOwn(claims, name) as number | undefined)
  const { expiryToleranceSeconds: late, futureToleranceSeconds: early, ageSecondsMax } = rules
  // RFC 7519 §4.1.4: "on or after which the JWT MUST NOT be accepted". Written so that a NaN refuses.
  if (exp !== undefined && !(exp > now - late)) return 'jwt/expired'
  if (iat !== undefined && !(iat <= now + early)) return 'jwt/issued_in_future'
  if (nbf !== undefined && !(nbf <= now + early)) return 'jwt/not_yet_valid'
  if (ageSecondsMax !== undefined && !(iat !== undefined && iat >= now - ageSecondsMax - late)) return 'jwt/too_old'
  if (exp !== undefined && !(exp <= now + lifetimeSecondsMax + early)) return 'jwt/too_long_lived'
  return undefined
}
