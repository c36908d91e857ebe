// The planted faults do what they say, seen over the memory adapter.
import { plusSeconds } from '@tallystick/core'
import type { Storage } from '@tallystick/storage'
import type { StorageOperation } from '@tallystick/storage/faults'
import {
  countOperations,
  createFailover,
  failAt,
  failAtRandom,
  interceptStorage,
  pauseAt,
  resendWrites,
  scatterCalls,
  staleReads,
} from '@tallystick/storage/faults'
import { expect, test } from 'vitest'
import { memoryStorage } from '../src/index.ts'
import { memoryUnderTest, START } from './memory-under-test.ts'
import { recordStoreConformance, revocationLogConformance } from '@tallystick/storage/conformance'

const later = plusSeconds(START, 3600)
const entry = {
  id: 'r',
  target: { kind: 'family', familyId: 'f' },
  cause: 'test',
  revokedAt: START,
  expiresAt: later,
} as const

const fresh = (): Storage => memoryUnderTest().storage

const write = (storage: Storage, text: string, version = 'absent') =>
  storage.records.compareAndSet('a', version, { text, subject: 'alice' }, later)

test('hooks see every call of both ports once before and once after its effect, with its answer', async () => {
  const seen: string[] = []
  const operations: StorageOperation[] = []
  const storage = interceptStorage(fresh(), {
    before(operation) {
      operations.push(operation)
      seen.push(`before ${operation.index}`)
    },
    after: ({ index }, answer) => void seen.push(`after ${index}: ${JSON.stringify(answer)?.slice(0, 13)}`),
  })
  await write(storage, '1')
  await storage.records.read('a')
  await storage.records.list({ subject: 'alice' })
  await storage.records.delete('a')
  await storage.revocations!.append(entry)
  await storage.revocations!.since()
  expect(operations).toEqual([
    { index: 0, port: 'records', method: 'compareAndSet', effect: 'write', key: 'a' },
    { index: 1, port: 'records', method: 'read', effect: 'read', key: 'a' },
    { index: 2, port: 'records', method: 'list', effect: 'read' },
    { index: 3, port: 'records', method: 'delete', effect: 'write', key: 'a' },
    { index: 4, port: 'revocations', method: 'append', effect: 'write', key: 'r' },
    { index: 5, port: 'revocations', method: 'since', effect: 'read' },
  ])
  expect(seen.filter((line) => line.startsWith('after'))).toEqual([
    'after 0: {"won":true,"',
    'after 1: {"key":"a","v',
    'after 2: {"records":[{',
    'after 3: true',
    'after 4: undefined',
    'after 5: {"entries":[{',
  ])
})

test('a storage without a revocation log stays without one', () => {
  const { records } = fresh()
  expect(interceptStorage({ records }, {}).revocations).toBeUndefined()
})

test('counted calls are the calls that were made', async () => {
  const { storage, count, operations } = countOperations(fresh())
  expect(count()).toBe(0)
  await write(storage, '1')
  await storage.records.read('a')
  expect(count()).toBe(2)
  expect(operations().map(({ method }) => method)).toEqual(['compareAndSet', 'read'])
})

test.each([
  ['before', undefined],
  ['after', '1'],
] as const)('a failure %s the effect leaves the record %s', async (when, text) => {
  const sound = fresh()
  const { storage, failed } = failAt(sound, { index: 1, when })
  await storage.records.read('a')
  expect(failed()).toBe(false)
  await expect(write(storage, '1')).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(failed()).toBe(true)
  expect((await sound.records.read('a'))?.text).toBe(text)
  expect((await storage.records.read('a'))?.text).toBe(text)
})

test('the planted error can be the caller’s own', async () => {
  const { storage } = failAt(fresh(), { index: 0, when: 'before', error: new RangeError('mine') })
  await expect(storage.records.read('a')).rejects.toThrow(new RangeError('mine'))
})

test.each([
  ['before', undefined],
  ['after', '1'],
] as const)('a call paused %s its effect shows others %s until it goes on', async (when, text) => {
  const sound = fresh()
  const { storage, paused, resume } = pauseAt(sound, 0, when)
  const held = write(storage, '1')
  await paused
  expect((await sound.records.read('a'))?.text).toBe(text)
  expect((await storage.records.read('a'))?.text).toBe(text)
  resume()
  expect((await held).won).toBe(true)
  expect((await storage.records.read('a'))?.text).toBe('1')
})

test('a resent write is told its own record as the winner’s', async () => {
  const { storage, resent } = resendWrites(fresh())
  const answer = await write(storage, '1')
  expect(answer.won).toBe(false)
  expect(answer.won ? undefined : answer.current?.text).toBe('1')
  await storage.revocations!.append(entry)
  expect((await storage.revocations!.since()).entries.length).toBe(1)
  expect(resent()).toBe(2)
})

test('every second write is resent where told so, and reads never are', async () => {
  const { storage, resent } = resendWrites(fresh(), { every: 2 })
  const first = await write(storage, '1')
  expect(first.won).toBe(true)
  await storage.records.read('a')
  const second = await write(storage, '2', first.won ? first.version : '')
  expect(second.won).toBe(false)
  expect(resent()).toBe(1)
})

test('a failover loses what was not replicated, and no version from before it wins afterwards', async () => {
  const primary = fresh()
  const { storage, replicate, failOver } = createFailover(primary, fresh())
  const first = await write(storage, '1')
  await storage.records.compareAndSet('gone', 'absent', { text: 'x' }, later)
  await replicate()
  const second = await write(storage, '2', first.won ? first.version : '')
  await storage.records.delete('gone')
  await storage.revocations!.append(entry)
  failOver()
  const restored = await storage.records.read('a')
  expect([restored?.text, restored?.subject, restored?.expiresAt]).toEqual(['1', 'alice', later])
  expect((await storage.records.read('gone'))?.text).toBe('x')
  expect((await storage.records.list({ subject: 'alice' })).records).toEqual([restored])
  for (const before of [first, second]) {
    const late = await write(storage, '3', before.won ? before.version : '')
    expect(late).toEqual({ won: false, current: restored })
  }
  expect(await storage.records.delete('a', second.won ? second.version : '')).toBe(false)
  expect((await write(storage, '3', restored?.version)).won).toBe(true)
  expect((await storage.revocations!.since()).entries.map(({ id }) => id)).toEqual(['r'])
  expect((await primary.records.read('a'))?.text).toBe('2')
})

test('what was deleted before a replication is gone after the failover', async () => {
  const { storage, replicate, failOver } = createFailover(fresh(), fresh())
  await write(storage, '1')
  await replicate()
  await storage.records.delete('a')
  await replicate()
  failOver()
  expect(await storage.records.read('a')).toBeUndefined()
})

test('scattered calls end in another order for another seed, and in the same for the same', async () => {
  const orderOf = async (seed: number): Promise<string> => {
    const { records } = scatterCalls(fresh(), { seed })
    const ended: number[] = []
    await Promise.all([0, 1, 2, 3, 4].map((caller) => records.read('a').then(() => ended.push(caller))))
    return ended.join()
  }
  const orders = await Promise.all(Array.from({ length: 20 }, (_, seed) => orderOf(seed)))
  expect(new Set(orders).size).toBeGreaterThan(10)
  expect(await Promise.all(orders.map((_, seed) => orderOf(seed)))).toEqual(orders)
})

test('without turns to wait, calls end in the order they began', async () => {
  const { records } = scatterCalls(fresh(), { seed: 1, turnsMax: 0 })
  const ended: number[] = []
  await Promise.all([0, 1, 2, 3, 4].map((caller) => records.read('a').then(() => ended.push(caller))))
  expect(ended).toEqual([0, 1, 2, 3, 4])
})

test('a call that fails at random has had its effect, has it later, or never has it', async () => {
  const outcomes = new Map<string, number>()
  for (let seed = 0; seed < 60; seed += 1) {
    const sound = fresh()
    const slow = scatterCalls(sound, { seed, turnsMax: 20 })
    const { storage, failed, settled } = failAtRandom(slow, { seed, failingPercent: 100 })
    await expect(write(storage, '1')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(failed()).toBe(1)
    const before = (await sound.records.read('a'))?.text
    await settled()
    const outcome = `${before} ${(await sound.records.read('a'))?.text}`
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  expect([...outcomes.keys()].toSorted()).toEqual(['1 1', 'undefined 1', 'undefined undefined'])
  expect(Math.min(...outcomes.values())).toBeGreaterThan(5)
})

test('where no call is to fail, none does', async () => {
  const { storage, failed } = failAtRandom(fresh(), { seed: 1, failingPercent: 0 })
  for (let call = 0; call < 100; call += 1) await storage.records.read('a')
  expect(failed()).toBe(0)
})

test('a stale read answers what stood there at most two writes ago, is declared, and wins nothing', async () => {
  const { storage, stale } = staleReads(fresh(), { seed: 3 })
  expect(storage.records.capabilities).toMatchObject({ compareAndSet: true, linearizable: false })
  const seen = new Set<string>()
  let version = 'absent'
  for (let round = 0; round < 40; round += 1) {
    const answer = await write(storage, String(round), version)
    version = answer.won ? answer.version : ''
    const read = await storage.records.read('a')
    const lag = round - Number(read?.text ?? -1)
    seen.add(String(lag))
    const late = lag === 0 ? undefined : await write(storage, 'late', read?.version ?? 'absent')
    expect(late?.won ?? false).toBe(false)
  }
  expect([...seen].toSorted()).toEqual(['0', '1', '2'])
  expect(stale()).toBeGreaterThan(10)
  expect(stale()).toBeLessThan(40)
})

test('a storage whose reads are stale passes where it declares so, and is caught where it does not', async () => {
  const title = 'what a write answered is read at once, by the writer and by everybody (where linearizable)'
  const run = async (linearizable: boolean): Promise<void> => {
    const { storage, clock } = memoryUnderTest()
    const { records } = staleReads(storage, { seed: 1 }).storage
    const declared = { ...records, capabilities: { ...records.capabilities, linearizable } }
    const tests = new Map<string, () => Promise<void>>()
    recordStoreConformance({
      test: (name, check) => tests.set(name, check),
      create: () => ({ storage: { records: declared }, clock }),
    })
    for (const name of [title, 'the histories of five parallel clients can be told one call after the other'])
      await tests.get(name)!()
  }
  await expect(run(true)).rejects.toMatchObject({ name: 'ConformanceError' })
  await expect(run(false)).resolves.toBeUndefined()
})

// Without a fault planted, the wrappers keep the contract.
for (const [name, wrap] of [
  ['intercepted', (storage: Storage) => interceptStorage(storage, {})],
  ['scattered', (storage: Storage) => scatterCalls(storage, { seed: 1 })],
  ['joined for failover', (storage: Storage) => createFailover(storage, memoryStorage()).storage],
] as const) {
  const options = {
    test: (title: string, run: () => Promise<void>) =>
      test(`${name}: ${title}`, () => expect(run()).resolves.toBeUndefined()),
    create() {
      const { storage, clock } = memoryUnderTest()
      return { storage: wrap(storage), clock }
    },
  }
  recordStoreConformance(options)
  revocationLogConformance(options)
}
