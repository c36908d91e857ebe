// Sealed sessions: a whole session, encrypted, in the browser's cookie. Subpath server/sealed; it stands on jose.
export type { SealedFacts, SealedSessionsOptions } from './sealed-options.ts'
export type { SealedRefusal, TooLarge } from './sealed-refusals.ts'
export type { ChangeSealed, OpenedSession, OpenOptions, SealedSessions, SealGrant } from './sealed-sessions.ts'
export { createSealedSessions } from './sealed-sessions.ts'
export type { SealResult, WrittenSession } from './sealed-use.ts'
