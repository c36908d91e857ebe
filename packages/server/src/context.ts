// Everything a verb of the server works with, resolved once at construction.
import type { Entropy, NumericDate } from '@tallystick/core'
import type { SecretRing } from '@tallystick/core/secret-ring'
import type { EventBus } from '@tallystick/events'
import type { RefreshTokenFamily, ResolvedRefreshPolicy, RiskAnswer } from '@tallystick/refresh-token'
import type { ResolvedSessionPolicy } from '@tallystick/session'
import type { RecordStore, RevocationLog } from '@tallystick/storage'
import type { AccessTokenPort } from './access-token.ts'
import type { ClientDirectory } from './clients.ts'
import type { Cell } from './commit.ts'
import type { RequestContext, ServerFact } from './event.ts'
import type { RevocationReplica } from './revocation-replica.ts'
import type { SignIn } from './sign-in-cell.ts'

/** What the risk hook is told of a refresh that would otherwise be served. */
export interface RiskFacts {
  /** The family as it stands before the refresh. */
  readonly family: PublicFamily
  /** Where the request came from, where the caller said so. */
  readonly context?: RequestContext | undefined
  /** Since the last rotation. */
  readonly ageSeconds: number
}

/** A family without what only the machine needs. */
export type PublicFamily = Omit<
  RefreshTokenFamily,
  'attempt' | 'attemptBy' | 'previousAttempt' | 'revokedBy' | 'secretId' | 'successorUsed' | 'predecessorClosed'
>

/** What the application adds to a server. */
export interface ServerHooks {
  /** Claims for the access token of a refresh, beside those given at issue. */
  readonly claimsAtRefresh?: ((family: PublicFamily) => Promise<Readonly<Record<string, unknown>>>) | undefined
  /** Asked before a rotation is served: serve it, ask for a step-up, or revoke the family. */
  readonly risk?: ((facts: RiskFacts) => Promise<Exclude<RiskAnswer, 'unasked'>>) | undefined
}

/** What every verb works with. */
export interface ServerContext {
  readonly issuer: string
  /** The audiences of a token that names none. */
  readonly audience: readonly string[]
  readonly clientId: string | undefined
  readonly records: RecordStore
  readonly log: RevocationLog | undefined
  readonly clock: () => NumericDate
  readonly entropy: Entropy
  readonly ring: SecretRing
  /** Where sign-ins lie under the server's own policy; it remembers the sessions that it read last. */
  readonly signInCell: Cell<SignIn>
  readonly clients: ClientDirectory
  /** The server's own policy. */
  readonly policy: ResolvedRefreshPolicy
  readonly sessionPolicy: ResolvedSessionPolicy
  readonly accessTokens: AccessTokenPort
  readonly replica: RevocationReplica
  /** Reads on in the log every few seconds; rotation goes on without a log that fails. */
  readonly logWasRead: () => Promise<void>
  readonly bus: EventBus<ServerFact>
  readonly hooks: ServerHooks
}

/** Tells events that are no machine's. */
export function tell(context: ServerContext, fact: ServerFact, now: NumericDate): void {
  context.bus.emit([fact], now, context.entropy)
}

/** The view of a family for hooks and callers. */
export function publicFamily(family: RefreshTokenFamily): PublicFamily {
  const {
    attempt: _attempt,
    attemptBy: _attemptBy,
    previousAttempt: _previousAttempt,
    revokedBy: _revokedBy,
    secretId: _secretId,
    successorUsed: _successorUsed,
    predecessorClosed: _predecessorClosed,
    ...view
  } = family
  // A copy: a hook that writes into it writes into nothing.
  return structuredClone(view)
}
