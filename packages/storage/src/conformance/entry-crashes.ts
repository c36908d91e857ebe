// The check of the revocation log whose process dies: no entry that was answered is lost, and none is hidden.
import { numericDate, plusSeconds } from '@tallystick/core'
import type { RevocationEntry, RevocationLog } from '../revocation-log.ts'
import type { Storage } from '../storage.ts'
import { ensure, ensureEqual } from './assertions.ts'
import type { Check } from './check.ts'
import { followAll, laterThan } from './check.ts'
import type { Crash, CrashingStore, CreateCrashing } from './crash.ts'
import { crashEverywhere, unlessDead } from './crash.ts'

/** The revocation log over a client whose process dies. */
export const crashingLogCheck: Check<CreateCrashing> = {
  name: 'where the process dies before or after any command of its client, no entry that was answered is lost or hidden',
  run: (create) => crashEverywhere(create, runJob, APPENDS.length),
}

/** Appends entries, one of them again with a later end; where the process dies, the next process takes over. */
async function runJob(store: CrashingStore, crash: Crash): Promise<void> {
  let log = logOf(store.storage)
  const later = laterThan(store.clock)
  const follower: Follower = { cursor: undefined, told: new Map() }
  const appended: Ends = new Map()
  crash.arm()
  for (const [id, lastsSeconds] of APPENDS) {
    const entry = { ...REPLAY, id, expiresAt: plusSeconds(later, lastsSeconds) }
    const before = show(appended)
    const after = show(appended.set(id, entry.expiresAt))
    const wasAlive = !crash.happened()
    const answered = await unlessDead(crash, () => append(log, entry))
    await unlessDead(crash, () => follow(log, follower))
    if (wasAlive && crash.happened()) {
      log = logOf(await store.reopen())
      await ensureLeft(log, answered === undefined ? [before, after] : [after])
      await append(log, entry)
      await ensureLeft(log, [after])
      await follow(log, follower)
    }
    ensureEqual(show(follower.told), after, 'what a follower was told')
  }
}

/** When each entry ends, by its id. */
type Ends = Map<string, number>

/** Somebody who reads the log on and on, whichever process answers. */
interface Follower {
  cursor: string | undefined
  readonly told: Ends
}

async function append(log: RevocationLog, entry: RevocationEntry): Promise<'answered'> {
  await log.append(entry)
  return 'answered'
}

async function follow(log: RevocationLog, follower: Follower): Promise<void> {
  const { entries, cursor } = await followAll(log, follower.cursor)
  follower.cursor = cursor
  for (const { id, expiresAt } of entries) follower.told.set(id, expiresAt)
}

/** The log has what it had before the append or what it has after it, each entry once. */
async function ensureLeft(log: RevocationLog, allowed: readonly string[]): Promise<void> {
  const { entries } = await followAll(log)
  const left = entries.map(({ id, expiresAt }) => [id, expiresAt] as const)
  ensure(allowed.includes(show(left)), `${show(left)} is left where there should be ${allowed.join(' or ')}`)
}

function show(ends: Iterable<readonly [string, number]>): string {
  return JSON.stringify([...ends].sort(([one], [other]) => (one < other ? -1 : 1)))
}

function logOf({ revocations }: Storage): RevocationLog {
  ensure(revocations !== undefined, 'the storage has a revocation log')
  return revocations
}

const REVOKED_AT = numericDate(1_700_000_000)
const REPLAY = { target: { kind: 'family', familyId: 'f' }, cause: 'replay', revokedAt: REVOKED_AT } as const
/** By id, how much later than the first each one ends. */
const APPENDS = [
  ['a', 0],
  ['b', 0],
  ['a', 600],
  ['c', 0],
] as const
