// Histories of parallel clients at real token servers, held against the sequential specification of rotation.
import type { Clock } from '@tallystick/core'
import type { Storage } from '@tallystick/storage'
import { brokenAdapters } from '@tallystick/storage/broken-adapters'
import { scatterCalls } from '@tallystick/storage/faults'
import { memoryStorage } from '@tallystick/storage-memory'
import { sqliteStorage } from '@tallystick/storage-sqlite'
import { expect, test, vi } from 'vitest'
import { recordSpecification } from '../src/specification-history.ts'
import { layGround } from '../src/world.ts'

const isFullProof = process.env['TALLYSTICK_PROOF'] === 'full'
if (isFullProof) vi.setConfig({ testTimeout: 900_000 })

/**
 * Seeds of histories that failed once; tried on every run. A new one is added here and never taken out.
 *
 * A seed gives the same history as long as the code between takes the same turns, so what a history taught is kept by
 * itself in `linearizability.table.test.ts`. These are of rotations that were sent twice and overtaken by a replay.
 */
const KEPT_SEEDS: readonly number[] = [220, 366, 716, 873]

type OpenStorage = (clock: Clock, seed: number) => Promise<Storage>

const storages: readonly { readonly name: string; readonly seeds: number; readonly open: OpenStorage }[] = [
  { name: 'memory', seeds: 500, open: (clock) => Promise.resolve(memoryStorage({ clock })) },
  // Node.js 20 has no driver of its own; the adapter's tests tell of it.
  ...(Number(process.versions.node.split('.')[0]) < 22 ? [] : [{ name: 'sqlite', seeds: 100, open: openSqlite }]),
]

test.each(storages)(
  'A38 RT-14 over $name storage parallel refreshes, revocations and introspections can be told one after the other, whatever fails',
  async ({ open, seeds }) => {
    const answers = new Map<string, number>()
    for (const seed of [...KEPT_SEEDS, ...Array(isFullProof ? seeds * 40 : seeds).keys()]) {
      const report = await record(seed, open)
      expect(report.violations, `keep seed ${seed}`).toEqual([])
      for (const [answer, count] of report.answers) answers.set(answer, (answers.get(answer) ?? 0) + count)
    }
    expect([...answers.keys()].toSorted(), 'every answer was given, and no other').toEqual([
      'introspect active',
      'introspect inactive',
      'refresh replayed',
      'refresh revoked',
      'refresh served',
      'refresh unanswered',
      'refresh unknown',
      'revokeFamily 0',
      'revokeFamily 1',
      'revokeFamily unanswered',
    ])
    expect(Math.min(...answers.values()), 'each of them often').toBeGreaterThan(seeds / 10)
  },
)

test('the same seed gives the same history, so that a failing one comes again', async () => {
  const break1 = brokenAdapters.find(({ name }) => name === 'lets the last write win')
  const open: OpenStorage = (clock) => Promise.resolve(break1!.build(memoryStorage({ clock })))
  let violating = 0
  for (let seed = 0; seed < 100 && violating < 3; seed += 1) {
    const once = await record(seed, open)
    if (once.violations.length === 0) continue
    violating += 1
    expect(await record(seed, open)).toEqual(once)
  }
  expect(violating).toBe(3)
})

/** Adapters that break rotation, each with as many seeds as are tried until a violation is seen. */
const breaking: readonly (readonly [name: string, seedsMax: number])[] = [
  ['reads, compares, then writes', 40],
  ['lets the last write win', 20],
  ['loses the answer of a conflict', 20],
  ['reads from a cache that lags behind', 120],
  ['tells a loser its own text', 20],
  ['lets a writer win who is one write behind', 20],
  ['tries a lost write again in the background', 20],
  ['delivers a write a second time, late and without its version', 200],
]

test.each(breaking)('A38 a server whose storage %s is seen to break the specification', async (name, seedsMax) => {
  const adapter = brokenAdapters.find((each) => each.name === name)
  expect(adapter).toBeDefined()
  // What the adapter does in several steps is scattered too.
  const open: OpenStorage = (clock, seed) =>
    Promise.resolve(adapter!.build(scatterCalls(memoryStorage({ clock }), { seed }), clock))
  for (let seed = 0; seed < seedsMax; seed += 1) {
    const { violations } = await record(seed, open)
    // Not that it threw, but that its answers have no order.
    if (violations.some((violation) => violation.includes('no order explains'))) return
  }
  expect.unreachable(`no violation within ${seedsMax} seeds`)
})

async function record(seed: number, open: OpenStorage): ReturnType<typeof recordSpecification> {
  return recordSpecification(await layGround(seed, { openStorage: (clock) => open(clock, seed) }))
}

async function openSqlite(clock: Clock): Promise<Storage> {
  const { DatabaseSync } = await import('node:sqlite')
  const storage = sqliteStorage(new DatabaseSync(':memory:'), { clock })
  await storage.migrate()
  return storage
}
