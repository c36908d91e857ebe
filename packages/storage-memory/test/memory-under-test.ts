// A memory storage whose time a test moves.
import { numericDate, plusSeconds } from '@tallystick/core'
import type { ConformanceClock, StoreUnderTest } from '@tallystick/storage/conformance'
import { memoryStorage } from '../src/index.ts'

export const START = numericDate(1_800_000_000)

export function simulatedClock(): ConformanceClock {
  let now = START
  return { now: () => now, advance: (seconds) => void (now = plusSeconds(now, seconds)) }
}

export function memoryUnderTest(): StoreUnderTest {
  const clock = simulatedClock()
  return { storage: memoryStorage({ clock }), clock }
}
