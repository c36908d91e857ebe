// How the issuer and the verifiers of one kind are made from its row (RFC 8725 §3.12).
import type { NumericDate } from '@tallystick/core'
import { kinds } from './profile-kinds.ts'
import type { AnyOptions } from './profile-policy.ts'
import type { ProfileIssuer } from './profile-issue.ts'
import { createProfileIssuer } from './profile-issue.ts'
import type { Matching, ProfileResult } from './profile-law.ts'
import { createProfileLaw, requireSynchronous, walk, walkNow } from './profile-law.ts'

/** Verifies tokens of one kind. `Expected` is what the receiver must say of the request that the token came with. */
export interface ProfileVerifier<Claims, Expected extends readonly unknown[] = []> {
  /**
   * Verifies one token.
   *
   * @param token - Any text; none makes it throw.
   * @param now - Seconds since the epoch.
   * @returns Claims, header, and the RFC 7638 thumbprint of the key; or why not.
   * @throws RangeError where `now` is no NumericDate. TypeError where `expected` is not allowed.
   */
  verify(
    token: string,
    now: NumericDate,
    ...expected: Expected
  ): Promise<ProfileResult<Claims, { readonly thumbprint: string }>>
}

/** As {@link ProfileVerifier}, but the answer is there when the call returns. */
export interface SyncProfileVerifier<Claims, Expected extends readonly unknown[] = []> {
  /** As {@link ProfileVerifier.verify}. */
  verify(token: string, now: NumericDate, ...expected: Expected): ProfileResult<Claims, { readonly thumbprint: string }>
}

/** The verifiers of one kind of token. */
export interface VerifiedProfile<Claims, Options, Expected extends readonly unknown[] = []> {
  /** The media type that its `typ` names. */
  readonly type: string
  /**
   * Makes a verifier.
   *
   * @throws TypeError or RangeError where an option is missing or not allowed; the message names it.
   */
  createVerifier(options: Options): ProfileVerifier<Claims, Expected>
  /**
   * Makes a verifier that answers without a promise.
   *
   * @throws As `createVerifier`; TypeError too where the runtime cannot ask one of the keys at once.
   */
  createSyncVerifier(options: Options): SyncProfileVerifier<Claims, Expected>
}

/** The issuer and the verifiers of one kind of token. */
export interface Profile<
  Claims,
  Given,
  IssueOptions,
  Options,
  Expected extends readonly unknown[] = [],
> extends VerifiedProfile<Claims, Options, Expected> {
  /**
   * Makes an issuer.
   *
   * @throws TypeError or RangeError where an option is missing or not allowed; the message names it.
   */
  createIssuer(options: IssueOptions): ProfileIssuer<Given>
}

/** The verifiers of one kind. */
export function defineVerified<Claims, Options extends AnyOptions, Expected extends readonly unknown[] = []>(
  matching: Matching<Claims, Expected[0]>,
): VerifiedProfile<Claims, Options, Expected> {
  return Object.freeze<VerifiedProfile<Claims, Options, Expected>>({
    type: kinds[matching.kind].type,
    createVerifier(options) {
      const law = createProfileLaw('createVerifier', matching, options)
      return { verify: (token, now, ...[expected]) => walk(law, token, now, expected) }
    },
    createSyncVerifier(options) {
      const owner = 'createSyncVerifier'
      const law = createProfileLaw(owner, matching, options)
      requireSynchronous(owner, law.keys)
      return { verify: (token, now, ...[expected]) => walkNow(law, token, now, expected) }
    },
  })
}

/** The issuer and the verifiers of one kind. */
export function defineProfile<
  Claims,
  Given extends object,
  IssueOptions extends AnyOptions,
  Options extends AnyOptions,
  Expected extends readonly unknown[] = [],
>(matching: Matching<Claims, Expected[0]>): Profile<Claims, Given, IssueOptions, Options, Expected> {
  return Object.freeze({
    ...defineVerified<Claims, Options, Expected>(matching),
    createIssuer: (options: IssueOptions) => createProfileIssuer<Given>(kinds[matching.kind], options),
  })
}
