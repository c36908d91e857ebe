// Revocation logs that keep in their process what must outlive it, built around a sound one.
import { assertEntry } from '../bounds.ts'
import { copyEntry } from '../copies.ts'
import type { RevocationEntry, RevocationLog } from '../revocation-log.ts'
import { createLock } from './crashes.ts'
import type { BrokenLog } from './logs.ts'

/** Faults that only the death of the process shows. */
export const brokenLogsInCrashes: readonly BrokenLog[] = [
  {
    name: 'answers an append before it is sent',
    caughtBy:
      'where the process dies before or after any command of its client, no entry that was answered is lost or hidden',
    breakLog: appendLater,
  },
  {
    name: 'numbers places anew in each process',
    caughtBy:
      'where the process dies before or after any command of its client, no entry that was answered is lost or hidden',
    breakLog: numberPlaces,
  },
]

/** Entries are collected, and sent before the next command. */
function appendLater(sound: RevocationLog): RevocationLog {
  const oneByOne = createLock()
  const collected: RevocationEntry[] = []
  return {
    async append(given) {
      const entry = copyEntry(given)
      assertEntry(entry)
      collected.push(entry)
    },
    since: (cursor) =>
      oneByOne(async () => {
        for (const entry of collected.splice(0)) await sound.append(entry)
        return sound.since(cursor)
      }),
  }
}

/** A cursor says how many entries the process has seen. */
function numberPlaces(sound: RevocationLog): RevocationLog {
  const oneByOne = createLock()
  const places = new Map<string, number>()
  const placeOf = ({ id, expiresAt }: RevocationEntry): number => {
    const place = places.get(`${expiresAt} ${id}`) ?? places.size + 1
    places.set(`${expiresAt} ${id}`, place)
    return place
  }
  return {
    append: (entry) => sound.append(entry),
    async since(cursor = '0') {
      if (typeof cursor !== 'string' || !/^\d+$/.test(cursor)) throw new TypeError('the cursor is none')
      return oneByOne(async () => {
        const entries = (await allOf(sound)).filter((entry) => placeOf(entry) > Number(cursor))
        return { entries, cursor: String(places.size), more: false }
      })
    },
  }
}

async function allOf(log: RevocationLog): Promise<readonly RevocationEntry[]> {
  const all: RevocationEntry[] = []
  for (let page = await log.since(); ; page = await log.since(page.cursor)) {
    all.push(...page.entries)
    if (!page.more) return all
  }
}
