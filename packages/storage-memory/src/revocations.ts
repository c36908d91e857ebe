// The revocation log over a list: entries keep their place, and leave once nothing they name can be alive.
import type { Clock, Entropy, NumericDate } from '@tallystick/core'
import { encodeBase64url } from '@tallystick/core/base64url'
import { secretMistake } from '@tallystick/core/options'
import type { RevocationEntry, RevocationLog } from '@tallystick/storage'
import { assertEntry, copyEntry } from '@tallystick/storage'
import { OrderedEntries } from './ordered-entries.ts'
import { createSweep } from './sweep.ts'

/**
 * Builds the revocation log.
 *
 * A cursor is a place and the mark of the log that gave it: the places of a log that went with its process say nothing
 * of this one's entries.
 */
export function memoryRevocations(clock: Clock, entropy: Entropy): RevocationLog {
  const mark = encodeBase64url(entropy.bytes(MARK_BYTES))
  const placed = new Map<string, Placed>()
  const feed = new OrderedEntries<Placed>()
  const sweep = createSweep(placed, forgetIfExpired)
  let counter = 0

  return Object.freeze({
    async append(given) {
      const entry = copyEntry(given)
      assertEntry(entry)
      const now = clock.now()
      sweep(now)
      const known = liveEntry(entry.id, now)
      if (known === undefined) return place(entry)
      if (known.entry.expiresAt >= entry.expiresAt) return
      forget(known)
      place(Object.freeze({ ...known.entry, expiresAt: entry.expiresAt }))
    },

    async since(cursor) {
      const start = parseCursor(cursor)
      const now = clock.now()
      const after = start.mark === mark ? start.place : 0
      const page = feed.after(after, PAGE_ENTRIES, ({ entry }) => entry.expiresAt > now)
      return { entries: page.values.map(({ entry }) => entry), cursor: `${page.last}.${mark}`, more: page.more }
    },
  } satisfies RevocationLog)

  function liveEntry(id: string, now: NumericDate): Placed | undefined {
    const found = placed.get(id)
    return found === undefined || forgetIfExpired(found, now) ? undefined : found
  }

  function place(entry: RevocationEntry): void {
    const added: Placed = { place: (counter += 1), entry }
    placed.set(entry.id, added)
    feed.append(added.place, added)
  }

  function forgetIfExpired(found: Placed, now: NumericDate): boolean {
    if (found.entry.expiresAt > now) return false
    forget(found)
    return true
  }

  function forget({ place: at, entry }: Placed): void {
    placed.delete(entry.id)
    feed.remove(at)
  }
}

interface Placed {
  readonly place: number
  readonly entry: RevocationEntry
}

/** Without a cursor, from the start: no log has the mark `undefined`. */
function parseCursor(cursor: string | undefined): { readonly place: number; readonly mark: string | undefined } {
  if (cursor === undefined) return { place: 0, mark: undefined }
  const [, place, mark] = (typeof cursor === 'string' && CURSOR.exec(cursor)) || []
  if (mark !== undefined) return { place: Number(place), mark }
  throw secretMistake('RevocationLog', 'cursor', 'must be one that since answered', cursor)
}

const CURSOR = /^(0|[1-9]\d{0,14})\.([\w-]{12})$/
/** Twelve characters of base64url. */
const MARK_BYTES = 9
const PAGE_ENTRIES = 100
