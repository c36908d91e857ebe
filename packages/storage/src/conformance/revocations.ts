// Checks of the revocation log: who follows it gets every entry, once per id, in one order.
import type { NumericDate } from '@tallystick/core'
import { numericDate, plusSeconds } from '@tallystick/core'
import { REVOCATION_ID_LENGTH_MAX } from '../limits.ts'
import type { RevocationEntry, RevocationLog, RevocationTarget } from '../revocation-log.ts'
import { ensureEqual, ensureMistake } from './assertions.ts'
import type { Check, RevocationsUnderTest } from './check.ts'
import { followAll, range } from './check.ts'

/** The whole contract of the log. */
export const revocationChecks: readonly Check<RevocationsUnderTest>[] = [
  {
    name: 'an empty log answers no entries and a cursor that is good later',
    async run({ log, later }) {
      const start = await log.since()
      ensureEqual([start.entries, start.more], [[], false], 'an empty log')
      ensureEqual((await log.since(start.cursor)).entries, [], 'after its cursor')
      await log.append(family('a', later))
      ensureEqual(await idsSince(log, start.cursor), ['a'], 'after its cursor, later')
    },
  },
  {
    name: 'every kind of entry is read back as it was appended',
    async run({ log, later }) {
      const entries = TARGETS.map((target, index): RevocationEntry =>
        Object.assign(family(`entry ${index} é😀 '"\\`, later), { target }),
      )
      for (const entry of entries) await log.append(entry)
      const { entries: read } = await followAll(log)
      for (const [index, entry] of entries.entries()) {
        const { id, target, cause, revokedAt, expiresAt } = read[index] ?? family('missing', later)
        ensureEqual(
          [id, cause, revokedAt, expiresAt],
          [entry.id, entry.cause, entry.revokedAt, entry.expiresAt],
          'entry',
        )
        ensureEqual(sorted(target), sorted(entry.target), 'target')
      }
      ensureEqual(read.length, entries.length, 'entries')
    },
  },
  {
    name: 'entries come in the order in which they were appended, each after the cursor before it',
    async run({ log, later }) {
      const cursors: (string | undefined)[] = [undefined]
      for (const number of range(8)) {
        await log.append(family(`r${number}`, later))
        cursors.push((await followAll(log)).cursor)
      }
      const all = range(8).map((number) => `r${number}`)
      for (const [index, cursor] of cursors.entries()) {
        ensureEqual(await idsSince(log, cursor), all.slice(index), `after cursor ${index}`)
      }
    },
  },
  {
    name: 'a repeated append changes nothing, also in parallel and also with other content',
    async run({ log, later }) {
      await Promise.all(range(64).map(() => log.append(family('a', later))))
      const { cursor } = await followAll(log)
      await log.append({ ...family('a', later), cause: 'another' })
      ensureEqual(await idsSince(log), ['a'], 'the log')
      ensureEqual((await log.since()).entries[0]?.cause, 'replay', 'the cause that stands')
      ensureEqual(await idsSince(log, cursor), [], 'after the cursor')
    },
  },
  {
    name: 'pages follow each other without a gap or a repetition, and say when there is more',
    async run({ log, later }) {
      for (const number of range(330)) await log.append(family(`r${number}`, later))
      const { entries, cursor } = await followAll(log)
      ensureEqual(
        entries.map(({ id }) => id),
        range(330).map((number) => `r${number}`),
        'the pages together',
      )
      const end = await log.since(cursor)
      ensureEqual([end.entries, end.more], [[], false], 'after the last page')
    },
  },
  {
    name: 'a follower misses no entry of 64 parallel appenders, and everybody sees one order',
    async run({ log, later }) {
      const followed: string[] = []
      let appended = 0
      const append = async (actor: number): Promise<void> => {
        for (const round of range(4)) await log.append(family(`${actor}:${round}`, later))
        appended += 1
      }
      const follow = async (): Promise<void> => {
        let cursor: string | undefined
        for (let isLast = false; !isLast;) {
          isLast = appended === 64
          const page = await followAll(log, cursor)
          followed.push(...page.entries.map(({ id }) => id))
          cursor = page.cursor
        }
      }
      await Promise.all([...range(64).map(append), follow()])
      ensureEqual(followed.length, 256, 'entries that the follower got')
      ensureEqual(followed, await idsSince(log), 'what the follower got and what the log holds')
    },
  },
  {
    name: 'an entry is kept until it expires, and its leaving neither moves nor hides another',
    async run({ log, clock, later }) {
      if (clock === undefined) return
      const soon = plusSeconds(clock.now(), 600)
      const lasts = plusSeconds(later, 9000)
      const append = async (numbers: readonly number[]): Promise<void> => {
        for (const number of numbers) await log.append(family(`r${number}`, number % 3 === 0 ? lasts : soon))
      }
      await append(range(6))
      const { cursor: middle } = await followAll(log)
      await append(range(12))
      await clock.advance(599)
      ensureEqual((await idsSince(log)).length, 12, 'entries a second before some expire')
      await clock.advance(2)
      for (const number of range(24)) await log.append(family(`later${number}`, lasts))
      const lasting = (await idsSince(log, middle)).filter((id) => ['r0', 'r3', 'r6', 'r9'].includes(id))
      ensureEqual(lasting, ['r6', 'r9'], 'entries after a cursor whose entry has expired')
      const newer = (await idsSince(log, middle)).filter((id) => id.startsWith('later'))
      ensureEqual(
        newer,
        range(24).map((number) => `later${number}`),
        'entries appended afterwards',
      )
    },
  },
  {
    name: 'ids are kept apart up to 640 characters; others reject as mistakes',
    async run({ log, later }) {
      const long = 'i'.repeat(REVOCATION_ID_LENGTH_MAX)
      const ids = ['a', 'A', 'a ', 'é', 'e\u{301}', long, `${long.slice(1)}I`, '__proto__']
      for (const id of ids) await log.append(family(id, later))
      ensureEqual(await idsSince(log), ids, 'ids')
      for (const id of ['', `${long}i`, 'a\0', '\ud800']) {
        await ensureMistake(() => log.append(family(id, later)), 'append with a bad id')
      }
      await ensureMistake(() => log.append(family('x', -1 as NumericDate)), 'append with a bad expiry')
      ensureEqual((await idsSince(log)).length, ids.length, 'entries')
    },
  },
]

function family(id: string, expiresAt: NumericDate): RevocationEntry {
  return { id, target: { kind: 'family', familyId: 'f' }, cause: 'replay', revokedAt: REVOKED_AT, expiresAt }
}

async function idsSince(log: RevocationLog, cursor?: string): Promise<string[]> {
  return (await followAll(log, cursor)).entries.map(({ id }) => id)
}

/** A target with its fields in one order. */
function sorted(target: RevocationTarget): string[] {
  return Object.entries(target)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
}

const REVOKED_AT = numericDate(1_700_000_000)
const TARGETS: readonly RevocationTarget[] = [
  { kind: 'family', familyId: 'f' },
  { kind: 'session', sessionId: 's' },
  { kind: 'subject', subject: 'élodie 😀', cutoff: REVOKED_AT },
  { kind: 'token', tokenId: 't' },
]
