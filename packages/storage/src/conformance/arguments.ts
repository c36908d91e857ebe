// Checks of the record store: what is handed in is read once, and what is no time or no cursor is a mistake.
import type { NumericDate } from '@tallystick/core'
import type { RecordInput } from '../record-store.ts'
import { ABSENT } from '../record-store.ts'
import { ensureEqual, ensureMistake, ensureRecord, ensureWon } from './assertions.ts'
import type { Check, RecordsUnderTest } from './check.ts'
import { listAll } from './check.ts'

/** What cannot be a cursor of any adapter. */
export const NO_CURSORS = ['', ' ', 5, null] as readonly unknown[] as readonly string[]

/** What is no time of this calendar; the first is one in milliseconds. */
export const NO_TIMES = [
  1_800_000_000_000,
  100_000_000_001,
  -1,
  1.5,
  Number.NaN,
  Infinity,
  '5',
  null,
  undefined,
] as readonly unknown[] as readonly NumericDate[]

/** Arguments of the wrong kind. */
export const argumentChecks: readonly Check<RecordsUnderTest>[] = [
  {
    name: 'an expiry that is no point in time up to the year 5138 rejects as a mistake, milliseconds too',
    async run({ records }) {
      for (const expiresAt of NO_TIMES) {
        const write = (): Promise<unknown> => records.compareAndSet('a', ABSENT, { text: '' }, expiresAt)
        await ensureMistake(write, `write with the expiry ${expiresAt}`)
      }
      ensureEqual(await records.read('a'), undefined, 'read')
      const last = 100_000_000_000 as NumericDate
      ensureWon(await records.compareAndSet('a', ABSENT, { text: '' }, last), 'write with the last expiry')
      ensureEqual((await records.read('a'))?.expiresAt, last, 'expiresAt')
    },
  },
  {
    name: 'the fields of a record are read once: what was checked is what is stored',
    async run({ records, later }) {
      const input = changing<RecordInput>({ text: '1', subject: 'alice' }, { text: '2', subject: 'bob' })
      ensureWon(await records.compareAndSet('a', ABSENT, input, later), 'write')
      ensureRecord(await records.read('a'), { key: 'a', text: '1', subject: 'alice' }, 'read')
      ensureEqual((await listAll(records, { subject: 'alice' })).length, 1, 'records of alice')
      ensureEqual(await listAll(records, { subject: 'bob' }), [], 'records of bob')
    },
  },
  {
    name: 'a cursor that cannot be one rejects as a mistake, the empty text too',
    async run({ records, later }) {
      const input = { text: '', subject: 'alice', pending: true }
      ensureWon(await records.compareAndSet('a', ABSENT, input, later), 'write')
      for (const cursor of NO_CURSORS) {
        await ensureMistake(() => records.list({ subject: 'alice' }, cursor), `list after ${JSON.stringify(cursor)}`)
        await ensureMistake(() => records.list({ pending: true }, cursor), `list after ${JSON.stringify(cursor)}`)
      }
    },
  },
]

/** An object whose fields are `first` when they are read for the first time, and `then` ever after. */
export function changing<Fields extends object>(first: Fields, then: Fields): Fields {
  const read = new Set<PropertyKey>()
  return new Proxy(first, {
    get(target, name) {
      const fields = read.has(name) ? then : target
      read.add(name)
      return Reflect.get(fields, name) as unknown
    },
  })
}
