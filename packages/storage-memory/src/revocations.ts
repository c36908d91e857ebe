// The revocation log over a list: entries keep their place for ever, and leave once nothing they name can be alive.
import type { Clock, NumericDate } from '@tallystick/core'
import { secretMistake } from '@tallystick/core/options'
import type { RevocationEntry, RevocationLog } from '@tallystick/storage'
import { assertEntry } from '@tallystick/storage'
import { OrderedEntries } from './ordered-entries.ts'
import { createSweep } from './sweep.ts'

/** Builds the revocation log. */
export function memoryRevocations(clock: Clock): RevocationLog {
  const placed = new Map<string, Placed>()
  const feed = new OrderedEntries<Placed>()
  const sweep = createSweep(placed, forgetIfExpired)
  let counter = 0

  return Object.freeze({
    async append(entry) {
      assertEntry(entry)
      sweep(clock.now())
      if (placed.has(entry.id)) return
      const added: Placed = { place: (counter += 1), entry: copyFrozen(entry) }
      placed.set(entry.id, added)
      feed.append(added.place, added)
    },

    async since(cursor) {
      const start = parseCursor(cursor)
      const now = clock.now()
      // A place that was never given comes from a log that is gone: better all again than one missed.
      const page = feed.after(start > counter ? 0 : start, PAGE_ENTRIES, ({ entry }) => entry.expiresAt > now)
      return { entries: page.values.map(({ entry }) => entry), cursor: String(page.last), more: page.more }
    },
  } satisfies RevocationLog)

  function forgetIfExpired({ place, entry }: Placed, now: NumericDate): void {
    if (entry.expiresAt > now) return
    placed.delete(entry.id)
    feed.remove(place)
  }
}

interface Placed {
  readonly place: number
  readonly entry: RevocationEntry
}

function copyFrozen({ id, target, cause, revokedAt, expiresAt }: RevocationEntry): RevocationEntry {
  return Object.freeze({ id, target: Object.freeze({ ...target }), cause, revokedAt, expiresAt })
}

function parseCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  const place = cursor === '' ? Number.NaN : Number(cursor)
  if (Number.isSafeInteger(place) && place >= 0) return place
  throw secretMistake('RevocationLog', 'cursor', 'must be one that since answered', cursor)
}

const PAGE_ENTRIES = 100
