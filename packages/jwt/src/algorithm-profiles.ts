// Which algorithms the profiles of others allow (FAPI 2.0, CAEP interoperability), as lists for `algorithms`.
import type { JwtAlgorithm } from './algorithms.ts'

/**
 * The allow-lists of profiles, to be given as `algorithms` of a verifier. A verifier's keys need not have them all.
 *
 * `fapi2` is FAPI 2.0 Security Profile §5.4.1, `caepInterop` the CAEP Interoperability Profile §2.6.
 */
export const algorithmProfiles: {
  readonly fapi2: readonly JwtAlgorithm[]
  readonly caepInterop: readonly JwtAlgorithm[]
} = Object.freeze({
  fapi2: Object.freeze<JwtAlgorithm[]>(['PS256', 'ES256', 'Ed25519']),
  caepInterop: Object.freeze<JwtAlgorithm[]>(['RS256']),
})
