// What this process knows of revocations, in memory: its own at once, others' when the log is read.
import type { NumericDate } from '@tallystick/core'
import type { RevocationEntry, RevocationLog } from '@tallystick/storage'

/** What a token or family says of itself, to be held against revocations. */
export interface RevocableFacts {
  readonly subject: string
  readonly issuedAt: NumericDate
  readonly familyId?: string | undefined
  readonly sessionId?: string | undefined
  readonly tokenId?: string | undefined
}

/** Revocations in memory. */
export interface RevocationReplica {
  /** Takes in one revocation. */
  apply(entry: RevocationEntry, now: NumericDate): void
  /** Whether a revocation names one of the facts; subjects only up to their cut-off. */
  names(facts: RevocableFacts): boolean
  /**
   * Reads the log from where the last reading ended to its end.
   *
   * @throws What the log throws; what was read until then is kept.
   */
  sync(log: RevocationLog, now: NumericDate): Promise<void>
}

/** Makes an empty replica. Entries leave it when nothing that they name can be alive any more. */
export function createRevocationReplica(): RevocationReplica {
  const entries = new Map<string, RevocationEntry>()
  let cursor: string | undefined
  let readAt = 0
  const apply = (entry: RevocationEntry, now: NumericDate): void => {
    dropExpired(entries, now)
    const key = keyOf(entry)
    const known = entries.get(key)
    if (known === undefined || reach(entry) >= reach(known)) entries.set(key, entry)
  }
  return {
    apply,
    names({ subject, issuedAt, familyId, sessionId, tokenId }) {
      if (entries.size === 0) return false
      const bySubject = entries.get(`subject:${subject}`)
      if (bySubject?.target.kind === 'subject' && issuedAt <= bySubject.target.cutoff) return true
      return (
        (familyId !== undefined && entries.has(`family:${familyId}`)) ||
        (sessionId !== undefined && entries.has(`session:${sessionId}`)) ||
        (tokenId !== undefined && entries.has(`token:${tokenId}`))
      )
    },
    async sync(log, now) {
      // A clock that went back may have been ahead: what was dropped then is read again.
      if (now < readAt) cursor = undefined
      readAt = now
      for (let more = true; more;) {
        const page = await log.since(cursor)
        for (const entry of page.entries) apply(entry, now)
        cursor = page.cursor
        more = page.more
      }
    },
  }
}

function keyOf({ target }: RevocationEntry): string {
  switch (target.kind) {
    case 'family':
      return `family:${target.familyId}`
    case 'session':
      return `session:${target.sessionId}`
    case 'subject':
      return `subject:${target.subject}`
    case 'token':
      return `token:${target.tokenId}`
  }
}

/** How far an entry reaches: a later cut-off, else a later end, includes the earlier one. */
function reach({ target, expiresAt }: RevocationEntry): number {
  return target.kind === 'subject' ? target.cutoff : expiresAt
}

/** Looks at the oldest few entries for every new one: they go, or move to the end, so that all are looked at in turn. */
function dropExpired(entries: Map<string, RevocationEntry>, now: NumericDate): void {
  let looks = 0
  for (const [key, entry] of entries) {
    if (looks === LOOKS_PER_ENTRY) return
    looks += 1
    entries.delete(key)
    if (entry.expiresAt > now) entries.set(key, entry)
  }
}

const LOOKS_PER_ENTRY = 2
