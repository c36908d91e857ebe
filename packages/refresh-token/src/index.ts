// The rotation machine. Secrets: refresh-token/secrets. Token text: refresh-token/token. Tables: …/policy, …/refusals.
export type {
  Announce,
  Attempt,
  Command,
  Confirm,
  LogAnswer,
  PresentedBinding,
  Revoke,
  RiskAnswer,
  Rotate,
} from './command.ts'
export { decide, openQuestion } from './decide.ts'
export type { FamilyFacts, RefreshTokenEvent } from './event.ts'
export { expiresAt, isActive } from './expiry.ts'
export type { FamilyGrant } from './issue.ts'
export { issueFamily } from './issue.ts'
export type { RefreshPolicy, ResolvedRefreshPolicy } from './policy.ts'
export { resolvePolicy } from './policy.ts'
export { decodeRecord, encodeRecord } from './record.ts'
export type { RefreshRefusal } from './refusals.ts'
export { refuseRefresh } from './refusals.ts'
export type { RefreshTokenSecret } from './secrets.ts'
export type { Authentication, FamilyId, RefreshTokenFamily, RevocationCause, TokenBinding } from './state.ts'
export type { ParsedRefreshToken, ParseResult } from './token.ts'
export { deriveFamilyId, issueToken, parseToken } from './token.ts'
export type { RefreshDecision, RefreshVerdict, ServingVerdict } from './verdict.ts'
