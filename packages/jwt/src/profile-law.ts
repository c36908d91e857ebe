// Verifies one kind of token: the law of signatures, the table of kinds, and what the receiver knows of the request, in
// steps that both drivers walk through (RFC 8725 §3.11, §3.12).
import type { NumericDate, Refusal, Result } from '@tallystick/core'
import { numericDate } from '@tallystick/core'
import { decodeBase64url } from '@tallystick/core/base64url'
import { sha256 } from '@tallystick/core/crypto'
import { mistake } from '@tallystick/core/options'
import type { HashName } from './algorithms.ts'
import { checkNow, checkThroughSubtle, prefersSynchronous } from './drivers.ts'
import type { JwtHeader } from './header.ts'
import { parseJsonObject } from './json.ts'
import type { KeySet } from './key-set.ts'
import type { Verified } from './law.ts'
import { hasMediaType } from './media-type.ts'
import { nativeHash } from './node-crypto.ts'
import type { Prepared } from './prepare.ts'
import { createPrepare } from './prepare.ts'
import { findKindProblem, findKindRefusal } from './profile-checks.ts'
import type { WithFurther } from './profile-claims.ts'
import type { Kind, KindName } from './profile-kinds.ts'
import { kinds } from './profile-kinds.ts'
import type { AnyOptions } from './profile-policy.ts'
import { resolveProfileVerifier } from './profile-policy.ts'
import type { ProfileRefusal } from './profile-refusals.ts'
import { refuseKind } from './profile-refusals.ts'
import { createKeySource } from './schedule-source.ts'
import { subtleHash } from './web-crypto.ts'

/** What verification of a kind answers: claims and header, deeply frozen, or why not. */
export type ProfileResult<Claims, Extra extends object = object> = Result<
  { readonly claims: Verified<WithFurther<Claims>>; readonly header: JwtHeader } & Extra,
  ProfileRefusal
>

/** What a match looks at besides claims and expectation. */
export interface MatchContext {
  readonly now: NumericDate
  readonly toleranceSeconds: number
  /** The RFC 7638 thumbprint of the key that verified. */
  readonly thumbprint: string
  /** Of the text that the kind wanted hashed. */
  readonly hash: Uint8Array | undefined
}

/** How one kind is verified beyond its row. */
export interface Matching<Claims, Expected> {
  readonly kind: KindName
  /** Looks at tokens that bring their own key; where absent, keys are options. */
  readonly prepareOwn?: (
    owner: string,
    algorithms: unknown,
    lengthMax: number,
  ) => (token: unknown) => Prepared | Refusal<ProfileRefusal>
  /** Whether `verify` must be told what to expect. */
  readonly match?: (claims: Claims, expected: Expected, context: MatchContext) => ProfileRefusal | undefined
  /** Text that is hashed by the hash of the token's algorithm before the match. */
  readonly textToHash?: (expected: Expected) => string | undefined
}

/** The steps of one verifier; none throws because of a token. */
export interface ProfileLaw<Claims, Expected> {
  readonly keys: KeySet | undefined
  prepare(token: unknown, now: NumericDate): Prepared | Refusal<ProfileRefusal>
  /** What is to be hashed, if anything. */
  hashTask(prepared: Prepared, expected: Expected): HashTask | undefined
  finish(
    prepared: Prepared,
    isGood: unknown,
    step: { readonly now: NumericDate; readonly expected: Expected; readonly hash: Uint8Array | undefined },
  ): ProfileResult<Claims, { readonly thumbprint: string }>
}

interface HashTask {
  readonly name: HashName
  readonly bytes: Uint8Array
}

/**
 * Makes the law of one verifier of one kind.
 *
 * @throws TypeError or RangeError where an option is missing or not allowed.
 */
export function createProfileLaw<Claims, Expected>(
  owner: string,
  matching: Matching<Claims, Expected>,
  options: AnyOptions,
): ProfileLaw<Claims, Expected> {
  const { match, textToHash } = matching
  const kind = kinds[matching.kind]
  const { rules, lengthMax } = resolveProfileVerifier(owner, kind, options)
  const { keys, prepare } = preparing(owner, { kind, prepareOwn: matching.prepareOwn }, options, lengthMax)
  const refuse = (reason: ProfileRefusal): Refusal<ProfileRefusal> => refuseKind(kind.name, reason)
  return {
    keys,
    prepare(token, now) {
      const prepared = prepare(token, now)
      if (!prepared.ok) return refuse(prepared.reason)
      const reason = kind.isTypeOptional ? wrongOptionalType(kind, prepared.header) : undefined
      return reason === undefined ? prepared : refuse(reason)
    },
    hashTask({ key }, expected) {
      const text = textToHash?.(expected)
      // OpenID Connect Core §3.1.3.6 takes the hash of `alg`; Ed25519 hashes by itself, with SHA-512.
      const name = key.row.curve === 'Ed25519' ? 'sha512' : key.row.hash
      return text === undefined || name === null ? undefined : { name, bytes: new TextEncoder().encode(text) }
    },
    finish(prepared, isGood, { now, expected, hash }) {
      if (isGood !== true) return refuse('jwt/bad_signature')
      prepared.remember()
      const bytes = decodeBase64url(prepared.payload)
      const claims = bytes === undefined ? undefined : parseJsonObject(bytes)
      if (claims === undefined) return refuse('jwt/malformed')
      const reason = findKindProblem(kind, claims)?.reason ?? findKindRefusal(kind, claims, rules, now)
      if (reason !== undefined) return refuse(reason)
      const { header, key } = prepared
      const context = { now, toleranceSeconds: rules.expiryToleranceSeconds, thumbprint: key.thumbprint, hash }
      const mismatch = match?.(claims as Claims, expected, context)
      if (mismatch !== undefined) return refuse(mismatch)
      return { ok: true, claims: claims as Verified<WithFurther<Claims>>, header, thumbprint: key.thumbprint }
    },
  }
}

function preparing(
  owner: string,
  { kind, prepareOwn }: { readonly kind: Kind; readonly prepareOwn: Matching<never, never>['prepareOwn'] | undefined },
  { keys: givenKeys, algorithms }: AnyOptions,
  lengthMax: number,
): Pick<ProfileLaw<never, never>, 'keys' | 'prepare'> {
  if (prepareOwn !== undefined) return { keys: undefined, prepare: prepareOwn(owner, algorithms, lengthMax) }
  const keysAt = createKeySource(owner, givenKeys, algorithms)
  const type = kind.isTypeOptional ? undefined : kind.type
  let keys = keysAt(undefined)
  let prepare = createPrepare({ keys, type, lengthMax })
  return {
    keys,
    prepare(token, now) {
      const keysNow = keysAt(now)
      if (keysNow !== keys) prepare = createPrepare({ keys: (keys = keysNow), type, lengthMax })
      return prepare(token)
    },
  }
}

/** A kind whose specification lets `typ` be absent takes `JWT` too; never the name of another kind. */
function wrongOptionalType({ type }: Kind, { typ, cty }: JwtHeader): ProfileRefusal | undefined {
  if (cty !== undefined) return 'jwt/forbidden_header'
  const isGood = typ === undefined || hasMediaType(typ, 'jwt') || hasMediaType(typ, type)
  return isGood ? undefined : 'jwt/wrong_type'
}

/** Walks through the law with whichever driver the key prefers. */
export async function walk<Claims, Expected>(
  law: ProfileLaw<Claims, Expected>,
  token: string,
  now: NumericDate,
  expected: Expected,
): Promise<ProfileResult<Claims, { readonly thumbprint: string }>> {
  const at = numericDate(now)
  const prepared = law.prepare(token, at)
  if (!prepared.ok) return prepared
  const isGood = prefersSynchronous(prepared) ? checkNow(prepared) : await checkThroughSubtle(prepared)
  const task = law.hashTask(prepared, expected)
  const hash = task && (hashNow(task) ?? (await subtleHash(task.name, task.bytes)))
  return law.finish(prepared, isGood, { now: at, expected, hash })
}

/** Walks through the law at once. */
export function walkNow<Claims, Expected>(
  law: ProfileLaw<Claims, Expected>,
  token: string,
  now: NumericDate,
  expected: Expected,
): ProfileResult<Claims, { readonly thumbprint: string }> {
  const at = numericDate(now)
  const prepared = law.prepare(token, at)
  if (!prepared.ok) return prepared
  const task = law.hashTask(prepared, expected)
  return law.finish(prepared, checkNow(prepared), { now: at, expected, hash: task && hashNow(task) })
}

/**
 * Checks that every key can be asked at once.
 *
 * @throws TypeError where the runtime has no synchronous primitive for one of them.
 */
export function requireSynchronous(owner: string, keys: KeySet | undefined): void {
  const slow = keys?.materials.find((material) => material.synchronous === undefined)
  if (slow === undefined) return
  throw mistake(owner, 'keys', 'must have algorithms that this runtime verifies synchronously', slow.row.name)
}

function hashNow({ name, bytes }: HashTask): Uint8Array | undefined {
  return name === 'sha256' ? sha256(bytes) : nativeHash(name, bytes)
}
