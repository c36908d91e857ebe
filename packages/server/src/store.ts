// The caller's store behind one door: whatever it throws becomes a failure, never a verdict.
import { isTokenError, TokenError } from '@tallystick/core'
import type { RecordStore, RevocationLog, Storage } from '@tallystick/storage'

/** The same ports; every rejection is a TokenError. */
export interface GuardedStorage {
  readonly records: RecordStore
  readonly log: RevocationLog | undefined
}

/**
 * Puts the caller's storage behind the door.
 *
 * Failures become `ERR_STORAGE_UNAVAILABLE` and, for the revocation log, `ERR_REVOCATION_LOG_UNAVAILABLE`; of the cause
 * only name and code stay, because drivers quote what they were sent.
 */
export function guardStorage({ records, revocations }: Storage): GuardedStorage {
  return {
    records: {
      capabilities: records.capabilities,
      read: (key) => fromRecords(() => records.read(key)),
      compareAndSet: (key, version, record, expiresAt) =>
        fromRecords(() => records.compareAndSet(key, version, record, expiresAt)),
      delete: (key, version) => fromRecords(() => records.delete(key, version)),
      list: (index, cursor) => fromRecords(() => records.list(index, cursor)),
    },
    log: revocations && {
      append: (entry) => fromLog(() => revocations.append(entry)),
      since: (cursor) => fromLog(() => revocations.since(cursor)),
    },
  }
}

/** Not an asynchronous function of its own: every request reads, and each of those costs a turn. */
function fromRecords<Answer>(operation: () => Promise<Answer>): Promise<Answer> {
  try {
    return operation().catch(failRecords)
  } catch (cause) {
    return Promise.reject(recordFailure(cause))
  }
}

function failRecords(cause: unknown): never {
  throw recordFailure(cause)
}

function recordFailure(cause: unknown): TokenError {
  return isTokenError(cause) ? cause : new TokenError('ERR_STORAGE_UNAVAILABLE', 'the record store failed', { cause })
}

async function fromLog<Answer>(operation: () => Promise<Answer>): Promise<Answer> {
  try {
    return await operation()
  } catch (cause) {
    throw isTokenError(cause)
      ? cause
      : new TokenError('ERR_REVOCATION_LOG_UNAVAILABLE', 'the revocation log failed', { cause })
  }
}
