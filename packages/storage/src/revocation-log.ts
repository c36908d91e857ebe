// The feed of revocations: appended by issuers, followed by verifiers, re-applied after a failover.
import type { NumericDate } from '@tallystick/core'

/** What a revocation names; every text is 1 to 512 characters. */
export type RevocationTarget =
  | { readonly kind: 'family'; readonly familyId: string }
  | { readonly kind: 'session'; readonly sessionId: string }
  /** Everything of the subject that was issued at or before `cutoff`. */
  | { readonly kind: 'subject'; readonly subject: string; readonly cutoff: NumericDate }
  | { readonly kind: 'token'; readonly tokenId: string }

/** One revocation. */
export interface RevocationEntry {
  /** 1 to 640 characters, the same for every append of the same revocation. */
  readonly id: string
  /** What is revoked. */
  readonly target: RevocationTarget
  /** Why, in one word of 1 to 64 characters: `replay`, `sign_out` … */
  readonly cause: string
  /** When it was revoked, in seconds since the epoch. */
  readonly revokedAt: NumericDate
  /** When nothing that it names can be alive any more; the log may then forget it. */
  readonly expiresAt: NumericDate
}

/** Entries after a cursor. */
export interface RevocationPage {
  /** The entries, in the order of the log. */
  readonly entries: readonly RevocationEntry[]
  /** Where this page ends; hand it back to go on. */
  readonly cursor: string
  /** Whether more entries are there already. */
  readonly more: boolean
}

/** An append-only log of revocations. */
export interface RevocationLog {
  /**
   * Appends an entry and answers once it is as durable as the log can make it; idempotent by `entry.id`.
   *
   * Of two appends with one id the first stands, with the later `expiresAt` of both. Where the later one prolongs it, the
   * entry moves to the end of the log, so that who has read it already is told. An entry that has expired, and was
   * forgotten or not, is no obstacle to its id.
   *
   * @throws TypeError or RangeError (it rejects) where a field is outside its bounds; nothing is appended then.
   */
  append(entry: RevocationEntry): Promise<void>
  /**
   * The entries after `cursor`, from the start without one, in an order that never changes.
   *
   * No entry ever appears before a cursor that was already answered: who follows the log misses none. A cursor stays good
   * when entries around it are forgotten. A log that cannot place a cursor (it is another one than answered it, or
   * was restored from an older state) answers from the start: entries may repeat, never be missing. What is no cursor at
   * all rejects with a TypeError.
   */
  since(cursor?: string): Promise<RevocationPage>
}
