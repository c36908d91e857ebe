// Revocation logs with one fault each, built around a sound one.
import type { RevocationEntry, RevocationLog } from '../revocation-log.ts'

/** Revocation logs with one fault each. */
export const brokenLogs: readonly {
  readonly name: string
  readonly caughtBy: string
  readonly breakLog: (sound: RevocationLog) => RevocationLog
}[] = [
  {
    name: 'appends again what is sent again',
    caughtBy: 'a repeated append changes nothing, also in parallel and also with other content',
    breakLog(sound) {
      let appends = 0
      return {
        append: (entry) => sound.append({ ...entry, id: `${(appends += 1)} ${entry.id}`.slice(0, 640) }),
        async since(cursor) {
          const page = await sound.since(cursor)
          return { ...page, entries: page.entries.map(withoutNumber) }
        },
      }
    },
  },
  {
    name: 'gives places before entries can be seen',
    caughtBy: 'a follower misses no entry of 64 parallel appenders, and everybody sees one order',
    breakLog: placeBeforeVisible,
  },
  {
    name: 'answers the latest entry alone after a cursor',
    caughtBy: 'entries come in the order in which they were appended, each after the cursor before it',
    breakLog: (sound) => ({
      append: (entry) => sound.append(entry),
      async since(cursor) {
        const page = await sound.since(cursor)
        return { ...page, entries: page.entries.slice(-1) }
      },
    }),
  },
  {
    name: 'answers a cursor for an empty log that stays behind its entries',
    caughtBy: 'an empty log answers no entries and a cursor that is good later',
    breakLog: (sound) => ({
      append: (entry) => sound.append(entry),
      async since(cursor) {
        if (cursor === EMPTY) return { entries: [], cursor, more: false }
        const page = await sound.since(cursor)
        return page.entries.length === 0 ? { ...page, cursor: EMPTY } : page
      },
    }),
  },
]

function withoutNumber(entry: RevocationEntry): RevocationEntry {
  return { ...entry, id: entry.id.slice(entry.id.indexOf(' ') + 1) }
}

/** As a database sequence does: the place is drawn first, and the transaction ends in its own time. */
function placeBeforeVisible(sound: RevocationLog): RevocationLog {
  const placed: { readonly place: number; readonly entry: RevocationEntry }[] = []
  const ids = new Set<string>()
  let places = 0
  return {
    async append(entry) {
      if (ids.has(entry.id)) return
      ids.add(entry.id)
      const place = (places += 1)
      for (let wait = (place * 7) % 5; wait > 0; wait -= 1) await sound.since()
      placed.push({ place, entry })
      placed.sort((one, other) => one.place - other.place)
    },
    since(cursor = '0') {
      const after = placed.filter(({ place }) => place > Number(cursor))
      const last = after.at(-1)?.place ?? cursor
      return Promise.resolve({ entries: after.map(({ entry }) => entry), cursor: String(last), more: false })
    },
  }
}

const EMPTY = 'empty'
