// Checks of the revocation log: what is no entry is a mistake, and an entry appended again lasts as long as either says.
import { numericDate, plusSeconds } from '@tallystick/core'
import { CAUSE_LENGTH_MAX, TARGET_LENGTH_MAX } from '../limits.ts'
import type { RevocationEntry, RevocationTarget } from '../revocation-log.ts'
import { changing, NO_CURSORS, NO_TIMES } from './arguments.ts'
import { ensureEqual, ensureMistake } from './assertions.ts'
import type { Check, RevocationsUnderTest } from './check.ts'
import { followAll } from './check.ts'

/** What an append is handed. */
export const entryChecks: readonly Check<RevocationsUnderTest>[] = [
  {
    name: 'an entry with a field outside its bounds rejects as a mistake, and hides no other',
    async run({ log, later }) {
      const good = entry('good')
      for (const target of TARGETS) await log.append({ ...good, id: JSON.stringify(target), target, expiresAt: later })
      for (const bad of BAD_FIELDS) {
        const what = `append with a bad ${Object.keys(bad).join()}: ${JSON.stringify(bad)}`
        await ensureMistake(() => log.append({ ...good, expiresAt: later, id: 'bad', ...bad }), what)
      }
      await log.append({ ...good, expiresAt: later })
      const { entries } = await followAll(log)
      ensureEqual(entries.map(({ id }) => id).slice(TARGETS.length), ['good'], 'the log after its longest targets')
    },
  },
  {
    name: 'the fields of an entry are read once: what was checked is what is stored',
    async run({ log, later }) {
      const target = changing<RevocationTarget>({ kind: 'token', tokenId: '1' }, { kind: 'token', tokenId: '2' })
      const first = { ...entry('a'), expiresAt: later, target }
      await log.append(changing(first, { ...entry('b'), cause: 'another', expiresAt: later }))
      const [read] = (await followAll(log)).entries
      ensureEqual([read?.id, read?.cause], ['a', 'replay'], 'entry')
      ensureEqual(read?.target.kind === 'token' && read.target.tokenId, '1', 'token id')
    },
  },
  {
    name: 'a repeated append with a later end prolongs the entry, and tells who has read it already',
    async run({ log, clock, later }) {
      const longer = plusSeconds(later, 9000)
      await log.append({ ...entry('a'), expiresAt: later })
      await log.append({ ...entry('b'), expiresAt: longer })
      const { cursor } = await followAll(log)
      await log.append({ ...entry('a'), cause: 'another', expiresAt: longer })
      await log.append({ ...entry('b'), expiresAt: later })
      for (const start of [undefined, cursor]) {
        const { entries } = await followAll(log, start)
        const told = entries.filter(({ id }) => id === 'a').map(({ cause, expiresAt }) => [cause, expiresAt])
        ensureEqual(told, [['replay', longer]], 'what is told of the prolonged entry')
      }
      await clock?.advance(later + 1 - clock.now())
      const left = (await followAll(log)).entries.map(({ id }) => id).sort()
      ensureEqual(left, ['a', 'b'], 'entries after the earlier end')
    },
  },
  {
    name: 'an entry that has expired does not keep its id from being appended again',
    async run({ log, clock, later }) {
      if (clock === undefined) return
      await log.append({ ...entry('a'), expiresAt: later })
      const { cursor } = await followAll(log)
      await clock.advance(later + 1 - clock.now())
      await log.append({ ...entry('a'), expiresAt: plusSeconds(later, 9000) })
      for (const start of [undefined, cursor]) {
        const told = (await followAll(log, start)).entries.map(({ id, expiresAt }) => [id, expiresAt])
        ensureEqual(told, [['a', plusSeconds(later, 9000)]], 'the log')
      }
    },
  },
  {
    name: 'a cursor that cannot be one rejects as a mistake, the empty text too',
    async run({ log, later }) {
      await log.append({ ...entry('a'), expiresAt: later })
      for (const cursor of NO_CURSORS) {
        await ensureMistake(() => log.since(cursor), `since ${JSON.stringify(cursor)}`)
      }
    },
  },
]

function entry(id: string): RevocationEntry {
  return { id, target: { kind: 'family', familyId: 'f' }, cause: 'replay', revokedAt: REVOKED_AT, expiresAt: YEAR_2100 }
}

const REVOKED_AT = numericDate(1_700_000_000)
const YEAR_2100 = numericDate(4_102_444_800)
const LONGEST = '€'.repeat(TARGET_LENGTH_MAX)
const TARGETS: readonly RevocationTarget[] = [
  { kind: 'family', familyId: 'f'.repeat(TARGET_LENGTH_MAX) },
  { kind: 'session', sessionId: 's'.repeat(TARGET_LENGTH_MAX) },
  { kind: 'subject', subject: 's'.repeat(TARGET_LENGTH_MAX), cutoff: numericDate(0) },
  { kind: 'token', tokenId: 't' },
]

const BAD_TEXTS = [undefined, null, 5, '', `${LONGEST}€`, 'a\0', '\ud800']
const BAD_TARGETS: readonly unknown[] = [
  undefined,
  null,
  'family',
  {},
  { kind: 5 },
  { kind: 'device', deviceId: 'd' },
  { kind: 'toString' },
  ...BAD_TEXTS.map((familyId) => ({ kind: 'family', familyId })),
  ...BAD_TEXTS.map((sessionId) => ({ kind: 'session', sessionId })),
  ...BAD_TEXTS.map((subject) => ({ kind: 'subject', subject, cutoff: REVOKED_AT })),
  ...NO_TIMES.map((cutoff) => ({ kind: 'subject', subject: 's', cutoff })),
  ...BAD_TEXTS.map((tokenId) => ({ kind: 'token', tokenId })),
]
const BAD_CAUSES: readonly unknown[] = [...BAD_TEXTS, 'c'.repeat(CAUSE_LENGTH_MAX + 1), { toJSON: () => undefined }]

const BAD_FIELDS = [
  ...BAD_TARGETS.map((target) => ({ target })),
  ...BAD_CAUSES.map((cause) => ({ cause })),
  ...NO_TIMES.map((revokedAt) => ({ revokedAt })),
  ...NO_TIMES.map((expiresAt) => ({ expiresAt })),
] as readonly Partial<RevocationEntry>[]
