// Checks of the record store: 64 parallel callers, of whom exactly one may win.
import type { CompareAndSetResult, RecordStore, StoredRecord } from '../record-store.ts'
import { ABSENT } from '../record-store.ts'
import { ensure, ensureEqual, ensureWon } from './assertions.ts'
import type { Check, RecordsUnderTest } from './check.ts'
import { listAll, range } from './check.ts'

/** Many callers at once. */
export const raceChecks: readonly Check<RecordsUnderTest>[] = [
  {
    name: 'of 64 parallel writes on absent exactly one wins, and 63 are told the winner’s record',
    async run({ records, later }) {
      const race = (actor: number): Promise<CompareAndSetResult> =>
        records.compareAndSet('a', ABSENT, { text: `by ${actor}` }, later)
      ensureOneWinner(await Promise.all(range(ACTORS).map(race)), await records.read('a'))
    },
  },
  {
    name: 'of 64 parallel writes with one version exactly one wins, and 63 are told the winner’s record',
    async run({ records, later }) {
      const version = ensureWon(await records.compareAndSet('a', ABSENT, { text: 'start' }, later), 'write')
      const race = (actor: number): Promise<CompareAndSetResult> =>
        records.compareAndSet('a', version, { text: `by ${actor}` }, later)
      ensureOneWinner(await Promise.all(range(ACTORS).map(race)), await records.read('a'))
    },
  },
  {
    name: '64 actors that each increment a number leave it at 64',
    async run({ records, later }) {
      const increment = async (): Promise<void> => {
        let current = await records.read('a')
        for (let round = 0; round <= ACTORS; round += 1) {
          const text = String(Number(current?.text ?? '0') + 1)
          const answer = await records.compareAndSet('a', current?.version ?? ABSENT, { text }, later)
          if (answer.won) return
          current = answer.current
        }
        ensure(false, 'each lost race is somebody’s won one, so no actor loses more often than there are others')
      }
      await Promise.all(range(ACTORS).map(increment))
      ensureEqual((await records.read('a'))?.text, String(ACTORS), 'the number')
    },
  },
  {
    name: 'of a delete and a write with the same version exactly one happens',
    async run({ records, later }) {
      await Promise.all(
        range(ACTORS).map(async (number) => {
          const key = `a:${number}`
          const version = ensureWon(await records.compareAndSet(key, ABSENT, { text: '1' }, later), 'write')
          const write = (): Promise<CompareAndSetResult> => records.compareAndSet(key, version, { text: '2' }, later)
          const remove = (): Promise<boolean> => records.delete(key, version)
          const [answer, removed] =
            number % 2 === 0 ? await Promise.all([write(), remove()]) : swap(await Promise.all([remove(), write()]))
          ensure(answer.won !== removed, `${key}: the write ${told(answer.won)} and the delete ${told(removed)}`)
          ensureEqual((await records.read(key))?.text, answer.won ? '2' : undefined, `${key} afterwards`)
        }),
      )
    },
  },
  {
    name: 'of 64 parallel deletes exactly one removes the record',
    async run({ records, later }) {
      for (const withVersion of [false, true]) {
        const version = ensureWon(await records.compareAndSet('a', ABSENT, { text: '1' }, later), 'write')
        const race = (): Promise<boolean> => (withVersion ? records.delete('a', version) : records.delete('a'))
        const answers = await Promise.all(range(ACTORS).map(race))
        ensureEqual(answers.filter(Boolean).length, 1, 'deletes that say they removed it')
        ensureEqual(await records.read('a'), undefined, 'read')
      }
    },
  },
  {
    name: 'a record taken on absent and given back by delete is held by one actor at a time',
    async run({ records, later }) {
      let holders = 0
      let taken = 0
      const use = async (actor: number): Promise<void> => {
        for (let round = 0; round < 8; round += 1) {
          const answer = await records.compareAndSet('lock', ABSENT, { text: `by ${actor}` }, later)
          if (!answer.won) continue
          holders += 1
          taken += 1
          ensureEqual(holders, 1, 'holders')
          ensureEqual((await records.read('lock'))?.text, `by ${actor}`, 'what the holder reads')
          holders -= 1
          ensureEqual(await records.delete('lock', answer.version), true, 'the holder’s delete')
        }
      }
      await Promise.all(range(ACTORS).map(use))
      ensure(taken > 0, 'somebody took it')
    },
  },
  {
    name: 'races on 64 keys have one winner each and do not disturb each other',
    async run({ records, later }) {
      const keys = range(ACTORS).map((number) => `a:${number}`)
      const races = keys.map((key) =>
        Promise.all(range(4).map((actor) => records.compareAndSet(key, ABSENT, { text: `${key} by ${actor}` }, later))),
      )
      for (const [index, answers] of (await Promise.all(races)).entries()) {
        ensureOneWinner(answers, await records.read(keys[index] ?? ''))
      }
    },
  },
  {
    name: 'what a write answered is read at once, by the writer and by everybody (where linearizable)',
    async run({ records, later }) {
      if (!records.capabilities.linearizable) return
      await Promise.all(
        range(ACTORS).map(async (actor) => {
          const key = `a:${actor % 16}`
          const own = `own:${actor}`
          await ensureReadBack(records, own, ABSENT, later)
          const answer = await records.compareAndSet(key, ABSENT, { text: key, subject: 'alice' }, later)
          const version = answer.won ? answer.version : answer.current?.version
          ensureEqual((await records.read(key))?.version, version, 'the version that is read after the race')
          const listed = await listAll(records, { subject: 'alice' })
          ensure(
            listed.some((record) => record.key === key),
            'a list shows what was answered before',
          )
        }),
      )
    },
  },
]

async function ensureReadBack(
  records: RecordStore,
  key: string,
  start: string,
  later: RecordsUnderTest['later'],
): Promise<void> {
  let version = start
  for (const round of range(8)) {
    version = ensureWon(await records.compareAndSet(key, version, { text: String(round) }, later), 'write')
    ensureEqual((await records.read(key))?.text, String(round), 'read after the write was answered')
  }
}

function ensureOneWinner(answers: readonly CompareAndSetResult[], standing: StoredRecord | undefined): void {
  const winners = answers.filter((answer) => answer.won)
  ensureEqual(winners.length, 1, 'winners')
  ensureEqual(standing?.version, winners[0]?.version, 'the version that stands')
  ensure(standing?.text.endsWith(`by ${answers.findIndex(({ won }) => won)}`) === true, 'the winner’s text stands')
  for (const answer of answers) {
    if (answer.won) continue
    ensureEqual(answer.current?.version, standing?.version, 'the version a loser is told')
    ensureEqual(answer.current?.text, standing?.text, 'the text a loser is told')
  }
}

function swap([removed, answer]: [boolean, CompareAndSetResult]): [CompareAndSetResult, boolean] {
  return [answer, removed]
}

function told(happened: boolean): string {
  return happened ? 'happened' : 'did not'
}

const ACTORS = 64
