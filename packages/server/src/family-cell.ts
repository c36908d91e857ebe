// Where a refresh token family lies in the record store.
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

/** The key of a family's record. */
export function familyKey(familyId: string): string {
  return `family:${familyId}`
}

/** The id of the family whose record stands under a key, where the key is one. */
export function familyIdOf(key: string): string | undefined {
  return key.startsWith('family:') ? key.slice('family:'.length) : undefined
}

/** The cell of families under a policy. */
export function familyCell(policy: ResolvedRefreshPolicy): Cell<RefreshTokenFamily> {
  return {
    decode: decodeRecord,
    encode: encodeRecord,
    columns: (family) => ({
      subject: family.subject,
      // A sweep finds it until its revocation stands in the log.
      pending: family.status === 'revoked' && !family.announced,
    }),
    // The store's clock may run ahead of ours; the machine checks time itself.
    expiresAt: (family) => plusSeconds(expiresAt(family, policy), policy.clockToleranceSeconds),
  }
}

/** Whether a text can be the id of a family: 16 bytes as base64url. */
export function isFamilyId(text: string): boolean {
  return /^[A-Za-z0-9_-]{22}$/.test(text)
}

/** Where a family lies. */
export function familyPlace(
  { records, clock }: { readonly records: RecordStore; readonly clock: () => NumericDate },
  familyId: string,
  policy: ResolvedRefreshPolicy,
): Place<RefreshTokenFamily> {
  return { records, clock, key: familyKey(familyId), cell: familyCell(policy) }
}
