// Deliberately broken adapters, each with the check of the conformance suite that must catch it: they prove the checks.
import type { Clock } from '@tallystick/core'
import { numericDate } from '@tallystick/core'
import { brokenArguments } from './broken/arguments.ts'
import { brokenAtomicity } from './broken/atomicity.ts'
import { brokenBounds } from './broken/bounds.ts'
import { brokenInCrashes } from './broken/crashes.ts'
import { brokenUnderDisorder } from './broken/disorder.ts'
import { brokenFidelity } from './broken/fidelity.ts'
import { brokenLists } from './broken/lists.ts'
import { brokenLogsInCrashes } from './broken/log-crashes.ts'
import { brokenLogs } from './broken/logs.ts'
import { brokenVersions } from './broken/versions.ts'
import type { RecordStore } from './record-store.ts'
import type { RevocationLog } from './revocation-log.ts'
import type { Storage } from './storage.ts'

/** A fault that real adapters have had. */
export interface BrokenAdapter {
  /** The fault, in a few words. */
  readonly name: string
  /** Which suite sees it. */
  readonly suite: 'records' | 'revocations'
  /** The title of the test that must fail. */
  readonly caughtBy: string
  /**
   * Breaks a sound storage.
   *
   * @param clock - The one that the sound storage goes by; without it, faults of the clock do not show.
   */
  readonly build: (sound: Storage, clock?: Clock) => Storage
}

/**
 * The broken adapters.
 *
 * Run the suite on each: the test named by `caughtBy` must fail.
 */
export const brokenAdapters: readonly BrokenAdapter[] = [
  ...[
    ...brokenAtomicity,
    ...brokenFidelity,
    ...brokenArguments,
    ...brokenBounds,
    ...brokenVersions,
    ...brokenLists,
    ...brokenUnderDisorder,
    ...brokenInCrashes,
  ].map(({ name, caughtBy, breakRecords }): BrokenAdapter => ({
    name,
    suite: 'records',
    caughtBy,
    build: ({ records, revocations }, clock = standingStill) => ({
      records: breakRecords(records, clock),
      revocations,
    }),
  })),
  ...[...brokenLogs, ...brokenLogsInCrashes].map(({ name, caughtBy, breakLog }): BrokenAdapter => ({
    name,
    suite: 'revocations',
    caughtBy,
    build: ({ records, revocations }, clock = standingStill) => ({
      records,
      revocations: revocations && breakLog(revocations, clock),
    }),
  })),
]

/** An adapter over a client that fails every command, as an adapter must not answer it: the errors are swallowed. */
export const swallowsErrors: Storage = {
  records: {
    capabilities: { compareAndSet: true, linearizable: true, durable: 'memory', expiry: false, clock: false },
    read: () => swallow(failingClient, undefined),
    compareAndSet: () => swallow(failingClient, { won: false, current: undefined }),
    delete: () => swallow(failingClient, false),
    list: () => swallow(failingClient, { records: [] }),
  } satisfies RecordStore,
  revocations: {
    append: () => swallow(failingClient, undefined),
    since: (cursor) => swallow(failingClient, { entries: [], cursor: cursor ?? '0', more: false }),
  } satisfies RevocationLog,
}

async function swallow<Answer>(command: () => Promise<Answer>, instead: Answer): Promise<Answer> {
  try {
    return await command()
  } catch {
    return instead
  }
}

function failingClient(): Promise<never> {
  return Promise.reject(Object.assign(new Error('the connection was lost'), { code: 'ECONNRESET' }))
}

const standingStill: Clock = { now: () => numericDate(0) }
