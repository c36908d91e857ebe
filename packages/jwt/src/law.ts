// The law of verification in its three steps, all synchronous: before the signature, after it, and after the schema
// (RFC 8725 §3). Whatever drives it only carries answers from one step to the next.
import type { NumericDate, Refusal, Result } from '@tallystick/core'
import { TokenError } from '@tallystick/core'
import { discardPromise, mistake } from '@tallystick/core/options'
import type { AccessTokenClaims, RegisteredClaims } from './claims.ts'
import { REGISTERED } from './claims.ts'
import type { Finished } from './finish.ts'
import { finish } from './finish.ts'
import type { JwtHeader } from './header.ts'
import { CLAIMS_SCHEMA, callHook, readClaims } from './hooks.ts'
import type { KeySet } from './key-set.ts'
import type { VerifierPolicy } from './policy.ts'
import { resolveVerifierPolicy } from './policy.ts'
import type { Prepared } from './prepare.ts'
import { createPrepare } from './prepare.ts'
import { createKeySource } from './schedule-source.ts'
import type { JwtRefusal } from './refusals.ts'
import { refuse } from './refusals.ts'
import type { SchemaOutput, StandardSchemaV1 } from './schema.ts'

declare const verifiedBrand: unique symbol

/** Claims that came out of a verifier; nothing else makes this type. */
export type Verified<Claims> = Claims & { readonly [verifiedBrand]: true }

/** The claims a verifier gives: the registered ones with the schema's output, or with whatever else the token carries. */
export type VerifiedClaims<Schema extends StandardSchemaV1 | undefined> = Verified<
  Schema extends StandardSchemaV1 ? RegisteredClaims & SchemaOutput<Schema> : AccessTokenClaims
>

/** The steps that a driver walks through. */
export interface Law<Schema extends StandardSchemaV1 | undefined> {
  readonly keys: KeySet
  /** Decides all that can be decided without the signature. Never throws. A key schedule needs to know `now`. */
  prepare(token: unknown, now: NumericDate): Prepared | Refusal<JwtRefusal>
  /** Decides about the claims, once it is known whether the signature is good. Never throws. */
  finish(prepared: Prepared, isGood: unknown, now: NumericDate): Finished | Refusal<JwtRefusal>
  /**
   * Asks the schema, where there is one. What it answers is not read yet: it may be a promise, and it may be nothing.
   *
   * @throws TokenError `ERR_HOOK` where it throws.
   */
  readonly askSchema: ((claims: object) => unknown) | undefined
  /**
   * Takes the schema's answer, which it needs where there is a schema, asks `isRevoked`, and gives the result.
   *
   * @throws TokenError `ERR_HOOK` where the schema's answer is none, or where `isRevoked` throws or gives no boolean.
   */
  conclude(
    finished: Finished,
    answer: unknown,
    now: NumericDate,
  ): Result<{ readonly claims: VerifiedClaims<Schema>; readonly header: JwtHeader }, JwtRefusal>
}

/** What the law is made from. */
export interface LawOptions<Schema extends StandardSchemaV1 | undefined> extends VerifierPolicy<Schema> {
  readonly isRevoked?: ((claims: VerifiedClaims<Schema>, now: NumericDate) => boolean) | undefined
}

/**
 * Makes the law of one verifier from its options.
 *
 * @throws TypeError or RangeError where an option is missing or not allowed.
 */
export function createLaw<Schema extends StandardSchemaV1 | undefined>(
  owner: string,
  options: LawOptions<Schema>,
): Law<Schema> {
  const { type, askSchema, rules, lengthMax } = resolveVerifierPolicy(owner, options)
  const { isRevoked, keys: givenKeys, algorithms } = options
  if (isRevoked !== undefined && typeof isRevoked !== 'function') {
    throw mistake(owner, 'isRevoked', 'must be a function', isRevoked)
  }
  const keysAt = createKeySource(owner, givenKeys, algorithms)
  let keys = keysAt(undefined)
  let prepare = createPrepare({ keys, type, lengthMax })
  return {
    keys,
    prepare(token, now) {
      const keysNow = keysAt(now)
      // Other keys: also what was remembered of headers under the keys before them is gone.
      if (keysNow !== keys) prepare = createPrepare({ keys: (keys = keysNow), type, lengthMax })
      return prepare(token)
    },
    finish: (prepared, isGood, now) => finish(prepared, isGood, rules, now),
    askSchema,
    conclude({ claims, header }, answer, now) {
      let concluded: object = claims
      if (askSchema !== undefined) {
        const read = readClaims(answer)
        if (read.issues !== undefined) return refuse('jwt/invalid_claim')
        concluded = callHook(CLAIMS_SCHEMA, () => withRegistered(read.value, claims))
      }
      const verified = concluded as VerifiedClaims<Schema>
      if (isRevoked !== undefined && asksToRevoke(() => isRevoked(verified, now))) return refuse('jwt/revoked')
      return { ok: true, claims: verified, header }
    },
  }
}

/** The schema's output with the registered claims as the token has them: a schema cannot drop or rewrite what was checked. */
function withRegistered(output: object, claims: AccessTokenClaims): object {
  const registered = [...REGISTERED].filter((name) => Object.hasOwn(claims, name)).map((name) => [name, claims[name]])
  return Object.freeze({ ...output, ...Object.fromEntries(registered) })
}

function asksToRevoke(ask: () => unknown): boolean {
  const answer = callHook('isRevoked', () => {
    const given = ask()
    return discardPromise(given) ? undefined : given
  })
  if (typeof answer !== 'boolean') throw new TokenError('ERR_HOOK', 'isRevoked must answer with a boolean')
  return answer
}
