// Where a sign-in lies in the record store: one record, whose text is the record of its refresh token family.
import { type NumericDate, plusSeconds } from '@tallystick/core'
import {
  decodeRecord,
  encodeRecord,
  expiresAt,
  type RefreshTokenFamily,
  type ResolvedRefreshPolicy,
} from '@tallystick/refresh-token'
import type { RecordStore } from '@tallystick/storage'
import type { Cell, Place } from './commit.ts'

/** What stands in the record of one sign-in. */
export interface SignIn {
  /** Its refresh token family. */
  readonly family: RefreshTokenFamily
}

/** The key of a sign-in's record. */
export function signInKey(id: string): string {
  return PREFIX + id
}

/** The id of the sign-in whose record stands under a key, where the key is one. */
export function signInIdOf(key: string): string | undefined {
  return key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined
}

/** Whether a text can be the id of a sign-in: 16 bytes as base64url. */
export function isSignInId(text: string): boolean {
  return /^[A-Za-z0-9_-]{22}$/.test(text)
}

/** The cell of sign-ins under a policy. */
export function signInCell(policy: ResolvedRefreshPolicy): Cell<SignIn> {
  return {
    decode: decodeSignIn,
    encode: ({ family }) => encodeRecord(family),
    columns: ({ family }) => ({
      subject: family.subject,
      // A sweep finds it until its revocation stands in the log.
      pending: family.status === 'revoked' && !family.announced,
    }),
    // The store's clock may run ahead of ours; the machine checks time itself.
    expiresAt: ({ family }) => plusSeconds(expiresAt(family, policy), policy.clockToleranceSeconds),
  }
}

/** Where a sign-in lies. */
export function signInPlace(
  { records, clock }: { readonly records: RecordStore; readonly clock: () => NumericDate },
  id: string,
  policy: ResolvedRefreshPolicy,
): Place<SignIn> {
  return { records, clock, key: signInKey(id), cell: signInCell(policy) }
}

/**
 * Reads a sign-in's record.
 *
 * @throws TokenError `ERR_STORAGE_CORRUPT` where a line is no record of its machine.
 */
export function decodeSignIn(text: string): SignIn {
  return { family: decodeRecord(text) }
}

const PREFIX = 'sign-in:'
