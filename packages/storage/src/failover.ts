// A primary and a lagging replica for tests: a failover loses every record written since the last replication.
import type { CompareAndSetResult, RecordStore, StoredRecord } from './record-store.ts'
import { ABSENT } from './record-store.ts'
import type { Storage } from './storage.ts'

/** A storage that can fail over. */
export interface Failover {
  /** The two as one: hand it to what is tested. */
  readonly storage: Storage
  /** Brings the replica's records to what the primary holds now. */
  replicate(): Promise<void>
  /** Makes the replica serve from now on; calls under way still end on the primary. Cannot be undone. */
  failOver(): void
}

/**
 * Joins two storages into one whose records can fail over to a replica that lags behind.
 *
 * The revocation log is the primary's, before and after: it stands for a log that is kept elsewhere. Versions of the
 * two sides never equal each other, so a version from before the failover wins nothing after it.
 *
 * @param primary - Serves until the failover.
 * @param replica - Empty, with the primary's clock; receives records on `replicate()` only.
 */
export function createFailover(primary: Storage, replica: Storage): Failover {
  const changed = new Set<string>()
  const sides = {
    primary: markVersions('primary', primary.records, (key) => void changed.add(key)),
    replica: markVersions('replica', replica.records, () => {}),
  }
  let serving = sides.primary
  return {
    storage: {
      records: {
        capabilities: primary.records.capabilities,
        read: (key) => serving.read(key),
        compareAndSet: (key, version, record, expiresAt) => serving.compareAndSet(key, version, record, expiresAt),
        delete: (key, version) => serving.delete(key, version),
        list: (index, cursor) => serving.list(index, cursor),
      },
      revocations: primary.revocations,
    },
    async replicate() {
      const keys = [...changed]
      changed.clear()
      for (const key of keys) await copyRecord(key, primary.records, replica.records)
    },
    failOver() {
      serving = sides.replica
    },
  }
}

async function copyRecord(key: string, from: RecordStore, to: RecordStore): Promise<void> {
  const record = await from.read(key)
  if (record === undefined) return void (await to.delete(key))
  const { text, subject, pending, expiresAt } = record
  const stale = await to.read(key)
  await to.compareAndSet(key, stale?.version ?? ABSENT, { text, subject, pending }, expiresAt)
}

/** Puts the side's name before its versions, and takes it off what comes back. */
function markVersions(side: string, records: RecordStore, onWrite: (key: string) => void): RecordStore {
  const prefix = `${side}.`
  const mark = (record: StoredRecord): StoredRecord => ({ ...record, version: prefix + record.version })
  const unmark = (version: string): string => {
    if (version === ABSENT || version === '') return version
    return version.startsWith(prefix) ? version.slice(prefix.length) : `not of the ${side}`
  }
  const markAnswer = (answer: CompareAndSetResult): CompareAndSetResult => {
    if (answer.won) return { won: true, version: prefix + answer.version }
    return { won: false, current: answer.current && mark(answer.current) }
  }
  return {
    capabilities: records.capabilities,
    async read(key) {
      const record = await records.read(key)
      return record && mark(record)
    },
    async compareAndSet(key, expectedVersion, record, expiresAt) {
      onWrite(key)
      return markAnswer(await records.compareAndSet(key, unmark(expectedVersion), record, expiresAt))
    },
    async delete(key, expectedVersion) {
      onWrite(key)
      return records.delete(key, expectedVersion === undefined ? undefined : unmark(expectedVersion))
    },
    async list(index, cursor) {
      const page = await records.list(index, cursor)
      return { ...page, records: page.records.map(mark) }
    },
  }
}
