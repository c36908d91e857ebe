// The vocabulary of Tallystick. Hash and HMAC: core/crypto. Text: core/base64url. Clock and entropy: core/system.
export type { Decision } from './decision.ts'
export type { ErrorCode } from './failures.ts'
export { failures, isTokenError, TokenError } from './failures.ts'
export type { NumericDate } from './numeric-date.ts'
export { numericDate, plusSeconds } from './numeric-date.ts'
export type { Clock, Entropy } from './ports.ts'
export type { OAuthError, Refusal, Result } from './result.ts'
export { orThrow } from './result.ts'
