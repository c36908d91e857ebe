// The cut-off of a subject: everything issued up to it is dead. One record per subject that was ever revoked.
import { type NumericDate, numericDate, plusSeconds } from '@tallystick/core'
import { encodeBase64url } from '@tallystick/core/base64url'
import { sha256 } from '@tallystick/core/crypto'
import { readRecord } from '@tallystick/core/records'
import type { RecordStore } from '@tallystick/storage'
import * as z from 'zod/mini'
import { type Cell, commit } from './commit.ts'

/** The cut-off that stands in the store. */
export interface SubjectCutoff {
  /** Changes whenever the subject is revoked again, also within one second. */
  readonly version: string
  readonly cutoff: NumericDate
}

/** Reads a subject's cut-off; `undefined` where the subject was never revoked. */
export async function readCutoff(records: RecordStore, subject: string): Promise<SubjectCutoff | undefined> {
  const found = await records.read(cutoffKey(subject))
  return found === undefined ? undefined : { version: found.version, cutoff: decodeCutoff(found.text) }
}

/**
 * Moves a subject's cut-off forward to the present; it never goes back.
 *
 * @param keepSeconds - How long anything issued until now can live.
 * @returns The cut-off that now stands.
 */
export async function raiseCutoff(
  records: RecordStore,
  subject: string,
  keepSeconds: number,
  clock: () => NumericDate,
): Promise<NumericDate> {
  const cell: Cell<{ readonly cutoff: NumericDate }> = {
    absent: { cutoff: numericDate(0) },
    decode: (text) => ({ cutoff: decodeCutoff(text) }),
    encode: ({ cutoff }) => JSON.stringify({ v: RECORD_VERSION, cutoff }),
    columns: () => ({}),
    expiresAt: ({ cutoff }) => plusSeconds(cutoff, keepSeconds),
  }
  // Always a new state, so that it is written even within one second: the version tells whoever is issuing right now.
  const committed = await commit({ records, key: cutoffKey(subject), cell, clock }, (known, now) => ({
    outcome: 'accepted',
    verdict: 'raised',
    state: { cutoff: known.cutoff > now ? known.cutoff : now },
    events: [],
  }))
  return committed?.decision.state.cutoff ?? clock()
}

/** The key names the subject by a hash: subjects are of any alphabet and length. */
function cutoffKey(subject: string): string {
  return `subject:${encodeBase64url(sha256(new TextEncoder().encode(subject)))}`
}

function decodeCutoff(text: string): NumericDate {
  return numericDate(readRecord(cutoffSchema, text, 'subject cut-off').cutoff)
}

const RECORD_VERSION = 1
const cutoffSchema = z.strictObject({ v: z.literal(RECORD_VERSION), cutoff: z.int().check(z.gte(0)) })
