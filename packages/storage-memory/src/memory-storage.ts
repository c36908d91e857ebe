// The storage ports over the memory of this process: nothing outlives it, and no other process sees it.
import type { Clock, Entropy } from '@tallystick/core'
import { mistake } from '@tallystick/core/options'
import { systemClock, systemEntropy } from '@tallystick/core/system'
import type { Storage } from '@tallystick/storage'
import { strictClock } from '@tallystick/storage'
import { memoryRecords } from './records.ts'
import { memoryRevocations } from './revocations.ts'

/** What {@link memoryStorage} may be told. */
export interface MemoryStorageOptions {
  /**
   * Says when a record may be forgotten; default: the platform's clock.
   *
   * Hand in the server's own clock where that is not the platform's, or records vanish by another time than they were
   * written by.
   */
  readonly clock?: Clock | undefined
  /** Draws the mark by which the log knows its own cursors; default: the platform's generator. */
  readonly entropy?: Entropy | undefined
}

/**
 * Stores records and revocations in the memory of this process.
 *
 * Linearizable, because JavaScript runs one write at a time; gone with the process. Expired records are forgotten when
 * they are touched and by a few steps of housekeeping in each write: there is no timer, and the heap stays in
 * proportion to what is alive.
 *
 * @throws TypeError or RangeError where an option is not allowed.
 * @example
 * const storage = memoryStorage()
 * await storage.records.compareAndSet('greeting', 'absent', { text: 'hello' }, numericDate(2_000_000_000))
 */
export function memoryStorage(options: MemoryStorageOptions = {}): Storage {
  const { clock = systemClock, entropy = systemEntropy } = options
  if (typeof clock?.now !== 'function') throw mistake('memoryStorage', 'clock', 'must be a Clock', clock)
  if (typeof entropy?.bytes !== 'function') throw mistake('memoryStorage', 'entropy', 'must be an Entropy', entropy)
  const strict = strictClock(clock)
  return Object.freeze({ records: memoryRecords(strict), revocations: memoryRevocations(strict, entropy) })
}
