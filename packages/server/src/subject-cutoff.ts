// The cut-off of a subject: everything issued up to it is dead. One record per subject that was ever revoked.
import { type NumericDate, numericDate, plusSeconds } from '@tallystick/core'
import { readRecord } from '@tallystick/core/records'
import type { RecordStore } from '@tallystick/storage'
import * as z from 'zod/mini'
import { type Cell, commit, readProven } from './commit.ts'
import { hashedKey } from './hashed-key.ts'
import type { ServerContext } from './context.ts'

/** The cut-off that stands in the store. */
export interface SubjectCutoff {
  /** Changes whenever the subject is revoked again, also within one second. */
  readonly version: string
  readonly cutoff: NumericDate
}

/** Reads a subject's cut-off; `undefined` where the subject was never revoked. */
export async function readCutoff(records: RecordStore, subject: string): Promise<SubjectCutoff | undefined> {
  const found = await readProven(records, hashedKey('subject', subject))
  return found === undefined ? undefined : { version: found.version, cutoff: decodeCutoff(found.text) }
}

/**
 * Moves a subject's cut-off forward, at least to the present and always beyond where it stood.
 *
 * Whatever was issued within the second of an earlier revocation began a second after it (see `issue`), so a further
 * revocation in that second must reach further. It never runs further ahead of the clock than `issue` may date.
 *
 * @param keepSeconds - How long anything issued until now can live.
 * @returns The cut-off that now stands.
 */
export async function raiseCutoff(
  { records, clock, policy }: Pick<ServerContext, 'records' | 'clock' | 'policy'>,
  subject: string,
  keepSeconds: number,
): Promise<NumericDate> {
  const aheadSecondsMax = policy.clockToleranceSeconds + 1
  let aim: NumericDate | undefined
  const cell: Cell<{ readonly cutoff: NumericDate }> = {
    absent: { cutoff: numericDate(0) },
    decode: (text) => ({ cutoff: decodeCutoff(text) }),
    encode: ({ cutoff }) => JSON.stringify({ v: RECORD_VERSION, cutoff }),
    columns: () => ({}),
    expiresAt: ({ cutoff }) => plusSeconds(cutoff, keepSeconds),
  }
  // A new state at first, so that it is written in any case: the version tells whoever is issuing right now. Where that
  // write was lost to one that reaches as far (another revocation's, or our own sent twice), the version has changed too.
  const committed = await commit({ records, key: hashedKey('subject', subject), cell, clock }, (known, now) => {
    const isReached = aim !== undefined && known.cutoff >= aim
    aim ??= latest(known.cutoff, now, earliest(plusSeconds(known.cutoff, 1), plusSeconds(now, aheadSecondsMax)))
    const state = isReached ? known : { cutoff: latest(known.cutoff, aim) }
    return { outcome: 'accepted', verdict: 'raised', state, events: [] }
  })
  return committed?.decision.state.cutoff ?? clock()
}

function latest(...times: readonly NumericDate[]): NumericDate {
  return numericDate(Math.max(...times))
}

function earliest(...times: readonly NumericDate[]): NumericDate {
  return numericDate(Math.min(...times))
}

function decodeCutoff(text: string): NumericDate {
  return numericDate(readRecord(cutoffSchema, text, 'subject cut-off').cutoff)
}

const RECORD_VERSION = 1
const cutoffSchema = z.strictObject({ v: z.literal(RECORD_VERSION), cutoff: z.int().check(z.gte(0)) })
