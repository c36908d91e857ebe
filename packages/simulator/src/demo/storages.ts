// The storages that the demo can run on, by the name that `--storage` takes.
import { memoryStorage } from '@tallystick/storage-memory'
import type { Ground } from '../world.ts'

/** Each opens a fresh, empty storage. */
export const storages: ReadonlyMap<string, Ground['openStorage']> = new Map([
  ['memory', (clock) => Promise.resolve(memoryStorage({ clock }))],
])
