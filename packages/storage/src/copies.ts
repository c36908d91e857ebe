// Copies of what an adapter is handed: each field is read once, so that what was checked is what is stored.
import type { RecordInput } from './record-store.ts'
import type { RevocationEntry, RevocationTarget } from './revocation-log.ts'

/**
 * Copies the fields of a record that is to be written; check the copy with `assertWrite`, and store the copy.
 *
 * A field of the caller's object may be a getter, or be changed while the adapter waits for its client.
 */
export function copyRecord({ text, subject, pending }: RecordInput): RecordInput {
  return Object.freeze({ text, subject, pending })
}

/** As {@link copyRecord} for an entry of the log, with the fields that its kind of target has, and no others. */
export function copyEntry({ id, target, cause, revokedAt, expiresAt }: RevocationEntry): RevocationEntry {
  return Object.freeze({ id, target: Object.freeze(copyTarget(target)), cause, revokedAt, expiresAt })
}

/** What is no target is copied as one of no known kind, which `assertEntry` refuses. */
function copyTarget(given: RevocationTarget): RevocationTarget {
  const target = { ...given }
  switch (target.kind) {
    case 'family':
      return { kind: 'family', familyId: target.familyId }
    case 'session':
      return { kind: 'session', sessionId: target.sessionId }
    case 'subject':
      return { kind: 'subject', subject: target.subject, cutoff: target.cutoff }
    case 'token':
      return { kind: 'token', tokenId: target.tokenId }
  }
  return target
}
