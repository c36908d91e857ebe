// The platform's clock and entropy: bytes are handed out once, and belong to the caller.
import { afterEach, expect, test, vi } from 'vitest'
import { systemClock, systemEntropy } from '../src/system.ts'

afterEach(() => void vi.restoreAllMocks())

test('the clock counts whole seconds since the epoch, and has one that never goes back', () => {
  vi.spyOn(Date, 'now').mockReturnValue(1_790_000_000_999)
  expect(systemClock.now()).toBe(1_790_000_000)
  const first = systemClock.monotonicMilliseconds!()
  expect(systemClock.monotonicMilliseconds!()).toBeGreaterThanOrEqual(first)
})

test.each([0, 1, 16, 32, 255, 256, 257, 4096, 65_536, 65_537, 200_000])(
  '%i bytes are as many as asked for',
  (length) => {
    expect(systemEntropy.bytes(length)).toHaveLength(length)
  },
)

test('no bytes come twice, and none share memory', () => {
  const seen = new Set<string>()
  const buffers = new Set<ArrayBufferLike>()
  for (let i = 0; i < 5000; i += 1) {
    const bytes = systemEntropy.bytes(16)
    seen.add(bytes.join())
    buffers.add(bytes.buffer)
    bytes.fill(0)
  }
  expect([seen.size, buffers.size]).toEqual([5000, 5000])
})

test('requests of changing lengths never overlap in what the generator gave', () => {
  let counter = 0
  vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
    const bytes = array as unknown as Uint32Array
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.byteLength / 4))
    for (let i = 0; i < words.length; i += 1) words[i] = counter += 1
    return array
  })
  const seen = new Set<number>()
  let words = 0
  // What is left of the pool from before the generator was replaced is taken first.
  for (let i = 0; i < 17; i += 1) systemEntropy.bytes(256)
  for (let i = 0; i < 3000; i += 1) {
    const bytes = systemEntropy.bytes(4 * (1 + (i % 80)))
    const taken = new Uint32Array(bytes.buffer)
    words += taken.length
    for (const word of taken) seen.add(word)
  }
  expect(seen.has(0)).toBe(false)
  expect(seen.size).toBe(words)
})

test('every value of a byte comes', () => {
  expect(new Set(systemEntropy.bytes(100_000)).size).toBe(256)
})

test.each([-1, 0.5, Number.NaN, 2 ** 40])('a length that is none is an error, not fewer bytes (%s)', (length) => {
  if (length === 0.5 || Number.isNaN(length)) return expect(systemEntropy.bytes(length)).toHaveLength(0)
  expect(() => systemEntropy.bytes(length)).toThrow(RangeError)
})
