// Where a presented credential stands in the history of a session.
import type { Proof } from './command.ts'
import type { Session } from './state.ts'

/**
 * Where a presented credential stands.
 *
 * - `current`: it is the one that counts. `previous`: the current one was made from it.
 * - `older`: it shows the session's lineage, so it is genuine and was replaced before. `unknown`: a guess.
 */
export type Relation = 'current' | 'previous' | 'older' | 'unknown'

/**
 * Compares a proof with what is recorded.
 *
 * These are hashes: what the time of a comparison may tell of one is of no use to whoever looks for a secret that has it.
 */
export function relationOf(session: Session, { hash, lineageHash }: Proof): Relation {
  if (session.credentialHash === hash) return 'current'
  if (session.previousHash === hash) return 'previous'
  // The first two generations have no others before them.
  if (lineageHash === undefined || session.generation <= 2) return 'unknown'
  return session.lineageHash === lineageHash ? 'older' : 'unknown'
}
