// Single wrong answers: what a storage may say once, at one call, in place of the truth.
import { numericDate } from '@tallystick/core'
import type {
  CompareAndSetResult,
  RecordPage,
  RevocationEntry,
  RevocationPage,
  Storage,
  StoredRecord,
} from '@tallystick/storage'

/** The kinds of wrong answer; each makes one of a right answer, or says the same where it has none to make. */
export interface Lie {
  readonly name: string
  read?(record: StoredRecord | undefined): StoredRecord | undefined
  compareAndSet?(answer: CompareAndSetResult): CompareAndSetResult
  delete?(removed: boolean): boolean
  list?(page: RecordPage): RecordPage
  since?(page: RevocationPage): RevocationPage
  /** What a call that was refused says instead. */
  refusal?(): Error | undefined
}

const MADE_UP: StoredRecord = { key: 'a', text: 'made up', version: 'made up', expiresAt: numericDate(4_000_000_000) }

/** A lie about a field, wherever a record is told. */
function aboutRecord(name: string, change: (record: StoredRecord) => StoredRecord): Lie {
  return {
    name,
    read: (record) => record && change(record),
    compareAndSet: (answer) =>
      answer.won || answer.current === undefined ? answer : { won: false, current: change(answer.current) },
    list: (page) => ({ ...page, records: page.records.map(change) }),
  }
}

function aboutEntry(name: string, change: (entry: RevocationEntry) => RevocationEntry): Lie {
  return { name, since: (page) => ({ ...page, entries: page.entries.map(change) }) }
}

function aboutList(name: string, change: <Item>(items: readonly Item[]) => readonly Item[]): Lie {
  return {
    name,
    list: (page) => ({ ...page, records: change(page.records) }),
    since: (page) => ({ ...page, entries: change(page.entries) }),
  }
}

/** Every kind of lie. */
const lies: readonly Lie[] = [
  {
    name: 'something for nothing',
    read: (record) => record ?? MADE_UP,
    compareAndSet: (answer) => (answer.won ? answer : { won: false, current: answer.current ?? MADE_UP }),
  },
  {
    name: 'nothing for something',
    read: () => undefined,
    compareAndSet: (answer) => (answer.won ? answer : { won: false, current: undefined }),
  },
  aboutRecord('another key', (record) => ({ ...record, key: `${record.key}!` })),
  aboutRecord('another text', (record) => ({ ...record, text: `${record.text}!` })),
  aboutRecord('another version', (record) => ({ ...record, version: `${record.version}!` })),
  aboutRecord('another expiry', (record) => ({ ...record, expiresAt: numericDate(record.expiresAt + 1) })),
  aboutRecord('another subject', (record) => ({ ...record, subject: `${record.subject ?? ''}!` })),
  aboutRecord('the other pending', (record) => ({ ...record, pending: record.pending !== true })),
  aboutRecord('a time of the store', (record) => ({ ...record, storeTime: numericDate(1) })),
  {
    name: 'won for lost, and the other way round',
    compareAndSet: (answer) => (answer.won ? { won: false, current: undefined } : { won: true, version: 'made up' }),
    delete: (removed) => !removed,
  },
  ...['absent', '', '1'].map((version): Lie => ({
    name: `won with the version '${version}'`,
    compareAndSet: (answer) => (answer.won ? { won: true, version } : answer),
  })),
  {
    name: 'won with a number for a version',
    compareAndSet: (answer) => (answer.won ? { won: true, version: 1 as unknown as string } : answer),
  },
  aboutList('without the first', (items) => items.slice(1)),
  aboutList('without the last', (items) => items.slice(0, -1)),
  aboutList('the first twice', (items) => [...items.slice(0, 1), ...items]),
  aboutList('the other way round', (items) => items.toReversed()),
  {
    name: 'no more for more',
    list: ({ records }) => ({ records }),
    since: (page) => ({ ...page, more: false }),
  },
  ...['', 5 as unknown as string].map((cursor): Lie => ({
    name: `the cursor ${JSON.stringify(cursor)}`,
    list: (page) => ({ ...page, cursor }),
    since: (page) => ({ ...page, cursor }),
  })),
  aboutEntry('another id', (entry) => ({ ...entry, id: `${entry.id}!` })),
  aboutEntry('another cause', (entry) => ({ ...entry, cause: `${entry.cause}!` })),
  aboutEntry('another target', (entry) => ({ ...entry, target: { kind: 'token', tokenId: 'made up' } })),
  aboutEntry('another time', (entry) => ({ ...entry, revokedAt: numericDate(entry.revokedAt + 1) })),
  aboutEntry('another end', (entry) => ({ ...entry, expiresAt: numericDate(entry.expiresAt + 1) })),
  { name: 'an answer for a mistake', refusal: () => undefined },
  { name: 'an error for a mistake', refusal: () => new Error('the connection was lost') },
  ...['NotATypeError', 'TypeErrorOfMine'].map((name): Lie => ({
    name: `a ${name} for a mistake`,
    refusal: () => Object.assign(new Error(), { name }),
  })),
]

/** A call that somebody may lie about. */
export interface Call {
  readonly method: Method
  /** Whether it rejected. */
  isRefused: boolean
}

type Method = 'read' | 'compareAndSet' | 'delete' | 'list' | 'append' | 'since'

/** The lies that there may be about a call. */
export function liesAbout({ method, isRefused }: Call): readonly Lie[] {
  return lies.filter((lie) =>
    isRefused ? lie.refusal !== undefined : method !== 'append' && lie[method] !== undefined,
  )
}

/** A storage that lies once, and what became of it. */
export interface Liar {
  readonly wrap: (sound: Storage) => Storage
  /** What was called, in the order in which it was. */
  calls(): readonly Call[]
  /** Whether it found something to lie about. */
  hasLied(): boolean
}

/**
 * Lies at one call, over all storages that it wraps.
 *
 * @param index - The call, counted from 0.
 */
export function createLiar(index: number, lie?: Lie): Liar {
  const calls: Call[] = []
  let hasLied = false
  const tell = async <Answer>(
    method: Method,
    call: () => Promise<Answer>,
    change?: (answer: Answer) => Answer,
  ): Promise<Answer> => {
    const made: Call = { method, isRefused: false }
    const isTurn = calls.push(made) === index + 1
    const told = await call().catch((error: unknown) => {
      made.isRefused = true
      if (!isTurn || lie?.refusal === undefined) throw error
      hasLied = true
      const instead = lie.refusal()
      if (instead !== undefined) throw instead
      return undefined as Answer
    })
    if (!isTurn || hasLied || change === undefined) return told
    const changed = change(told)
    hasLied = JSON.stringify(changed) !== JSON.stringify(told)
    return changed
  }
  const wrap = ({ records, revocations }: Storage): Storage => ({
    records: {
      capabilities: records.capabilities,
      read: (key) => tell('read', () => records.read(key), lie?.read),
      compareAndSet: (...given) => tell('compareAndSet', () => records.compareAndSet(...given), lie?.compareAndSet),
      delete: (...given) => tell('delete', () => records.delete(...given), lie?.delete),
      list: (...given) => tell('list', () => records.list(...given), lie?.list),
    },
    revocations: revocations && {
      append: (entry) => tell('append', () => revocations.append(entry)),
      since: (cursor) => tell('since', () => revocations.since(cursor), lie?.since),
    },
  })
  return { wrap, calls: () => [...calls], hasLied: () => hasLied }
}
