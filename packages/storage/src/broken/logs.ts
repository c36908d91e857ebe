// Revocation logs with one fault each, built around a sound one.
import type { Clock, NumericDate } from '@tallystick/core'
import type { RevocationEntry, RevocationLog, RevocationTarget } from '../revocation-log.ts'

/** A revocation log with one fault. */
export interface BrokenLog {
  readonly name: string
  readonly caughtBy: string
  /** @param clock - The one that the sound log goes by. */
  readonly breakLog: (sound: RevocationLog, clock: Clock) => RevocationLog
}

/** Revocation logs with one fault each. */
export const brokenLogs: readonly BrokenLog[] = [
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
  {
    name: 'stores targets without a look at them',
    caughtBy: 'an entry with a field outside its bounds rejects as a mistake, and hides no other',
    breakLog(sound) {
      const targets = new Map<string, RevocationTarget>()
      return {
        async append(entry) {
          await sound.append({ ...entry, target: { kind: 'family', familyId: 'f' } })
          targets.set(entry.id, entry.target)
        },
        async since(cursor) {
          const page = await sound.since(cursor)
          return {
            ...page,
            entries: page.entries.map((entry) => ({ ...entry, target: targets.get(entry.id) ?? entry.target })),
          }
        },
      }
    },
  },
  {
    name: 'looks at an entry and then reads it again',
    caughtBy: 'the fields of an entry are read once: what was checked is what is stored',
    breakLog: (sound) => ({
      async append(entry) {
        if (entry.cause === '') throw new TypeError('the cause is empty')
        return sound.append(entry)
      },
      since: (cursor) => sound.since(cursor),
    }),
  },
  {
    name: 'keeps the first end of an entry',
    caughtBy: 'a repeated append with a later end prolongs the entry, and tells who has read it already',
    breakLog(sound) {
      const ids = new Set<string>()
      return {
        async append(entry) {
          if (!ids.has(entry.id)) await sound.append(entry)
          ids.add(entry.id)
        },
        since: (cursor) => sound.since(cursor),
      }
    },
  },
  {
    name: 'prolongs an entry and forgets it at its first end',
    caughtBy: 'a repeated append with a later end prolongs the entry, and tells who has read it already',
    breakLog(sound, clock) {
      const ends = new Map<string, NumericDate>()
      return {
        async append(given) {
          const entry = { ...given }
          await sound.append(entry)
          if (!ends.has(entry.id)) ends.set(entry.id, entry.expiresAt)
        },
        async since(cursor) {
          const page = await sound.since(cursor)
          return { ...page, entries: page.entries.filter(({ id }) => (ends.get(id) ?? clock.now()) >= clock.now()) }
        },
      }
    },
  },
  {
    name: 'takes every target for a family',
    caughtBy: 'every kind of entry is read back as it was appended',
    breakLog: (sound) => ({
      append: (entry) => sound.append(entry),
      async since(cursor) {
        const page = await sound.since(cursor)
        return { ...page, entries: page.entries.map((entry) => ({ ...entry, target: FAMILY })) }
      },
    }),
  },
  {
    name: 'takes a token for a session',
    caughtBy: 'every kind of entry is read back as it was appended',
    breakLog: (sound) => ({
      append: (entry) => sound.append(entry),
      async since(cursor) {
        const page = await sound.since(cursor)
        return { ...page, entries: page.entries.map((entry) => ({ ...entry, target: toSession(entry.target) })) }
      },
    }),
  },
  {
    name: 'tells the last entry twice',
    caughtBy: 'every kind of entry is read back as it was appended',
    breakLog: (sound) => ({
      append: (entry) => sound.append(entry),
      async since(cursor) {
        const page = await sound.since(cursor)
        return { ...page, entries: [...page.entries, ...page.entries.slice(-1)] }
      },
    }),
  },
  {
    name: 'drops what one appender sends',
    caughtBy: 'a follower misses no entry of 64 parallel appenders, and everybody sees one order',
    breakLog: (sound) => ({
      append: async (entry) => (entry.id.startsWith('5:') ? undefined : sound.append(entry)),
      since: (cursor) => sound.since(cursor),
    }),
  },
  {
    name: 'counts the entries before a cursor',
    caughtBy: 'an entry is kept until it expires, and its leaving neither moves nor hides another',
    breakLog: (sound) => ({
      append: (entry) => sound.append(entry),
      async since(cursor = '0') {
        const all: RevocationEntry[] = []
        for (let page = await sound.since(); ; page = await sound.since(page.cursor)) {
          all.push(...page.entries)
          if (!page.more) return { entries: all.slice(Number(cursor)), cursor: String(all.length), more: false }
        }
      },
    }),
  },
  {
    name: 'remembers the ids of what it has forgotten',
    caughtBy: 'an entry that has expired does not keep its id from being appended again',
    breakLog(sound) {
      const ids = new Set<string>()
      return {
        async append(entry) {
          const { entries } = await sound.since()
          if (ids.has(entry.id) && !entries.some(({ id }) => id === entry.id)) return
          await sound.append(entry)
          ids.add(entry.id)
        },
        since: (cursor) => sound.since(cursor),
      }
    },
  },
  {
    name: 'takes an empty cursor for none',
    caughtBy: 'a cursor that cannot be one rejects as a mistake, the empty text too',
    breakLog: (sound) => ({
      append: (entry) => sound.append(entry),
      since: (cursor) => sound.since(cursor === '' ? undefined : cursor),
    }),
  },
]

function toSession(target: RevocationTarget): RevocationTarget {
  return target.kind === 'token' ? { kind: 'session', sessionId: target.tokenId } : target
}

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
const FAMILY: RevocationTarget = { kind: 'family', familyId: 'f' }
