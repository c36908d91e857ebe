// A memory storage whose time a test moves.
import type { Clock } from '@tallystick/core'
import { numericDate, plusSeconds } from '@tallystick/core'
import type { Storage } from '@tallystick/storage'
import type { ConformanceClock, CreateCrashing, RunCommand, StoreUnderTest } from '@tallystick/storage/conformance'
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

/**
 * Stores whose process dies: the memory storage stands for the server that outlives it, and each call for a command.
 *
 * @param build - Builds the adapter that is checked, over the server.
 */
export function dyingClients(build: (server: Storage, clock: Clock) => Storage): CreateCrashing {
  return (command) => {
    const { storage: server, clock = simulatedClock() } = memoryUnderTest()
    return { storage: build(sendThrough(command, server), clock), clock, reopen: () => build(server, clock) }
  }
}

function sendThrough(command: RunCommand, { records, revocations }: Storage): Storage {
  return {
    records: {
      capabilities: records.capabilities,
      read: async (key) => command(() => records.read(key)),
      compareAndSet: async (...given) => command(() => records.compareAndSet(...given)),
      delete: async (...given) => command(() => records.delete(...given)),
      list: async (...given) => command(() => records.list(...given)),
    },
    revocations: revocations && {
      append: async (entry) => command(() => revocations.append(entry)),
      since: async (cursor) => command(() => revocations.since(cursor)),
    },
  }
}
