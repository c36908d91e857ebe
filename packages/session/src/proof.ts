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

/** Compares a proof with what is recorded, in constant time. */
export function relationOf(session: Session, { hash, lineageHash }: Proof): Relation {
  if (isSameHash(session.credentialHash, hash)) return 'current'
  if (session.previousHash !== undefined && isSameHash(session.previousHash, hash)) return 'previous'
  // The first two generations have no others before them.
  if (lineageHash === undefined || session.generation <= 2) return 'unknown'
  return isSameHash(session.lineageHash, lineageHash) ? 'older' : 'unknown'
}

/** Whether two hashes are equal, in time that depends on their lengths alone. */
function isSameHash(left: string, right: string): boolean {
  if (left.length !== right.length) return false
  let difference = 0
  for (let at = 0; at < left.length; at += 1) difference |= left.charCodeAt(at) ^ right.charCodeAt(at)
  return difference === 0
}
